"""Measures the bus: now and then a message of our own through Redis, as a socket of the hub hears it.

A stamp on each message would cost each message something; this costs nothing where it matters.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from .. import bus
from .hub import Hub

PROBE_EVERY: Final = 5.0  # seconds


class Probe:
    """Stands among the sockets of a channel that nobody else knows."""

    waiting = None

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sent: dict[bytes, float] = {}
        self._clock = asyncio.get_running_loop().time
        self.open = True
        self.waiting = None
        name = secrets.token_hex(8)
        for channel in hub.relay.probe_channels(f"{bus.probe_channel(name)}"):
            self._sent[channel] = 0.0
            hub.channels[channel] = [self]  # type: ignore[list-item]
            hub.relay.subscribe(channel, lambda: None)

    def beat(self) -> None:
        """Says something on each channel. What was said last and not heard until now counts as lost."""
        for channel, sent in self._sent.items():
            if sent:
                self._hub.metrics.count("bus_probes_lost")
            self._sent[channel] = 0.0
            if self._hub.relay.up:  # otherwise it would only hear itself
                self._sent[channel] = now = self._clock()
                self._hub.relay.publish(channel, b"%d %s" % (now * 1e6, channel))

    def send(self, payload: bytes) -> None:
        """What came through the bus, as the hub delivers it."""
        stamp, _, channel = payload.partition(b" ")
        sent = self._sent.get(channel)
        if sent and stamp == b"%d" % (sent * 1e6):
            self._sent[channel] = 0.0
            self._hub.metrics.bus_lag.observe(self._clock() - sent)
