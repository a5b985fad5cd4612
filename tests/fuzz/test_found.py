"""What fuzzing found, each as a plain case. The inputs are in ``corpus`` too, where they are bytes."""

import base64
import types
import uuid

import jwt
import picows
import pytest

from saleor_livesales import conf, ids, wire
from saleor_livesales.errors import NotFound
from saleor_livesales.gateway import hub as gateway_hub
from saleor_livesales.gateway import identity
from saleor_livesales.gateway.actions import Close
from saleor_livesales.gateway.admission import Door, Refusal
from saleor_livesales.gateway.metrics import Metrics
from saleor_livesales.gateway.protocol import Connection, Limits
from saleor_livesales.gateway.rates import Limiter
from saleor_livesales.gateway.transport_picows import Socket
from saleor_livesales.tokens import InvalidToken

from .pieces import Connection as Listening
from .pieces import Frame, Hub, Transport
from .world import SIGNER, START, World

SESSION = uuid.UUID("0198f0a2-6d3c-7abc-8def-0123456789ab")


@pytest.mark.parametrize(
    "spelled",
    [
        "-" * 30_000 + SESSION.hex,
        str(SESSION).upper(),
        f"{{{SESSION}}}",
        f"urn:uuid:{SESSION}",
        SESSION.hex,
        f"0x{SESSION.hex[2:]}",
        f"{SESSION.hex[:3]}_{SESSION.hex[4:]}",
    ],
)
def test_an_object_of_ours_has_one_id(spelled):
    assert ids.uuid_from_global_id("LiveSession", ids.to_global_id("LiveSession", SESSION)) == SESSION
    with pytest.raises(NotFound):
        ids.uuid_from_global_id("LiveSession", ids.to_global_id("LiveSession", spelled))


def test_an_id_whose_base64_ends_in_another_way_is_another_id():
    value = ids.to_global_id("LiveRep", SESSION)
    other = value[:-2] + chr(ord(value[-2]) + 1) + "="
    assert base64.b64decode(other) == base64.b64decode(value)
    with pytest.raises(NotFound):
        ids.uuid_from_global_id("LiveRep", other)


def test_a_session_by_a_name_as_long_as_a_frame_is_nothing_to_pass_on():
    world = World()
    line = world.open(visitor=uuid.UUID(int=1), known=False, same_site=True, network=None)
    world.say(line, wire.encode(wire.Hello(role="visitor")))
    long = ids.to_global_id("LiveSession", "-" * 2000 + SESSION.hex)
    (drop,) = world.say(line, wire.encode(wire.Typing(session=long)))
    assert drop.reason == "invalid"
    (answer,) = world.say(line, wire.encode(wire.SendMessage(session=long, key=uuid.UUID(int=7), text="hi")))
    assert (answer.frame.code, answer.frame.session) == ("NOT_FOUND", None)


@pytest.mark.parametrize("channel", ["a\0b", "a\nb", "\u202eeu"])
def test_a_channel_that_cannot_be_is_refused(channel):
    connection = Connection(
        handshake=identity.Handshake(visitor_id=uuid.UUID(int=1), known="", same_site=True, cookie=None),
        limits=Limits(),
        signer=SIGNER,
        limiter=Limiter(events_per_minute=120, messages_per_minute=60),
        now=0.0,
    )
    world = World()
    frame = wire.encode(wire.Hello(role="visitor", channel=channel))
    assert connection.receive(frame, world.now) == [Close(4400, "INVALID_CHANNEL")]


@pytest.mark.parametrize("depth", [900, 3000, 40_000])
def test_a_token_whose_header_is_nested_deep_is_invalid(depth):
    """PyJWT up to 2.13, which Saleor pins, lets RecursionError through. No key is needed to send this."""
    deep = base64.urlsafe_b64encode(b"[" * depth).decode().rstrip("=")
    for token in (f"{deep}.e30.AA", f"e30.{deep}.AA"):
        with pytest.raises(InvalidToken):
            SIGNER.verify(token, kind="visitor", now=START)


@pytest.mark.parametrize("moment", [1e18, -1e18, 10**17, 10**400, float("nan"), float("inf"), "60", None, []])
def test_a_token_that_ends_at_no_moment_of_this_world_is_invalid(moment):
    claims = {"aud": "visitor", "sub": str(SESSION), "exp": moment}
    token = jwt.encode(claims, "a" * 48, "HS256", headers={"kid": "k1"})
    with pytest.raises(InvalidToken):
        SIGNER.verify(token, kind="visitor", now=START)


