"""Identity, rates and presence: decisions without effects."""

import datetime

import pytest

from saleor_livesales.gateway import identity
from saleor_livesales.gateway.presence import Presence
from saleor_livesales.gateway.rates import Bucket, Limiter
from saleor_livesales.ids import uuid7
from saleor_livesales.tokens import Signer

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SIGNER = Signer({"k1": "a" * 48})
SAME = {"Origin": "https://shop.example", "Sec-Fetch-Site": "same-site"}


def shake(headers, now=NOW, signer=SIGNER):
    return identity.shake_hands(headers, signer=signer, cookie_name="livesales", secure=True, now=now)


@pytest.mark.parametrize(
    ("origin", "allowed", "expected"),
    [
        ("https://shop.example", ["*"], True),
        (None, ["*"], True),
        ("https://shop.example", ["https://shop.example"], True),
        ("https://SHOP.example", ["https://shop.example/"], True),
        (None, ["https://shop.example"], False),
        ("null", ["https://shop.example"], False),
        ("http://shop.example", ["https://shop.example"], False),
        ("https://shop.example:8443", ["https://shop.example"], False),
        ("https://shop.example.evil", ["https://shop.example"], False),
        ("https://shop.example", [], False),
    ],
)
def test_origins(origin, allowed, expected):
    assert identity.origin_allowed(origin, allowed) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://a.example", "Host": "a.example"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://a.example", "Host": "a.example:8400"}, True),
        ({"Origin": "https://a.example", "Host": "b.example"}, False),
        ({"Origin": "null", "Host": "a.example"}, False),
        ({"Origin": "http://[", "Host": "a.example"}, False),
        ({"Host": "a.example"}, False),
        ({}, False),
    ],
)
def test_which_handshakes_share_a_site(headers, expected):
    assert identity.shares_site(headers) is expected


