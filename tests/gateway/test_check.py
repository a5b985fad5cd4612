"""``livesales gateway --check`` says what is wrong in sentences that name the setting."""

import dataclasses

import psycopg
import pytest

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
