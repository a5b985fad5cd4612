"""Which providers a deployment has, from its environment or a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from saleor_livesales import conf
from saleor_livesales.carriers import registry
from saleor_livesales.carriers.lob import Lob


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    conf.load.cache_clear()
    yield
    conf.load.cache_clear()


def test_none_without_a_setting() -> None:
    assert registry.configured() == {}


def test_lob_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "providers.json"
    secret.write_text('{"lob": {"api_key": "live_k", "webhook_secret": "s"}}\n')
    monkeypatch.setenv("LIVESALES_LETTER_PROVIDERS_FILE", str(secret))
    assert registry.configured() == {"lob": Lob(api_key="live_k", webhook_secrets=("s",))}
    assert "live_k" not in repr(conf.load())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hunter2", "LIVESALES_LETTER_PROVIDERS must be a JSON object"),
        ('{"hunter2": {}}', "known are: lob"),
        ('{"lob": "hunter2"}', "known are: lob"),
        ('{"lob": {"api_key": ["hunter2"]}}', "LIVESALES_LETTER_PROVIDERS: lob: api_key"),
    ],
)
def test_a_wrong_setting_is_told_without_it(monkeypatch: pytest.MonkeyPatch, text: str, sentence: str) -> None:
    monkeypatch.setenv("LIVESALES_LETTER_PROVIDERS", text)
    with pytest.raises(conf.Misconfigured) as told:
        registry.configured()
    assert sentence in str(told.value) and "hunter2" not in str(told.value)
