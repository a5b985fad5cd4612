"""The gateway process: starts the parts, brings them the time, and stops them so that nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final

from .. import logs, ops
from ..clock import JUMP, SQL, Clock
from ..conf import Settings
from . import exposition, files, transport
from .actions import CLOSE_RESTART, Now
from .hub import Hub, Socket
from .lease import LEASE_EVERY
from .probe import PROBE_EVERY, Probe

logger = logging.getLogger(__name__)

SWEEP_EVERY: Final = 5.0  # seconds: tickets and silent sockets
SWEEP_AT_ONCE: Final = 1000  # sockets, before others get their turn
FORGET_EVERY: Final = 60.0
DRAIN_PATIENCE: Final = 10.0
LOOP_EVERY: Final = 0.25  # seconds between two looks at how late a timer comes
REDIS_PATIENCE: Final = 2.0  # then visitors are served without being noticed, until Redis is there


def run(settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT. Returns the exit status: 0, or 1 when the address is taken."""
    logs.configure(process="gateway", form=settings.log_format)
    files.take_all()
    transport.load(settings.gateway_transport)
    try:
        _run(serve(settings))
    except OSError as error:
        logger.error("The gateway can't listen: %s. Set LIVESALES_GATEWAY_PORT or stop what is there.", error)
        return 1
    return 0


def _run(main: Coroutine[Any, Any, None]) -> None:
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop

        uvloop.run(main)


async def serve(settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Runs a gateway in this event loop until ``stop`` is set, or a signal comes. Raises OSError: address taken."""
    loop = asyncio.get_running_loop()

    shared = Clock(loop.time)
    now = Now(loop.time(), shared.now())

    def clock() -> Now:
        nonlocal now
        mono = loop.time()
        if mono != now.mono:  # the loop's time stands still while it works off what has come
            now = Now(mono, shared.now())
        return now

    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    hub = Hub(settings, clock=clock)
    loop.set_exception_handler(logs.unhandled)
    health = await ops.listen(
        exposition.desk(hub), settings.health_host or settings.gateway_host, settings.gateway_health_port
    )
    hub.start()
    _set_clock(hub, shared)
    # Whoever arrives is reported once: not before there is somebody to report it to.
    await hub.relay.first_up(patience=REDIS_PATIENCE)
    listener = await transport.listen(hub)
    _spare_the_collector()
    tasks = [asyncio.create_task(work) for work in (_keep_time(hub, shared), _sweep(hub), _measure(hub))]
    logger.info("gateway listening on %s, health on %s", _shown(listener.address), _address(health))
    try:
        await stop.wait()
    finally:
        await _drain(hub, listener)
        await listener.stop()
        for task in tasks:
            task.cancel()
        health.close()
        await hub.reader.stop()
        await hub.relay.stop()


def _spare_the_collector() -> None:
    """Lets Python's collector of cycles look less often, and never again at what is here for good.

    Objects go when nothing refers to them; what the collector finds besides is little. But a look at everything takes
    a tenth of a second and more with many connections, in which nobody is served.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _address(server: asyncio.Server) -> str:
    return _shown(server.sockets[0].getsockname()[:2])


def _shown(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


async def _drain(hub: Hub, listener: transport.Listener) -> None:
    """Takes nothing more, answers what it has, and sends everybody elsewhere."""
    hub.draining = True
    listener.close()
    left = await hub.writer.drain(DRAIN_PATIENCE)
    logger.info("gateway stopping: %d sockets move, %d messages were not committed", len(hub.sockets), left)
    for socket in tuple(hub.sockets):
        socket.close(CLOSE_RESTART, "SERVICE_RESTART")
    end = asyncio.get_running_loop().time() + transport.CLOSE_PATIENCE + 0.5
    while hub.sockets and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.02)


def _set_clock(hub: Hub, shared: Clock) -> None:
    """Asks the database for the time."""
    asked = hub.clock().mono

    def told(rows: list[tuple[Any, ...]] | None) -> None:
        if rows and abs(ahead := shared.set(rows[0][0], asked=asked)) > JUMP:
            logger.warning("The database's clock is %.0f s ahead of what was thought here", ahead)

    hub.reader.submit(SQL, {}, told)


async def _keep_time(hub: Hub, shared: Clock) -> None:
    loop = asyncio.get_running_loop()
    next_lease = next_forget = loop.time()
    while True:
        await asyncio.sleep(1.0)
        try:
            hub.every_second()
            now = loop.time()
            if now >= next_lease:
                next_lease = now + LEASE_EVERY
                hub.extend_leases()
                _set_clock(hub, shared)
            if now >= next_forget:
                next_forget = now + FORGET_EVERY
                hub.limiter.forget(now)
        except Exception:
            logger.exception("What was due could not be done")


async def _measure(hub: Hub) -> None:
    """How late the event loop is, and how long Redis takes to bring what was announced."""
    loop = asyncio.get_running_loop()
    probe = Probe(hub)
    next_probe = loop.time()
    while True:
        due = loop.time() + LOOP_EVERY
        await asyncio.sleep(LOOP_EVERY)
        now = loop.time()
        hub.metrics.loop_lag.observe(max(0.0, now - due))
        if now >= next_probe:
            next_probe = now + PROBE_EVERY
            probe.beat()


async def _sweep(hub: Hub) -> None:
    """Renews tickets, ends those of reps that ran out, pings who is silent and hangs up on who doesn't answer."""
    idle = hub.settings.idle_ping
    while True:
        await asyncio.sleep(min(SWEEP_EVERY, idle / 2))
        for position, socket in enumerate(tuple(hub.sockets)):
            if position % SWEEP_AT_ONCE == SWEEP_AT_ONCE - 1:
                await asyncio.sleep(0)
            if not socket.open:
                continue
            try:
                _look_after(hub, socket, idle)
            except Exception:
                logger.exception("A socket could not be looked after")


def _look_after(hub: Hub, socket: Socket, idle: float) -> None:
    now = hub.clock()
    if actions := socket.connection.tick(now):
        hub.perform(socket, actions)
    silent = now.mono - socket.seen
    if socket.pinged and silent >= 2 * idle:
        hub.metrics.count("refused:SILENT")
        socket.abort()
    elif not socket.pinged and silent >= idle and socket.open:
        socket.ping()
