"""Operations on plans and members that ``cases`` takes in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from .targets import DESK, DOCS, WIDGET, Case, Targets


def _changed(targets: Targets) -> dict[str, Any]:
    """Another plan, which the channel sells, with the next period."""
    plan = targets.plan()
    plan.variant_id = targets.variant()
    plan.save(update_fields=["variant_id"])
    return {"id": targets.membership(), "planId": targets.gid(plan, "LiveMembershipPlan"), "atOnce": False}


def _quoted(targets: Targets) -> dict[str, Any]:
    """A dearer plan, for a member who has paid by hand."""
    from saleor_livesales.ids import uuid_from_global_id
    from saleor_livesales.members import actions
    from saleor_livesales.members.actors import By

    given = _changed(targets)
    actions.extend(
        membership_id=uuid_from_global_id("LiveMembership", given["id"]), periods=50, amount=Decimal(90000),
        reason="measured", by=By(kind="staff", user_id="VXNlcjox"), now=targets.now(),
    )  # fmt: skip
    return {"id": given["id"], "planId": given["planId"]}


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


def _card(targets: Targets) -> dict[str, Any]:
    """A payment method that the shopper left, in place of an earlier one."""
    from saleor_livesales.fees.models import SavedMethod
    from saleor_livesales.members import actions

    owner = actions.account_of("shopper@example.com")
    SavedMethod.objects.filter(user_id=owner).delete()
    row = SavedMethod.objects.create(
        user_id=owner, collector="stripe", customer_ref="cus_1", method_ref="pm_1", kind="card", brand="visa",
        last_digits="4242", state="saved", created_at=targets.now(), saved_at=targets.now(),
    )  # fmt: skip
    return {"id": targets.gid(row, "LivePaymentMethod")}


def _own_card(targets: Targets) -> dict[str, Any]:
    _card(targets)
    return {}


MEMBERS: Final[tuple[Case, ...]] = (
    Case(DOCS / "livePaymentMethod.graphql", "shopper", _own_card, "the account's payment method"),
    Case(DOCS / "livePaymentMethodRemove.graphql", "owner", _card, "a payment method is removed"),
    Case(DESK / "cardRemove.graphql", "owner", _card, "members: a card is removed"),
    Case(
        DOCS / "liveMembershipQuote.graphql", "owner", _quoted, "what a change of plan would give",
    ),
    Case(DOCS / "liveMembershipChange.graphql", "owner", _changed, "another plan with the next period"),
    Case(DESK / "memberQuote.graphql", "owner", _quoted, "members: what a change of plan would give"),
    Case(DESK / "memberChange.graphql", "owner", _changed, "members: another plan with the next period"),
    Case(
        DOCS / "liveMembershipMonths.graphql", "owner", lambda _: {"months": 12, "timeZone": "Europe/Berlin"},
        "months of fees",
    ),
    Case(DOCS / "liveMemberBadge.graphql", None, shown, "as what a visitor is known"),
    Case(WIDGET / "Arrangement.graphql", None, shown, "widget: what a visitor's plan arranges"),
)  # fmt: skip
