"""Every frame on the socket and every event on the bus, as a declared type.

Frames are JSON text with a ``type``; names are camelCase on the wire. The TypeScript types of the widget and the
console are generated from this module (``python -m tools.wire_types``), and ``make check`` fails when they drift.

What a server sends to a browser is also what travels on the bus between processes: a gateway forwards a bus payload
to the sockets of its channel byte for byte. Ids are global ids (see ``ids``); moments are RFC 3339 in UTC; money is a
decimal string with its currency beside it.
"""

from __future__ import annotations

import uuid
from typing import Literal

import msgspec

Sender = Literal["visitor", "rep", "system"]
SessionState = Literal["requested", "queued", "ringing", "active", "on_hold", "ended"]
Form = Literal["chat", "audio", "video"]


class Frame(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", omit_defaults=True):
    """Base of all frames. Unknown fields are ignored, unknown types refused."""


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Base of what stands inside frames."""


class Picture(Part, frozen=True):
    """What a message carries instead of, or beside, words. Pixels, so that its room is kept before it is loaded."""

    id: str  # LivePicture
    width: int
    height: int


# Browser to gateway


class Hello(Frame, frozen=True, tag="hello"):
    """The first frame, within five seconds. A rep shows a ticket; a visitor may show the token its storage keeps."""

    role: Literal["visitor", "rep"]
    ticket: str | None = None
    token: str | None = None
    channel: str | None = None  # slug
    cookies: bool = True  # False: the browser keeps no cookie, send the token in Welcome


class Renew(Frame, frozen=True, tag="renew"):
    """A fresh ticket for a rep's open socket."""

    ticket: str


class PageViewed(Frame, frozen=True, tag="page"):
    url: str
    title: str = ""
    referrer: str = ""


class ProductViewed(Frame, frozen=True, tag="product"):
    """A product page. The price is looked up in the shop; the browser is never asked."""

    product: str
    variant: str | None = None


class Dwelled(Frame, frozen=True, tag="dwell"):
    """Time spent on the current page since the last such frame."""

    seconds: int


class CartSeen(Frame, frozen=True, tag="cart"):
    """A checkout id: a hint, which the server checks and ties to the first visitor who brought it."""

    checkout: str


class HelpRequested(Frame, frozen=True, tag="request"):
    """The visitor asked for help."""


class SendMessage(Frame, frozen=True, tag="send"):
    session: str
    key: uuid.UUID  # the sender's own; sent again unchanged until it is acknowledged
    text: str


class Typing(Frame, frozen=True, tag="typing"):
    """Both ways. ``sender`` is filled in by the gateway."""

    session: str
    active: bool = True
    sender: Sender | None = None


class Read(Frame, frozen=True, tag="read"):
    """Both ways. The number up to which the sender has seen the session."""

    session: str
    number: int
    sender: Sender | None = None


class Resume(Frame, frozen=True, tag="resume"):
    """Asks for every entry of a session after this number."""

    session: str
    after: int = 0


FromBrowser = (
    Hello
    | Renew
    | PageViewed
    | ProductViewed
    | Dwelled
    | CartSeen
    | HelpRequested
    | SendMessage
    | Typing
    | Read
    | Resume
)
Behaviour = PageViewed | ProductViewed | Dwelled | CartSeen | HelpRequested


# Gateway to browser, and the bus


class Welcome(Frame, frozen=True, tag="welcome"):
    """Answers Hello. A visitor gets a ticket for GraphQL, and its token where no cookie can keep it."""

    id: str  # LiveVisitor or LiveRep
    expires_at: str
    ticket: str | None = None
    token: str | None = None
    message_limit: int = 4000


class Renewed(Frame, frozen=True, tag="renewed"):
    """A fresh ticket, sent to visitors before the old one ends, and the answer to Renew."""

    expires_at: str
    ticket: str | None = None


class Ack(Frame, frozen=True, tag="ack"):
    """The message is committed under this number."""

    session: str
    key: uuid.UUID
    number: int
    at: str


class Entry(Frame, frozen=True, tag="entry"):
    """One numbered line of a session: a message, a change of its state, or a notice to both.

    ``data`` of a state entry: ``{"from", "to", "reason"?, "repName"?, "form"}``; of a notice: ``{"notice": "ends",
    "endsAt", "reason"}``, taken back by ``{"notice": "goes_on"}``. The text of a message with a
    ``picture`` is its caption, which may be empty.
    """

    session: str
    number: int
    kind: Literal["message", "state", "notice"]
    sender: Sender
    at: str
    text: str = ""
    key: uuid.UUID | None = None
    data: dict[str, str] = {}
    picture: Picture | None = None


class Resumed(Frame, frozen=True, tag="resumed"):
    """Answers Resume: a page of entries in order; ``more`` says to ask again after the last."""

    session: str
    entries: list[Entry]
    last_number: int
    more: bool = False


class OfferMade(Frame, frozen=True, tag="offer"):
    """Help is offered to this visitor. The rep is the one who would be asked at the moment of this frame."""

    id: str
    forms: list[Form]
    greeting: str
    expires_at: str
    product: str | None = None
    rep_name: str | None = None
    rep_avatar_url: str | None = None


class OfferClosed(Frame, frozen=True, tag="offerClosed"):
    """The offer was answered elsewhere, ran out, or was withdrawn."""

    id: str
    reason: Literal["accepted", "declined", "expired", "withdrawn"]


class SessionChanged(Frame, frozen=True, tag="session"):
    """To the two who take part: the session as it is now."""

    id: str
    state: SessionState
    form: Form
    last_number: int
    rep_name: str | None = None
    rep_avatar_url: str | None = None  # address of a picture
    position: int | None = None  # in the queue, from 1
    expected_wait: int | None = None  # seconds; None where nothing true can be said
    due_at: str | None = None
    reason: str | None = None  # why it ended


class Rated(Frame, frozen=True, tag="rated"):
    """To the two who took part: what the visitor thought of a session that is over. No score: it will not say."""

    session: str
    score: int | None = None  # 1 to 5
    comment: str = ""


class QueueChanged(Frame, frozen=True, tag="queue"):
    """To all reps: a session entered, moved in, or left the queue. Refetch ``liveSessions``."""

    id: str
    state: SessionState
    channel: str


class VisitorChanged(Frame, frozen=True, tag="visitor"):
    """To all reps: a visitor arrived, moved, or left. Refetch the entry from ``liveVisitors``."""

    id: str
    channel: str
    online: bool


class RepChanged(Frame, frozen=True, tag="rep"):
    """To all reps: somebody's presence or load changed."""

    id: str
    status: Literal["online", "away", "offline"]


class Refused(Frame, frozen=True, tag="error"):
    """A frame was refused. ``key`` and ``session`` repeat those of the refused frame."""

    code: str
    message: str
    session: str | None = None
    key: uuid.UUID | None = None


class Resync(Frame, frozen=True, tag="resync"):
    """Something may have been missed: resume each open session and refetch lists, within some seconds by chance."""


ToBrowser = (
    Welcome
    | Renewed
    | Ack
    | Entry
    | Resumed
    | OfferMade
    | OfferClosed
    | SessionChanged
    | Rated
    | QueueChanged
    | VisitorChanged
    | RepChanged
    | Refused
    | Typing
    | Read
    | Resync
)

_encoder = msgspec.json.Encoder()
_browser_decoder = msgspec.json.Decoder(FromBrowser)
_server_decoder = msgspec.json.Decoder(ToBrowser)


def encode(frame: Frame) -> bytes:
    """The frame as UTF-8 JSON."""
    return _encoder.encode(frame)


def decode_from_browser(data: bytes) -> FromBrowser:
    """Raises msgspec.DecodeError (its subclass ValidationError for a wrong shape), or UnicodeDecodeError; both are
    ValueErrors."""
    return _browser_decoder.decode(data)


def decode_from_server(data: bytes) -> ToBrowser:
    """For clients in Python: tests, benchmarks, bots. Raises msgspec.DecodeError."""
    return _server_decoder.decode(data)


# The event streams: browser to decider, and Saleor's hooks to decider


class Noticed(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One event on a visitor's stream, field ``d`` of a Redis stream entry. The entry id orders it.

    ``kind``: ``arrive`` and ``leave`` (socket opened, last socket closed), ``beat`` (still there), ``page``,
    ``product``, ``dwell``, ``cart``, ``request`` from the gateway; ``checkout``, ``purchase``, ``account`` from shop;
    ``answered`` when an offer was answered, ``session`` when a session changed state.
    """

    visitor: uuid.UUID
    kind: str
    channel: str | None = None
    at: float = 0.0  # Unix seconds, the gateway's clock
    url: str = ""
    title: str = ""
    referrer: str = ""
    product: str | None = None
    variant: str | None = None
    checkout: str | None = None
    seconds: int = 0
    data: dict[str, str] = {}


class ShopNoticed(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One event on the shop's stream: a hook of the first lane. ``kind``: ``checkout``, ``product``, ``variant``."""

    kind: str
    id: str
    at: float = 0.0


_noticed_decoder = msgspec.json.Decoder(Noticed)
_shop_noticed_decoder = msgspec.json.Decoder(ShopNoticed)


def decode_noticed(data: bytes) -> Noticed:
    return _noticed_decoder.decode(data)


def decode_shop_noticed(data: bytes) -> ShopNoticed:
    return _shop_noticed_decoder.decode(data)


def encode_noticed(event: Noticed | ShopNoticed) -> bytes:
    return _encoder.encode(event)
