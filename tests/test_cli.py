"""The command line, as an operator runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from saleor_livesales import cli


def livesales(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "saleor_livesales.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_check_names_what_is_wrong(service_env: dict[str, str], redis: object) -> None:
    env = {**service_env, "LIVESALES_GATEWAY_URL": "ws://127.0.0.1:9/live"}

    done = livesales(env, "check")

    assert done.returncode == 1
    assert "The gateway can't be reached at ws://127.0.0.1:9/live" in done.stdout
    assert "PostgreSQL" not in done.stdout and "Redis" not in done.stdout and "Migrations" not in done.stdout


def test_check_names_a_wrong_provider_of_letters_without_its_key(service_env: dict[str, str], redis: object) -> None:
    wrong = {"LIVESALES_LETTER_PROVIDERS": '{"lob": {"api_key": "hunter2", "secret": "hunter2"}}'}

    done = livesales({**service_env, **wrong}, "check")

    assert (done.returncode, done.stderr) == (2, "livesales: LIVESALES_LETTER_PROVIDERS: lob has no option 'secret'.\n")


def test_check_with_everything_away(service_env: dict[str, str]) -> None:
    env = {
        **service_env,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "LIVESALES_GATEWAY_URL": "ws://127.0.0.1:9/live",
    }

    done = livesales(env, "check")

    assert done.returncode == 1
    assert done.stderr == ""
    for sentence in ("PostgreSQL can't be reached", "Redis can't be reached", "The shop's database can't be read"):
        assert sentence in done.stdout


def test_a_missing_setting_is_one_sentence(service_env: dict[str, str]) -> None:
    env = {key: value for key, value in service_env.items() if key != "LIVESALES_SIGNING_KEYS"}

    done = livesales(env, "decider")

    assert done.returncode == 2
    assert done.stderr.startswith("livesales: LIVESALES_SIGNING_KEYS is not set.")
    assert done.stderr.count("\n") == 1


def test_export_static(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    origin = "https://dashboard.example"

    status = cli.main(
        ["export-static", str(tmp_path), "--api-url", "https://shop.example/graphql/", "--dashboard", origin]
    )

    assert status == 0
    assert (tmp_path / "livesales.js").stat().st_size > 1000
    page = (tmp_path / "console" / "index.html").read_text()
    assert 'content="https://shop.example/graphql/"' in page and origin in page
    assert f"files are in {tmp_path}." in capsys.readouterr().out


def test_books_tell_what_differs(service_env: dict[str, str], redis: object) -> None:
    from saleor_livesales.members.models import Charge
    from tests.members.build import NOW, a_plan

    assert (livesales(service_env, "books").stdout, livesales(service_env, "books").returncode) == ("", 0)
    Charge.objects.create(
        plan=a_plan(), kind="order", order_id="T3JkZXI6MQ==", line_id="x", channel="default-channel", currency="USD",
        amount=30, periods=1, created_at=NOW,
    )  # fmt: skip

    done = livesales(service_env, "books")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "Order T3JkZXI6MQ==, line x: gone: 30.000 here, none in the shop.\n"
