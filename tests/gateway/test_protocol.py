"""The protocol without a socket: frames in, actions out."""

import datetime
import uuid

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_livesales import wire
from saleor_livesales.gateway import identity, nesting
from saleor_livesales.gateway.protocol import (
    Append,
    Close,
    Connection,
    Drop,
    Enter,
    Limits,
    LoadEntries,
    MarkRead,
    Notice,
    Now,
    Send,
    Signal,
)
from saleor_livesales.gateway.rates import Allowed, Limiter
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.sessions.append import Message
from saleor_livesales.tokens import Signer

START = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SIGNER = Signer({"k1": "a" * 48})
VISITOR, REP, SESSION, KEY = (uuid.UUID(int=number) for number in (1, 2, 3, 7))
GID = to_global_id("LiveSession", SESSION)
PRODUCT, VARIANT, CHECKOUT = (
    to_global_id("Product", 1),
    to_global_id("ProductVariant", 2),
    to_global_id("Checkout", KEY),
)


def at(seconds: float) -> Now:
    return Now(1000.0 + seconds, START + datetime.timedelta(seconds=seconds))


def connection(
    limiter: Limiter | None = None,
    *,
    known: identity.Known = "",
    known_as: uuid.UUID = VISITOR,
    limits: Limits | None = None,
) -> Connection:
    handshake = identity.Handshake(visitor_id=known_as, known=known, same_site=True, cookie=None)
    return Connection(
        handshake=handshake,
        limits=limits or Limits(),
        signer=SIGNER,
        limiter=Limiter(events_per_minute=120, messages_per_minute=60) if limiter is None else limiter,
        now=at(0).mono,
    )


def say(conn: Connection, frame: wire.Frame | bytes, seconds: float = 0) -> list:
    return conn.receive(frame if isinstance(frame, bytes) else wire.encode(frame), at(seconds))


def visitor(limiter: Limiter | None = None) -> Connection:
    conn = connection(limiter)
    say(conn, wire.Hello(role="visitor", channel="eu"))
    return conn


def rep(limiter: Limiter | None = None) -> Connection:
    conn = connection(limiter)
    say(conn, rep_hello())
    return conn


def rep_hello() -> wire.Hello:
    return wire.Hello(role="rep", ticket=SIGNER.sign(kind="rep-ticket", subject=REP, now=START))


def refusal(actions: list) -> tuple[str, uuid.UUID | None, str | None]:
    (action,) = actions
    assert isinstance(action, Send)
    assert isinstance(action.frame, wire.Refused)
    return action.frame.code, action.frame.key, action.frame.session


# Hello


def test_a_visitor_is_welcomed_with_a_ticket():
    enter, send = say(connection(known="cookie"), wire.Hello(role="visitor", channel="eu"))

    assert enter == Enter(subject=VISITOR, rep=False, channel="eu", known="cookie")
    assert send.frame == wire.Welcome(
        id=to_global_id("LiveVisitor", VISITOR),
        expires_at="2026-03-01T12:05:00Z",
        ticket=SIGNER.sign(kind="visitor-ticket", subject=VISITOR, now=START),
        token=None,
    )


def test_a_rep_is_welcomed_until_the_ticket_ends():
    ticket = SIGNER.sign(kind="rep-ticket", subject=REP, now=START - datetime.timedelta(minutes=1))

    actions = say(connection(), wire.Hello(role="rep", ticket=ticket))

    assert actions == [
        Enter(subject=REP, rep=True),
        Send(wire.Welcome(id=to_global_id("LiveRep", REP), expires_at="2026-03-01T12:04:00Z")),
    ]


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [
        (wire.Hello(role="rep"), 4401, "TICKET_INVALID"),
        (wire.Hello(role="rep", ticket="x.y.z"), 4401, "TICKET_INVALID"),
        (wire.Hello(role="visitor", channel=""), 4400, "INVALID_CHANNEL"),
        (wire.Hello(role="visitor", channel="x" * 256), 4400, "INVALID_CHANNEL"),
        (wire.Resume(session=GID), 4400, "HELLO_FIRST"),
        (b'{"type":"hello","role":"owner"}', 4400, "HELLO_FIRST"),
        (b"{", 4400, "HELLO_FIRST"),
        (b"", 4400, "HELLO_FIRST"),
        (b'"\xff"', 1007, "NOT_UTF8"),
        (b" " * 65537, 1009, "FRAME_TOO_BIG"),
    ],
)
def test_a_first_frame_that_is_no_good_closes(frame, code, reason):
    conn = connection()

    assert say(conn, frame) == [Close(code, reason)]
    assert conn.subject is None


