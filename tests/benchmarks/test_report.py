"""The frame of the benchmarks: what is judged, and where it is written."""

import math

import pytest

from benchmarks import __main__ as frame
from benchmarks import page
from benchmarks.report import Report, Result, Table, judged, number


@pytest.mark.parametrize(
    ("ratio", "target", "holds"),
    [
        (2.5, ">= 2.5", True),
        (2.49, ">= 2.5", False),
        (6, "<= 6", True),
        (6.01, "<= 6", False),
        (math.nan, ">= 1", False),
    ],
)
def test_a_ratio_meets_its_target_or_not(ratio, target, holds):
    assert judged("a", ratio, target, "").holds is holds


def test_what_is_only_told_is_never_missed():
    assert judged("a", 0.1, None, "d") == Result("a", 0.1, None, True, "d")


@pytest.mark.parametrize("target", ["> 2", ">=2", "2.5", ">= x"])
def test_a_target_that_cannot_be_read_is_refused(target):
    with pytest.raises(ValueError, match="A target is"):
        judged("a", 1, target, "")


@pytest.mark.parametrize(
    ("value", "text"),
    [(15712, "15\N{NO-BREAK SPACE}700"), (248.3, "248"), (0.6912, "0.691"), (0, "0"), (math.inf, "–"), (9.96, "9.96")],
)
def test_numbers_have_three_digits_that_count(value, text):
    assert number(value) == text


def test_a_partial_run_replaces_its_own_results_only():
    before = [{"name": "relay: a", "ratio": 1}, {"name": "durable: b", "ratio": 2}, {"name": "relay: gone", "ratio": 3}]
    new = {"relay": [{"name": "relay: a", "ratio": 9}]}
    assert frame.merged(before, new) == [{"name": "durable: b", "ratio": 2}, {"name": "relay: a", "ratio": 9}]


def test_results_carry_the_name_of_their_benchmark_and_nothing_that_json_lacks():
    report = Report(results=[judged("x", math.inf, ">= 1", "d")])
    assert frame.rows("echo", report) == [
        {"name": "echo: x", "ratio": None, "target": ">= 1", "holds": False, "detail": "d"}
    ]


def test_a_section_replaces_what_was_between_its_markers():
    text = "# P\n<!-- bench:a -->\nold\n<!-- /bench -->\nkept\n<!-- bench:b -->\n<!-- /bench -->\n"
    report = Report(tables=[Table("T", ("who", "n"), [("us", 2.0)], "In apples.")], notes=["Ours loses here."])
    assert page.put(text, "a", page.section(report)) == (
        "# P\n<!-- bench:a -->\n**T**\n\nIn apples.\n\n| who | n |\n|---|---:|\n| us | 2.00 |\n\n- Ours loses here.\n"
        "<!-- /bench -->\nkept\n<!-- bench:b -->\n<!-- /bench -->\n"
    )
    with pytest.raises(page.NoPlace, match="<!-- bench:c -->"):
        page.put(text, "c", "")


def test_every_benchmark_has_its_place_on_the_page():
    text = frame.PAGE.read_text()
    for name in [*frame.found(), "summary", "machine", "scale"]:
        assert page.has(text, name), name
