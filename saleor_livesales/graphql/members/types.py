"""Plans and memberships: what everybody may know, what a member knows of its own, and the owner's books."""

from __future__ import annotations

from typing import Any

import graphene

from ... import shop
from ...members import benefits, changing, machine, models, queries
from ...shop import MANAGE_LIVE_SALES
from .. import loaders
from ..actors import now
from ..connection import CountableConnection
from ..enums import ArrangementEnum, ChargeKindEnum, MailStateEnum, MembershipStateEnum, SessionFormEnum
from ..fees.types import LiveFee, LivePaymentMethod
from ..permissions import may, requestor, requires
from ..reading import reads
from ..scalars import Amount, shops

OWNER_ONLY = requires(MANAGE_LIVE_SALES)


class LiveMembershipPlan(graphene.ObjectType):
    """Root: ``members.models.Plan``."""

    name = graphene.String(required=True, description="Name of the plan.")
    level = graphene.Int(required=True, description="A higher one counts before a lower one.")
    period = graphene.String(required=True, description="What one piece of the variant pays for: an ISO 8601 duration.")
    trial = graphene.String(description="How long it may be tried without paying: an ISO 8601 duration.")
    grace_days = graphene.Int(
        required=True, description="Days that a membership still holds once the notices of an unpaid renewal are over."
    )
    time_zone = graphene.String(required=True, description="In whose wall time periods end: an IANA name.")
    active = graphene.Boolean(required=True, description="Whether it is shown and renewed.")
    priority = graphene.Int(required=True, description="Its members' place before others in the queue. 0: none.")
    arrangement = ArrangementEnum(required=True, description="What happens when one of its members comes.")
    forms = graphene.List(
        graphene.NonNull(SessionFormEnum),
        required=True,
        description="Forms of help that its members get, of those that the channel offers. Empty: all.",
    )
    sessions_per_period = graphene.Int(
        required=True, description="How many sessions a member may ask for in a period. 0: no limit."
    )
    product_id = graphene.ID(required=True, description="ID of the product that is bought.")
    variant_id = graphene.ID(required=True, description="ID of the variant that is bought.")
    variant = graphene.Field(
        shops("variant"),
        channel=graphene.String(required=True, description="Slug of the channel, for its price."),
        description="What is bought; its price is the plan's. `null` where the channel does not show it.",
    )
    payment_url = graphene.String(
        description="The storefront's page on which a renewal's order is paid; {order} is the order's ID." + OWNER_ONLY
    )
    sign_in_url = graphene.String(
        description="The storefront's page that the mail with a member's sign-in code opens." + OWNER_ONLY
    )

    class Meta:
        description = "What a member has, and what it costs."
        interfaces = (graphene.relay.Node,)

    def resolve_trial(root: models.Plan, _info: Any) -> str | None:
        return root.trial or None

    @reads
    def resolve_variant(root: models.Plan, info: Any, channel: str) -> Any:
        return shop.current().graphql().load_variant(info, root.variant_id, channel)

    @reads
    def resolve_payment_url(root: models.Plan, info: Any) -> str | None:
        return root.payment_url if may(info, MANAGE_LIVE_SALES) else None

    @reads
    def resolve_sign_in_url(root: models.Plan, info: Any) -> str | None:
        return root.sign_in_url if may(info, MANAGE_LIVE_SALES) else None


class LiveMembershipCharge(graphene.ObjectType):
    """Root: ``members.models.Charge``. Reached by the owner alone."""

    kind = ChargeKindEnum(required=True, description="How it was paid.")
    order_id = graphene.ID(description="ID of the shop's order.")
    order_number = graphene.String(description="Number of the shop's order.")
    amount = graphene.Field(shops("money"), description="What was paid. `null` for periods that were given.")
    refunded = graphene.Field(shops("money"), description="What of it was given back.")
    periods = graphene.Int(required=True, description="How many periods it paid for.")
    returned = graphene.Int(required=True, description="How many of these were given back.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was entered.")

    class Meta:
        description = "Periods of a membership and what was paid for them." + OWNER_ONLY
        interfaces = (graphene.relay.Node,)

    def resolve_order_number(root: models.Charge, _info: Any) -> str | None:
        return root.order_number or None

    def resolve_amount(root: models.Charge, _info: Any) -> Amount | None:
        return Amount(root.amount, root.currency) if root.currency else None

    def resolve_refunded(root: models.Charge, _info: Any) -> Amount | None:
        return Amount(root.refunded, root.currency) if root.currency else None


