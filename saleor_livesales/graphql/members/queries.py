"""Queries on plans and memberships."""

from __future__ import annotations

import datetime
from typing import Any

import graphene

from ...errors import Invalid
from ...ids import uuid_from_global_id
from ...members import benefits, changing, codes, queries
from ...members import months as monthly
from ...members.models import Membership, Plan
from ...shop import MANAGE_LIVE_SALES
from ..actors import now, visitor
from ..connection import ConnectionField, connection_from_queryset
from ..enums import MailStateEnum, MembershipStateEnum
from ..permissions import may, requestor, require, requires
from ..reading import reads
from ..scalars import shops
from .mutations.acting import either
from .types import (
    LiveDeliveryCountableConnection,
    LiveMemberBadge,
    LiveMembership,
    LiveMembershipCountableConnection,
    LiveMembershipIncome,
    LiveMembershipMonth,
    LiveMembershipPlan,
    LiveMembershipQuote,
)


class LiveMembershipFilterInput(graphene.InputObjectType):
    state = graphene.List(graphene.NonNull(MembershipStateEnum), description="Where they stand at this moment.")
    plan_id = graphene.ID(description="ID of a plan.")
    search = graphene.String(description="In the account's name and address.")

    class Meta:
        description = "Which memberships. What is left out or `null` filters nothing."


class MemberQueries:
    live_membership_plans = graphene.List(
        graphene.NonNull(LiveMembershipPlan),
        required=True,
        description="The plans, the highest level first. Those that are switched off only for whoever may manage live "
        "sales.",
    )
    live_membership = graphene.Field(
        LiveMembership,
        description="The membership of the account that is asking: of several the one that holds, and of these the "
        "highest. `null` for nobody and for an account that never had one.",
    )
    live_member_badge = graphene.Field(
        LiveMemberBadge,
        ticket=graphene.String(required=True, description="The visitor's ticket."),
        description="As what the visitor is known: by its account, or by a member's sign-in code that it entered. "
        "`null` for whoever is no member.",
    )
    live_membership_quote = graphene.Field(
        LiveMembershipQuote,
        id=graphene.ID(required=True, description="ID of a membership."),
        plan_id=graphene.ID(required=True, description="ID of the other plan."),
        description="What a change of plan at once would give, for the member itself and for staff that may manage "
        "live sales. Refused as the change would be.",
    )
    live_memberships = ConnectionField(
        LiveMembershipCountableConnection,
        filter=LiveMembershipFilterInput(description="Which memberships."),
        description="All memberships, the latest first." + requires(MANAGE_LIVE_SALES),
    )
    live_deliveries = ConnectionField(
        LiveDeliveryCountableConnection,
        state=graphene.List(graphene.NonNull(MailStateEnum), description="Where the mails stand."),
        description="Sign-in codes of members on their way, the latest first." + requires(MANAGE_LIVE_SALES),
    )
    live_membership_income = graphene.List(
        graphene.NonNull(LiveMembershipIncome),
        required=True,
        since=graphene.Argument(shops("datetime"), required=True, description="From this moment on."),
        until=graphene.Argument(shops("datetime"), required=True, description="Before this moment."),
        description="What came in by membership fees, in each currency." + requires(MANAGE_LIVE_SALES),
    )

    live_membership_months = graphene.List(
        graphene.NonNull(LiveMembershipMonth),
        required=True,
        months=graphene.Int(default_value=12, description="How many, 1 to 36; the present one is the last."),
        time_zone=graphene.String(default_value="UTC", description="In whose wall time months begin: an IANA name."),
        description="Fees and members month by month, the oldest first." + requires(MANAGE_LIVE_SALES),
    )

    @staticmethod
    @reads
    def resolve_live_membership_months(
        _root: Any, info: Any, months: int = 12, time_zone: str = "UTC"
    ) -> list[monthly.Month]:
        require(info, MANAGE_LIVE_SALES)
        return monthly.months(number=months, time_zone=time_zone, now=now())

    @staticmethod
    @reads
    def resolve_live_membership_plans(_root: Any, info: Any) -> list[Plan]:
        return queries.plans(only_active=not may(info, MANAGE_LIVE_SALES))

    @staticmethod
    @reads
    def resolve_live_membership(_root: Any, info: Any) -> Membership | None:
        user_id = requestor(info).user_id
        return queries.best_of([user_id], now=now()).get(user_id) if user_id else None

    @staticmethod
    @reads
    def resolve_live_membership_quote(_root: Any, info: Any, id: str, plan_id: str) -> changing.Quote:
        key = uuid_from_global_id("LiveMembershipPlan", plan_id)
        return changing.quote(
            membership_id=uuid_from_global_id("LiveMembership", id), plan_id=key, by=either(info), now=now()
        )

    @staticmethod
    @reads
    def resolve_live_member_badge(_root: Any, _info: Any, ticket: str) -> benefits.Badge | None:
        return benefits.badge(visitor(ticket).visitor_id, now=now())

    @staticmethod
    @reads
    def resolve_live_memberships(_root: Any, info: Any, filter: dict[str, Any] | None = None, **args: Any) -> Any:
        require(info, MANAGE_LIVE_SALES)
        given = filter or {}
        plan_id = given.get("plan_id")
        return connection_from_queryset(
            queries.memberships(
                states=given.get("state"),
                plan_id=uuid_from_global_id("LiveMembershipPlan", plan_id) if plan_id else None,
                search=given.get("search") or "",
                now=now(),
            ),
            field="liveMemberships",
            args=args,
            type_=LiveMembershipCountableConnection,
            order=("-created_at", "-id"),
        )

    @staticmethod
    @reads
    def resolve_live_deliveries(_root: Any, info: Any, state: list[str] | None = None, **args: Any) -> Any:
        require(info, MANAGE_LIVE_SALES)
        return connection_from_queryset(
            codes.deliveries(states=state),
            field="liveDeliveries",
            args=args,
            type_=LiveDeliveryCountableConnection,
            order=("-created_at", "-id"),
        )

    @staticmethod
    @reads
    def resolve_live_membership_income(
        _root: Any, info: Any, since: datetime.datetime, until: datetime.datetime
    ) -> list[queries.Income]:
        require(info, MANAGE_LIVE_SALES)
        if since.tzinfo is None or until.tzinfo is None:
            raise Invalid("A moment needs its time zone.", field="since")
        return queries.income(since=since, until=until)
