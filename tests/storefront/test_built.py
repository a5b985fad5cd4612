"""What is committed is what the source builds, and small enough."""

from __future__ import annotations

import gzip
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


def test_widget_is_small_and_loads_the_window_later() -> None:
    eager = (STATIC / "livesales.js").read_text(encoding="utf-8")
    opened = sum(len(gzip.compress(file.read_bytes(), 9)) for file in STATIC.rglob("*.js"))
    assert len(gzip.compress(eager.encode(), 9)) <= 10 * 1024
    assert opened <= 60 * 1024
    assert re.findall(r'from\s*"', eager) == []  # nothing else is fetched before it is opened
    assert len(re.findall(r'import\("\./assets/panel-[A-Z0-9]{8}\.js"\)', eager)) == 1


def test_widget_never_injects() -> None:
    for file in STATIC.rglob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)


def test_lock_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