class LiveMembershipEvent(graphene.ObjectType):
    """Root: ``members.models.MembershipChange``. Reached by the owner alone."""

    kind = graphene.String(
        required=True,
        description="What happened: try, pay, fall_due, wait, lapse, cancel, refund, ending, resumed, shortened, "
        "lengthened, chosen (a plan for the next period), change (another plan took its place) or carry (what was left "
        "on another plan came in).",
    )
    after = MembershipStateEnum(required=True, description="The state that it led to.")
    paid_until = graphene.Field(shops("datetime"), required=True, description="The end of what was paid, then.")
    actor = graphene.String(required=True, description="Who did it: shop, clock, member or staff.")
    user = graphene.Field(shops("user"), description="The account of the member or staff who did it.")
    reason = graphene.String(required=True, description="What staff gave as the reason.")
    at = graphene.Field(shops("datetime"), required=True, description="When.")

    class Meta:
        description = "A line of a membership's log." + OWNER_ONLY
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_user(root: models.MembershipChange, info: Any) -> Any:
        return (root.actor_user_id and shop.current().graphql().load_user(info, root.actor_user_id)) or None


class LiveDelivery(graphene.ObjectType):
    """Root: ``members.models.MemberCode`` with its code. Reached by its member and by the owner."""

    state = MailStateEnum(required=True, description="Where the mail stands.")
    code = graphene.Field(
        "saleor_livesales.graphql.codes.types.LiveSignInCode",
        description="The code, without its text." + OWNER_ONLY,
    )
    membership = graphene.Field(
        lambda: LiveMembership, required=True, description="The membership that the code is for."
    )
    created_at = graphene.Field(shops("datetime"), required=True, description="When the code was issued.")
    sent_at = graphene.Field(shops("datetime"), description="When the mail server took it.")
    told_at = graphene.Field(shops("datetime"), description="When the mail provider told of it last.")
    ended_at = graphene.Field(shops("datetime"), description="Since when the code opens nothing.")
    attempts = graphene.Int(required=True, description="How often it was tried." + OWNER_ONLY)
    problem = graphene.String(
        description="What kept it from being mailed last: no_address, bounced_before (a mail to this address came "
        "back), erased, or the kind of the error." + OWNER_ONLY
    )

    class Meta:
        description = "A member's sign-in code on its way by mail. The code itself is shown by no query."
        interfaces = (graphene.relay.Node,)

    def resolve_state(root: models.MemberCode, _info: Any) -> str:
        return root.mail_state

    @reads
    def resolve_code(root: models.MemberCode, info: Any) -> Any:
        return root.code if may(info, MANAGE_LIVE_SALES) else None

    @reads
    def resolve_attempts(root: models.MemberCode, info: Any) -> int:
        return root.attempts if may(info, MANAGE_LIVE_SALES) else 0

    @reads
    def resolve_problem(root: models.MemberCode, info: Any) -> str | None:
        return (root.error or None) if may(info, MANAGE_LIVE_SALES) else None


class LiveDeliveryCountableConnection(CountableConnection):
    class Meta:
        node = LiveDelivery


class LiveMembershipSessions(graphene.ObjectType):
    """Root: ``members.benefits.Sessions``."""

    used = graphene.Int(
        required=True, description="Those that wait or go on, and those that a rep took. One that nobody took is none."
    )
    limit = graphene.Int(description="How many the plan has in a period. `null`: no limit.")
    left = graphene.Int(description="How many are left. `null`: no limit.")
    since = graphene.Field(shops("datetime"), required=True, description="Beginning of the period.")
    until = graphene.Field(shops("datetime"), required=True, description="End of the period: they count anew then.")

    class Meta:
        description = "A member's sessions in the present period."


