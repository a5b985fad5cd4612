"""Operations on plans and members that ``cases`` takes in."""

from __future__ import annotations

from typing import Any, Final

from .targets import DOCS, Case, Targets


def _changed(targets: Targets) -> dict[str, Any]:
    """Another plan, which the channel sells, with the next period."""
    plan = targets.plan()
    plan.variant_id = targets.variant()
    plan.save(update_fields=["variant_id"])
    return {"id": targets.membership(), "planId": targets.gid(plan, "LiveMembershipPlan"), "atOnce": False}


def shown(targets: Targets) -> dict[str, Any]:
    """A visitor who entered a member's code."""
    from saleor_livesales.ids import uuid7, uuid_from_global_id
    from saleor_livesales.visitors.models import VisitorPass

    member = str(uuid_from_global_id("LiveMembership", targets.membership()))
    visitor_id = targets.active.visitor_id
    VisitorPass.objects.create(
        visitor_id=visitor_id, code_id=uuid7(), holder_kind="member", holder_id=member, opens_kind="member",
        opens_id=member, at=targets.now(),
    )  # fmt: skip
    return {"ticket": targets.ticket(visitor_id)}


MEMBERS: Final[tuple[Case, ...]] = (
    Case(DOCS / "liveMembershipChange.graphql", "owner", _changed, "another plan with the next period"),
    Case(
        DOCS / "liveMembershipMonths.graphql", "owner", lambda _: {"months": 12, "timeZone": "Europe/Berlin"},
        "months of fees",
    ),
    Case(DOCS / "liveMemberBadge.graphql", None, shown, "as what a visitor is known"),
)  # fmt: skip
