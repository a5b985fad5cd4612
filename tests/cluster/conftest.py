"""A cluster of three masters for this package, and gateways on it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from saleor_livesales import bus, conf
from tests.gateway.conftest import Gateway, close_connections  # noqa: F401

from .servers import Cluster


@pytest.fixture(scope="package")
def three_masters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LIVESALES_REDIS_CLUSTER", "1")
    monkeypatch.setenv("LIVESALES_REDIS_URL", url)
    conf.load.cache_clear()
    bus.reset()


@pytest.fixture
def cluster(three_masters: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Empty, and what this process and those that it starts announce on."""
    three_masters.empty()
    use(monkeypatch, three_masters.url)
    yield three_masters
    bus.reset()
    conf.load.cache_clear()


@pytest.fixture
def own_cluster(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """One that a test may break for good."""
    started = Cluster(tmp_path / "cluster")
    started.start()
    use(monkeypatch, started.url)
    yield started
    started.stop()
    bus.reset()
    conf.load.cache_clear()


@pytest.fixture
def start_gateway(service_env: dict[str, str]) -> Iterator[Callable[..., Gateway]]:
    """With the environment of now, so that the cluster's fixture must come first."""
    started: list[Gateway] = []

    def start(**env: str) -> Gateway:
        started.append(Gateway({**service_env, **env}))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop(signal.SIGKILL)


@pytest.fixture(autouse=True)
def _settings_of_before() -> Iterator[None]:
    yield
    conf.load.cache_clear()
