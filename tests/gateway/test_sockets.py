"""A real gateway process, real sockets, PostgreSQL and Redis."""

import asyncio
import contextlib
import datetime
import signal
import time
import uuid

import pytest
import websockets
from asgiref.sync import sync_to_async

from saleor_livesales import bus, conf, wire
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.models import Entry, Rep, Session
from saleor_livesales.tokens import Signer

from .conftest import Client, connect, gid, make_session, rep, until, visitor

HELLO = wire.Hello(role="visitor", channel="eu")


@pytest.fixture(params=["picows", "asgi"])
def transport(request):
    return request.param


@pytest.fixture
def gateway(shared_gateway):
    return shared_gateway


def entries(client):
    return [frame for frame in client.frames if isinstance(frame, wire.Entry)]


async def hear_entries(client, number):
    while len(entries(client)) < number:
        await client.hear(wire.Entry)
    return entries(client)


def noticed(redis, visitor_id):
    stream = bus.visitor_stream(visitor_id)
    events = [wire.decode_noticed(fields[b"d"]) for _, fields in redis.xrange(stream)]
    return [event for event in events if event.visitor == visitor_id]


def visitor_id(client):
    from saleor_livesales.ids import uuid_from_global_id

    return uuid_from_global_id("LiveVisitor", client.welcome.id)


# Messages


async def test_both_sides_get_each_message_once_in_one_order(gateway):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        for number in range(1, 21, 2):
            assert (await shopper.send(session, f"question {number}")).number == number
            assert (await seller.send(session, f"answer {number + 1}")).number == number + 1
        for client in (shopper, seller):
            await hear_entries(client, 20)
            await client.silence(0.2)

    assert entries(shopper) == entries(seller)
    assert [entry.number for entry in entries(shopper)] == list(range(1, 21))
    first, second = entries(shopper)[:2]
    assert (first.text, first.sender, second.sender) == ("question 1", "visitor", "rep")
    assert await sync_to_async(Entry.objects.filter(session=session).count)() == 20


async def test_a_message_sent_again_is_acknowledged_with_its_number_and_stored_once(gateway):
    session = await make_session()
    key = uuid.uuid4()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        frame = wire.SendMessage(session=gid(session), key=key, text="<b>only</b> once")
        for _ in range(3):
            await shopper.say(frame)
        acks = [await shopper.hear(wire.Ack) for _ in range(3)]

    assert {(ack.number, ack.key, ack.session, ack.at) for ack in acks} == {(1, key, gid(session), acks[0].at)}
    assert await sync_to_async(list)(Entry.objects.values_list("number", "text")) == [(1, "<b>only</b> once")]


@pytest.mark.parametrize(("state", "code"), [("ended", "SESSION_ENDED"), ("requested", "NOT_ALLOWED_NOW")])
async def test_a_session_that_takes_no_messages_refuses_them(gateway, state, code):
    session = await make_session(state=state)
    key = uuid.uuid4()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        await shopper.say(wire.SendMessage(session=gid(session), key=key, text="too late"))
        refused = await shopper.hear(wire.Refused)

    assert (refused.code, refused.key, refused.session) == (code, key, gid(session))
    assert await sync_to_async(Entry.objects.count)() == 0


async def test_visitors_are_isolated(gateway):
    """A stranger can neither write to, read, mark, nor hear another's session, nor learn that it exists."""
    session = await make_session()
    unknown = to_global_id("LiveSession", uuid7())
    async with visitor(gateway, subject=session.visitor_id) as shopper, visitor(gateway) as stranger:
        await shopper.send(session, "secret")
        answers = []
        for target in (gid(session), unknown):
            for frame in (
                wire.SendMessage(session=target, key=uuid.uuid4(), text="let me in"),
                wire.Resume(session=target),
                wire.Read(session=target, number=1),
            ):
                await stranger.say(frame)
                refused = await stranger.hear(wire.Refused)
                answers.append((refused.code, refused.message))
        await stranger.say(wire.Typing(session=gid(session)))
        await stranger.silence()
        await shopper.send(session, "still secret")
        await stranger.silence()

    assert answers == [("NOT_FOUND", "Couldn't resolve to a node of type LiveSession.")] * 6
    assert entries(stranger) == []
    assert [entry.text for entry in entries(shopper)][:1] == ["secret"]
    row = await sync_to_async(Session.objects.get)(pk=session.pk)
    assert (row.last_number, row.visitor_read, row.rep_read) == (2, 0, 0)


