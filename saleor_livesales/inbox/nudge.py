"""Waking the Celery worker from a shopper's request: never raises, and never waits for the broker."""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from celery import current_app

logger = logging.getLogger(__name__)

INBOX: Final = "livesales.inbox_work_off"
PAUSE_AFTER_FAILURE: Final = 30.0  # seconds

_busy = threading.Lock()
_paused_until = 0.0


def worker(name: str = INBOX) -> None:
    """Ask a worker to run one of beat's tasks now: the one that looks into the inbox.

    The broker may be unreachable in a way that takes a connection minutes to notice. So a thread does it, one at a
    time; while it is at it, or shortly after it failed, nothing is done: beat runs the task anyway.
    """
    if current_app.conf.task_always_eager:
        if task := current_app.tasks.get(name):  # send_task would reach for a broker all the same
            task.delay()
        return
    if time.monotonic() < _paused_until or not _busy.acquire(blocking=False):
        return
    try:
        threading.Thread(target=_send, args=(name,), name="livesales-nudge", daemon=True).start()
    except RuntimeError:  # no more threads, or the interpreter is leaving
        _busy.release()


def _send(task: str) -> None:
    global _paused_until
    try:
        current_app.send_task(task, ignore_result=True, retry=False, expires=60)
    except Exception as error:
        _paused_until = time.monotonic() + PAUSE_AFTER_FAILURE
        logger.warning("The broker is away (%s); the task waits for beat.", type(error).__name__)
    finally:
        _busy.release()
