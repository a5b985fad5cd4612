"""How events change facts. Pure."""

from __future__ import annotations

import uuid

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_livesales.visitors import facts
from saleor_livesales.visitors.facts import TRAIL_LENGTH, Facts, Page, apply
from saleor_livesales.wire import Noticed

VISITOR = uuid.UUID("01900000-0000-7000-8000-000000000001")
START = 1_800_000_000
LAMP, CHAIR = "UHJvZHVjdDox", "UHJvZHVjdDoy"


def event_id(seconds: float, sequence: int = 0) -> str:
    return f"{int((START + seconds) * 1000)}-{sequence}"


def event(kind: str, when: float, /, **data: object) -> Noticed:
    return Noticed(visitor=VISITOR, kind=kind, at=START + when, **data)  # type: ignore[arg-type]


def after(*events: tuple[float, str, dict]) -> Facts:
    known = Facts(visitor=VISITOR)
    for sequence, (seconds, kind, data) in enumerate(events):
        known = apply(known, event(kind, seconds, **data), event_id(seconds, sequence))
    return known


def test_a_visit_from_arrival_to_product() -> None:
    known = after(
        (0, "arrive", {"channel": "default-channel"}),
        (1, "page", {"url": "https://shop.example/", "title": "Home", "referrer": "https://search.example/"}),
        (8, "dwell", {"seconds": 7}),
        (9, "page", {"url": "https://shop.example/lamp", "title": "Lamp"}),
        (9, "product", {"product": LAMP}),
        (29, "dwell", {"seconds": 20}),
    )

    assert known.visit == facts.visit_id(VISITOR, event_id(0, 0))
    assert (known.visits, known.online, known.channel) == (1, True, "default-channel")
    assert (known.started_at, known.last_seen_at) == (START, START + 29)
    assert (known.page_url, known.page_title, known.pages) == ("https://shop.example/lamp", "Lamp", 2)
    assert known.referrer == "https://search.example/"
    assert (known.product, known.dwell, known.product_dwell) == (LAMP, 27, 20)
    assert known.trail == (
        Page(url="https://shop.example/", title="Home", at=START + 1, seconds=7),
        Page(url="https://shop.example/lamp", title="Lamp", at=START + 9, seconds=20, product=LAMP),
    )
    assert known.last_event_id == event_id(29, 5)


def test_another_page_is_no_product_page_until_it_says_so() -> None:
    known = after(
        (0, "page", {"url": "/lamp"}),
        (0, "product", {"product": LAMP}),
        (5, "page", {"url": "/lamp", "title": "now with a title"}),
    )
    assert (known.product, known.page_title, known.pages) == (LAMP, "now with a title", 1)

    known = apply(known, event("page", 6, url="/about"), event_id(6))
    assert (known.product, known.item, known.product_dwell) == (None, None, 0)


def test_a_page_of_the_trail_keeps_its_product_and_what_an_earlier_version_wrote_is_read() -> None:
    known = after(
        (0, "page", {"url": "/lamp"}),
        (1, "product", {"product": LAMP, "variant": "v1"}),
        (2, "page", {"url": "/lamp", "title": "A lamp"}),
        (3, "page", {"url": "/about"}),
    )
    assert [(page.url, page.title, page.product, page.variant) for page in known.trail] == [
        ("/lamp", "A lamp", LAMP, "v1"),
        ("/about", "", None, None),
    ]
    assert facts.decode(facts.encode(known)) == known
    old = facts.decode(b'{"visitor":"%s","trail":[{"url":"/lamp","at":5.0}]}' % str(VISITOR).encode())
    assert old.trail == (Page(url="/lamp", at=5.0),)


def test_the_trail_is_bounded_and_the_count_is_not() -> None:
    known = after(*((n, "page", {"url": f"/{n}"}) for n in range(50)))

    assert known.pages == 50
    assert [page.url for page in known.trail] == [f"/{n}" for n in range(50 - TRAIL_LENGTH, 50)]


@pytest.mark.parametrize(("silence", "visits", "pages"), [(1800, 1, 2), (1800.5, 2, 1)])
def test_a_visit_ends_after_the_gap(silence: float, visits: int, pages: int) -> None:
    known = after(
        (0, "page", {"url": "/a"}), (0, "cart", {"checkout": "Q2hlY2tvdXQ6MQ=="}), (silence, "page", {"url": "/b"})
    )

    assert (known.visits, known.pages, known.first_seen_at) == (visits, pages, START)
    assert known.checkout == "Q2hlY2tvdXQ6MQ=="  # the cart outlives the visit
    assert known.started_at == (START if visits == 1 else START + silence)


