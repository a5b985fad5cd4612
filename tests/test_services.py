"""The run's own parts: the tests below need them to be real."""

import psycopg


def test_postgres_has_what_saleor_needs(postgres):
    with psycopg.connect(postgres.url()) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions")}
    assert {"hstore", "pg_trgm", "btree_gin", "pgcrypto"} <= names


def test_redis_never_evicts(redis):
    assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
