"""Each bound on real sockets, over each transport; see ``test_protocol`` for what needs none."""

import asyncio
import contextlib
import struct
import time
import uuid

import pytest
import websockets
from asgiref.sync import sync_to_async

from saleor_livesales import bus, wire
from saleor_livesales.ids import to_global_id, uuid7

from .conftest import Client, connect, gid, make_session, rep, until, visitor
from .test_sockets import noticed, visitor_id

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


@pytest.fixture(params=["picows", "asgi"])
def transport(request):
    return request.param


@pytest.fixture
def gateway(shared_gateway):
    return shared_gateway


class RawSocket:
    """A WebSocket by hand: what no library would send, and no answer that nobody asked for."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0) -> None:
        head = bytes([(0x80 if fin else 0) | reserved | opcode])
        size = len(payload)
        head += bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + struct.pack("!H", size)
        self.writer.write(head + b"\0\0\0\0" + payload)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame: its opcode and payload. Raises EOFError or ConnectionError at the end."""
        opcode, size = await self.reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        return opcode & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """How it ends: the code of the first close frame."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0]

    async def ended(self) -> list[int]:
        """Opcodes of what comes until the connection ends."""
        opcodes = []
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                opcodes.append((await self.frame())[0])
        return opcodes


@contextlib.asynccontextmanager
async def raw(gateway, *headers: str):
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        lines = [
            "GET /live HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        socket = RawSocket(reader, writer)
        socket.answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        try:
            yield socket
        finally:
            writer.transport.abort()


HELLO = wire.encode(wire.Hello(role="visitor"))


# Frames


async def test_compression_is_declined(gateway):
    async with raw(gateway, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits") as socket:
        assert socket.answer.startswith("HTTP/1.1 101 ")
        assert "sec-websocket-extensions" not in socket.answer.lower()
        socket.send(TEXT, HELLO, reserved=0x40)  # all the same
        assert await socket.close_code() == 1002
    async with websockets.connect(gateway.url, compression="deflate", origin="http://127.0.0.1") as library:
        assert library.protocol.extensions == []


async def test_a_message_is_bounded_however_it_is_cut(start_gateway, redis):
    gateway = start_gateway(LIVESALES_FRAME_LIMIT="1000", LIVESALES_FRAGMENTS_LIMIT="10")

    def padded(size: int) -> bytes:
        return HELLO[:-1] + b" " * (size - len(HELLO)) + b"}"

    async with raw(gateway) as socket:
        socket.send(TEXT, padded(1000))
        assert (await socket.frame())[0] == TEXT  # Welcome
        socket.send(TEXT, padded(1001))
        assert await socket.close_code() == 1009
    async with raw(gateway) as socket:
        socket.send(TEXT, padded(1000)[:500], fin=False)
        socket.send(CONTINUATION, padded(1000)[500:])
        assert (await socket.frame())[0] == TEXT
        socket.send(TEXT, b"x" * 600, fin=False)
        socket.send(CONTINUATION, b"x" * 600, fin=False)
        assert await socket.close_code() == 1009
    async with raw(gateway) as socket:
        socket.send(TEXT, HELLO, fin=False)
        for _ in range(8):
            socket.send(CONTINUATION, b"", fin=False)
        socket.send(PING, b"between fragments")
        assert await socket.frame() == (PONG, b"between fragments")
        socket.send(CONTINUATION, b"")
        assert (await socket.frame())[0] == TEXT
        for number in range(11):
            socket.send(CONTINUATION if number else TEXT, b"", fin=False)
        assert await socket.close_code() == 1009
    await until(lambda: redis.hget("ls:drops", "oversized") == b"3")


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(TEXT, b"\xff\xfe")], 1007),
        ([(TEXT, b'"\xed\xa0\x80"')], 1007),  # half of a surrogate pair
        ([(BINARY, HELLO)], 1003),
        ([(CONTINUATION, HELLO)], 1002),
        ([(3, HELLO)], 1002),
        ([(TEXT, b'{"type":"hello","x":' + b"[" * 9 + b"]" * 9 + b"}")], 4400),
    ],
)
async def test_what_is_no_text_of_ours_closes(gateway, frames, code):
    async with raw(gateway) as socket:
        for opcode, payload in frames:
            socket.send(opcode, payload)
        assert await socket.close_code() == code


async def test_a_character_may_be_cut_by_a_fragment_and_a_broken_one_closes(gateway):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        frame = wire.encode(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text="naïve 😀"))
        cut = frame.index("😀".encode()) + 2
        await shopper.socket.send([frame[:cut], frame[cut:]], text=True)
        assert (await shopper.hear(wire.Ack)).number == 1
        assert (await shopper.hear(wire.Entry)).text == "naïve 😀"
        await shopper.socket.send([frame[:cut], b'"}'], text=True)
        assert (await shopper.closed())[0] == 1007


async def test_texts_and_nesting_are_bounded_by_settings(start_gateway):
    gateway = start_gateway(LIVESALES_MESSAGE_LIMIT="5", LIVESALES_NESTING_LIMIT="2")
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        assert shopper.welcome.message_limit == 5
        await shopper.send(session, "😀" * 5)
        await shopper.say(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text="sixsix"))
        assert (await shopper.hear(wire.Refused)).code == "TOO_LONG"
        await shopper.say('{"type":"typing","session":"x","more":{}}')
        await shopper.say('{"type":"typing","session":"x","more":{"deep":[]}}')
        assert await shopper.closed() == (4400, "TOO_DEEP")


# Rates


async def test_bursts_and_signals_are_settings(start_gateway):
    gateway = start_gateway(LIVESALES_BURST="6", LIVESALES_MESSAGES_PER_MINUTE="20", LIVESALES_SIGNALS_PER_MINUTE="50")
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        for number in range(2):
            await shopper.send(session, str(number))
        await shopper.say(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text="too much"))
        assert (await shopper.hear(wire.Refused)).code == "TOO_FREQUENT"
        for _ in range(50):
            await shopper.say(wire.Typing(session=gid(session)))
        assert await shopper.closed() == (4429, "TOO_FREQUENT")


def behind(address: str) -> dict[str, str]:
    """Headers of a proxy on this host, which is trusted, for somebody at ``address``."""
    return {"X_Forwarded_For": address}


async def test_visitors_of_one_network_have_one_bucket_together(start_gateway, redis):
    gateway = start_gateway(LIVESALES_BURST="60", LIVESALES_MESSAGES_PER_NETWORK="3", LIVESALES_EVENTS_PER_NETWORK="4")
    here, there = await make_session(), await make_session()
    async with (
        visitor(gateway, subject=here.visitor_id, **behind("198.51.100.1")) as one,
        visitor(gateway, **behind("198.51.100.1")) as two,
        visitor(gateway, subject=there.visitor_id, **behind("198.51.100.2")) as other,
        rep(gateway, here.rep_id) as seller,
    ):
        for _ in range(3):
            await one.send(here, "fine")
        await one.say(wire.SendMessage(session=gid(here), key=uuid.uuid4(), text="too much"))
        assert (await one.hear(wire.Refused)).code == "TOO_FREQUENT"
        for _ in range(5):
            await seller.send(here, "a rep is known to the shop")
        await other.send(there, "not of that network")
        for number in range(6):
            await (one, two)[number % 2].say(wire.PageViewed(url=f"https://shop.example/{number}"))
        await until(lambda: redis.hget("ls:drops", "too_frequent") == b"2")
        pages = [e.url for c in (one, two) for e in noticed(redis, visitor_id(c)) if e.kind == "page"]
        assert len(pages) == 4


async def test_new_sockets_of_one_network_are_counted(start_gateway):
    gateway = start_gateway(LIVESALES_BURST="60", LIVESALES_ARRIVALS_PER_NETWORK="3")
    for _ in range(3):
        async with visitor(gateway, **behind("2001:db8::1")):
            pass
    async with connect(gateway, **behind("2001:db8::abcd")) as socket:
        assert await Client(socket).closed() == (4429, "TOO_FREQUENT")
    async with visitor(gateway, **behind("2001:db8:0:1::1")), visitor(gateway):  # whom the proxy says nothing about
        pass


async def test_who_is_no_trusted_proxy_is_not_believed(start_gateway):
    gateway = start_gateway(LIVESALES_TRUSTED_PROXIES="", LIVESALES_CONNECTIONS_PER_NETWORK="2")
    async with (
        visitor(gateway, **behind("198.51.100.1")),
        visitor(gateway, **behind("198.51.100.2")),
        connect(gateway, **behind("198.51.100.3")) as socket,
    ):
        assert await Client(socket).closed() == (4409, "TOO_MANY_CONNECTIONS")
    async with visitor(gateway):
        pass


async def test_an_office_of_two_hundred_is_welcome_behind_one_address(start_gateway):
    """Three tabs each, all at once, as after a restart of the gateway; and each says something."""
    gateway = start_gateway()
    async with contextlib.AsyncExitStack() as stack:
        sockets = []
        for _ in range(12):
            batch = [stack.enter_async_context(visitor(gateway, **behind("198.51.100.1"))) for _ in range(50)]
            sockets += await asyncio.gather(*batch)
        assert len({visitor_id(client) for client in sockets}) == 600
        for client in sockets:
            await client.say(wire.Resume(session=to_global_id("LiveSession", uuid7())))
        assert {(await client.hear(wire.Refused, 30)).code for client in sockets} == {"NOT_FOUND"}


# Sockets


async def test_one_visitor_has_so_many_sockets(start_gateway):
    gateway = start_gateway(LIVESALES_CONNECTIONS_PER_VISITOR="2")
    session = await make_session()
    subject = session.visitor_id
    async with visitor(gateway, subject=subject) as first, visitor(gateway, cookies=False) as other:
        async with visitor(gateway, subject=subject):
            async with connect(gateway) as socket:
                third = Client(socket)
                await third.say(wire.Hello(role="visitor", token=other.welcome.token))
                assert isinstance(await third.hear(wire.Welcome), wire.Welcome)  # somebody else's
            async with connect(gateway, Cookie=f"livesales={first.welcome.token}") as socket:
                third = Client(socket)
                await third.say(wire.Hello(role="visitor", token=first.welcome.token))
                assert await third.closed() == (4409, "TOO_MANY_CONNECTIONS")
                assert third.frames == []
        assert (await first.send(session, "still here")).number == 1
        async with visitor(gateway, subject=subject):  # as soon as one is closed
            pass
    async with rep(gateway, session.rep_id), rep(gateway, session.rep_id):
        with pytest.raises(websockets.ConnectionClosed) as closed:
            async with rep(gateway, session.rep_id):
                pass
        assert closed.value.rcvd.code == 4409


async def test_strangers_of_one_network_are_few(start_gateway):
    gateway = start_gateway(LIVESALES_STRANGERS_PER_NETWORK="2", LIVESALES_HELLO_TIMEOUT="20")
    async with connect(gateway, **behind("198.51.100.1")), connect(gateway, **behind("198.51.100.1")) as second:
        async with connect(gateway, **behind("198.51.100.1")) as socket:
            assert await Client(socket).closed() == (4409, "TOO_MANY_STRANGERS")
        client = Client(second)
        await client.say(wire.Hello(role="visitor"))
        await client.hear(wire.Welcome)
        async with visitor(gateway, **behind("198.51.100.1")):
            pass


async def test_one_socket_speaks_of_so_many_sessions_and_the_next_goes_on(start_gateway):
    gateway = start_gateway(LIVESALES_SESSIONS_PER_SOCKET="2")
    session = await make_session()
    for _ in range(2):
        async with visitor(gateway, subject=session.visitor_id) as shopper:
            await shopper.send(session, "hello")
            await shopper.say(wire.Resume(session=to_global_id("LiveSession", uuid7())))
            assert (await shopper.hear(wire.Refused)).code == "NOT_FOUND"
            await shopper.say(wire.Resume(session=gid(session)))
            await shopper.hear(wire.Resumed)
            await shopper.say(wire.Resume(session=to_global_id("LiveSession", uuid7())))
            assert await shopper.closed() == (4410, "TOO_MANY_SESSIONS")


async def test_a_reader_that_takes_nothing_is_closed_and_hung_up_on(start_gateway):
    gateway = start_gateway(LIVESALES_PENDING_WRITES="100000")
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as slow, visitor(gateway) as quick:
        slow.socket.transport.pause_reading()
        payload = wire.SessionChanged(id="x" * 50000, state="active", form="chat", last_number=1)
        channel = bus.visitor_channel(session.visitor_id)

        def flood():
            for _ in range(400):
                bus.publish([(channel, payload)])

        await sync_to_async(flood)()
        await until(lambda: 'livesales_sockets_refused_total{reason="SLOW_CONSUMER"} 1.0' in metrics(gateway))
        await until(lambda: "livesales_sockets_closed_total 1.0" in metrics(gateway))  # it never said goodbye
        assert quick.welcome.ticket
        await quick.say(wire.HelpRequested())
        slow.socket.transport.resume_reading()
        assert (await slow.closed())[0] in (4413, 1006)
        assert len(slow.frames) < 400


def metrics(gateway) -> str:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.health_port}/metrics", timeout=5) as answer:
        return answer.read().decode()


# Time


async def test_who_is_silent_is_pinged_and_who_does_not_answer_is_hung_up_on(start_gateway):
    gateway = start_gateway(LIVESALES_IDLE_PING="1")
    async with raw(gateway) as dead, visitor(gateway) as alive:
        dead.send(TEXT, HELLO)
        opcodes = await dead.ended()
        assert opcodes[:2] == [TEXT, PING]  # Welcome, and the question
        assert opcodes.count(PING) == 1
        await alive.say(wire.HelpRequested())  # the library answers pings by itself
        await alive.silence(2.5)
        await alive.say(wire.Resume(session="x"))
        assert (await alive.hear(wire.Refused)).code == "NOT_FOUND"


async def test_who_talks_is_not_pinged(start_gateway):
    gateway = start_gateway(LIVESALES_IDLE_PING="3")
    async with raw(gateway) as socket:
        socket.send(TEXT, HELLO)
        heard = []
        for _ in range(16):
            await asyncio.sleep(0.25)
            socket.send(TEXT, wire.encode(wire.Resume(session="x")))
            heard.append((await socket.frame())[0])
        assert PING not in heard


async def test_who_sends_no_request_is_hung_up_on(start_gateway):
    gateway = start_gateway(LIVESALES_HELLO_TIMEOUT="1")
    for sent in (b"", b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            assert not (await asyncio.wait_for(reader.read(), 20)).startswith(b"HTTP/1.1 101")
        writer.close()


async def test_a_visitors_ticket_is_renewed_on_the_open_socket_and_nothing_is_missed(start_gateway):
    gateway = start_gateway(LIVESALES_VISITOR_TICKET="3", LIVESALES_IDLE_PING="1")
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        tickets, told, end = [shopper.welcome.ticket], 0, time.monotonic() + 60
        while len(tickets) < 4:
            assert time.monotonic() < end
            told += 1
            await seller.send(session, str(told))
            while (frame := await shopper.hear(wire.Frame)) and not (
                isinstance(frame, wire.Entry) and frame.number == told
            ):
                if isinstance(frame, wire.Renewed):
                    tickets.append(frame.ticket)
            await asyncio.sleep(0.2)
        assert len(set(tickets)) == 4
        numbers = [frame.number for frame in shopper.frames if isinstance(frame, wire.Entry)]
        assert numbers == list(range(1, told + 1))
        assert (await shopper.send(session, "the same socket")).number == told + 1
