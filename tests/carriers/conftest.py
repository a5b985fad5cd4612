from __future__ import annotations

from collections.abc import Iterator

import pytest

from .server import Lob, serving


@pytest.fixture
def server() -> Iterator[Lob]:
    with serving() as lob:
        yield lob
