"""No page of the documentation leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def anchor(heading: str) -> str:
    """As the forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(found) for found in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)}


def test_there_are_pages() -> None:
    assert len(PAGES) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository_hold(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target, fragment in re.findall(r"\]\(([^)#\s:]*)(#[^)\s]*)?\)", text):
        other = (page.parent / target).resolve() if target else page
        assert other.exists(), target
        if fragment and other.suffix == ".md":
            assert fragment[1:] in anchors(other), target + fragment


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/adr/0*.md")), ids=lambda page: page.stem)
def test_a_decision_carries_its_number(page: Path) -> None:
    assert page.read_text(encoding="utf-8").startswith(f"# {page.stem[:4]} ")
    assert f"({page.name})" in (page.parent / "README.md").read_text(encoding="utf-8")