def test_a_new_visitor_gets_a_cookie_that_makes_it_known():
    first = shake(SAME)
    name_and_value = first.cookie.partition(";")[0]

    again = shake({**SAME, "Cookie": f"a=b; livesales=broken; {name_and_value}"}, NOW + datetime.timedelta(days=29))

    assert first.known == ""
    assert first.cookie.endswith("; Max-Age=34560000; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert (again.visitor_id, again.known, again.cookie) == (first.visitor_id, "cookie", None)


def test_a_cookie_is_set_anew_after_a_month_and_for_the_same_visitor():
    first = shake(SAME)
    later = NOW + datetime.timedelta(days=31)

    again = shake({**SAME, "Cookie": first.cookie.partition(";")[0]}, later)

    assert again.visitor_id == first.visitor_id
    subject, expires = SIGNER.verify(again.cookie.partition(";")[0].partition("=")[2], kind="visitor", now=later)
    assert (subject, expires) == (first.visitor_id, later + datetime.timedelta(days=400))


@pytest.mark.parametrize("days", [401, 5000])
def test_an_expired_cookie_makes_nobody_known(days):
    first = shake(SAME)

    again = shake({**SAME, "Cookie": first.cookie.partition(";")[0]}, NOW + datetime.timedelta(days=days))

    assert (again.known, again.visitor_id == first.visitor_id) == ("", False)


def test_on_another_site_no_cookie_is_set():
    assert shake({"Sec-Fetch-Site": "cross-site"}).cookie is None


@pytest.mark.parametrize(
    ("same_site", "cookies", "shown", "known", "given"),
    [
        (True, True, None, "", False),
        (True, False, None, "", True),
        (False, True, None, "", True),
        (False, True, "own", "token", True),
        (True, True, "own", "token", True),
        (True, True, "ticket", "", False),
        (False, True, "forged", "", True),
        (False, True, "", "", True),
    ],
)
def test_who_keeps_the_identity(same_site, cookies, shown, known, given):
    fresh, own = uuid7(), uuid7()
    token = {
        "own": SIGNER.sign(kind="visitor", subject=own, now=NOW),
        "ticket": SIGNER.sign(kind="visitor-ticket", subject=own, now=NOW),
        "forged": Signer({"k1": "b" * 48}).sign(kind="visitor", subject=own, now=NOW),
    }.get(shown, shown)
    handshake = identity.Handshake(visitor_id=fresh, known="", same_site=same_site, cookie=None)

    found = identity.identify(handshake, token=token, cookies=cookies, signer=SIGNER, now=NOW)

    assert (found.visitor_id, found.known) == (own if known else fresh, known)
    if given:
        assert SIGNER.verify(found.token, kind="visitor", now=NOW)[0] == found.visitor_id
    else:
        assert found.token is None


def test_a_bucket_lets_bursts_pass_and_fills_again():
    bucket = Bucket(60, now=0.0)

    assert [bucket.take(0.0) for _ in range(31)] == [True] * 30 + [False]
    assert [bucket.take(2.0) for _ in range(3)] == [True, True, False]
    assert not bucket.is_full(20.0)
    assert bucket.is_full(32.0)


def test_a_limiter_forgets_only_who_has_nothing_left_to_regain():
    limiter = Limiter(events_per_minute=60, messages_per_minute=60)
    busy, idle = uuid7(), uuid7()
    limiter.of(busy, rep=False, now=0.0).messages.take(0.0)
    limiter.of(idle, rep=False, now=0.0)

    limiter.forget(0.5)
    assert len(limiter) == 1
    limiter.forget(1.0)
    assert len(limiter) == 0


def test_how_much_may_come_at_once_is_a_setting():
    short, long = Bucket(60, now=0.0, burst=2.0), Bucket(60, now=0.0, burst=300.0)

    assert [short.take(0.0) for _ in range(3)] == [True, True, False]
    assert [long.take(0.0) for _ in range(301)] == [True] * 300 + [False]
    assert Bucket(1, now=0.0, burst=1.0).take(0.0)


def test_who_is_here_is_never_forgotten_and_who_left_keeps_an_empty_bucket_for_a_while():
    limiter = Limiter(events_per_minute=60, messages_per_minute=60)
    subject = uuid7()
    rates = limiter.enter(subject, rep=False, now=0.0)

    limiter.forget(1000.0)
    assert limiter.of(subject, rep=False, now=1000.0) is rates
    for _ in range(30):
        rates.messages.take(1000.0)
    limiter.leave(subject)
    limiter.forget(1001.0)
    again = limiter.enter(subject, rep=False, now=1001.0)
    assert again is rates
    assert [again.messages.take(1001.0) for _ in range(2)] == [True, False]


def test_strangers_under_ever_new_names_and_addresses_cannot_fill_the_memory():
    limiter = Limiter(events_per_minute=60, messages_per_minute=60, remembered=100)
    stays = limiter.enter(uuid7(), rep=False, now=0.0)
    home = limiter.arrive(b"home", now=0.0)

    for number in range(10_000):
        subject, network = uuid7(), number.to_bytes(4, "big")
        limiter.enter(subject, rep=False, now=0.0)
        limiter.leave(subject)
        rates = limiter.arrive(network, now=0.0)
        limiter.introduce(rates)
        limiter.depart(rates)

    assert len(limiter) == 202
    assert (stays.sockets, home.sockets, home.strangers) == (1, 1, 1)
    assert limiter.network(b"home", now=0.0) is home


def test_presence_counts_sockets_and_waits_before_it_says_goodbye():
    presence, visitor = Presence(), uuid7()

    presence.enter(visitor, "eu", 0.0)
    presence.enter(visitor, "eu", 1.0)
    presence.leave(visitor, 2.0)
    assert presence.gone(60.0) == []
    presence.leave(visitor, 3.0)
    assert presence.gone(5.9) == []
    presence.enter(visitor, "eu", 5.9)  # the next page of the shop
    assert presence.gone(60.0) == []
    presence.leave(visitor, 61.0)
    assert presence.gone(64.0) == [(visitor, "eu")]
    assert len(presence) == 0


def test_a_visitor_gives_a_sign_of_life_every_25_seconds_while_there():
    presence, one, two = Presence(), uuid7(), uuid7()
    presence.enter(one, "eu", 0.0)
    presence.enter(two, None, 10.0)

    assert presence.beats(24.9) == []
    assert presence.beats(25.0) == [(one, "eu")]
    assert presence.beats(36.0) == [(two, None)]
    presence.leave(one, 40.0)
    assert presence.beats(50.0) == []
    presence.gone(50.0)
    assert presence.beats(100.0) == [(two, None)]


def test_after_redis_was_away_everybody_gives_a_sign_of_life_soon_and_not_all_at_once():
    presence, visitors = Presence(), [uuid7() for _ in range(4)]
    for visitor in visitors:
        presence.enter(visitor, "eu", 0.0)

    presence.hasten(10.0, within=4.0)

    assert presence.beats(10.0) == [(visitors[0], "eu")]
    assert presence.beats(12.0) == [(visitors[1], "eu"), (visitors[2], "eu")]
    assert presence.beats(14.0) == [(visitors[3], "eu")]
    assert presence.beats(34.9) == []
    assert presence.beats(35.0) == [(visitors[0], "eu")]
