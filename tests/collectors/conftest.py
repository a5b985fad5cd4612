from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import stripe_server


@pytest.fixture
def stripe() -> Iterator[stripe_server.FakeStripe]:
    with stripe_server.running() as fake:
        yield fake
