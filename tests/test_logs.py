"""Log lines: JSON, one a record, without what might be somebody's."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys

import pytest

from saleor_livesales import logs


@pytest.fixture
def written():
    """A logger's handler of ours, and what it wrote."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter("gateway"))
    loggers = [logging.getLogger(name) for name in ("saleor_livesales.somewhere", "somelibrary")]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for logger in loggers:
        logger.removeHandler(handler)
        logger.propagate = True


def test_a_record_of_ours(written):
    logging.getLogger("saleor_livesales.somewhere").warning("%d sockets\nmove", 3)

    (line,) = written()
    assert line["message"] == "3 sockets\nmove"
    assert (line["level"], line["process"], line["logger"]) == ("warning", "gateway", "saleor_livesales.somewhere")
    assert line["time"].endswith("+00:00")


def test_of_an_exception_the_text_is_left_out(written):
    def fail():
        try:
            raise KeyError("planted")
        except KeyError as error:
            raise ValueError("Key (mail)=(planted) exists") from error

    try:
        fail()
    except ValueError:
        logging.getLogger("saleor_livesales.somewhere").exception("It failed")

    (line,) = written()
    assert line["error"]["type"] == "ValueError"
    assert line["error"]["causes"] == [{"type": "KeyError"}]
    assert line["error"]["stack"][-1].endswith(" fail")
    assert "planted" not in json.dumps(line)


def test_of_a_library_what_was_filled_in_is_left_out(written):
    library = logging.getLogger("somelibrary")
    library.warning("Connection from %s failed", "203.0.113.7")
    library.warning(f"Connection from {'203.0.113.7'} failed")

    first, second = written()
    assert first["message"].startswith("Connection from %s failed (test_logs.py:")
    assert second["message"].startswith("A library has something to say (test_logs.py:")


PROGRAM = """
import asyncio, logging, sys, threading, warnings
from saleor_livesales import logs
logs.configure(process="decider", form=sys.argv[1])
logging.getLogger("saleor_livesales.x").info("%s fits %s", "not")
warnings.warn("planted")
class Bad:
    def __del__(self): raise ValueError("planted")
Bad()
thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()
async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(logs.unhandled)
    loop.call_soon(int, "planted")
    await asyncio.sleep(0.01)
asyncio.run(main())
raise RuntimeError("planted")
"""


def test_whatever_ends_up_on_standard_error_is_json():
    done = subprocess.run([sys.executable, "-c", PROGRAM, "json"], capture_output=True, text=True, timeout=60)

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert "planted" not in done.stderr
    assert [line.get("error", {}).get("type") for line in lines] == [
        None, None, "ValueError", "ZeroDivisionError", "ValueError", "RuntimeError",
    ]  # fmt: skip


def test_text_is_for_reading():
    done = subprocess.run([sys.executable, "-c", PROGRAM, "text"], capture_output=True, text=True, timeout=60)

    assert "RuntimeError: planted" in done.stderr
