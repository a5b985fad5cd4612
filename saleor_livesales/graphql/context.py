"""What our resolvers keep for the length of one request, on the host's context object."""

from __future__ import annotations

from typing import Any

from .. import shop
from ..sessions.actors import RepActor

ATTRIBUTE = "_saleor_livesales"


class RequestState:
    """The requestor, the rep that it acts as, and the batch loaders by class."""

    def __init__(self) -> None:
        self.requestor: shop.Requestor | None = None
        self.rep: RepActor | None = None
        self.loaders: dict[type, Any] = {}


def state(context: Any) -> RequestState:
    held = getattr(context, ATTRIBUTE, None)
    if held is None:
        held = RequestState()
        setattr(context, ATTRIBUTE, held)
    return held