def test_nobody_waits_for_hello_for_ever():
    conn = connection()

    assert conn.tick(at(4.9)) == []
    assert conn.tick(at(5.0)) == [Close(4408, "HELLO_TIMEOUT")]


def test_binary_closes():
    assert visitor().receive_binary() == [Close(1003, "TEXT_ONLY")]


# Tickets


def test_a_visitors_ticket_is_renewed_a_minute_before_it_ends():
    conn = visitor()

    assert conn.tick(at(239)) == []
    (renewed,) = conn.tick(at(240))
    assert renewed.frame.expires_at == "2026-03-01T12:09:00Z"
    subject, _ = SIGNER.verify(renewed.frame.ticket, kind="visitor-ticket", now=at(300).wall)
    assert subject == VISITOR
    assert conn.tick(at(241)) == []


def test_the_lifetime_of_a_visitors_ticket_is_a_setting():
    conn = connection(limits=Limits(ticket=50))
    _, send = say(conn, wire.Hello(role="visitor"))

    assert SIGNER.verify(send.frame.ticket, kind="visitor-ticket", now=START)[1] == at(50).wall
    assert conn.tick(at(39)) == []
    assert conn.tick(at(40))[0].frame.expires_at == "2026-03-01T12:01:30Z"


def test_a_clock_that_is_set_neither_ends_nor_prolongs_a_ticket():
    conn = rep()

    assert conn.tick(Now(1010.0, START + datetime.timedelta(hours=1))) == []
    assert conn.tick(Now(1300.0, START - datetime.timedelta(hours=1))) == [Close(4401, "TICKET_EXPIRED")]


def test_a_rep_renews_with_an_own_ticket_only():
    conn = rep()
    fresh = SIGNER.sign(kind="rep-ticket", subject=REP, now=at(240).wall)
    other = SIGNER.sign(kind="rep-ticket", subject=uuid7(), now=at(240).wall)

    assert refusal(say(conn, wire.Renew(ticket=other), 240))[0] == "INVALID_TICKET"
    assert say(conn, wire.Renew(ticket=fresh), 240) == [Send(wire.Renewed(expires_at="2026-03-01T12:09:00Z"))]
    assert conn.tick(at(539)) == []
    assert conn.tick(at(540)) == [Close(4401, "TICKET_EXPIRED")]


# Messages


@pytest.mark.parametrize(("make", "sender", "subject"), [(visitor, "visitor", VISITOR), (rep, "rep", REP)])
def test_a_message_is_appended_as_its_senders(make, sender, subject):
    actions = say(make(), wire.SendMessage(session=GID, key=KEY, text="<i>hi</i> "), 3)

    assert actions == [
        Append(
            Message(session_id=SESSION, sender=sender, sender_id=subject, key=KEY, text="<i>hi</i> ", at=at(3).wall),
            GID,
        )
    ]


@pytest.mark.parametrize(
    ("session", "text", "code"),
    [
        (GID, "x" * 4001, "TOO_LONG"),
        (GID, "", "REQUIRED"),
        (GID, " \n\t", "REQUIRED"),
        (GID, "a\0b", "INVALID"),
        ("", "x", "NOT_FOUND"),
        ("not base64", "x", "NOT_FOUND"),
        (to_global_id("LiveSession", "1"), "x", "NOT_FOUND"),
        (to_global_id("LiveVisitor", SESSION), "x", "NOT_FOUND"),
    ],
)
def test_a_message_that_is_no_good_is_refused_by_its_key(session, text, code):
    assert refusal(say(visitor(), wire.SendMessage(session=session, key=KEY, text=text))) == (code, KEY, session)


def test_four_thousand_characters_of_any_width_are_fine():
    assert len(say(visitor(), wire.SendMessage(session=GID, key=KEY, text="\U0001f600" * 4000))) == 1