async def test_a_rep_does_not_hear_another_reps_session(gateway):
    mine, other = await make_session(), await make_session()
    async with (
        rep(gateway, mine.rep_id) as seller,
        visitor(gateway, subject=mine.visitor_id) as shopper,
        visitor(gateway, subject=other.visitor_id) as stranger,
    ):
        await stranger.send(other, "for another rep")
        await shopper.send(mine, "for you")
        assert (await seller.hear(wire.Entry)).text == "for you"
        await seller.say(wire.SendMessage(session=gid(other), key=uuid.uuid4(), text="barging in"))
        assert (await seller.hear(wire.Refused)).code == "NOT_FOUND"
        await seller.silence()


async def test_a_visitor_on_a_second_gateway_gets_everything_too(start_gateway):
    one, two = start_gateway(), start_gateway()
    session = await make_session()
    async with visitor(one, subject=session.visitor_id) as shopper, rep(two, session.rep_id) as seller:
        await shopper.send(session, "across")
        assert (await seller.hear(wire.Entry)).text == "across"
        await seller.send(session, "and back")
        assert [entry.text for entry in await hear_entries(shopper, 2)] == ["across", "and back"]


async def test_after_a_reconnect_the_gap_is_filled_in_pages(gateway):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        await shopper.send(session, "1")
    now = datetime.datetime.now(datetime.UTC)
    await sync_to_async(Entry.objects.bulk_create)(
        [
            Entry(session=session, number=n, kind="message", sender="rep", text=str(n), at=now, key=uuid.uuid4())
            for n in range(2, 251)
        ]
    )
    await sync_to_async(Session.objects.update)(last_number=250)

    texts, after = [], 1
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        while True:
            await shopper.say(wire.Resume(session=gid(session), after=after))
            page = await shopper.hear(wire.Resumed)
            assert page.last_number == 250
            texts += [entry.text for entry in page.entries]
            if not page.more:
                break
            after = page.entries[-1].number

    assert texts == [str(number) for number in range(2, 251)]


async def test_typing_and_read_marks_reach_the_other_side(gateway):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        await shopper.send(session, "hello?")
        await seller.say(wire.Typing(session=gid(session)))
        assert await shopper.hear(wire.Typing) == wire.Typing(session=gid(session), active=True, sender="rep")
        await shopper.say(wire.Typing(session=gid(session), active=False))
        assert await seller.hear(wire.Typing) == wire.Typing(session=gid(session), active=False, sender="visitor")
        await seller.say(wire.Read(session=gid(session), number=99))
        assert await shopper.hear(wire.Read) == wire.Read(session=gid(session), number=1, sender="rep")

    row = await sync_to_async(Session.objects.get)(pk=session.pk)
    assert (row.rep_read, row.visitor_read) == (1, 0)


async def test_what_actions_announce_is_forwarded_byte_for_byte(gateway, redis):
    session = await make_session()
    changed = wire.SessionChanged(id=gid(session), state="ended", form="chat", last_number=3, reason="rep")
    queue = wire.QueueChanged(id=gid(session), state="ended", channel="eu")
    async with (
        visitor(gateway, subject=session.visitor_id) as shopper,
        rep(gateway, session.rep_id) as seller,
        visitor(gateway) as stranger,
    ):
        await sync_to_async(bus.publish)(
            [(bus.visitor_channel(session.visitor_id), changed), (bus.reps_channel(), queue)]
        )
        assert await shopper.hear(wire.SessionChanged) == changed
        assert await seller.hear(wire.QueueChanged) == queue
        await stranger.silence()
        await shopper.silence(0.1)


# Who is it


