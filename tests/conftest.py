"""Every test gets real parts: one PostgreSQL and one Redis for the run, started from Python wheels."""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
import redis as redis_client

from sandbox.runner.services import Postgres, Redis

SIGNING_KEYS = "t1:" + "s" * 48

_root = Path(tempfile.mkdtemp(prefix="livesales-tests-", dir="/tmp" if os.path.isdir("/tmp") else None))
_root.chmod(0o755)
_postgres = Postgres(data_dir=_root / "postgres", durable=False)
_redis = Redis(data_dir=_root / "redis")


def _stop() -> None:
    import shutil

    _postgres.stop()
    _redis.stop()
    shutil.rmtree(_root, ignore_errors=True)


# Before pytest-django reads the settings: they take the addresses from the environment.
_postgres.start()
_redis.start()
atexit.register(_stop)
os.environ.update(
    DATABASE_URL=_postgres.url("livesales"),
    REDIS_URL=_redis.url,
    LIVESALES_SIGNING_KEYS=SIGNING_KEYS,
    LIVESALES_CODE_KEYS="c1:" + "c" * 48,
    LIVESALES_DELIVERY_KEYS="d1:" + "d" * 48,
    LIVESALES_COOKIE_SECURE="0",
    LIVESALES_REDIS_TIMEOUT="0.5",  # a busy test machine is slow, not broken; tests of the limit set their own
    DJANGO_SETTINGS_MODULE="sandbox.settings",
)
django.setup()  # pytest-django looked for settings before they were named


# Folders whose tests share running servers. With `pytest -n` each stays on one worker, the longest first.
TOGETHER = ("faults", "browser", "shop", "host")


def pytest_xdist_setupnodes() -> None:
    """Each worker starts servers of its own: those of the process that only hands out tests are not needed."""
    _stop()
    # Else pytest-django in the worker reads the settings before this file has named that worker's servers.
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups for `pytest -n ... --dist loadgroup`: those folders, and every other file by itself."""

    def group(item: pytest.Item) -> str:
        folder = item.path.parent.name
        return folder if folder in TOGETHER else f"{folder}/{item.path.name}"

    items.sort(key=lambda item: TOGETHER.index(group(item)) if group(item) in TOGETHER else len(TOGETHER))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    return _postgres


@pytest.fixture(scope="session")
def redis_server() -> Redis:
    return _redis


@pytest.fixture(scope="session")
def redis_url() -> str:
    return _redis.url


@pytest.fixture
def postgres_url(transactional_db: None) -> str:
    """The test database, for processes that are started beside the test. Its rows are committed."""
    from django.db import connection

    return _postgres.url(str(connection.settings_dict["NAME"]))


@pytest.fixture
def service_env(postgres_url: str) -> dict[str, str]:
    """The environment for a process of ours that works on the test's database and Redis."""
    return {**os.environ, "DATABASE_URL": postgres_url, "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def redis() -> Iterator[redis_client.Redis]:
    """A client of the run's Redis, emptied before the test."""
    from saleor_livesales import bus

    client = redis_client.Redis.from_url(_redis.url)
    client.flushall()
    bus.reset()
    yield client
    client.close()


@pytest.fixture
def shop() -> Iterator[object]:
    """A shop in memory, installed for this test."""
    from saleor_livesales import shop as interface

    from .fakes import FakeShop

    before = interface._shop
    fake = FakeShop()
    interface.install(fake)
    yield fake
    interface._shop = before