def test_messages_come_in_bursts_and_are_then_limited():
    limiter = Limiter(events_per_minute=120, messages_per_minute=60)
    one, two = visitor(limiter), visitor(limiter)
    frame = wire.SendMessage(session=GID, key=KEY, text="x")

    passed = [isinstance(say(conn, frame)[0], Append) for _ in range(20) for conn in (one, two)]

    assert passed == [True] * 30 + [False] * 10
    assert refusal(say(two, frame))[0] == "TOO_FREQUENT"
    assert isinstance(say(one, frame, 1.1)[0], Append)
    assert isinstance(say(rep(limiter), frame)[0], Append)


# Behaviour

URL = "https://shop.example/p?q=1#top"


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            wire.PageViewed(url=URL, title="T", referrer=URL),
            {"kind": "page", "url": URL, "title": "T", "referrer": URL},
        ),
        (wire.PageViewed(url=URL, title="x" * 400), {"kind": "page", "url": URL, "title": "x" * 300}),
        (wire.PageViewed(url=URL, referrer="data:x"), {"kind": "page", "url": URL}),
        (wire.ProductViewed(product=PRODUCT), {"kind": "product", "product": PRODUCT}),
        (
            wire.ProductViewed(product=PRODUCT, variant=VARIANT),
            {"kind": "product", "product": PRODUCT, "variant": VARIANT},
        ),
        (wire.Dwelled(seconds=3600), {"kind": "dwell", "seconds": 3600}),
        (wire.CartSeen(checkout=CHECKOUT), {"kind": "cart", "checkout": CHECKOUT}),
        (wire.HelpRequested(), {"kind": "request"}),
        (wire.PageViewed(url="javascript:alert(1)"), None),
        (wire.PageViewed(url="//shop.example"), None),
        (wire.PageViewed(url="http://"), None),
        (wire.PageViewed(url="http://[::1"), None),
        (wire.PageViewed(url="https://shop.example/\0"), None),
        (wire.PageViewed(url="https://shop.example/" + "x" * 2000), "oversized"),
        (wire.PageViewed(url=""), None),
        (wire.ProductViewed(product=VARIANT), None),
        (wire.ProductViewed(product="1"), None),
        (wire.ProductViewed(product=to_global_id("Product", "1" * 200)), "oversized"),
        (wire.ProductViewed(product=PRODUCT, variant=to_global_id("ProductVariant", "1" * 200)), "oversized"),
        (wire.CartSeen(checkout="x" * 129), "oversized"),
        (wire.ProductViewed(product=PRODUCT, variant=PRODUCT), None),
        (wire.Dwelled(seconds=0), None),
        (wire.Dwelled(seconds=-5), None),
        (wire.Dwelled(seconds=3601), None),
        (wire.CartSeen(checkout=PRODUCT), None),
    ],
)
def test_behaviour_is_noticed_or_dropped_without_a_word(frame, expected):
    actions = say(visitor(), frame, 2)

    if expected is None or expected == "oversized":
        assert actions == [Drop(expected or "invalid")]
    else:
        event = wire.Noticed(visitor=VISITOR, channel="eu", at=at(2).wall.timestamp(), **expected)
        assert actions == [Notice(event)]
    assert refusal(say(rep(), frame))[0] == "PERMISSION_DENIED"


def test_behaviour_that_is_too_frequent_is_dropped():
    conn = visitor()

    actions = [say(conn, wire.HelpRequested())[0] for _ in range(70)]

    assert [isinstance(action, Notice) for action in actions] == [True] * 60 + [False] * 10
    assert actions[-1] == Drop("too_frequent")
    assert isinstance(say(conn, wire.HelpRequested(), 1)[0], Notice)


# The rest