async def test_the_cookie_makes_a_visitor_known_again(gateway, redis):
    async with visitor(gateway) as first:
        cookie = first.cookie
        assert (first.welcome.token, first.welcome.message_limit) == (None, 4000)
        header = first.socket.response.headers["Set-Cookie"]
    assert header.endswith("; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax")
    async with visitor(gateway, Cookie=f"other=1; {cookie}") as second:
        assert second.welcome.id == first.welcome.id
        assert second.cookie is None
    async with visitor(gateway, Cookie="livesales=forged") as third:
        assert third.welcome.id != first.welcome.id
        assert third.cookie is not None
    subject, _ = conf.load().signer.verify(
        first.welcome.ticket, kind="visitor-ticket", now=datetime.datetime.now(datetime.UTC)
    )
    assert to_global_id("LiveVisitor", subject) == first.welcome.id
    await until(lambda: [e.data for e in noticed(redis, subject) if e.kind == "arrive"])
    assert noticed(redis, subject)[0].channel == "eu"


async def test_on_another_site_the_widget_keeps_the_token(gateway):
    async with visitor(gateway, Origin="https://shop.example", Sec_Fetch_Site="cross-site") as first:
        assert first.cookie is None
        token = first.welcome.token
    async with visitor(gateway, token=token, Origin="https://shop.example") as second:
        assert second.welcome.id == first.welcome.id
    async with visitor(gateway, token=first.welcome.ticket, Origin="https://shop.example") as third:
        assert third.welcome.id != first.welcome.id  # a ticket is no token


async def test_where_the_browser_keeps_no_cookies_the_token_is_given(gateway):
    async with visitor(gateway, cookies=False) as first:
        assert first.cookie is not None
        token = first.welcome.token
    async with visitor(gateway, token=token, cookies=False) as second:
        assert second.welcome.id == first.welcome.id


async def test_the_cookie_is_secure_by_default(start_gateway):
    gateway = start_gateway(LIVESALES_COOKIE_SECURE="1")
    async with visitor(gateway) as client:
        assert client.socket.response.headers["Set-Cookie"].endswith("; Secure")


async def test_only_listed_origins_may_connect(start_gateway):
    gateway = start_gateway(LIVESALES_GATEWAY_ORIGINS="https://shop.example, http://127.0.0.1:9000")
    async with visitor(gateway, Origin="https://shop.example"):
        pass
    for origin in ("https://evil.example", "https://shop.example.evil.example", "null"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(gateway, Origin=origin)
        assert refused.value.response.status_code == 403


async def test_the_path_is_fixed(gateway):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://127.0.0.1:{gateway.port}/other")
    assert refused.value.response.status_code == 404


def bad_tickets():
    now = datetime.datetime.now(datetime.UTC)
    signer, stranger = conf.load().signer, Signer({"t1": "x" * 48})
    subject = uuid7()
    return [
        None,
        "",
        "nonsense",
        "a.b.c",
        stranger.sign(kind="rep-ticket", subject=subject, now=now),
        signer.sign(kind="visitor-ticket", subject=subject, now=now),
        signer.sign(kind="rep-ticket", subject=subject, now=now - datetime.timedelta(minutes=6)),
    ]


async def test_forged_foreign_and_expired_tickets_open_nothing(gateway):
    for ticket in bad_tickets():
        async with connect(gateway) as socket:
            client = Client(socket)
            await client.say(wire.Hello(role="rep", ticket=ticket))
            assert await client.closed() == (4401, "TICKET_INVALID")
            assert client.frames == []


async def test_a_reps_ticket_ends_unless_it_is_renewed(gateway):
    subject = uuid7()
    signer, now = conf.load().signer, datetime.datetime.now(datetime.UTC)
    nearly_over = now - datetime.timedelta(minutes=5) + datetime.timedelta(seconds=2)
    ticket = signer.sign(kind="rep-ticket", subject=subject, now=nearly_over)
    async with connect(gateway) as one, connect(gateway) as two:
        renewed, expired = Client(one), Client(two)
        for client in (renewed, expired):
            await client.say(wire.Hello(role="rep", ticket=ticket))
            await client.hear(wire.Welcome)
        await renewed.say(wire.Renew(ticket=signer.sign(kind="rep-ticket", subject=uuid7(), now=now)))
        assert (await renewed.hear(wire.Refused)).code == "INVALID_TICKET"
        await renewed.say(wire.Renew(ticket=signer.sign(kind="rep-ticket", subject=subject, now=now)))
        await renewed.hear(wire.Renewed)
        assert await expired.closed() == (4401, "TICKET_EXPIRED")
        await renewed.say(wire.Renew(ticket="still open"))
        assert (await renewed.hear(wire.Refused)).code == "INVALID_TICKET"


# Bounds


async def test_who_says_nothing_is_closed(start_gateway):
    gateway = start_gateway(LIVESALES_HELLO_TIMEOUT="1")
    async with connect(gateway) as socket:
        started = time.monotonic()
        assert await Client(socket).closed() == (4408, "HELLO_TIMEOUT")
        assert 0.9 < time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"\x00\x01", (1003, "TEXT_ONLY")),
        ("x" * 65537, (1009, None)),
        ('{"type":"resume","session":"x"}', (4400, "HELLO_FIRST")),
        ("not json", (4400, "HELLO_FIRST")),
    ],
)
async def test_what_breaks_the_protocol_closes_the_socket(gateway, frame, expected):
    async with connect(gateway) as socket:
        client = Client(socket)
        await client.say(frame)
        code, reason = await client.closed()
        assert (code, reason if expected[1] else None) == expected


