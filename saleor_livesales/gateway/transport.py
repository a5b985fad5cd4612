"""What carries the protocol: picows, or uvicorn (ASGI) where picows can't run. Only the chosen one is imported.

A transport turns frames into calls of a ``Connection`` and keeps the bounds that it alone can see: sizes of frames and
fragments, a reader that is too slow. Whom it lets in is told by ``admission``; what follows is the hub's business.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final, Protocol

from ..conf import Misconfigured
from .hub import Hub

CLOSE_PATIENCE: Final = 1.0  # seconds for the other side to answer a close
BACKLOG: Final = 4096  # connections that wait to be accepted


class Listener(Protocol):
    """Where sockets are accepted."""

    @property
    def address(self) -> tuple[str, int]: ...

    def close(self) -> None:
        """Accepts nothing more. Open sockets stay."""

    async def stop(self) -> None:
        """Ends what is left, after the sockets."""


async def listen(hub: Hub) -> Listener:
    """Accepts sockets on the gateway's address, at the path that browsers are told.

    Raises OSError: the address is taken, and Misconfigured: see ``load``.
    """
    listener: Listener = await load(hub.settings.gateway_transport).listen(hub)
    return listener


def load(name: str) -> Any:
    """The module of a transport. Raises Misconfigured where what it needs is not installed."""
    try:
        return import_module(f"{__package__}.transport_{name}")
    except ImportError as error:
        if name == "asgi":
            raise Misconfigured(
                "The ASGI transport needs uvicorn 0.42 or newer and websockets "
                f"({error}): pip install 'saleor-livesales[asgi]', or use LIVESALES_GATEWAY_TRANSPORT=picows."
            ) from None
        raise Misconfigured(
            f"picows can't be used here ({error}). Set LIVESALES_GATEWAY_TRANSPORT=asgi to serve by uvicorn."
        ) from None
