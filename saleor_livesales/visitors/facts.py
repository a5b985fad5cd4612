"""What is known of one visitor, and how one event changes it. Pure: no clock, no database, no Django.

Facts carry the id of the last event that was applied, so that a stream delivered twice changes nothing. Everything in
them is bounded: a visitor who sends nonsense for a year has facts of a few kilobytes.
"""

from __future__ import annotations

import hashlib
import uuid
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from ..wire import Noticed

TRAIL_LENGTH: Final = 20  # pages kept of a visit
MAX_URL: Final = 2000
MAX_TITLE: Final = 300
MAX_ID: Final = 128  # of the shop's global ids
MAX_CHANNEL: Final = 255
MAX_DWELL: Final = 3600  # seconds that one report may claim
MAX_SKEW: Final = 300.0  # seconds by which an event's clock may be ahead of the stream's

NO_EVENT: Final = "0-0"
PRESENT: Final = frozenset(
    {"arrive", "beat", "page", "product", "dwell", "cart", "request"}
)  # only a browser sends them


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of the trail. ``seconds`` is the time the visitor was seen to spend on it, ``product`` its last."""

    url: str
    title: str = ""
    at: float = 0.0
    seconds: int = 0
    product: str | None = None
    variant: str | None = None


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop says an item or a cart is worth now. ``amount`` None: the shop knows no price."""

    amount: Decimal | None
    currency: str


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What PostgreSQL says about the visitor's offers and sessions. Moments are Unix seconds."""

    open_session: bool = False
    open_offer: bool = False
    last_offer_at: float = 0.0
    last_refusal_at: float = 0.0  # when an offer was declined, or ran out
    last_refusal: str = ""  # declined, expired
    blocked: bool = False
    last_session_at: float = 0.0  # when one ended
    arrangement: str = ""  # of its plan, where that has one of its own: request, offer or connect
    codes: tuple[str, ...] = ()  # channels for which a sign-in code was shown; "" stands for all


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Moments are Unix seconds, durations seconds, ids the shop's. ``visit`` is None before the first page."""

    visitor: uuid.UUID
    last_event_id: str = NO_EVENT
    visit: uuid.UUID | None = None
    visits: int = 0
    first_seen_at: float = 0.0
    started_at: float = 0.0
    last_seen_at: float = 0.0
    online: bool = False
    channel: str = ""
    referrer: str = ""  # of the visit's first page
    page_url: str = ""
    page_title: str = ""
    pages: int = 0  # of the visit; the trail keeps the last ones
    trail: tuple[Page, ...] = ()
    dwell: int = 0  # of the visit
    product: str | None = None
    variant: str | None = None
    product_dwell: int = 0  # on the current product
    checkout: str | None = None
    requested_at: float = 0.0
    purchases: int = 0
    purchased_at: float = 0.0
    known: bool = False  # the browser showed a cookie or token of ours when it came
    ignored: int = 0  # events with data that made no sense
    item: Worth | None = None
    cart: Worth | None = None
    standing: Standing = Standing()
    decided: str = ""  # "rule:reason" of the last decision that was written


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Facts)


def encode(facts: Facts) -> bytes:
    return _encoder.encode(facts)


def decode(data: bytes | str) -> Facts:
    """Raises msgspec.DecodeError for what an incompatible version wrote."""
    return _decoder.decode(data)


def event_order(event_id: str) -> tuple[int, int]:
    """A Redis stream id (``milliseconds-sequence``) as something that compares. Raises ValueError."""
    moment, _, sequence = event_id.partition("-")
    return int(moment), int(sequence or 0)


def applied(facts: Facts, event_id: str) -> bool:
    """Whether the event is already in the facts."""
    return event_order(event_id) <= event_order(facts.last_event_id)


def visit_id(visitor: uuid.UUID, event_id: str) -> uuid.UUID:
    """The id of the visit that this event begins: a version 7 UUID, the same each time the event is applied."""
    moment, _ = event_order(event_id)
    tail = int.from_bytes(hashlib.sha256(visitor.bytes + event_id.encode()).digest()[:10], "big")
    value = (moment & (1 << 48) - 1) << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def clean(text: str, limit: int) -> str:
    """Text as PostgreSQL and a page can take it: without NUL and lone surrogates, cut to ``limit`` characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()[:limit]


def _valid_id(value: str | None) -> bool:
    return value is None or (0 < len(value) <= MAX_ID and value.isascii() and value.isprintable())


def _valid(event: Noticed) -> bool:
    """Whether an event's data can be true. What is too long but harmless (a title) is cut instead."""
    if not all(map(_valid_id, (event.product, event.variant, event.checkout))):
        return False
    if event.channel is not None and (len(event.channel) > MAX_CHANNEL or not event.channel.isprintable()):
        return False
    if not 0 <= event.at < 1e11:
        return False
    if event.kind == "page":
        return bool(clean(event.url, MAX_URL))
    if event.kind == "product":
        return event.product is not None
    if event.kind == "dwell":
        return 0 < event.seconds <= MAX_DWELL
    if event.kind == "cart":
        return event.checkout is not None
    return event.kind in PRESENT or event.kind in _CHANGES or event.kind in {"leave", "answered", "session", "account"}


