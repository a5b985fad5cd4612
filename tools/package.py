"""``make package``: builds wheel and sdist, installs the wheel alone, and resolves it beside each Saleor's pins.

The pins are in ``tests/packaging/saleor-<version>.txt``: what each Saleor's lock file names.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = sorted((ROOT / "tests" / "packaging").glob("saleor-*.txt"))
SHIPPED = (
    "saleor_livesales/graphql/schema.graphql",
    "saleor_livesales/storefront/static/livesales.js",
    "saleor_livesales/storefront/static/livesales.d.ts",
    "saleor_livesales/dashboard/static/index.html",
    "saleor_livesales/migrations/0001_initial.py",
)


def run(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def normal(line: str) -> tuple[str, str]:
    name, _, version = line.partition("==")
    return name.strip().lower().replace("_", "-").partition("[")[0], version.strip()


def build(folder: Path) -> tuple[Path, Path]:
    run(sys.executable, "-m", "build", "--outdir", folder, ".")
    wheel, sdist = next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))
    inside = set(zipfile.ZipFile(wheel).namelist())
    if missing := [path for path in SHIPPED if path not in inside]:
        raise SystemExit(f"The wheel lacks {missing}: see package_data in setup.cfg.")
    if stray := sorted({path.partition("/")[0] for path in inside} - {"saleor_livesales"}):
        stray = [name for name in stray if not name.endswith(".dist-info")]
        if stray:
            raise SystemExit(f"The wheel carries what it should not: {stray}.")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    if missing := [path for path in (*SHIPPED, "LICENSE", "README.md") if path not in names]:
        raise SystemExit(f"The sdist lacks {missing}: see MANIFEST.in.")
    return wheel, sdist


def smoke(wheel: Path, folder: Path) -> None:
    """The wheel in an environment of its own: the command starts, and its modules import."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel)
    run(folder / "venv" / "bin" / "livesales", "--help")
    code = (
        "import importlib.metadata as m, saleor_livesales.wire, saleor_livesales.gateway.server;"
        "e = [p for p in m.entry_points(group='saleor.plugins') if p.name == 'saleor_livesales'];"
        "assert e and e[0].attr == 'LiveSalesPlugin', e"
    )
    subprocess.run([str(python), "-c", code], cwd=folder, check=True)


def resolve(pins: Path) -> int:
    """How many pins of a Saleor our requirements need. Raises SystemExit where one would have to move."""
    wanted = dict(normal(line) for line in pins.read_text().splitlines() if "==" in line)
    output = run(
        sys.executable, "-m", "uv", "pip", "compile", "-q", "--no-header", "--no-annotate", "--python-version", "3.12",
        "--constraint", pins, "setup.cfg",
    )  # fmt: skip
    found = dict(normal(line) for line in output.splitlines() if "==" in line)
    if moved := {
        name: (wanted[name], version) for name, version in found.items() if wanted.get(name, version) != version
    }:
        raise SystemExit(f"{pins.stem}: installing would change {moved}.")
    return len(found.keys() & wanted.keys())


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel, sdist = build(folder)
        print(f"built {wheel.name} ({wheel.stat().st_size // 1024} KiB) and {sdist.name}", flush=True)
        smoke(wheel, folder)
        print("the wheel installs and starts by itself", flush=True)
    for pins in PINS:
        print(f"resolves beside {pins.stem}: {resolve(pins)} of its pins are needed, none changed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