class LiveMembership(graphene.ObjectType):
    """Root: ``members.models.Membership`` with its plan."""

    plan = graphene.Field(LiveMembershipPlan, required=True, description="The plan.")
    state = MembershipStateEnum(required=True, description="Where it stands at this moment.")
    entitled = graphene.Boolean(required=True, description="Whether the plan's privileges hold at this moment.")
    since = graphene.Field(shops("datetime"), required=True, description="Since when, without a break.")
    paid_until = graphene.Field(
        shops("datetime"), required=True, description="The end of what is paid, or of the trial."
    )
    ends_with_period = graphene.Boolean(required=True, description="Cancelled: it ends then and is not renewed.")
    next_plan = graphene.Field(
        LiveMembershipPlan, description="The plan that is renewed to, where the member chose another one."
    )
    ended_at = graphene.Field(shops("datetime"), description="When it ended.")
    channel = graphene.String(required=True, description="Slug of the channel where it is renewed.")
    sessions = graphene.Field(
        LiveMembershipSessions,
        description="Its sessions of the present period, while it holds. For the member itself and the owner.",
    )
    delivery = graphene.Field(
        LiveDelivery, description="Its latest sign-in code on the way. For the member itself and the owner."
    )
    payment_method = graphene.Field(
        LivePaymentMethod,
        description="What its renewals are charged to. For the member itself and the owner.",
    )
    fees = graphene.List(
        graphene.NonNull(LiveFee),
        description="Tries to charge the account for its renewals, the latest first, 50 at most. For the member itself "
        "and the owner.",
    )
    profile = graphene.Field(
        "saleor_livesales.graphql.visitors.types.LiveProfile", description="The member's account." + OWNER_ONLY
    )
    user = graphene.Field(shops("user"), description="The member's account." + OWNER_ONLY)
    charges = graphene.List(
        graphene.NonNull(LiveMembershipCharge),
        description="What was paid, the latest first, 50 at most." + OWNER_ONLY,
    )
    changes = graphene.List(
        graphene.NonNull(LiveMembershipEvent),
        description="What happened, the latest first, 50 at most." + OWNER_ONLY,
    )

    class Meta:
        description = "An account on a plan."
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_plan(root: models.Membership, info: Any) -> Any:
        return loaders.PlanById.of(info).load(root.plan_id)

    @reads
    def resolve_next_plan(root: models.Membership, info: Any) -> Any:
        return loaders.PlanById.of(info).load(root.next_plan_id) if root.next_plan_id else None

    def resolve_state(root: models.Membership, _info: Any) -> str:
        return machine.standing(row=root, now=now())

    def resolve_entitled(root: models.Membership, _info: Any) -> bool:
        return machine.entitled(row=root, now=now())

    def resolve_ended_at(root: models.Membership, _info: Any) -> Any:
        if root.ended_at is not None:
            return root.ended_at
        steps = list(machine.overdue(row=root, now=now()))
        return steps[-1][1] if steps and not machine.entitled(row=root, now=now()) else None

    @reads
    def resolve_sessions(root: models.Membership, info: Any) -> Any:
        own = requestor(info).user_id == root.user_id or may(info, MANAGE_LIVE_SALES)
        if not own or not machine.entitled(row=root, now=now()):
            return None
        return loaders.SessionsByMembership.of(info).load(root)

    @reads
    def resolve_delivery(root: models.Membership, info: Any) -> Any:
        if requestor(info).user_id != root.user_id and not may(info, MANAGE_LIVE_SALES):
            return None
        return loaders.LatestCodeByMembership.of(info).load(root.pk)

    @reads
    def resolve_payment_method(root: models.Membership, info: Any) -> Any:
        if requestor(info).user_id != root.user_id and not may(info, MANAGE_LIVE_SALES):
            return None
        return loaders.PaymentMethodByUser.of(info).load(root.user_id)

    @reads
    def resolve_fees(root: models.Membership, info: Any) -> Any:
        if requestor(info).user_id != root.user_id and not may(info, MANAGE_LIVE_SALES):
            return None
        return loaders.FeesByMembership.of(info).load(root.pk)

    @reads
    def resolve_profile(root: models.Membership, info: Any) -> Any:
        return loaders.CustomerByUser.of(info).load(root.user_id) if may(info, MANAGE_LIVE_SALES) else None

    @reads
    def resolve_user(root: models.Membership, info: Any) -> Any:
        return shop.current().graphql().load_user(info, root.user_id) if may(info, MANAGE_LIVE_SALES) else None

    @reads
    def resolve_charges(root: models.Membership, info: Any) -> Any:
        return loaders.ChargesByMembership.of(info).load(root.pk) if may(info, MANAGE_LIVE_SALES) else None

    @reads
    def resolve_changes(root: models.Membership, info: Any) -> Any:
        return loaders.ChangesByMembership.of(info).load(root.pk) if may(info, MANAGE_LIVE_SALES) else None


