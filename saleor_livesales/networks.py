"""From which network a socket comes. Pure.

Behind a proxy every socket comes from the proxy; who is behind it stands in ``X-Forwarded-For``, to which each proxy
appends the address that it saw. Anybody can write that header, so only the part that trusted proxies wrote counts.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Range = ipaddress.IPv4Network | ipaddress.IPv6Network

IPV6_PREFIX: Final = 64  # bits: what one household or office has, and may choose from freely (RFC 6177, RFC 8981)
LOOKED_UP: Final = 1024  # addresses of which it is remembered whether they are trusted
HOPS_LIMIT: Final = 16  # entries of X-Forwarded-For that are looked at


class Proxies:
    """The proxies in front of the gateway. Raises ValueError for what is neither address nor range."""

    def __init__(self, ranges: Iterable[str]) -> None:
        self._ranges: list[Range] = [ipaddress.ip_network(text) for text in ranges]
        self._look_up = functools.lru_cache(LOOKED_UP)(self._contains)

    def _contains(self, address: Address) -> bool:
        return any(address.version == known.version and address in known for known in self._ranges)

    def client(self, peer: str, forwarded: Sequence[str]) -> Address | None:
        """The address of the client at the other end of a connection from ``peer``.

        ``forwarded`` holds the values of X-Forwarded-For, one for each time the header was sent. None: not known, for
        the proxy does not say, or what it says is no address.
        """
        address = parse(peer)
        if address is None or not self._look_up(address):
            return address
        hops = ",".join(forwarded).split(",")[-HOPS_LIMIT:]
        found = None
        for hop in reversed(hops):
            found = parse(hop)
            if found is None or not self._look_up(found):
                break
        return found


def parse(text: str) -> Address | None:
    """An address, with or without port, brackets and zone. IPv4 in IPv6's clothes is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network(address: Address) -> bytes:
    """What addresses of one network have in common: all of an IPv4 address, the first 64 bits of an IPv6 one."""
    return address.packed if address.version == 4 else address.packed[: IPV6_PREFIX // 8]
