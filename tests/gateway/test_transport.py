"""Which transport serves, what each needs, and whom the door lets in for all of them."""

import dataclasses
import datetime
import logging
import subprocess
import sys

import pytest

from saleor_livesales import conf
from saleor_livesales.gateway.admission import Admitted, Door, Refusal
from saleor_livesales.gateway.hub import Hub
from saleor_livesales.gateway.protocol import Now

NOW = Now(100.0, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
ORIGIN = {"Origin": "https://shop.example"}


@pytest.fixture
async def hub():
    settings = dataclasses.replace(
        conf.load(),
        gateway_url="wss://shop.example/live",
        gateway_origins=("https://shop.example",),
        trusted_proxies=("10.0.0.0/8",),
    )
    return Hub(settings, clock=lambda: NOW)


async def test_the_door_lets_in_whom_it_should(hub):
    door = Door(hub)

    answer = door.admit("/live", {**ORIGIN, "Host": "shop.example"})
    assert isinstance(answer, Admitted)
    assert answer.cookie.startswith("livesales=")
    assert isinstance(door.admit("/live", ORIGIN), Admitted)
    assert dict(hub.metrics.counters) == {}


@pytest.mark.parametrize(
    ("path", "headers", "draining", "status", "reason"),
    [
        ("/other", ORIGIN, False, 404, "PATH"),
        ("/live/", ORIGIN, False, 404, "PATH"),
        ("/live", ORIGIN, True, 503, "STOPPING"),
        ("/live", {}, False, 403, "ORIGIN"),
        ("/live", {"Origin": "https://evil.example"}, False, 403, "ORIGIN"),
    ],
)
async def test_whom_the_door_refuses_is_told_why_and_counted(hub, path, headers, draining, status, reason):
    hub.draining = draining

    answer = Door(hub).admit(path, headers)

    assert isinstance(answer, Refusal)
    assert (answer.status, answer.reason) == (status, reason)
    assert dict(hub.metrics.counters) == {f"handshake:{reason}": 1}


async def test_a_proxy_that_is_not_named_is_told_once_and_without_addresses(hub, caplog):
    door = Door(hub)

    with caplog.at_level(logging.WARNING):
        assert door.network("10.0.0.1", ["198.51.100.7"]) == door.network("198.51.100.7", [])
        assert door.network("10.0.0.1", []) is None
        assert caplog.messages == []
        for _ in range(3):
            assert door.network("203.0.113.5", ["198.51.100.7"]) == door.network("203.0.113.5", [])

    (told,) = caplog.messages
    assert "LIVESALES_TRUSTED_PROXIES" in told
    assert "203" not in told and "198" not in told


def run_gateway(env, *arguments, missing=""):
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing.split()!r})); from saleor_livesales.cli import main; "
    )
    command = [sys.executable, "-c", f"{code} sys.exit(main(['gateway', *sys.argv[1:]]))", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_without_uvicorn_the_asgi_transport_says_what_to_install(service_env, redis):
    done = run_gateway(service_env, "--transport", "asgi", missing="uvicorn")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "pip install 'saleor-livesales[asgi]'" in done.stderr
    done = run_gateway(service_env, "--transport", "asgi", "--check", missing="uvicorn")
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert "pip install 'saleor-livesales[asgi]'" in done.stdout


def test_an_older_uvicorn_is_told(service_env, redis, tmp_path):
    """One that has all modules, but spoils cookies."""
    (tmp_path / "sitecustomize.py").write_text("import uvicorn; uvicorn.__version__ = '0.41.0'")
    env = {**service_env, "PYTHONPATH": str(tmp_path)}

    done = run_gateway(env, "--transport", "asgi", "--check")

    assert done.returncode == 1
    assert "needs uvicorn 0.42 or newer and websockets (there is uvicorn 0.41.0)" in done.stdout


def test_without_picows_the_default_transport_names_the_other(service_env, redis):
    done = run_gateway(service_env, "--check", missing="picows")

    assert done.returncode == 1
    assert "LIVESALES_GATEWAY_TRANSPORT=asgi" in done.stdout


def test_the_asgi_transport_works_without_picows(service_env, redis):
    done = run_gateway(service_env, "--transport", "asgi", "--check", missing="picows")

    assert (done.returncode, done.stdout) == (0, "Everything is as it should be.\n")