class LiveMemberBadge(graphene.ObjectType):
    """Root: ``members.benefits.Badge``. What a visitor is shown of itself; a bearer of a code learns of no person."""

    name = graphene.String(description="The account's name. `null` for who came by a code.")
    by_code = graphene.Boolean(required=True, description="Whether it holds by a sign-in code alone.")
    plan = graphene.Field(LiveMembershipPlan, required=True, description="The plan.")
    sessions = graphene.Field(
        LiveMembershipSessions, required=True, description="The membership's sessions of the present period."
    )

    class Meta:
        description = "As what a visitor is known: a member of a plan."

    def resolve_name(root: benefits.Badge, _info: Any) -> str | None:
        return root.name or None

    def resolve_plan(root: benefits.Badge, _info: Any) -> models.Plan:
        return root.membership.plan

    @reads
    def resolve_sessions(root: benefits.Badge, info: Any) -> Any:
        return loaders.SessionsByMembership.of(info).load(root.membership)


class LiveMembershipQuote(graphene.ObjectType):
    """Root: ``members.changing.Quote``."""

    plan = graphene.Field(LiveMembershipPlan, required=True, description="The other plan.")
    left = graphene.Field(shops("money"), required=True, description="What is left of what was paid.")
    days = graphene.Int(required=True, description="How many days of the other plan that is.")
    until = graphene.Field(shops("datetime"), required=True, description="When these are over.")
    price = graphene.Field(shops("money"), required=True, description="What its period costs then, tax included.")

    class Meta:
        description = "What a change of plan at once would give at this moment."

    def resolve_left(root: changing.Quote, _info: Any) -> Amount:
        return Amount(root.left, root.currency)

    def resolve_price(root: changing.Quote, _info: Any) -> Amount:
        return Amount(root.price, root.currency)


class LiveMembershipMonth(graphene.ObjectType):
    """Root: ``members.months.Month``."""

    since = graphene.Field(shops("datetime"), required=True, description="Its first moment.")
    until = graphene.Field(shops("datetime"), required=True, description="Its end; of the present month: now.")
    came = graphene.Int(required=True, description="Accounts that were no members at its beginning and are at its end.")
    stayed = graphene.Int(required=True, description="Accounts that were members at both ends.")
    left = graphene.Int(
        required=True, description="Accounts that were members at its beginning and are not at its end."
    )
    income = graphene.List(
        graphene.NonNull(lambda: LiveMembershipIncome), required=True, description="Its fees, by currency."
    )

    class Meta:
        description = "What a month brought. Who changes the plan neither leaves nor comes." + OWNER_ONLY


class LiveMembershipCountableConnection(CountableConnection):
    class Meta:
        node = LiveMembership


class LiveMembershipIncome(graphene.ObjectType):
    """Root: ``members.queries.Income``."""

    charged = graphene.Field(shops("money"), required=True, description="What was paid.")
    refunded = graphene.Field(shops("money"), required=True, description="What of it was given back since.")
    kept = graphene.Field(shops("money"), required=True, description="The difference.")

    class Meta:
        description = "Fees of a span of time, in one currency." + OWNER_ONLY

    def resolve_charged(root: queries.Income, _info: Any) -> Amount:
        return Amount(root.charged, root.currency)

    def resolve_refunded(root: queries.Income, _info: Any) -> Amount:
        return Amount(root.refunded, root.currency)

    def resolve_kept(root: queries.Income, _info: Any) -> Amount:
        return Amount(root.kept, root.currency)
