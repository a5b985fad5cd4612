"""What is worked out where the owner sets a colour or two."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from saleor_livesales.channels import look

BASE = Path(look.__file__).resolve().parents[1] / "storefront" / "src" / "styles" / "base.css"


def test_contrast_is_that_of_wcag():
    assert look.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert look.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert look.contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.005)
    assert look.contrast("#1f3a8a", "#1f3a8a") == 1
    assert look.contrast("#123456", "#fedcba") == look.contrast("#fedcba", "#123456")


@pytest.mark.parametrize(
    ("given", "found"),
    [("#AbC", "#aabbcc"), ("#1F3a8A", "#1f3a8a"), ("#000", "#000000")],
)
def test_a_colour_has_one_form(given, found):
    assert look.colour(given) == found


NO_COLOURS = [
    "",
    "1f3a8a",
    "#12",
    "#1234",
    "#12345",
    "#1234567",
    "#12345g",
    "red",
    "var(--x)",
    "url(https://evil.example/)",
    "#fff;} * { display: none }",
    "#fff\n",
    " #fff",
    "#fff/**/",
    "#\uff11\uff12\uff13",  # digits, but not ASCII's
    "expression(alert(1))",
]


@pytest.mark.parametrize("given", NO_COLOURS)
def test_nothing_else_is_a_colour(given):
    assert look.colour(given) is None


def test_text_on_any_colour_can_be_read():
    chance = random.Random(5)
    colours = [f"#{chance.randrange(1 << 24):06x}" for _ in range(2000)]
    assert min(look.contrast(look.text_on(one), one) for one in colours) >= 4.5
    assert {look.text_on(one) for one in colours} == {"#ffffff", "#000000"}
    assert (look.text_on("#1f3a8a"), look.text_on("#ffdd00")) == ("#ffffff", "#000000")


def test_an_accent_stands_out_in_the_dark():
    chance = random.Random(7)
    for _ in range(500):
        accent = f"#{chance.randrange(1 << 24):06x}"
        mixed = look.for_the_dark(accent)
        assert look.contrast(mixed, "#191d26") >= 4.5
        if look.contrast(accent, "#191d26") >= 4.5:
            assert mixed == accent
    assert look.for_the_dark("#000000") == "#8c8c8c"
    assert look.for_the_dark("#ffdd00") == "#ffdd00"


def test_a_ratio_is_never_shown_as_more_than_it_is():
    assert [look.shortened(ratio) for ratio in (4.49, 4.5, 1.0, 21.0)] == ["4.4", "4.5", "1.0", "21.0"]


def test_the_widgets_own_colours_are_those_of_its_style_sheet():
    css = BASE.read_text(encoding="utf-8")
    accent = re.search(r"light-dark\(var\(--_set-accent, (#\w+)\), var\(--_set-accentDark, (#\w+)\)\)", css)
    surface = re.search(r"--livesales-surface, light-dark\(#fff, (#\w+)\)", css)
    assert accent and surface
    assert (accent[1], accent[2], surface[1]) == (look.OWN_ACCENT, look.OWN_ACCENT_DARK, look.DARK_SURFACE)