def sockets():
    hub, transport = Hub(), Transport()
    door = types.SimpleNamespace(network=lambda peer, forwarded: b"\x0a\0\0\x01")
    socket = Socket(hub, door, Listening(hub))
    socket.on_ws_connected(transport)
    return hub, transport, socket


@pytest.mark.parametrize("kind", [picows.WSMsgType.TEXT, picows.WSMsgType.PONG, picows.WSMsgType.BINARY])
async def test_reserved_bits_close_the_socket_on_any_frame_of_a_message(kind):
    hub, transport, socket = sockets()
    socket.on_ws_frame(transport, Frame(kind, b"x", fin=kind != picows.WSMsgType.TEXT, reserved=4))
    assert (transport.closes, hub.heard) == ([1002], [])


@pytest.mark.parametrize(
    ("code", "answer"), [(1000, 1000), (4999, 4999), (0, 1002), (1006, 1002), (2999, 1002), (5000, 1002), (65535, 1002)]
)
async def test_a_close_with_a_code_that_is_none_is_not_sent_back(code, answer):
    _, transport, socket = sockets()
    socket.on_ws_frame(transport, Frame(picows.WSMsgType.CLOSE, code.to_bytes(2, "big"), fin=True))
    assert (transport.closes, transport.disconnected) == ([answer], True)


async def test_a_close_that_answers_ours_is_not_answered_again():
    _, transport, socket = sockets()
    socket.close(1002, "NO_EXTENSIONS")
    transport.close_handshake = types.SimpleNamespace(sent=types.SimpleNamespace(code=1002))
    socket.on_ws_frame(transport, Frame(picows.WSMsgType.CLOSE, b"\x03\xea", fin=True))
    assert (transport.closes, transport.disconnected) == ([1002], True)


async def test_what_fails_on_a_socket_is_logged(caplog):
    """picows closes it with 1011 and is silent otherwise, for its log would name addresses."""
    _, transport, socket = sockets()
    socket.connection = None
    with pytest.raises(AttributeError):
        socket.on_ws_frame(transport, Frame(picows.WSMsgType.TEXT, b"x", fin=True))
    assert [record.message for record in caplog.records] == ["A socket failed"]


def test_a_handshake_that_fails_is_logged_and_answered_without_details(caplog):
    settings = types.SimpleNamespace(gateway_url="ws://x/live", trusted_proxies=(), gateway_origins=("*",))
    hub = types.SimpleNamespace(settings=settings, draining=False, metrics=Metrics(), limits=Limits(), limiter=None)
    assert Door(hub).admit("/live", {}) == Refusal(500, "FAILED", "The handshake failed.")
    assert [record.message for record in caplog.records] == ["A handshake failed"]


async def test_what_waits_for_a_subscription_is_bounded(monkeypatch):
    """A Redis that hangs confirms nothing for a while; meanwhile a flood of refused messages may not pile up."""
    hub = gateway_hub.Hub(conf.load(), clock=lambda: World().now)
    confirmed = []
    monkeypatch.setattr(hub.relay, "subscribe", lambda channel, ready: confirmed.append(ready))
    socket = Waiting(hub)
    hub.opened(socket)
    hub.perform(socket, socket.connection.receive(wire.encode(wire.Hello(role="visitor")), World().now))
    frame = wire.encode(wire.SendMessage(session="x", key=SESSION, text="hi"))
    for _ in range(3000):
        if socket.open:
            hub.perform(socket, socket.connection.receive(frame, World().now))
    assert len(socket.waiting) == gateway_hub.WAITING_LIMIT
    assert socket.closed == (4429, "TOO_FREQUENT")
    for ready in confirmed:
        ready()
    hub.closed(socket)
    assert (hub.sockets, hub.strangers, socket.sent) == (set(), set(), 0)


class Waiting:
    """A socket that counts what it is given."""

    def __init__(self, hub: gateway_hub.Hub) -> None:
        handshake = identity.Handshake(visitor_id=uuid.UUID(int=1), known="", same_site=True, cookie=None)
        self.connection = Connection(
            handshake=handshake, limits=hub.limits, signer=SIGNER, limiter=hub.limiter, now=World().mono
        )
        self.waiting = None
        self.open = True
        self.sent = 0
        self.closed = None

    def send(self, payload: bytes) -> None:
        self.sent += 1

    def close(self, code: int, reason: str) -> None:
        self.open, self.closed = False, (code, reason)
