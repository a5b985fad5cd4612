"""The log of the gateway and the decider: one JSON object a line, without personal data, or text to read at a desk.

What we log ourselves names no visitor, address, token or text. Two other ways remain by which such things get into
logs, and both are closed in the JSON form: texts of exceptions (PostgreSQL quotes rows, decoders quote input), of which
type, code and stack are kept; and records of libraries, of which the template is kept and not what was filled in.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import sys
import threading
import traceback
from pathlib import PurePath
from typing import Any, Final, TextIO

import msgspec

OURS: Final = "saleor_livesales"
FRAMES: Final = 30  # of a stack, the innermost
CAUSES: Final = 5

logger = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """``time`` (UTC), ``level``, ``process``, ``pid``, ``logger``, ``message``, and ``error`` where there is one."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
            "message": _message(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return msgspec.json.encode(line).decode()


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] == OURS:
        try:
            return record.getMessage()
        except (TypeError, ValueError):  # a template that its arguments don't fit
            return str(record.msg)
    where = f"{PurePath(record.pathname).name}:{record.lineno}"
    if record.args and isinstance(record.msg, str):
        return f"{record.msg} ({where})"
    return f"A library has something to say ({where})"  # its text is made already, of nobody knows what


def describe(error: BaseException) -> dict[str, Any]:
    """Type, SQLSTATE, stack and causes of an exception; nothing of its text."""
    found: dict[str, Any] = {"type": type(error).__qualname__}
    if sqlstate := getattr(error, "sqlstate", None):
        found["sqlstate"] = sqlstate
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    found["stack"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    causes: list[dict[str, Any]] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < CAUSES:
        code = getattr(cause, "sqlstate", None)
        causes.append({"type": type(cause).__qualname__} | ({"sqlstate": code} if code else {}))
        cause = cause.__cause__ or cause.__context__
    return found | ({"causes": causes} if causes else {})


def configure(*, process: str, form: str, stream: TextIO | None = None) -> None:
    """Everything that this process logs goes to ``stream`` (standard error) in this form, uncaught errors as well."""
    handler = logging.StreamHandler(stream or sys.stderr)
    if form == "json":
        handler.setFormatter(JsonFormatter(process))
        logging.raiseExceptions = False  # it would print what was to be logged
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, stack: logger.critical("The process ends", exc_info=(kind, error, stack))
    threading.excepthook = lambda hook: logger.critical("A thread ended", exc_info=hook.exc_value)
    sys.unraisablehook = lambda hook: logger.error("An error could not be raised", exc_info=hook.exc_value)


def unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's exception handler: its own would print transports, and callbacks with their arguments."""
    error = context.get("exception")
    logger.error("An error in the event loop that nobody handled", exc_info=error)