async def test_fragments_are_put_together_within_the_bound(start_gateway, redis, transport):
    gateway = start_gateway()
    session = await make_session()
    for number in range(1, 5 if transport == "asgi" else 2):
        async with visitor(gateway, subject=session.visitor_id) as shopper:
            frame = wire.encode(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text="pieces")).decode()
            await shopper.socket.send([frame[:10], frame[10:40], frame[40:]])
            assert (await shopper.hear(wire.Ack)).number == number
            await shopper.socket.send(["x" * 40000, "y" * 40000])
            assert (await shopper.closed())[0] == 1009
        # An ASGI server calls it 1006 where the connection is gone before its close was answered: not counted then.
        with contextlib.suppress(TimeoutError):
            await until(lambda: int(redis.hget("ls:drops", "oversized") or 0) >= 1, timeout=10)
            break
    assert int(redis.hget("ls:drops", "oversized") or 0) >= 1


async def test_bytes_that_are_no_utf8_close_the_socket(gateway):
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x81\x83\x00\x00\x00\x00\xff\xfe\xfd")
    answer = await asyncio.wait_for(reader.read(100), 5)
    writer.close()
    assert answer[2:4] == (1007).to_bytes(2, "big")


async def test_messages_and_behaviour_are_limited_by_visitor_not_by_socket(start_gateway, redis):
    gateway = start_gateway(LIVESALES_MESSAGES_PER_MINUTE="6", LIVESALES_EVENTS_PER_MINUTE="8")
    session = await make_session()
    async with (
        visitor(gateway, subject=session.visitor_id) as one,
        visitor(gateway, subject=session.visitor_id) as two,
        visitor(gateway) as other,
    ):
        for client in (one, two, one):
            await client.send(session, "fine")
        await two.say(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text="too much"))
        assert (await two.hear(wire.Refused)).code == "TOO_FREQUENT"
        for number in range(6):
            await one.say(wire.PageViewed(url=f"https://shop.example/{number}"))
        await other.say(wire.PageViewed(url="https://shop.example/other"))
        await until(lambda: [e for e in noticed(redis, visitor_id(other)) if e.kind == "page"])
        pages = [event.url for event in noticed(redis, session.visitor_id) if event.kind == "page"]
        assert pages == [f"https://shop.example/{number}" for number in range(4)]
        await until(lambda: redis.hget("ls:drops", "too_frequent") == b"2")


async def test_a_slow_reader_is_closed(start_gateway):
    gateway = start_gateway(LIVESALES_PENDING_WRITES="100000")
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as slow:
        slow.socket.transport.pause_reading()
        payload = wire.SessionChanged(id="x" * 50000, state="active", form="chat", last_number=1)
        channel = bus.visitor_channel(session.visitor_id)

        def flood():
            for _ in range(400):
                bus.publish([(channel, payload)])

        await sync_to_async(flood)()
        slow.socket.transport.resume_reading()
        assert (await slow.closed())[0] in (4413, 1006)
        assert len(slow.frames) < 400
    async with visitor(gateway) as client:  # the others don't feel it
        assert client.welcome.ticket


