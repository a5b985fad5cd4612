"""The decisions' table is kept by month."""

from __future__ import annotations

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from saleor_livesales.ids import uuid7
from saleor_livesales.offers.models import Decision
from saleor_livesales.offers.partitions import ensure_partitions

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2031, 11, 22, 12, tzinfo=datetime.UTC)


def decision(at: datetime.datetime) -> Decision:
    return Decision.objects.create(
        at=at,
        visitor_id=uuid7(),
        visit_id=uuid7(),
        channel="c",
        event_id="1-0",
        outcome="silence",
        rule="r",
        reason="x",
    )


def partition_of(row: Decision) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM saleor_livesales_decision WHERE id = %s", [row.id])
        return str(cursor.fetchone()[0])


def test_months_are_made_ahead_and_rows_move_into_them() -> None:
    before, early = decision(NOW - datetime.timedelta(days=30)), decision(NOW)
    assert partition_of(early) == "saleor_livesales_decision_default"

    assert ensure_partitions(now=NOW, ahead=2) == [
        "saleor_livesales_decision_2031_11",
        "saleor_livesales_decision_2031_12",
        "saleor_livesales_decision_2032_01",
    ]
    assert ensure_partitions(now=NOW, ahead=2) == []

    last_moment = decision(datetime.datetime(2031, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC))
    new_year = decision(datetime.datetime(2032, 1, 1, tzinfo=datetime.UTC))
    found = [partition_of(row).removeprefix("saleor_livesales_decision_") for row in
             (before, early, last_moment, new_year)]  # fmt: skip
    assert found == ["default", "2031_11", "2031_12", "2032_01"]
    assert Decision.objects.count() == 4
    assert Decision.objects.get(id=early.id).at == NOW


def test_the_key_includes_the_moment_and_the_index_is_there() -> None:
    ensure_partitions(now=NOW, ahead=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'saleor_livesales_decision_2031_11' ORDER BY indexdef"
        )
        indexes = [row[0].split(" USING ")[1] for row in cursor.fetchall()]
    assert indexes == ["btree (visitor_id, at DESC)", "btree (id, at)"]


def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", "saleor_livesales", check=True, dry_run=True, stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth_with_its_rows() -> None:
    kept = decision(NOW)
    try:
        call_command("migrate", "saleor_livesales", "0001", verbosity=0)
        assert Decision.objects.get().id == kept.id
    finally:
        call_command("migrate", "saleor_livesales", verbosity=0)
    assert partition_of(kept) == "saleor_livesales_decision_default"
