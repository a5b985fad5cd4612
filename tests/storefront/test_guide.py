"""docs/embed.md names what there is: no more, no less."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "saleor_livesales" / "storefront" / "src"
GUIDE = (ROOT / "docs" / "embed.md").read_text()


BADGE = SOURCES / "member.ts"


def code() -> str:
    """Of the widget."""
    return "\n".join(file.read_text() for file in sorted(SOURCES.rglob("*.ts")) if file != BADGE)


def parts(source: str) -> set[str]:
    return {
        name
        for values in re.findall(r"\bpart: ([^,}\n]+)", source)
        for names in re.findall(r'"([^"]+)"', re.sub(r'=== "[^"]+"', "", values))
        for name in names.split()
    }


def test_the_badge() -> None:
    section = GUIDE.partition("## The member badge")[2].partition("\n## ")[0]
    source = BADGE.read_text()
    listed = section.partition("and the parts")[2].partition(". What the owner")[0]
    assert set(re.findall(r"`([a-z]+)`", listed)) == parts(source)
    assert set(re.findall(r"`livesales:(\w+)`", section)) == set(re.findall(r'#emit\("(\w+)"', source))
    attributes = section.partition("Attributes: ")[2].partition("; what\nit")[0]
    observed = re.search(r"SETTINGS = (\[.*?\])", source)
    assert observed
    assert re.findall(r"`(\w+)`", attributes) == json.loads(observed[1])


def test_parts() -> None:
    found = parts(code())
    listed = GUIDE.partition("Parts for `::part()`")[2].partition("\n\n`live.strings")[0]
    assert set(re.findall(r"`([a-z-]+)`", listed)) == found
    assert len(found) > 30


def test_events_and_which_can_be_canceled() -> None:
    rows = re.findall(r"^\| `livesales:(\w+)` .*\| (yes|no) \|$", GUIDE, re.MULTILINE)
    emitted = re.findall(r'emit\("(\w+)"(?:, [^;\n]*?(true)?)\)', code())
    cancelable = {name for name, sure in emitted if sure}
    assert dict(rows) == {name: "yes" if name in cancelable else "no" for name, _ in emitted}


def test_attributes() -> None:
    rows = re.findall(r"^\| `data-(\w+)` \| `(\w+)` \|", GUIDE, re.MULTILINE)
    observed = re.search(r"SETTINGS = (\[.*?\])", code())
    assert observed
    assert [attribute for _, attribute in rows] == json.loads(observed[1])
    assert all(data == attribute for data, attribute in rows)


def test_custom_properties() -> None:
    styles = "\n".join(file.read_text() for file in (SOURCES / "styles").iterdir())
    assert set(re.findall(r"--livesales-[a-z-]+", GUIDE)) == set(re.findall(r"--livesales-[a-z-]+", styles))


def test_methods() -> None:
    element = (SOURCES / "element.ts").read_text()
    public = set(re.findall(r"^  (?:async )?([a-z]\w+)\([^\n]*\{$", element, re.MULTILINE))
    lifecycle = {"constructor", "connectedCallback", "disconnectedCallback", "attributeChangedCallback"}
    assert (
        set(re.findall(r"^(?:await )?live\.(\w+)\(", GUIDE, re.MULTILINE)) - {"removeAttribute", "addEventListener"}
        == public - lifecycle
    )
