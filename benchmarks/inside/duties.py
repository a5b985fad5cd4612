"""What runs by itself, each second in every decider or every few seconds in a worker, with nothing or little due."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

LIMIT = 200  # as the decider's


def duties(targets: Any) -> dict[str, Callable[[], object]]:
    """By name; each is called once a round."""
    from saleor_livesales.inbox import sweeps, work
    from saleor_livesales.members import actions as members
    from saleor_livesales.members import codes as member_codes
    from saleor_livesales.members import lapses, mail, renewals
    from saleor_livesales.offers import actions, partitions, queries
    from saleor_livesales.sessions import deadlines, inquiries
    from saleor_livesales.visitors import store
    from saleor_livesales.visitors.models import Visit

    some = list(
        Visit.objects.filter(online=True, current=True).order_by("id").values_list("visitor_id", flat=True)[:100]
    )

    def now() -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC)

    return {
        "decider: offers that ran out": lambda: actions.expire_due(now=now(), limit=LIMIT),
        "decider: sessions that are due": lambda: deadlines.work_off(now=now(), limit=LIMIT),
        "decider: visitors that fell silent": lambda: store.mark_silent(now=now(), limit=LIMIT),
        "decider: what 100 visitors stand at": lambda: queries.standings(visitor_ids=some, now=now()),
        "decider: how long something is overdue": lambda: queries.overdue_for(now=now()),
        "decider: rules, and who is free": lambda: (queries.rules_by_channel(), queries.somebody_free(now=now())),
        "worker: inbox": lambda: work.work_off(now=now()),
        "worker: mail": lambda: inquiries.mail_due(now=now()),
        "worker: sweep of orders": lambda: sweeps.orders(now=now()),
        "worker: memberships that are due": lambda: members.tick(now=now()),
        "worker: sessions of memberships that ended": lambda: lapses.follow(now=now()),
        "worker: renewals to plan": lambda: renewals.plan_due(now=now()),
        "worker: renewals to work on": lambda: renewals.work(now=now()),
        "worker: codes of members to issue": lambda: member_codes.issue_due(now=now()),
        "worker: codes of members to mail": lambda: mail.mail_due(now=now()),
        "worker: partitions": lambda: partitions.ensure_partitions(now=now()),
    }
