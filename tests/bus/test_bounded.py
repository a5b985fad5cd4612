"""Announcing costs at most LIVESALES_REDIS_TIMEOUT once while Redis is away in any manner, and then nothing."""

import logging
import socket
import threading
import time

import pytest

from saleor_livesales import bus, conf, wire

LIMIT = 0.05  # the default of LIVESALES_REDIS_TIMEOUT
SLACK = 0.02  # a thread that is woken late on a busy machine
EVENT = wire.ShopNoticed(kind="checkout", id="Q2hlY2tvdXQ6MQ==", at=1.0)


@pytest.fixture
def settings(monkeypatch):
    """Points the bus at an address, with the timeout that a deployment has."""

    def use(url):
        monkeypatch.setenv("LIVESALES_REDIS_URL", url)
        monkeypatch.setenv("LIVESALES_REDIS_TIMEOUT", str(LIMIT))
        conf.load.cache_clear()
        bus.reset()

    yield use
    monkeypatch.undo()
    conf.load.cache_clear()
    bus.reset()


def cost():
    """Seconds of one announcement that fails."""
    started = time.perf_counter()
    assert bus.notice_shop(EVENT) is False
    return time.perf_counter() - started


def first_and_later():
    """The cost of the first announcement, the best of three fresh starts, and the sum of fifty after it."""
    firsts = []
    for _ in range(3):
        bus.reset()
        firsts.append(cost())
    return min(firsts), sum(cost() for _ in range(50))


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]  # bound, not listening: connections are refused


@pytest.fixture
def silent_port():
    """Accepts connections into its backlog and never answers, as a frozen server does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield server.getsockname()[1]


@pytest.fixture
def slow_port(redis_server):
    """Passes everything on to the real Redis, each answer 40 ms late: no single step reaches the limit."""
    server = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def copy(source, target, delay):
        try:
            while data := source.recv(65536):
                time.sleep(delay)
                target.sendall(data)
        except OSError:
            pass

    def serve():
        while not stopping.is_set():
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", redis_server.port))
            threading.Thread(target=copy, args=(near, far, 0.0), daemon=True).start()
            threading.Thread(target=copy, args=(far, near, 0.04), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    stopping.set()
    server.close()


def test_refused(settings, closed_port):
    settings(f"redis://127.0.0.1:{closed_port}/0")
    first, later = first_and_later()
    assert first < LIMIT
    assert later < LIMIT


def test_silent(settings, silent_port):
    settings(f"redis://127.0.0.1:{silent_port}/0")
    first, later = first_and_later()
    assert LIMIT * 0.9 < first < LIMIT + SLACK
    assert later < LIMIT


def test_every_answer_late(settings, slow_port):
    settings(f"redis://127.0.0.1:{slow_port}/1")  # selecting a database is one more answer to wait for
    first, later = first_and_later()
    assert first < LIMIT + SLACK
    assert later < LIMIT


def test_name_that_takes_long_to_look_up(settings, monkeypatch):
    looked_up = threading.Event()

    def hang(*args, **kwargs):
        time.sleep(1)
        looked_up.set()
        raise socket.gaierror("no such host")

    settings("redis://redis.invalid:6379/0")
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    first, later = first_and_later()
    assert first < LIMIT + SLACK
    assert later < LIMIT
    assert not looked_up.is_set()


def test_one_line_is_logged_and_not_one_for_each(settings, closed_port, caplog):
    settings(f"redis://127.0.0.1:{closed_port}/0")
    with caplog.at_level(logging.WARNING):
        for _ in range(20):
            bus.notice_shop(EVENT)
    (line,) = [record.getMessage() for record in caplog.records]
    # On a machine where everything waits, the limit may be over before even a refusal arrives.
    assert line in {
        f"Redis is away, not announcing for 5 s: {reason}" for reason in ("ConnectionError", "TimeoutError")
    }


def test_announces_again_when_redis_is_back(redis, redis_server, monkeypatch):
    monkeypatch.setattr(bus, "PAUSE_AFTER_FAILURE", 0.05)
    redis_server.freeze()
    try:
        assert bus.notice_shop(EVENT) is False
    finally:
        redis_server.thaw()
    deadline = time.monotonic() + 10
    while not bus.notice_shop(EVENT) and time.monotonic() < deadline:
        time.sleep(0.05)
    (_, fields) = redis.xrange(bus.shop_stream())[-1]
    assert wire.decode_shop_noticed(fields[b"d"]) == EVENT
