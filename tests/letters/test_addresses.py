"""Addresses as their countries write them."""

from __future__ import annotations

import pytest

from saleor_livesales.letters import addresses

from .build import ADDRESSES


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("DE", ["Ada Lovelace", "Analytische Maschinen GmbH", "Unter den Linden 1", "Hinterhaus, 3. Stock links",
                "10117 BERLIN", "GERMANY"]),
        ("US", ["Joe Doe", "1600 Amphitheatre Pkwy", "MOUNTAIN VIEW, CA 94043", "UNITED STATES"]),
        ("JP", ["〒100-0005", "東京都", "丸の内1-9-1", "田中 太郎", "JAPAN"]),
    ],
)  # fmt: skip
def test_abroad_the_country_is_the_last_line(country: str, written: list[str]) -> None:
    assert addresses.lines(ADDRESSES[country], sent_from="FR") == written


@pytest.mark.parametrize("country", list(ADDRESSES))
def test_at_home_there_is_no_country(country: str) -> None:
    abroad, home = (addresses.lines(ADDRESSES[country], sent_from=each) for each in ("FR", country.lower()))
    assert home == abroad[:-1]