# Presence


async def test_behaviour_goes_to_the_visitors_stream(gateway, redis):
    async with visitor(gateway) as client:
        product = to_global_id("Product", 7)
        await client.say(wire.PageViewed(url="https://shop.example/p/7", title="Lamp", referrer="javascript:alert(1)"))
        await client.say(wire.PageViewed(url="javascript:alert(1)"))
        await client.say(wire.ProductViewed(product=product))
        await client.say(wire.ProductViewed(product="UHJvZHVjdA=="))
        await client.say(wire.HelpRequested())
        subject = visitor_id(client)
        await until(lambda: len(noticed(redis, subject)) >= 4)
    events = noticed(redis, subject)
    assert [event.kind for event in events[:4]] == ["arrive", "page", "product", "request"]
    assert (events[1].url, events[1].title, events[1].referrer) == ("https://shop.example/p/7", "Lamp", "")
    assert (events[2].product, events[2].channel) == (product, "eu")
    assert abs(events[1].at - time.time()) < 10


async def test_a_visitor_leaves_when_the_last_socket_stays_closed(gateway, redis):
    async with visitor(gateway) as one:
        subject = visitor_id(one)
        async with visitor(gateway, Cookie=one.cookie) as two:
            assert two.welcome.id == one.welcome.id
    async with visitor(gateway, Cookie=one.cookie):  # the next page of the shop
        pass
    await until(lambda: noticed(redis, subject)[-1].kind == "leave")
    assert [event.kind for event in noticed(redis, subject)] == ["arrive", "arrive", "arrive", "leave"]


async def test_a_visitor_on_another_gateway_has_not_left(start_gateway, redis):
    one, two = start_gateway(), start_gateway()
    async with visitor(one) as first:
        subject = visitor_id(first)
        async with visitor(two, Cookie=first.cookie):
            pass
        await asyncio.sleep(6)
        assert [event.kind for event in noticed(redis, subject)] == ["arrive", "arrive"]


async def test_a_connected_reps_lease_is_extended_unless_the_rep_is_offline(gateway):
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    here, gone = [
        await Rep.objects.acreate(user_id=uuid7().hex, name="R", status=status, lease_until=long_ago)
        for status in ("online", "offline")
    ]
    async with rep(gateway, here.pk), rep(gateway, gone.pk):
        await until(lambda: Rep.objects.get(pk=here.pk).lease_until > long_ago)
        await here.arefresh_from_db()
        await gone.arefresh_from_db()
    left = (here.lease_until - datetime.datetime.now(datetime.UTC)).total_seconds()
    assert 40 < left <= 45
    assert gone.lease_until == long_ago


# Health and the end


async def test_health_tells_alive_and_ready(gateway):
    assert gateway.health("live") == (200, "alive\n")
    assert gateway.health("ready") == (200, "postgresql: up\nredis: up\n")
    assert gateway.health("other")[0] == 404


async def test_sigterm_sends_everybody_elsewhere_and_loses_nothing(gateway):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper:
        for number in range(20):
            await shopper.say(wire.SendMessage(session=gid(session), key=uuid.uuid4(), text=str(number)))
        await shopper.hear(wire.Ack)
        gateway.process.send_signal(signal.SIGTERM)
        assert await shopper.closed() == (1012, "SERVICE_RESTART")
        acked = [frame.number for frame in shopper.frames if isinstance(frame, wire.Ack)]
    assert await asyncio.to_thread(gateway.process.wait, 10) == 0
    stored = await sync_to_async(list)(Entry.objects.order_by("number").values_list("number", flat=True))
    assert stored == list(range(1, len(stored) + 1))
    assert set(acked) <= set(stored)


async def test_an_address_that_is_taken_is_told(start_gateway):
    taken = start_gateway()
    with pytest.raises(AssertionError, match="can't listen"):
        start_gateway(LIVESALES_GATEWAY_PORT=str(taken.port))
