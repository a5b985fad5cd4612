from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from saleor_livesales import conf
from tests.carriers.reports import SECRET
from tests.carriers.server import KEY, Lob, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lob]:
    """A Lob on this machine, with which the deployment has an account."""
    with serving() as lob:
        options = {"api_key": KEY, "webhook_secret": SECRET, "url": lob.url}
        monkeypatch.setenv("LIVESALES_LETTER_PROVIDERS", json.dumps({"lob": options}))
        conf.load.cache_clear()
        yield lob
    monkeypatch.undo()
    conf.load.cache_clear()
