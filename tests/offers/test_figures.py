"""What a decider tells of itself on its health port, as a process of its own."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import redis as redis_client
from prometheus_client.parser import text_string_to_metric_families

from saleor_livesales import bus, wire
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.offers import queries
from saleor_livesales.offers.models import Offer
from saleor_livesales.sessions.models import Rep
from saleor_livesales.visitors.models import Visitor
from sandbox.runner.services import free_port

from .process import LAMP

pytestmark = pytest.mark.django_db(transaction=True)
Fetch = Callable[[str], tuple[int, str]]


@pytest.fixture
def decider(service_env: dict[str, str], redis: redis_client.Redis) -> Iterator[tuple[subprocess.Popen[str], Fetch]]:
    now = datetime.datetime.now(datetime.UTC)
    ChannelSettings.objects.create(
        channel="default-channel", active=True, currency="USD", price_threshold=Decimal("100.00"), updated_at=now
    )
    Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=now + datetime.timedelta(days=1))
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.offers.process"],
        env={**service_env, "LIVESALES_DECIDER_HEALTH_PORT": str(port), "LIVESALES_TEST_LOG": "json"},
        stderr=subprocess.PIPE,
        text=True,
    )

    def fetch(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    yield process, fetch
    process.kill()
    process.wait(10)


def eventually(holds: Callable[[], bool], within: float = 30.0) -> None:
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, "It did not happen in time."
        time.sleep(0.05)


def figures(fetch: Fetch) -> dict[str, float]:
    status, text = fetch("/metrics")
    return {
        sample.name: sample.value
        for family in (text_string_to_metric_families(text) if status == 200 else ())
        for sample in family.samples
    }


def test_figures_health_and_log(decider, redis_server) -> None:
    process, fetch = decider
    eventually(lambda: fetch("/health/ready") == (200, "postgresql: up\nredis: up\n"))
    eventually(lambda: figures(fetch).get("livesales_decider_shards") == 17)
    visitor, now = uuid.uuid4(), time.time()
    page = "https://shop.example/planted-page"
    for kind, data in (
        ("arrive", {}), ("page", {"url": page, "title": "planted-title"}), ("product", {"product": LAMP}),
    ):  # fmt: skip
        bus.notice([wire.Noticed(visitor=visitor, kind=kind, channel="default-channel", at=now, **data)])
    client = bus.client()
    client.xadd(bus.visitor_stream(visitor), {"d": b'{"planted": 1}'})

    eventually(lambda: figures(fetch)["livesales_decider_dropped_total"] == 1)
    found = figures(fetch)
    assert found["livesales_decider_events_total"] == 3
    assert found["livesales_decider_offers_total"] == 1
    assert found["livesales_decider_decisions_total"] >= 1
    assert found["livesales_decider_batch_seconds_count"] >= 1
    assert found["livesales_decider_event_age_seconds_count"] >= 1
    assert found["livesales_decider_shards_wanted"] == 17
    assert found["livesales_decider_overdue_seconds"] < 5
    assert fetch("/health/live") == (200, "alive\n")

    try:
        redis_server.stop()
        eventually(lambda: fetch("/health/ready") == (503, "postgresql: up\nredis: away\n"))
    finally:
        redis_server.start()
    eventually(lambda: fetch("/health/ready")[0] == 200)
    process.terminate()
    assert process.wait(20) == 0
    assert process.stderr is not None
    log = process.stderr.read()
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["process"] for line in lines} == {"decider"}
    assert "Redis is back." in [line["message"] for line in lines]
    assert "planted" not in log and str(visitor) not in log
    bus.reset()


def test_one_that_stands_still_is_not_alive() -> None:
    from saleor_livesales.offers.figures import Figures

    own = Figures()
    assert own.live() == (True, ["alive"])
    own.stepped -= 90
    assert own.live() == (False, ["standing still for 90 s"])


def test_how_long_a_deadline_is_overdue() -> None:
    now = datetime.datetime.now(datetime.UTC)
    assert queries.overdue_for(now=now) == 0.0
    visitor = Visitor.objects.create(created_at=now)
    offer = Offer.objects.create(
        visitor=visitor, visit_id=uuid.uuid4(), channel="c", rule="price", event_id="1-1", created_at=now,
        due_at=now + datetime.timedelta(seconds=5),
    )  # fmt: skip
    assert queries.overdue_for(now=now) == 0.0
    assert queries.overdue_for(now=now + datetime.timedelta(seconds=12)) == 7.0
    Offer.objects.filter(pk=offer.pk).update(state="expired")
    assert queries.overdue_for(now=now + datetime.timedelta(seconds=12)) == 0.0
