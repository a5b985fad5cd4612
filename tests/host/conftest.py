"""Tests on a real Saleor: ``SALEOR=<checkout>`` (default ``~/saleor``), in that checkout's own environment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.collectors import stripe_server

from .saleor import Host, Web
from .switch import Switch

CHECKOUT = Path(os.environ.get("SALEOR") or "~/saleor").expanduser()
THERE = (CHECKOUT / "saleor" / "settings.py").exists()
SKIPPED = f"NO SALEOR IN {CHECKOUT}: THE HOST TESTS ARE NOT RUN. Set SALEOR to a checkout of Saleor."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.host)
            if not THERE:
                item.add_marker(pytest.mark.skip(reason=SKIPPED))


@pytest.fixture(scope="session")
def host(postgres, redis_url) -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="livesales-host-"))
    host = Host(checkout=CHECKOUT, postgres=postgres, redis_url=redis_url, folder=folder)
    host.prepare()
    try:
        yield host
    finally:
        host.stop()


@pytest.fixture(scope="session")
def switch(redis_server) -> Switch:
    """What stands between ``web`` and Redis. A test that turns it turns it back."""
    return Switch(redis_server.port)


@pytest.fixture(scope="session")
def stripe() -> Iterator[stripe_server.FakeStripe]:
    """A server that answers as Stripe does. The plugin's settings of ``web`` hold no key, unless a test writes it."""
    with stripe_server.running() as fake:
        yield fake


@pytest.fixture(scope="session")
def web(host, switch, stripe) -> Iterator[Web]:
    """One Saleor for all tests that leave it as they find it. It has a broker, and no worker."""
    with host.database("host_web") as name:
        env = host.env(
            name,
            LIVESALES_REDIS_URL=f"redis://127.0.0.1:{switch.port}/0",
            LIVESALES_REDIS_TIMEOUT="0.5",  # a busy test machine is slow, not broken
            LIVESALES_STRIPE_API=stripe.url,
            CELERY_BROKER_URL=host.redis_url.removesuffix("/0") + "/1",
        )
        web = Web(host, env)
        try:
            yield web
        finally:
            web.stop()


@pytest.fixture
def rows(web) -> Iterator[psycopg.Connection]:
    """A look into the database of ``web``."""
    with psycopg.connect(web.env["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def tokens(web) -> dict[str, str]:
    """Access tokens by e-mail address."""
    return {"admin@example.com": web.sign_in("admin@example.com", "admin")} | {
        email: web.sign_in(email)
        for email in (
            "rep@example.com",
            "owner@example.com",
            "noperm@example.com",
            "shopper@example.com",
        )
    }


@pytest.fixture(scope="session")
def admin(tokens) -> str:
    return tokens["admin@example.com"]


@pytest.fixture
def private(host, request) -> Iterator[str]:
    """A database of the test's own."""
    with host.database("host_private") as name:
        yield name
