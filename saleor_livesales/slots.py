"""How a Redis or Valkey cluster divides its keys: pure, and the same for everybody who talks to one.

Every command of ours that goes to a cluster has one key, so none needs hash tags; a pipeline is divided by node.
The rules are those of https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

COUNT: Final = 16384

Address = tuple[str, int]  # host and port


def slot(key: bytes) -> int:
    """The slot of a key, or of a channel of sharded pub/sub: CRC16 (XMODEM) of its hash tag, or of all of it."""
    if (begin := key.find(b"{")) >= 0 and (end := key.find(b"}", begin + 1)) > begin + 1:
        key = key[begin + 1 : end]
    return binascii.crc_hqx(key, 0) & (COUNT - 1)


def owners(reply: Sequence[Any], *, asked: str) -> Iterator[tuple[range, Address]]:
    """What CLUSTER SLOTS says, masters only. ``asked`` is the host that answered: it may leave out its own name."""
    for first, last, master, *_ in reply:
        host = master[0].decode() if isinstance(master[0], bytes) else master[0]
        yield range(int(first), int(last) + 1), (asked if host in (None, "", "?") else host, int(master[1]))


class Redirection(NamedTuple):
    """``MOVED``: the slot has another owner for good. ``ASK``: this key is being moved there right now."""

    kind: Literal["MOVED", "ASK"]
    address: Address


def redirection(text: str, *, asked: str) -> Redirection | None:
    """``MOVED 3999 127.0.0.1:6381``; None for any other answer."""
    kind, _, rest = text.partition(" ")
    host, colon, port = rest.rpartition(" ")[2].rpartition(":")
    if kind not in ("MOVED", "ASK") or not colon or not port.isdecimal():
        return None
    return Redirection(kind, (host or asked, int(port)))  # type: ignore[arg-type]


def seeds(url: str) -> list[str]:
    """One address or several, separated by commas, of which any may be away when a process starts."""
    return [part.strip() for part in url.split(",") if part.strip()]


def node_url(seed: str, address: Address) -> str:
    """The address of another node: same scheme, user, password and options."""
    host, port = address
    parts = urlsplit(seed)
    login, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{login}{at}{f'[{host}]' if ':' in host else host}:{port}").geturl()


def address(url: str) -> Address:
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or 6379