@pytest.mark.parametrize("kind", ["purchase", "checkout", "account", "session", "answered", "leave"])
def test_what_the_shop_reports_begins_no_visit(kind: str) -> None:
    known = after((0, kind, {}))

    assert (known.visit, known.visits, known.online, known.last_seen_at) == (None, 0, False, 0.0)


def test_leaving_and_coming_back() -> None:
    known = after((0, "arrive", {}), (5, "leave", {}))
    assert (known.online, known.last_seen_at) == (False, START)

    known = apply(known, event("arrive", 7, data={"known": "cookie"}), event_id(7))
    assert (known.online, known.visits, known.known) == (True, 1, True)


def test_a_purchase_empties_the_cart() -> None:
    known = after((0, "cart", {"checkout": "Q2hlY2tvdXQ6MQ=="}), (9, "purchase", {}))

    assert (known.checkout, known.cart, known.purchases, known.purchased_at) == (None, None, 1, START + 9)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("page", {"url": ""}),
        ("page", {"url": "\0"}),
        ("product", {}),
        ("product", {"product": ""}),
        ("product", {"product": "x" * 129}),
        ("product", {"product": "a\nb"}),
        ("product", {"product": "Äpfel"}),
        ("product", {"product": LAMP, "variant": "\0"}),
        ("dwell", {"seconds": 0}),
        ("dwell", {"seconds": -5}),
        ("dwell", {"seconds": 3601}),
        ("cart", {}),
        ("cart", {"checkout": " \t"}),
        ("arrive", {"channel": "x" * 256}),
        ("arrive", {"channel": "a\0b"}),
        ("teleport", {}),
    ],
)
def test_nonsense_is_counted_and_changes_nothing_else(kind: str, data: dict) -> None:
    before = after((0, "page", {"url": "/lamp"}))

    known = apply(before, event(kind, 1, **data), event_id(1))

    assert known == msgspec.structs.replace(before, ignored=1, last_event_id=event_id(1))


def test_a_clock_that_is_ahead_is_not_believed() -> None:
    known = apply(Facts(visitor=VISITOR), event("arrive", 86_400), event_id(3))

    assert known.last_seen_at == START + 3


def test_what_is_too_long_is_cut_and_stays_storable() -> None:
    known = after((0, "page", {"url": "/" + "u" * 5000, "title": "t\0" * 500}))

    assert (len(known.page_url), len(known.page_title)) == (2000, 300)
    assert "\0" not in known.page_title


_ids = st.sampled_from([LAMP, CHAIR, None, "", "x" * 200, "\0"])
_events = st.builds(
    lambda kind, at, url, title, product, checkout, seconds, channel: Noticed(
        visitor=VISITOR, kind=kind, at=at, url=url, title=title, product=product, checkout=checkout, seconds=seconds,
        channel=channel,
    ),
    kind=st.sampled_from([*facts.PRESENT, "leave", "purchase", "checkout", "session", "answered", "account", "?"]),
    at=st.one_of(st.just(0.0), st.floats(START - 9999, START + 9999), st.floats()),
    url=st.text(max_size=20),
    title=st.text(max_size=20),
    product=_ids,
    checkout=_ids,
    seconds=st.integers(-10, 5000),
    channel=st.sampled_from([None, "default-channel", "channel-pln", "\0"]),
)  # fmt: skip
_streams = st.lists(st.tuples(st.integers(0, 4000), _events), max_size=40).map(
    lambda found: [
        (event_id(seconds, number), entry)
        for number, (seconds, entry) in enumerate(sorted(found, key=lambda pair: pair[0]))
    ]
)


@given(stream=_streams, again=st.data())
@settings(max_examples=150, deadline=None)
def test_redelivery_changes_nothing(stream: list[tuple[str, Noticed]], again: st.DataObject) -> None:
    """However a stream is cut and repeated, as long as nothing is skipped the facts are those of one pass."""
    once = Facts(visitor=VISITOR)
    for key, entry in stream:
        once = apply(once, entry, key)

    known, position = Facts(visitor=VISITOR), 0
    while position < len(stream):
        start = again.draw(st.integers(0, position))
        position = again.draw(st.integers(position + 1, len(stream)))
        for key, entry in stream[start:position]:
            known = apply(known, entry, key)

    assert known == once
    assert facts.decode(facts.encode(known)) == known
    assert len(known.trail) <= TRAIL_LENGTH
