"""A gateway's figures as Prometheus reads them, and when it counts as ready. See docs/operate.md for what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from .. import ops
from .hub import Hub

# counter: name, label, what it is. Without a label there is one figure.
COUNTERS: Final[dict[str, tuple[str, str, str]]] = {
    "opened": ("livesales_sockets_opened", "", "Sockets that were accepted."),
    "closed": ("livesales_sockets_closed", "", "Sockets that ended, for whatever reason."),
    "refused": ("livesales_sockets_refused", "reason", "Sockets that the gateway closed, by the reason it gave."),
    "handshake": ("livesales_handshakes_refused", "reason", "Connections that did not become a socket."),
    "message": ("livesales_messages", "outcome", "Messages that were answered: committed, refused or unavailable."),
    "frame": ("livesales_frames_refused", "code", "Frames that were answered with a refusal, by its code."),
    "events": ("livesales_events", "", "Behaviour events that were taken."),
    "dropped": ("livesales_dropped", "reason", "Frames and events that came to nothing, by reason."),
    "bus_probes_lost": ("livesales_bus_probes_lost", "", "Own probes that did not come back through Redis in time."),
}


class GatewayFigures:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterable[Metric]:
        hub, metrics = self._hub, self._hub.metrics
        yield from _counters(dict(metrics.counters))

        sockets = GaugeMetricFamily("livesales_connections", "Sockets that are open, by role.", labels=["role"])
        reps, strangers = sum(hub.reps.values()), len(hub.strangers)
        sockets.add_metric(["visitor"], max(0, len(hub.sockets) - reps - strangers))
        sockets.add_metric(["rep"], reps)
        sockets.add_metric(["stranger"], strangers)
        yield sockets

        yield _gauge("livesales_visitors", "Visitors who are here, with however many sockets.", len(hub.presence))
        yield _gauge("livesales_subscriptions", "Channels of the bus that are listened to.", len(hub.channels))
        yield _gauge("livesales_messages_pending", "Messages that wait for their commit.", hub.writer.pending)
        yield _gauge("livesales_postgresql_up", "Whether messages can be committed.", hub.writer.connected)
        yield _gauge("livesales_redis_up", "Whether all of Redis is there.", hub.relay.up)
        nodes = GaugeMetricFamily("livesales_redis_nodes", "Redis servers, or a cluster's masters.", labels=["state"])
        for state, number in zip(("up", "away"), hub.relay.nodes, strict=True):
            nodes.add_metric([state], number)
        yield nodes
        yield _gauge("livesales_draining", "Whether the gateway is about to stop.", hub.draining)

        yield metrics.append.family(
            "livesales_append_seconds", "From a message's arrival to its commit, or its refusal by PostgreSQL."
        )
        yield metrics.batches.family("livesales_append_batch_messages", "Messages that one statement wrote.")
        yield metrics.bus_lag.family(
            "livesales_bus_lag_seconds", "From publishing to hearing, of the gateway's own probes through Redis."
        )
        yield metrics.loop_lag.family("livesales_event_loop_lag_seconds", "How much too late a timer came.")


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value=float(value))


def _counters(counters: dict[str, int]) -> Iterable[Metric]:
    for counter, (name, label, documentation) in COUNTERS.items():
        if not label:
            yield CounterMetricFamily(name, documentation, value=counters.get(counter, 0))
            continue
        family = CounterMetricFamily(name, documentation, labels=[label])
        for key, value in counters.items():
            what, _, reason = key.partition(":")
            if what == counter:
                family.add_metric([reason], value)
        yield family


def desk(hub: Hub) -> ops.Desk:
    """Ready is a gateway that can commit messages and isn't about to stop. Redis is not needed for that."""

    def ready() -> tuple[bool, list[str]]:
        redis = "redis: up" if hub.relay.up else "redis: away"
        if hub.draining:
            return False, ["stopping", redis]
        if not hub.writer.connected:
            return False, ["postgresql: away", redis]
        return True, ["postgresql: up", redis]

    return ops.Desk("gateway", GatewayFigures(hub), ready=ready)
