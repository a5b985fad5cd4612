"""The corpus is replayed, and Hypothesis has a look at the same functions: no fuzzer is needed for either."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .effort import effort
from .targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_before_is_well(name):
    inputs = sorted((CORPUS / name).iterdir())
    assert inputs
    for path in inputs:
        TARGETS[name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes(name):
    @effort(150)
    @given(st.binary(max_size=400))
    def look(data: bytes) -> None:
        TARGETS[name](data)

    look()


def test_the_corpus_stays_small():
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 500_000
