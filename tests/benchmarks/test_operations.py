"""Every operation is measured, and none sends more queries or reads whole tables in a bigger shop."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from benchmarks import rows
from benchmarks.inside.cases import KNOWN
from benchmarks.inside.operations import SMALL, STILL, Asker, big_tables, looked_at
from benchmarks.inside.targets import DESK, WIDGET
from saleor_livesales.graphql.schema import MUTATIONS, QUERIES
from saleor_livesales.ids import to_global_id

SMALLER, BIGGER = 1_000, 5_000  # sessions
ONLINE = {"livesales_visit_arrived", "livesales_visit_arrived_in", "livesales_visit_seen"}
HOT = {  # one of these, each of which holds what is wanted and little else
    "desk: visitors": ONLINE,
    "visitors of a channel": ONLINE,
    "desk: queue and own sessions": {"livesales_queue"},
    "history: all sessions": {"livesales_session_recent"},
    "history: by queued": {"livesales_session_queued"},
    "widget: open session": {"livesales_one_open_session", "livesales_session_visitor"},
    "decider: sessions that are due": {"livesales_session_due"},
    "decider: visitors that fell silent": {"livesales_visit_seen"},
    "decider: offers that ran out": {"livesales_offer_due", "livesales_one_open_offer"},
    "worker: inbox": {"livesales_inbox_open"},
    "worker: mail": {"livesales_inquiry_due"},
    "worker: memberships that are due": {"livesales_membership_due"},
    "worker: renewals to plan": {"livesales_membership_renew"},
    "worker: renewals to work on": {"livesales_renewal_work"},
    "worker: codes of members to issue": {"livesales_membership_code"},
    "worker: codes of members to mail": {"livesales_member_code_due"},
    "codes of members on their way": {"livesales_member_code_recent"},
    "settings: members": {"livesales_membership_recent"},
    "settings: rated sessions": {"livesales_session_recent"},
    "settings: ratings of reps": {"livesales_rating_rep"},
    "widget: session that waits for its rating": {"livesales_session_visitor"},
}


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


ELSEWHERE = {"livePaymentMethodLink"}  # waits for the payment provider, whose time it takes


def test_every_operation_and_every_shipped_document_is_measured() -> None:
    fields = {camel(name) for group in QUERIES for name in vars(group) if name.startswith("live_")}
    fields |= {mutation.__name__[0].lower() + mutation.__name__[1:] for mutation in MUTATIONS}
    assert {field for case in KNOWN for field in case.fields} == fields - ELSEWHERE
    shipped = {path for place in (WIDGET, DESK) for path in place.glob("*.graphql")}
    assert shipped <= {case.document for case in KNOWN}
    assert len({case.name for case in KNOWN}) == len(KNOWN)


def costs(sessions: int) -> dict[str, Any]:
    """Queries of each operation and duty, and the plans of what it sent, in a shop with so many sessions."""
    from sandbox.shop.models import User

    rep = User.objects.get(email="rep@example.com")
    rows.fill(connection, sessions=sessions, rep_user=to_global_id("User", rep.pk), shop=True)
    big = big_tables()
    # At these sizes reading a whole table is often the planner's best choice; here only where no index can serve.
    return {
        name: (len(statements.sent), looked_at(statements.sent, big, rather_by_index=True))
        for name, (_, statements, _) in Asker(sessions).each()
    }


@pytest.mark.django_db
def test_growth(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from saleor_livesales import conf

    for name, value in STILL.items():
        monkeypatch.setenv(name, value)
    conf.load.cache_clear()
    try:
        call_command("populate")
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT empty")
            smaller = costs(SMALLER)
            cursor.execute("ROLLBACK TO SAVEPOINT empty")
        bigger = costs(BIGGER)
    finally:
        conf.load.cache_clear()
    assert {name: cost[0] for name, cost in bigger.items()} == {name: cost[0] for name, cost in smaller.items()}
    assert BIGGER > SMALL
    scanned = {name: plans["scanned"] for name, (_, plans) in bigger.items() if plans["scanned"]}
    assert scanned == {}
    assert [name for name, wanted in HOT.items() if not wanted & set(bigger[name][1]["indexes"])] == []
