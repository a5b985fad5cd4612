"""What is committed is what the source builds, and small enough."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

from tools import wire_types

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "saleor_livesales" / "storefront" / "static"


def test_types_of_the_wire_are_generated() -> None:
    assert wire_types.TARGET.read_text(encoding="utf-8") == wire_types.render()


def test_built_files_are_what_the_source_builds() -> None:
    run = [sys.executable, "-m", "tools.node", "tools/build.mjs", "widget", "--check"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def size(pattern: str) -> int:
    """Bytes of the largest such file, gzipped: of the words a visitor loads one language."""
    return max(len(gzip.compress(file.read_bytes(), 9)) for file in STATIC.glob(pattern))


def test_widget_is_small_and_loads_the_window_later() -> None:
    eager = (STATIC / "livesales.js").read_text(encoding="utf-8")
    before = size("livesales.js") + size("assets/page-*.js")
    assert before <= 10 * 1024
    assert before + size("assets/panel-*.js") + size("assets/window-*.js") <= 28 * 1024  # 60 is the limit
    assert re.findall(r'\bfrom\s*"\./', eager) == []  # nothing else is fetched before it is opened, but for the words
    loaded = re.findall(r'import\("\./assets/([a-z]+)(?:-[a-z]{2})?-[A-Z0-9]{8}\.js"\)', eager)
    assert sorted(loaded) == ["page"] * 5 + ["panel"]
    assert sorted(file.name.split("-")[0] for file in (STATIC / "assets").iterdir()) == (
        ["emoji"] * 6 + ["page"] * 5 + ["panel"] + ["pictures"] * 6 + ["rating"] * 6 + ["window"] * 5
    )


def test_what_shows_pictures_is_loaded_with_the_first_of_them() -> None:
    [panel] = (STATIC / "assets").glob("panel-*.js")
    text = panel.read_text(encoding="utf-8")
    assert re.findall(r'from\s*"', text) == []
    assert len(re.findall(r'import\("\./pictures-[A-Z0-9]{8}\.js"\)', text)) == 1
    own = [file for file in (STATIC / "assets").glob("pictures-*.js") if not re.match(r"pictures-[a-z]{2}-", file.name)]
    assert len(own) == 1
    assert len(gzip.compress(own[0].read_bytes(), 9)) <= 6 * 1024


def test_the_badge_is_one_small_file_and_no_part_of_the_widget() -> None:
    badge = (STATIC / "livesales-member.js").read_text(encoding="utf-8")
    assert re.findall(r'\bfrom\s*"|\bimport\(', badge) == []
    assert size("livesales-member.js") <= 6 * 1024
    for file in STATIC.rglob("*.js"):
        assert ("live-sales-member" in file.read_text(encoding="utf-8")) == (file.name == "livesales-member.js")


def test_what_asks_for_a_rating_is_loaded_at_the_end_of_a_session() -> None:
    [panel] = (STATIC / "assets").glob("panel-*.js")
    assert len(re.findall(r'import\("\./rating-[A-Z0-9]{8}\.js"\)', panel.read_text(encoding="utf-8"))) == 1
    assert size("assets/rating-*.js") <= 3 * 1024


def test_widget_never_injects() -> None:
    for file in STATIC.rglob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)


def test_every_language_has_every_word_with_the_same_values() -> None:
    folder = STATIC.parent / "src" / "locales"
    for kind in ("page", "window", "emoji", "pictures", "member", "rating"):
        english = json.loads((folder / f"{kind}-en.json").read_text(encoding="utf-8"))
        for language in ("ar", "de", "es", "fr", "pl"):
            words = json.loads((folder / f"{kind}-{language}.json").read_text(encoding="utf-8"))
            assert list(words) == list(english)
            for name, text in words.items():
                assert text
                assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), (language, name)


def test_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
