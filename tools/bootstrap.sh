#!/bin/sh
# Makes .venv with what the demo needs (bootstrap.sh demo), or tests and checks as well (dev), or the benchmarks' peers too (bench), or the fuzzer (fuzz). Safe to run again.
set -eu
kind=${1:-dev}
extras=sandbox
[ "$kind" = demo ] || extras=sandbox,dev
[ "$kind" != bench ] || extras=sandbox,dev,bench
[ "$kind" != fuzz ] || extras=sandbox,dev,fuzz
cd "$(dirname "$0")/.."

python=""
for candidate in "${PYTHON:-}" python3.12 python3.11 python3.13 python3.14 python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed and none was found. Install it, or name one: make demo PYTHON=/path/to/python3.12" >&2
    exit 1
fi

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$free" -lt 1500 ]; then
    echo "There are $free MB free here; the environment takes about 1500 MB. Free some room and start again." >&2
    exit 1
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "  Making a virtual environment with $("$python" --version) …"
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "  Installing (under a minute the first time) …"
log=.venv/install.log
if ! .venv/bin/python -m pip install --disable-pip-version-check -e ".[$extras]" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "The installation failed; the whole log is $log. Is a package registry reachable?" >&2
    exit 1
fi
touch ".venv/.$kind"
[ "$kind" = demo ] || touch .venv/.demo
case $kind in bench | fuzz) touch .venv/.dev ;; esac
