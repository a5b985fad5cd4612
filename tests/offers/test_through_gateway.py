"""A visitor's socket, a real gateway, a real decider: the offer comes while the visitor looks at the page."""

from __future__ import annotations

import asyncio
import datetime
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import websockets
from django.db import connection

from saleor_livesales import wire
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.ids import to_global_id
from saleor_livesales.offers.models import Offer
from saleor_livesales.sessions.models import Rep
from saleor_livesales.visitors.models import Visit

from .process import LAMP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def url(service_env: dict[str, str], redis: object) -> Iterator[str]:
    """Gateway and decider, as an operator starts the one and a test the other."""
    now = datetime.datetime.now(datetime.UTC)
    ChannelSettings.objects.create(
        channel="default-channel", active=True, currency="USD", price_threshold=Decimal("100.00"), updated_at=now
    )
    Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=now + datetime.timedelta(days=1))
    env = {**service_env, "LIVESALES_GATEWAY_PORT": "0", "LIVESALES_GATEWAY_HEALTH_PORT": "0"}
    gateway = subprocess.Popen(
        [sys.executable, "-m", "saleor_livesales.cli", "gateway"], env=env, stderr=subprocess.PIPE, text=True
    )
    decider = subprocess.Popen([sys.executable, "-m", "tests.offers.process"], env=env)
    try:
        assert gateway.stderr is not None
        for line in gateway.stderr:
            if found := re.search(r"listening on 127.0.0.1:(\d+)", line):
                break
        yield f"ws://127.0.0.1:{found[1]}/live"  # type: ignore[index]
    finally:
        for process in (gateway, decider):
            process.terminate()
        assert [process.wait(20) for process in (gateway, decider)] == [0, 0]


async def next_of(socket: websockets.ClientConnection, kind: type, within: float) -> Any:
    async with asyncio.timeout(within):
        async for data in socket:
            frame = wire.decode_from_server(data if isinstance(data, bytes) else data.encode())
            if isinstance(frame, kind):
                return frame
    raise AssertionError("The socket was closed.")


async def test_the_offer_comes_within_a_second(url: str) -> None:
    origin = websockets.Origin(url.replace("ws:", "http:").removesuffix("/live"))
    async with websockets.connect(url, origin=origin) as socket:
        await socket.send(wire.encode(wire.Hello(role="visitor", channel="default-channel")).decode())
        welcome = await next_of(socket, wire.Welcome, 10)
        await asyncio.to_thread(_wait_for_decider)
        await socket.send(wire.encode(wire.PageViewed(url="https://shop.example/lamp", title="Lamp")).decode())
        await socket.send(wire.encode(wire.ProductViewed(product=LAMP)).decode())
        began = time.monotonic()
        offer = await next_of(socket, wire.OfferMade, 10)

        assert time.monotonic() - began < 1.0
        row = await asyncio.to_thread(_offer)
        assert offer.id == to_global_id("LiveOffer", row.pk)
        assert (welcome.id, offer.product) == (to_global_id("LiveVisitor", row.visitor_id), LAMP)


def _offer() -> Offer:
    try:
        return Offer.objects.get()
    finally:
        connection.close()


def _wait_for_decider() -> None:
    try:
        until = time.monotonic() + 20
        while not Visit.objects.filter(online=True).exists():
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        connection.close()
