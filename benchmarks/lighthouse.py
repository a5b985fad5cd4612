"""What the widget costs a shop's page: Lighthouse on the demo's product page with and without it, and its sizes.

Lighthouse comes by npm, pinned, into a cache of its own, and drives the Chromium that the tests use. Without the widget
is the same page with the widget's script blocked. The two take turns.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any, Final

from sandbox.runner.stack import Stack
from sandbox.runner.targets import Sandbox
from tools.browser import find

from .report import Report, Table, judged
from .stand import ROOT, node

NAME: Final = "lighthouse"
PACKAGE: Final = "lighthouse@12.8.2"
STATIC: Final = ROOT / "saleor_livesales" / "storefront" / "static"
ROUNDS: Final = 9
METRICS: Final = {
    "first-contentful-paint": "first contentful paint ms",
    "largest-contentful-paint": "largest contentful paint ms",
    "total-blocking-time": "total blocking time ms",
    "speed-index": "speed index ms",
    "cumulative-layout-shift": "layout shift",
    "total-byte-weight": "KiB loaded",
}
EAGER, OPENED = 10 * 1024, 60 * 1024  # as tools/build.mjs holds it to
# KB gzip before and after opening, as gathered when this project began; not measured here.
PEERS: Final = [
    ("Live Helper Chat", "31", "208"),
    ("Crisp", "130 to 145", "–"),
    ("Chatwoot", "299", "–"),
    ("Intercom", "300 to 600", "–"),
    ("Rocket.Chat", "3, and a frame of 483", "–"),
]


def sizes() -> dict[str, int]:
    """Bytes of each piece, gzipped; of those of which a visitor loads one (words of a language) the largest."""

    def largest(pattern: str) -> int:
        return max(len(gzip.compress(file.read_bytes(), 9)) for file in STATIC.glob(pattern))

    return {
        "livesales.js": largest("livesales.js"),
        "words over the page": largest("assets/page-*.js"),
        "the window": largest("assets/panel-*.js"),
        "words in the window": largest("assets/window-*.js"),
        "the emoji picker": largest("assets/emoji-????????.js"),
        "its words": largest("assets/emoji-??-*.js"),
    }


def product(api: str) -> str:
    """The id of the demo's first product."""
    query = '{ products(first: 1, channel: "default-channel") { edges { node { id } } } }'
    asked = urllib.request.Request(api, json.dumps({"query": query}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        found = json.load(answer)
    return str(found["data"]["products"]["edges"][0]["node"]["id"])


class Lighthouse:
    def __init__(self, folder: Path) -> None:
        browser = find()
        if browser is None:
            raise SystemExit("There is no Chromium: python -m tools.browser")
        program, npm = node()
        self.folder = folder
        self.command = [str(program), str(npm), "exec", "--yes", f"--package={PACKAGE}", "--", "lighthouse"]
        path = os.pathsep.join([str(program.parent), os.environ.get("PATH", "")])
        self.env = {**os.environ, "PATH": path, "CHROME_PATH": browser}

    def measure(self, url: str, *, without: str = "") -> dict[str, float]:
        """One visit, on a middling phone and network as Lighthouse simulates them. Raises RuntimeError."""
        target = self.folder / "report.json"
        target.unlink(missing_ok=True)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command = [
            *self.command, url, "--quiet", "--output=json", f"--output-path={target}",
            "--only-categories=performance", f"--chrome-flags={' '.join(flags)}",
            *([f"--blocked-url-patterns={without}"] if without else []),
        ]  # fmt: skip
        done = subprocess.run(command, env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=300)
        if done.returncode or not target.exists():
            raise RuntimeError(f"Lighthouse failed:\n{(done.stdout + done.stderr)[-3000:]}")
        report = json.loads(target.read_text())
        found = {name: float(report["audits"][name]["numericValue"]) for name in METRICS}
        found["total-byte-weight"] /= 1024
        requests = report["audits"]["network-requests"]["details"]["items"]
        loaded = any(one["url"].endswith("/livesales.js") and one.get("statusCode") == 200 for one in requests)
        if loaded == bool(without):
            raise RuntimeError(f"The widget was{'' if loaded else ' not'} loaded.")
        return {"score": report["categories"]["performance"]["score"] * 100, **found}


def rounds(number: int) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """With and without, a visit each a round, after one that is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="livesales-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    stack = Stack(data_dir=folder / "demo", target=Sandbox())
    try:
        stack.start()
        url = f"{stack.urls['storefront']}product.html?id={product(stack.urls['graphql'])}"
        lighthouse = Lighthouse(folder)
        lighthouse.measure(url)
        found: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
        for turn in range(number):
            for side in (0, 1) if turn % 2 else (1, 0):
                found[side].append(lighthouse.measure(url, without="*livesales.js*" if side else ""))
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return found


def run(*, quick: bool) -> Report:
    given = sizes()
    before = given["livesales.js"] + given["words over the page"]
    opened = before + given["the window"] + given["words in the window"]
    with_it, without = rounds(1 if quick else ROUNDS)

    def middle(found: list[dict[str, float]], name: str) -> float:
        return median(one[name] for one in found)

    def row(name: str, label: str) -> tuple[Any, ...]:
        here, there = middle(with_it, name), middle(without, name)
        spread = [one[name] for one in with_it]
        return label, there, here, here - there, f"{min(spread):.3g} to {max(spread):.3g}"

    score = median(one["score"] - other["score"] for one, other in zip(with_it, without, strict=True))
    kib = [(name, size / 1024) for name, size in given.items()]
    return Report(
        results=[
            judged("KiB gzip before it is opened, of 10", before / EAGER, "<= 1", f"{before / 1024:.2f} KiB"),
            judged("KiB gzip opened, of 60", opened / OPENED, "<= 1", f"{opened / 1024:.1f} KiB"),
            judged(
                "performance score with the widget / without", middle(with_it, "score") / middle(without, "score"),
                ">= 0.98",
                f"{middle(with_it, 'score'):.0f} against {middle(without, 'score'):.0f} of 100; by rounds {score:+.0f}",
            ),
        ],
        tables=[
            Table(
                "Lighthouse, the demo's product page", ("", "without", "with the widget", "difference", "range, with"),
                [row("score", "performance score, of 100"), *(row(name, label) for name, label in METRICS.items())],
                f"Medians of {len(with_it)} visits each, which take turns; {PACKAGE.replace('@', ' ')}, a "
                "middling phone on a slow network, as it simulates them.",
            ),
            Table(
                "Size of the widget, KiB gzip", ("loaded when", "what", "KiB"),
                [
                    ("the page is", "livesales.js", kib[0][1]),
                    ("the page is not in English", kib[1][0], kib[1][1]),
                    ("**before it is opened**", "**both**", before / 1024),
                    ("it is opened", kib[2][0], kib[2][1]),
                    ("and that not in English", kib[3][0], kib[3][1]),
                    ("**opened**", "**all four**", opened / 1024),
                    ("emoji are wanted", kib[4][0], kib[4][1]),
                    ("and that not in English", kib[5][0], kib[5][1]),
                ],
                "As it is served; of words the longest language.",
            ),
            Table(
                "Widgets of others, KB gzip", ("", "before it is opened", "opened"),
                [("this one", f"{before / 1000:.1f}", f"{opened / 1000:.1f}"), *PEERS],
            ),
        ],
    )  # fmt: skip
