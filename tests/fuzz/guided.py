"""``python -m tests.fuzz.guided NAME [libFuzzer's options and folders]``: one target, guided by coverage (atheris).

Instruments our own code and PyJWT as they are imported, which is why nothing of ours is imported at the top.
"""

from __future__ import annotations

import os
import sys

import atheris


def main() -> None:
    with atheris.instrument_imports(include=["saleor_livesales", "jwt", "ipaddress", "urllib.parse"]):
        from .targets import TARGETS
    target = TARGETS[sys.argv.pop(1)]
    sys.argv[0] = os.environ.get("FUZZ_AGAIN", sys.argv[0])
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
