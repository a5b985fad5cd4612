"""docs/complaints.md names tests that exist, and says of everything else that it is not built yet."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "complaints.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| complaint")
]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_test_exists(file, name):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    assert len(found) == 1
    assert any(isinstance(node, ast.Assert) for node in ast.walk(found[0])) or "expect(" in ast.unparse(found[0])


def test_each_complaint_is_shown_or_said_to_be_open():
    assert len(ROWS) >= 25
    for complaint, what, tests in ROWS:
        assert re.search("not yet", what, re.IGNORECASE) or re.search(r"`tests/", tests), complaint


def test_every_complaint_that_we_know_of_is_here():
    known = """CW #1198 #13050 #11034 #10583 #6036 #5499 #273 #14313 #14934 #995 #6128 #12798 #657 #3193 #5483 #3340
        #3487 #2983 #2762 #2694 #1231 #1007 #4526 #2658 #4828 #10606 #12589 #6869 #1940 #6467 #14888
        RC #4089 #36023 #23642 #22105 #22696 #35399 #3806 #9500 LHC #987 #841"""
    assert set(re.findall(r"#\d+", known)) == set(re.findall(r"#\d+", PAGE))
