"""Measures the bus: now and then a message of our own through Redis, as a socket of the hub hears it.

A stamp on each message would cost each message something; this costs nothing where it matters.
"""

from __future__ import annotations

import asyncio
import secrets
from types import SimpleNamespace
from typing import Final

from .. import bus
from .hub import Hub

PROBE_EVERY: Final = 5.0  # seconds


class Probe:
    """Stands among the sockets of a channel that nobody else knows."""

    waiting = None  # for no subscription
    connection = SimpleNamespace(subject=None)  # nobody's: it hears no resync

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._sent: dict[bytes, float] = {}
        self._clock = asyncio.get_running_loop().time
        self._name = bus.probe_channel(secrets.token_hex(8))
        self._settle()

    def _settle(self) -> None:
        """A cluster may have got a master, or lost one."""
        wanted = set(self._hub.relay.probe_channels(self._name))
        for channel in wanted - self._sent.keys():
            self._sent[channel] = 0.0
            self._hub.channels[channel] = [self]  # type: ignore[list-item]
            self._hub.relay.subscribe(channel, lambda: None)
        for channel in self._sent.keys() - wanted:
            del self._sent[channel], self._hub.channels[channel]
            self._hub.relay.unsubscribe(channel)

    def beat(self) -> None:
        """Says something on each channel. What was said last and not heard until now counts as lost."""
        self._settle()
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
