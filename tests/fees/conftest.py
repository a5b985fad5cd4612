from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from saleor_livesales import conf
from saleor_livesales import shop as interface
from tests.collectors import stripe_server
from tests.fakes import FakeShop

from .build import ADA, BOB


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    before = interface._shop
    fake = FakeShop()
    fake.add_customer(ADA, name="Ada Buyer", email="ada@example.com")
    fake.add_customer(BOB, name="Bob Buyer", email="bob@example.com")
    interface.install(fake)
    yield fake
    interface._shop = before


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch, shop: FakeShop) -> Iterator[stripe_server.FakeStripe]:
    """Stripe, set up in the plugin's settings."""
    with stripe_server.running() as fake:
        settings = dataclasses.replace(conf.load(), stripe_api=fake.url)
        monkeypatch.setattr(conf, "load", lambda: settings)
        shop.plugin_settings = {
            "Stripe secret key": stripe_server.KEY, "Stripe webhook signing secret": stripe_server.SECRET,
        }  # fmt: skip
        yield fake