def _page(facts: Facts, event: Noticed, at: float) -> Facts:
    url, title = clean(event.url, MAX_URL), clean(event.title, MAX_TITLE)
    if url == facts.page_url and facts.trail:  # a reload, or only the title changed
        last = replace(facts.trail[-1], title=title)
        return replace(facts, page_title=title, trail=(*facts.trail[:-1], last))
    return replace(
        facts,
        page_url=url,
        page_title=title,
        referrer=facts.referrer if facts.pages else clean(event.referrer, MAX_URL),
        pages=facts.pages + 1,
        trail=(*facts.trail, Page(url=url, title=title, at=at))[-TRAIL_LENGTH:],
        product=None,
        variant=None,
        product_dwell=0,
        item=None,
    )


def _product(facts: Facts, event: Noticed, at: float) -> Facts:
    same = event.product == facts.product
    trail = facts.trail
    if trail:
        trail = (*trail[:-1], replace(trail[-1], product=event.product, variant=event.variant))
    return replace(
        facts,
        trail=trail,
        product=event.product,
        variant=event.variant,
        product_dwell=facts.product_dwell if same else 0,
        item=facts.item if same and event.variant == facts.variant else None,
    )


def _dwell(facts: Facts, event: Noticed, at: float) -> Facts:
    trail = facts.trail
    if trail:
        trail = (*trail[:-1], replace(trail[-1], seconds=trail[-1].seconds + event.seconds))
    product_dwell = facts.product_dwell + event.seconds if facts.product else 0
    return replace(facts, dwell=facts.dwell + event.seconds, product_dwell=product_dwell, trail=trail)


def _cart(facts: Facts, event: Noticed, at: float) -> Facts:
    return replace(facts, checkout=event.checkout, cart=facts.cart if event.checkout == facts.checkout else None)


def _arrive(facts: Facts, event: Noticed, at: float) -> Facts:
    return replace(facts, known=facts.known or "known" in event.data)


def _request(facts: Facts, event: Noticed, at: float) -> Facts:
    return replace(facts, requested_at=at)


def _purchase(facts: Facts, event: Noticed, at: float) -> Facts:
    """The checkout became an order: the cart is empty now."""
    return replace(facts, purchases=facts.purchases + 1, purchased_at=at, checkout=None, cart=None)


def _checkout(facts: Facts, event: Noticed, at: float) -> Facts:
    """The shop says that the visitor's checkout changed; only the claimed one is ever reported."""
    return facts if event.checkout is None else replace(facts, checkout=event.checkout)


_CHANGES: Final = {
    "arrive": _arrive,
    "page": _page,
    "product": _product,
    "dwell": _dwell,
    "cart": _cart,
    "request": _request,
    "purchase": _purchase,
    "checkout": _checkout,
}


def _begin(facts: Facts, event_id: str, at: float) -> Facts:
    """A new visit. What belongs to the visitor stays; what belonged to the last visit goes."""
    return Facts(
        visitor=facts.visitor,
        visit=visit_id(facts.visitor, event_id),
        visits=facts.visits + 1,
        first_seen_at=facts.first_seen_at or at,
        started_at=at,
        channel=facts.channel,
        checkout=facts.checkout,
        purchases=facts.purchases,
        purchased_at=facts.purchased_at,
        known=facts.known,
        ignored=facts.ignored,
        standing=facts.standing,
    )


def apply(facts: Facts, event: Noticed, event_id: str, *, visit_gap: float = 1800) -> Facts:
    """The facts after this event. An event that was applied before changes nothing; one that makes no sense is counted.

    ``event_id`` is the Redis stream id and orders the events of a visitor. After ``visit_gap`` seconds of silence the
    next sign of the visitor begins a new visit. What the shop or a session reports begins none.
    """
    if applied(facts, event_id):
        return facts
    if not _valid(event):
        return replace(facts, ignored=facts.ignored + 1, last_event_id=event_id)
    arrived = event_order(event_id)[0] / 1000
    at = event.at if 0 < event.at <= arrived + MAX_SKEW else arrived
    if event.kind in PRESENT:
        if facts.visit is None or at - facts.last_seen_at > visit_gap:
            facts = _begin(facts, event_id, at)
        facts = replace(
            facts,
            online=True,
            last_seen_at=max(at, facts.last_seen_at),
            channel=facts.channel if event.channel is None else event.channel,
        )
    elif event.kind == "leave":
        facts = replace(facts, online=False)
    if change := _CHANGES.get(event.kind):
        facts = change(facts, event, at)
    return replace(facts, last_event_id=event_id)
