"""The hub with sockets that are none: what it hands to them, and in which order."""

from __future__ import annotations

import datetime

from saleor_livesales import bus, conf, wire
from saleor_livesales.gateway import identity, protocol
from saleor_livesales.gateway.hub import Hub
from saleor_livesales.gateway.protocol import Connection, Now
from saleor_livesales.ids import uuid7

NOW = Now(100.0, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))


class Socket:
    """Keeps what it is given."""

    def __init__(self, hub: Hub) -> None:
        settings = conf.load()
        handshake = identity.Handshake(visitor_id=uuid7(), known="", same_site=False, cookie=None)
        self.connection = Connection(
            handshake=handshake, limits=hub.limits, signer=settings.signer, limiter=hub.limiter, now=NOW.mono
        )
        self.waiting: list[protocol.Action] | None = None
        self.open = True
        self.given: list[type[wire.Frame]] = []

    def send(self, payload: bytes) -> None:
        self.given.append(type(wire.decode_from_server(payload)))

    def close(self, code: int, reason: str) -> None:
        self.open = False


async def test_nothing_comes_before_welcome(monkeypatch):
    # given: a rep whose subscriptions the bus has not confirmed yet
    hub = Hub(conf.load(), clock=lambda: NOW)
    confirmed = []
    monkeypatch.setattr(hub.relay, "subscribe", lambda channel, ready: confirmed.append(ready))
    socket = Socket(hub)
    hub.opened(socket)
    rep_id = uuid7()
    ticket = conf.load().signer.sign(kind="rep-ticket", subject=rep_id, now=NOW.wall)
    hub.perform(socket, socket.connection.receive(wire.encode(wire.Hello(role="rep", ticket=ticket)), NOW))

    # when: something is announced meanwhile
    change = wire.encode(wire.RepChanged(id="x", status="online"))
    hub.deliver(bus.reps_channel().encode(), change)
    hub.resync()
    assert socket.given == []
    for ready in confirmed:
        ready()
    hub.deliver(bus.reps_channel().encode(), change)
    hub.resync()

    # then
    assert socket.given == [wire.Welcome, wire.RepChanged, wire.Resync]


async def test_who_left_is_asked_for_elsewhere_only_after_we_stopped_listening(monkeypatch):
    """Both go to Redis by connections of their own, and what is asked first may be answered first."""
    now = [NOW]
    hub = Hub(conf.load(), clock=lambda: now[0])
    said = []
    monkeypatch.setattr(hub.relay, "subscribe", lambda channel, ready: ready())
    monkeypatch.setattr(hub.relay, "unsubscribe", lambda channel: said.append("unsubscribe"))
    monkeypatch.setattr(hub.relay, "listeners", lambda channel, answer: said.append(answer))
    monkeypatch.setattr(hub.relay, "notice", lambda event: said.append(event.kind))
    socket = Socket(hub)
    hub.opened(socket)
    hub.perform(socket, socket.connection.receive(wire.encode(wire.Hello(role="visitor")), NOW))
    hub.closed(socket)

    def pass_time(seconds: float) -> list:
        said.clear()
        now[0] = Now(now[0].mono + seconds, NOW.wall)
        hub.every_second()
        return list(said)

    assert pass_time(3) == ["unsubscribe"]
    (answer,) = pass_time(1)
    said.clear()
    answer(0)
    assert said == ["leave"]
    answer(1)
    assert said == ["leave"]
    assert pass_time(1) == []
