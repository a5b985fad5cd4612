"""``livesales gateway --check`` says what is wrong in sentences that name the setting."""

import dataclasses
import datetime
import types

import psycopg
import pytest
import redis as redis_client

from saleor_livesales import conf
from saleor_livesales.gateway import check


@pytest.fixture
def settings(postgres_url, redis):
    return dataclasses.replace(conf.load(), database_url=postgres_url)


def test_a_gateway_that_would_work_has_no_problems(settings):
    assert check.problems(settings) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"gateway_url": "https://shop.example/live"}, "LIVESALES_GATEWAY_URL"),
        ({"gateway_url": "wss://shop.example/live", "cookie_secure": False}, "LIVESALES_COOKIE_SECURE"),
        ({"gateway_url": "wss://shop.example/live", "trusted_proxies": ()}, "LIVESALES_TRUSTED_PROXIES"),
        ({"gateway_origins": ("shop.example",)}, "LIVESALES_GATEWAY_ORIGINS"),
        ({"gateway_port": 8400, "gateway_health_port": 8400}, "LIVESALES_GATEWAY_HEALTH_PORT"),
        ({"database_url": "postgres://nobody@127.0.0.1:1/x"}, "DATABASE_URL"),
        ({"redis_url": "redis://127.0.0.1:1/0"}, "REDIS_URL"),
    ],
)
def test_each_problem_names_its_setting(settings, change, named):
    settings = dataclasses.replace(settings, cookie_secure=True)
    (problem,) = check.problems(dataclasses.replace(settings, **change))

    assert named in problem


def test_a_database_without_our_tables_is_told(settings, postgres):
    postgres.create("livesales_empty")

    problems = check.problems(dataclasses.replace(settings, database_url=postgres.url("livesales_empty")))

    assert problems == [
        "Our tables are not in this database. Run Saleor's `manage.py migrate`, and check DATABASE_URL."
    ]


def test_a_redis_that_evicts_is_told(settings, redis):
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        (problem,) = check.problems(settings)
    finally:
        redis.config_set("maxmemory-policy", "noeviction")

    assert "allkeys-lru" in problem


def test_a_user_who_may_not_write_is_told(settings, postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS looker")
        admin.execute("CREATE ROLE looker LOGIN PASSWORD 'looker'")
        try:
            admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
            address = postgres_url.partition("@")[2]
            looker = dataclasses.replace(settings, database_url=f"postgres://looker:looker@{address}")
            (problem,) = check.problems(looker)
        finally:
            admin.execute("DROP OWNED BY looker")
            admin.execute("DROP ROLE looker")

    assert "may not write" in problem


def test_too_few_open_files_are_told():
    assert check._files(1024) == [
        "This process may open 1024 files, so hardly 1024 sockets. Raise the limit: `ulimit -Hn`, LimitNOFILE= of "
        "systemd, --ulimit nofile= of a container."
    ]
    assert check._files(4096) == check._files(None) == []


def test_clocks_that_differ_are_told(settings, monkeypatch):
    real = datetime.datetime

    class Late:
        @staticmethod
        def now(tz):
            return real.now(tz) - datetime.timedelta(seconds=90)

    monkeypatch.setattr(check, "datetime", types.SimpleNamespace(datetime=Late, UTC=datetime.UTC))

    (problem,) = check.problems(settings)

    assert problem.startswith("This machine's clock and PostgreSQL's are 90 s apart.")


def test_a_pooler_in_transaction_mode_is_told(settings, monkeypatch):
    """Such a pooler hands two clients the same server connection, one after the other."""
    real = psycopg.connect(settings.database_url)

    class Client:
        """A client of the pooler: gives back what it was lent, open."""

        execute, commit = real.execute, real.commit

        def __enter__(self):
            return self

        def __exit__(self, *_):
            real.commit()

    monkeypatch.setattr(check, "_connect", lambda _: Client())
    (problem,) = check.problems(settings)
    real.close()

    assert problem.startswith("Behind DATABASE_URL is a pooler in transaction mode")


def test_a_cluster_that_is_none_is_told(settings):
    (problem,) = check.problems(dataclasses.replace(settings, redis_cluster=True))

    assert problem == (
        "LIVESALES_REDIS_CLUSTER is set, but the Redis of LIVESALES_REDIS_URL is no cluster's. Remove it."
    )


@pytest.mark.parametrize(
    ("about", "clustered", "problem"),
    [
        ({"cluster_enabled": 1, "redis_version": "7.2.4"}, False, "This Redis is a node of a cluster. Set LIVESALES_"),
        (
            {"cluster_enabled": 1, "redis_version": "6.2.9"},
            True,
            "This Redis is version 6.2.9. Version 7 is needed",
        ),
        ({"cluster_enabled": 0, "redis_version": "5.0.1"}, False, "This Redis is version 5.0.1. Version 6 is needed."),
    ],
)
def test_a_redis_of_another_kind_is_told(settings, monkeypatch, about, clustered, problem):
    monkeypatch.setattr(redis_client.Redis, "info", lambda self: about)

    (found,) = check.problems(dataclasses.replace(settings, redis_cluster=clustered))

    assert found.startswith(problem)
