"""What operators see of a gateway: its figures and its log."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
import urllib.request
import uuid

import pytest
import websockets
from prometheus_client.parser import text_string_to_metric_families

from saleor_livesales import wire
from saleor_livesales.gateway import exposition

from .conftest import connect, gid, make_session, rep, until, visitor


class Figures(dict):
    """What one scrape gave: ``figures["name"]``, or ``figures["name", "label's value"]``."""

    def __init__(self, text: str) -> None:
        self.types: dict[str, str] = {}
        for family in text_string_to_metric_families(text):
            self.types[family.name] = family.type
            for sample in family.samples:
                labels = tuple(sample.labels.values())
                self[(sample.name, *labels) if labels else sample.name] = sample.value


def fetch(gateway, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.health_port}{path}", timeout=5) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def scrape(gateway) -> Figures:
    status, headers, text = fetch(gateway, "/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=")
    return Figures(text)


async def test_the_figures_are_those_of_what_happened(start_gateway):
    gateway = start_gateway(LIVESALES_GATEWAY_ORIGINS="http://127.0.0.1:9000")
    session = await make_session()
    other = uuid.uuid4()
    async with (
        visitor(gateway, subject=session.visitor_id) as shopper,
        rep(gateway, session.rep_id) as seller,
        connect(gateway),  # says nothing
    ):
        for text in ("one", "two", "three"):
            await shopper.send(session, text)
        await seller.send(session, "four")
        await shopper.say(wire.SendMessage(session=gid(session), key=other, text=" "))
        await shopper.hear(wire.Refused)
        await shopper.say('{"type":"riddle"}')
        await shopper.hear(wire.Refused)
        await shopper.say(wire.PageViewed(url="javascript:alert(1)"))
        await shopper.say(wire.PageViewed(url="https://shop.example/lamp"))
        with pytest.raises(websockets.InvalidStatus):
            await connect(gateway, Origin="null").__aenter__()
        await until(lambda: scrape(gateway).get("livesales_events_total") == 1)
        await until(lambda: scrape(gateway)["livesales_bus_lag_seconds_count"] >= 1)
        figures = scrape(gateway)
    await until(lambda: scrape(gateway)["livesales_sockets_closed_total"] == 3)
    later = scrape(gateway)

    assert {role: figures["livesales_connections", role] for role in ("visitor", "rep", "stranger")} == {
        "visitor": 1, "rep": 1, "stranger": 1,
    }  # fmt: skip
    assert figures["livesales_messages_total", "committed"] == 4
    assert figures["livesales_frames_refused_total", "REQUIRED"] == 1
    assert figures["livesales_frames_refused_total", "INVALID"] == 1
    assert figures["livesales_dropped_total", "unknown"] == 1
    assert figures["livesales_dropped_total", "invalid"] == 1
    assert figures["livesales_append_seconds_count"] == 4
    assert figures["livesales_append_seconds_bucket", "+Inf"] == 4
    assert figures["livesales_append_seconds_sum"] > 0
    assert figures["livesales_append_batch_messages_sum"] == 4
    assert figures["livesales_event_loop_lag_seconds_count"] >= 1
    assert figures["livesales_bus_probes_lost_total"] == 0
    for name, value in {"visitors": 1, "messages_pending": 0, "postgresql_up": 1, "redis_up": 1, "draining": 0}.items():
        assert figures[f"livesales_{name}"] == value, name
    assert figures["process_open_fds"] > 3
    assert later["livesales_sockets_opened_total"] == 3
    assert all(later["livesales_connections", role] == 0 for role in ("visitor", "rep", "stranger"))
    # each family is there before anything happened, so that an alert on it works from the start
    names = {name for name, _, _ in exposition.COUNTERS.values()}
    assert names <= {name for name, kind in figures.types.items() if kind == "counter"}


async def test_a_part_that_is_away_shows(gateway, redis_server, postgres):
    try:
        await asyncio.to_thread(redis_server.stop)
        await asyncio.to_thread(postgres.stop)
        await until(lambda: scrape(gateway)["livesales_redis_up"] == 0)
        await until(lambda: scrape(gateway)["livesales_postgresql_up"] == 0, timeout=30)  # nobody says anything
        assert fetch(gateway, "/health/ready")[::2] == (503, "postgresql: away\nredis: away\n")
        assert fetch(gateway, "/health/live")[0] == 200
    finally:
        redis_server.start()
        postgres.start()
    await until(lambda: (figures := scrape(gateway))["livesales_redis_up"] + figures["livesales_postgresql_up"] == 2)


async def test_a_socket_that_the_gateway_closes_is_counted_by_its_reason(gateway):
    async with connect(gateway) as lost:
        await lost.send(b"\0")
        await lost.wait_closed()
    await until(lambda: scrape(gateway).get(("livesales_sockets_refused_total", "TEXT_ONLY")) == 1)


def test_what_else_is_asked_on_that_port(gateway):
    assert fetch(gateway, "/health/live")[::2] == (200, "alive\n")
    assert fetch(gateway, "/health/ready?verbose=1")[::2] == (200, "postgresql: up\nredis: up\n")
    assert fetch(gateway, "/admin")[0] == 404
    request = urllib.request.Request(f"http://127.0.0.1:{gateway.health_port}/metrics", data=b"x=1", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(request, timeout=5)
    with socket.create_connection(("127.0.0.1", gateway.health_port), timeout=10) as flood:
        flood.sendall(b"GET /" + b"a" * 20_000)
        assert flood.recv(100) in (b"",)  # hung up on, without an answer


PLANTED = {
    "text": "planted-text my card is 4111 1111 1111 1111",
    "title": "planted-title",
    "page": "https://shop.example/planted-page?mail=planted@mail.example",
    "token": "planted-token.planted.planted",
    "ip": "203.0.113.77",
    "agent": "planted-agent",
    "cookie": "planted-cookie",
    "channel": "planted-channel",
    "id": "planted-id",
}


async def test_the_log_is_json_and_holds_nothing_of_anybody(start_gateway, redis_server, postgres):
    """Secrets in every kind of frame and header, while everything that can fail fails."""
    gateway = start_gateway(LIVESALES_PENDING_FOR="1", LIVESALES_GATEWAY_ORIGINS="http://127.0.0.1:9000")
    session = await make_session()
    headers = {
        "X_Forwarded_For": PLANTED["ip"], "User_Agent": PLANTED["agent"], "Cookie": f"livesales={PLANTED['cookie']}",
        "Referer": PLANTED["page"],
    }  # fmt: skip
    frames = [
        wire.SendMessage(session=gid(session), key=uuid.uuid4(), text=PLANTED["text"]),
        wire.SendMessage(session=PLANTED["id"], key=uuid.uuid4(), text=PLANTED["text"]),
        wire.PageViewed(url=PLANTED["page"], title=PLANTED["title"], referrer=PLANTED["page"]),
        wire.ProductViewed(product=PLANTED["id"], variant=PLANTED["id"]),
        wire.CartSeen(checkout=PLANTED["id"]),
        wire.Dwelled(seconds=5),
        wire.HelpRequested(),
        wire.Typing(session=gid(session)),
        wire.Read(session=gid(session), number=1),
        wire.Resume(session=PLANTED["id"]),
        wire.Resume(session=gid(session)),
        wire.Renew(ticket=PLANTED["token"]),
        wire.Hello(role="rep", ticket=PLANTED["token"]),
        '{"type":"message","text":"planted-text","session":7}',
        '{"planted-key":"planted-text"}',
        "planted-text",
    ]

    async def say_all(who) -> None:
        for frame in frames:
            await who.say(frame)
        await asyncio.sleep(0.3)

    async with (
        visitor(gateway, subject=session.visitor_id, **headers) as shopper,
        rep(gateway, session.rep_id) as seller,
    ):
        await say_all(shopper)
        await say_all(seller)
        try:
            await asyncio.to_thread(redis_server.stop)
            await say_all(shopper)
            await asyncio.to_thread(postgres.stop)
            await say_all(shopper)
            await say_all(seller)
            await asyncio.sleep(1.2)
        finally:
            redis_server.start()
            postgres.start()
        await until(lambda: scrape(gateway)["livesales_postgresql_up"] == 1)
        await say_all(shopper)
    for first in (
        wire.Hello(role="rep", ticket=PLANTED["token"]),
        wire.Hello(role="visitor", channel=PLANTED["channel"] * 30, token=PLANTED["token"]),
        "planted-text",
        b"planted-text",
    ):
        async with connect(gateway, **headers) as stranger:
            await stranger.send(wire.encode(first).decode() if isinstance(first, wire.Frame) else first)
            await stranger.wait_closed()
    with pytest.raises(websockets.InvalidStatus):
        await connect(gateway, **(headers | {"Origin": "https://planted-origin.example"})).__aenter__()
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        raw.sendall(b"GET /planted-path HTTP/1.1\r\nHost: planted-host\r\nplanted\r\n\r\n")
        raw.recv(100)
    gateway.stop()

    lines = [json.loads(line) for line in gateway.log]
    assert {frozenset(line) - {"error"} for line in lines} == {
        frozenset({"time", "level", "process", "pid", "logger", "message"})
    }
    assert {line["process"] for line in lines} == {"gateway"}
    messages = " ".join(line["message"] for line in lines)
    for said in ("gateway listening", "Redis is away", "PostgreSQL is away", "gateway stopping"):
        assert said in messages
    log = "".join(gateway.log)
    for secret in (
        "planted", "4111 1111", PLANTED["ip"], str(session.visitor_id), str(session.rep_id), str(session.pk),
        gid(session), gateway.env["LIVESALES_SIGNING_KEYS"].partition(":")[2],
    ):  # fmt: skip
        assert secret not in log
