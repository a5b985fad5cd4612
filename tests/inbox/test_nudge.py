"""Waking the worker from a shopper's request costs nothing, whatever the broker does."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from celery import Celery

from saleor_livesales.inbox import nudge


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    app = Celery("nudged", set_as_current=False)
    app.conf.broker_connection_timeout = 2.0
    monkeypatch.setattr(nudge, "current_app", app)
    monkeypatch.setattr(nudge, "_paused_until", 0.0)
    yield app
    until = time.monotonic() + 10
    while nudge._busy.locked() and time.monotonic() < until:
        time.sleep(0.01)
    app.close()


def wait_for_thread() -> None:
    until = time.monotonic() + 10
    while nudge._busy.locked():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_the_worker_is_asked(app: Celery, redis_url: str, redis: object) -> None:
    app.conf.broker_url = redis_url

    nudge.worker()
    wait_for_thread()

    assert redis.llen("celery") == 1  # type: ignore[attr-defined]
    assert b'"task": "livesales.inbox_work_off"' in redis.lindex("celery", 0)  # type: ignore[attr-defined]


def test_a_dead_broker_is_left_alone_for_a_while(app: Celery) -> None:
    app.conf.broker_url = "redis://127.0.0.1:9/0"

    nudge.worker()
    wait_for_thread()

    assert nudge._paused_until > time.monotonic() + 20
    nudge.worker()
    assert not nudge._busy.locked()


def test_a_broker_that_never_answers_is_not_waited_for(app: Celery) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.conf.broker_url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app.conf.broker_transport_options = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0}
        began = time.monotonic()
        for _ in range(20):
            nudge.worker()
        assert time.monotonic() - began < 2.0
