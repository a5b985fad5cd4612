"""What a visitor did, from the frame that tells it to the event that is stored. Pure: what isn't right becomes None."""

from __future__ import annotations

import uuid
from typing import Final
from urllib.parse import urlsplit

from .. import ids, wire
from ..errors import NotFound

URL_LIMIT: Final = 2000
TITLE_LIMIT: Final = 300
ID_LIMIT: Final = 128
DWELL_LIMIT: Final = 3600


def noticed(frame: wire.Behaviour, visitor: uuid.UUID, channel: str | None, at: float) -> wire.Noticed | None:
    """The event that a behaviour frame stands for; None when something in it is not what it should be."""
    match frame:
        case wire.PageViewed(url=url, title=title, referrer=referrer) if _is_page(url):
            title = title[:TITLE_LIMIT].replace("\0", "")
            referrer = referrer if _is_page(referrer) else ""
            return wire.Noticed(
                visitor=visitor, kind="page", channel=channel, at=at, url=url, title=title, referrer=referrer
            )
        case wire.ProductViewed(product=product, variant=variant) if _is_id("Product", product):
            if variant is None or _is_id("ProductVariant", variant):
                return wire.Noticed(
                    visitor=visitor, kind="product", channel=channel, at=at, product=product, variant=variant
                )
        case wire.Dwelled(seconds=seconds) if 0 < seconds <= DWELL_LIMIT:
            return wire.Noticed(visitor=visitor, kind="dwell", channel=channel, at=at, seconds=seconds)
        case wire.CartSeen(checkout=checkout) if _is_id("Checkout", checkout):
            return wire.Noticed(visitor=visitor, kind="cart", channel=channel, at=at, checkout=checkout)
        case wire.HelpRequested():
            return wire.Noticed(visitor=visitor, kind="request", channel=channel, at=at)
    return None


def is_oversized(frame: wire.Behaviour) -> bool:
    """Whether a frame that stands for nothing is so because of its size."""
    match frame:
        case wire.PageViewed():
            return len(frame.url) > URL_LIMIT
        case wire.ProductViewed():
            return max(len(frame.product), len(frame.variant or "")) > ID_LIMIT
        case wire.CartSeen():
            return len(frame.checkout) > ID_LIMIT
        case _:
            return False


def _is_page(url: str) -> bool:
    """An address that a browser can be on. Nothing else is stored, shown or linked to."""
    if not 0 < len(url) <= URL_LIMIT or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _is_id(kind: str, value: str) -> bool:
    if len(value) > ID_LIMIT:
        return False
    try:
        return ids.from_global_id(kind, value).isprintable()
    except NotFound:
        return False