def test_signals_and_requests_carry_who_sent_them():
    assert say(visitor(), wire.Typing(session=GID, sender="rep")) == [
        Signal(SESSION, wire.Typing(session=GID, active=True, sender="visitor"))
    ]
    assert say(rep(), wire.Typing(session=GID, active=False)) == [
        Signal(SESSION, wire.Typing(session=GID, active=False, sender="rep"))
    ]
    assert say(visitor(), wire.Read(session=GID, number=3)) == [MarkRead(SESSION, GID, 3)]
    assert say(visitor(), wire.Resume(session=GID, after=9)) == [LoadEntries(SESSION, GID, 9)]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (wire.Hello(role="visitor"), "INVALID"),
        (wire.Resume(session="x"), "NOT_FOUND"),
        (wire.Resume(session=GID, after=-1), "INVALID"),
        (wire.Resume(session=GID, after=2**31), "INVALID"),
        (wire.Read(session=GID, number=-1), "INVALID"),
        (wire.Read(session="x", number=1), "NOT_FOUND"),
    ],
)
def test_what_makes_no_sense_is_refused(frame, code):
    assert refusal(say(visitor(), frame))[0] == code


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'{"type":"nope"}',
        b'{"type":"ack","session":"x","key":"y","number":1,"at":"z"}',
        b'{"type":"send","session":"x","text":"y"}',
        b'{"type":"send","session":"x","key":"nope","text":"y"}',
        b'{"type":"send","session":"x","key":"00000000-0000-0000-0000-000000000007","text":"\\ud800"}',
        b'{"type":"page","url":null}',
        b'{"type":"dwell","seconds":1e400}',
    ],
)
def test_nonsense_is_counted_and_refused_and_in_the_end_closed(data):
    conn = visitor()

    drop, send = say(conn, data)
    assert (drop, send.frame.code) == (Drop("unknown"), "INVALID")
    for _ in range(299):
        say(conn, data)
    assert say(conn, data) == [Drop("too_frequent"), Close(4429, "TOO_FREQUENT")]


def nested(depth: int) -> bytes:
    return b'{"type":"request","x":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_nesting_is_bounded_and_brackets_in_texts_are_none():
    conn = connection(limits=Limits(nesting=3))
    say(conn, wire.Hello(role="visitor"))

    assert isinstance(say(conn, nested(3))[0], Notice)
    assert say(conn, nested(4)) == [Close(4400, "TOO_DEEP")]
    assert say(conn, nested(30000)) == [Close(4400, "TOO_DEEP")]
    texts = ["[[[[{{{{", 'a "quoted" [[[[ and \\', "\\\\" + "{" * 3000, '"[' * 300]
    frames = [wire.SendMessage(session=GID, key=KEY, text=text) for text in texts]
    assert [say(conn, frame)[0].message.text for frame in frames] == texts


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[[[]]]", False),
        (b"[[[[]]]]", True),
        (b"[{}[]{}[]{}]", False),
        (b'{"a":[{"b":[]}]}', True),
        (b'{"[[[":"{{{"}', False),
        (rb'["\\",[["\"",[[', True),
        (b'"[[[[[[', False),
        (b"]]]]]][[[[", False),
        (b"", False),
    ],
)
def test_how_deep_json_is(data, expected):
    assert nesting.exceeds(data, 3) is expected


def test_one_socket_speaks_of_so_many_sessions():
    conn = connection(limits=Limits(sessions=3))
    say(conn, wire.Hello(role="visitor"))
    first, second, third, fourth = (to_global_id("LiveSession", uuid7()) for _ in range(4))

    for _ in range(2):
        assert isinstance(say(conn, wire.Resume(session=first))[0], LoadEntries)
        assert isinstance(say(conn, wire.Typing(session=second))[0], Signal)
        assert isinstance(say(conn, wire.Read(session=third, number=1))[0], MarkRead)
    for frame in (
        wire.SendMessage(session=fourth, key=KEY, text="x"),
        wire.Typing(session=fourth),
        wire.Read(session=fourth, number=1),
        wire.Resume(session=fourth),
    ):
        assert say(conn, frame) == [Close(4410, "TOO_MANY_SESSIONS")]
    assert isinstance(say(conn, wire.SendMessage(session=first, key=KEY, text="x"))[0], Append)


def test_a_visitor_has_so_many_sockets_and_so_has_a_rep():
    limiter = Limiter(events_per_minute=120, messages_per_minute=60, connections=2)
    for make in (visitor, rep):
        first, second, third = make(limiter), make(limiter), make(limiter)
        assert [conn.subject is None for conn in (first, second, third)] == [False, False, True]
        hello = wire.Hello(role="visitor") if make is visitor else rep_hello()
        assert say(third, hello) == [Close(4409, "TOO_MANY_CONNECTIONS")]
        first.depart()
        assert isinstance(say(third, hello)[0], Enter)


