"""A decider whose PostgreSQL falls silent."""

import time

import pytest
from django.db import OperationalError, connection

from saleor_livesales.offers.watch import Watch

pytestmark = pytest.mark.django_db(transaction=True)


def setting(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def test_a_statement_without_an_answer_is_cut_off():
    watch = Watch(patience=1.0)
    began = time.monotonic()
    with watch.on():
        watch.set_up()
        with pytest.raises(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")
    assert time.monotonic() - began >= 1.0
    connection.close()
    with connection.cursor() as cursor:  # the server's end sleeps on, and would be in the next test's way
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%'"
            " AND pid <> pg_backend_pid()"
        )


def test_who_works_is_not_disturbed():
    watch = Watch(patience=1.0)
    with watch.on(), connection.cursor() as cursor:
        for _ in range(8):
            cursor.execute("SELECT pg_sleep(0.2)")
        for _ in range(8):  # nothing asked, and the connection is alive all the same
            time.sleep(0.2)
            watch.alive()
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_each_new_connection_is_set_up():
    """PostgreSQL lets go of the shards' locks soon after a decider's machine is gone."""
    watch = Watch()
    for _ in range(2):
        watch.set_up()
        assert setting("idle_in_transaction_session_timeout") == "30s"
        connection.close()
