"""What operators ask a process by plain HTTP, on a port of its own: is it alive, is it ready, and its figures.

Figures are kept as plain ints and floats by whoever counts, and turned into Prometheus' text format only when somebody
asks: prometheus_client's own counters take a lock each time (0.35 µs for a count, 1.2 µs for a histogram, measured;
ours cost a fifth). So the library renders, and does not count.
"""

from __future__ import annotations

import asyncio
import http
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import HistogramMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from . import __version__

REQUEST_LIMIT: Final = 8192  # bytes of a request's head
PATIENCE: Final = 5.0  # seconds for a request to come, and for its answer to be taken

# Seconds: from a commit on a fast disk to what a person takes for an outage.
SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Histogram:
    """How often a value was at most each bound. ``counts`` has one more place, for what is beyond the last."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def family(self, name: str, documentation: str) -> HistogramMetricFamily:
        buckets, sum_so_far = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            sum_so_far += count
            buckets.append((bound, sum_so_far))
        return HistogramMetricFamily(name, documentation, buckets=buckets, sum_value=self.total)


class Figures(Protocol):
    """What a process counts, as families of Prometheus; called for each scrape."""

    def collect(self) -> Iterable[Metric]: ...


class _Ours(Collector):
    def __init__(self, figures: Figures, process: str) -> None:
        self._figures, self._process = figures, process

    def collect(self) -> Iterable[Metric]:
        about = InfoMetricFamily("livesales_build", "Which program this is.")
        about.add_metric([], {"version": __version__, "process": self._process})
        yield about
        yield from self._figures.collect()


class Page(NamedTuple):
    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"


class Desk:
    """Answers ``/health/live``, ``/health/ready`` and ``/metrics``. Each state: (good, lines that say why)."""

    def __init__(
        self,
        process: str,
        figures: Figures,
        *,
        ready: Callable[[], tuple[bool, list[str]]],
        live: Callable[[], tuple[bool, list[str]]] = lambda: (True, ["alive"]),
    ) -> None:
        self._states = {"/health/live": live, "/health/ready": ready}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Ours(figures, process))
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def page(self, path: str) -> Page:
        if path == "/metrics":
            return Page(200, generate_latest(self._registry), CONTENT_TYPE_LATEST)
        if state := self._states.get(path):
            good, lines = state()
            return Page(200 if good else 503, "".join(f"{line}\n" for line in lines).encode())
        return Page(404, b"There are /health/live, /health/ready and /metrics.\n")


class _Request(asyncio.Protocol):
    """One request and its answer; then the connection ends."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._head = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._end = asyncio.get_running_loop().call_later(PATIENCE, transport.abort)

    def connection_lost(self, error: Exception | None) -> None:
        self._end.cancel()

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._transport.write(self._answer())
            self._transport.close()
        elif len(self._head) > REQUEST_LIMIT:
            self._transport.abort()

    def _answer(self) -> bytes:
        method, _, rest = self._head.partition(b"\r\n")[0].partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0].decode("latin-1")
        page = self._desk.page(path) if method in (b"GET", b"HEAD") else Page(405, b"Only GET is answered.\n")
        head = (
            f"HTTP/1.1 {page.status} {http.HTTPStatus(page.status).phrase}\r\nContent-Type: {page.kind}\r\n"
            f"Content-Length: {len(page.body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + (b"" if method == b"HEAD" else page.body)


async def listen(desk: Desk, host: str, port: int) -> asyncio.Server:
    """Answers in this event loop: one that is stuck does not say that it is alive. Raises OSError: address taken."""
    return await asyncio.get_running_loop().create_server(lambda: _Request(desk), host, port)


def listen_in_thread(desk: Desk, host: str, port: int) -> None:
    """Answers beside a process that has no event loop, until it ends. Raises OSError: address taken."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(listen(desk, host, port))
    threading.Thread(target=loop.run_forever, name="livesales-ops", daemon=True).start()