def test_what_visitors_of_one_network_do_is_counted_together_and_reps_apart():
    allowed = Allowed(messages_per_network=4, events_per_network=2, burst=60)
    limiter = Limiter(events_per_minute=120, messages_per_minute=60, allowed=allowed)

    def of_network(network: bytes, subject: uuid.UUID) -> Connection:
        conn = connection(limiter, known_as=subject)
        assert conn.arrive(network, at(0).mono) == []
        say(conn, wire.Hello(role="visitor"))
        return conn

    one, two, elsewhere = of_network(b"a", uuid7()), of_network(b"a", uuid7()), of_network(b"b", uuid7())
    seller = connection(limiter)
    seller.arrive(b"a", at(0).mono)
    say(seller, rep_hello())
    message = wire.SendMessage(session=GID, key=KEY, text="x")

    assert [type(say(conn, message)[0]) for conn in (one, two, one, two)] == [Append] * 4
    assert refusal(say(one, message)) == ("TOO_FREQUENT", KEY, GID)
    assert [type(say(conn, message)[0]) for conn in (elsewhere, seller)] == [Append] * 2
    assert [type(say(conn, wire.HelpRequested())[0]) for conn in (one, two)] == [Notice] * 2
    assert say(two, wire.HelpRequested()) == [Drop("too_frequent")]
    assert isinstance(say(elsewhere, wire.HelpRequested())[0], Notice)
    assert isinstance(say(one, message, 15)[0], Append)


def test_a_network_has_so_many_sockets_strangers_and_arrivals():
    allowed = Allowed(connections_per_network=3, strangers_per_network=2, arrivals_per_network=6, burst=60)
    limiter = Limiter(events_per_minute=120, messages_per_minute=60, allowed=allowed)
    conns = [connection(limiter, known_as=uuid7()) for _ in range(9)]

    assert [conns[0].arrive(b"a", 1000), conns[1].arrive(b"a", 1000)] == [[], []]
    assert conns[2].arrive(b"a", 1000) == [Close(4409, "TOO_MANY_STRANGERS")]
    assert conns[2].arrive(b"b", 1000) == []
    say(conns[0], wire.Hello(role="visitor"))  # a stranger no more
    assert conns[3].arrive(b"a", 1000) == []
    conns[1].depart()  # without a word
    assert conns[4].arrive(b"a", 1000) == []
    say(conns[4], wire.Hello(role="visitor"))
    assert conns[5].arrive(b"a", 1000) == [Close(4409, "TOO_MANY_CONNECTIONS")]
    conns[0].depart()
    assert conns[5].arrive(b"a", 1000) == []
    for conn in (conns[3], conns[4], conns[5]):
        conn.depart()
    assert conns[6].arrive(b"a", 1000) == []
    assert conns[7].arrive(b"a", 1000) == [Close(4429, "TOO_FREQUENT")]
    assert conns[7].arrive(b"a", 1010) == []
    assert conns[8].arrive(None, 1000) == []  # nobody knows where it comes from


ACTIONS = (Send, Close, Enter, Append, Notice, Drop, LoadEntries, Signal, MarkRead)
texts = st.text(max_size=60) | st.sampled_from([GID, PRODUCT, VARIANT, CHECKOUT, URL, "a\0b", "=", "TGl2ZVNlc3Npb246"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = [
    "session",
    "key",
    "text",
    "url",
    "title",
    "referrer",
    "product",
    "variant",
    "seconds",
    "checkout",
    "number",
    "after",
    "active",
    "sender",
    "role",
    "ticket",
    "token",
    "channel",
    "cookies",
]
kinds = ["hello", "renew", "page", "product", "dwell", "cart", "request", "send", "typing", "read", "resume", "entry"]
frames = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(kinds),
    st.dictionaries(st.sampled_from(names), values | st.uuids().map(str), max_size=6),
)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([connection, visitor, rep]),
    st.lists(st.binary(max_size=80) | texts.map(str.encode) | frames.map(msgspec.json.encode), max_size=8),
)
def test_nothing_that_a_browser_sends_raises(make, messages):
    conn = make()
    before = conn.subject
    for position, data in enumerate(messages):
        for action in conn.receive(data, at(position)):
            assert isinstance(action, ACTIONS)
            if isinstance(action, Append):
                assert action.message.sender_id == conn.subject
                action.message.text.encode()
            if isinstance(action, Notice):
                assert action.event.visitor == conn.subject
                assert not conn.rep
                wire.decode_noticed(wire.encode_noticed(action.event))
            if isinstance(action, Send):
                wire.decode_from_server(wire.encode(action.frame))
    assert before is None or conn.subject == before
