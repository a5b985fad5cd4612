from __future__ import annotations

from typing import Any

import graphene

from ....members import plans
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...enums import ArrangementEnum, SessionFormEnum
from ..types import LiveMembershipPlan


class LiveMembershipPlanInput(graphene.InputObjectType):
    name = graphene.String(description="Name of the plan, at most 120 characters.")
    level = graphene.Int(description="0 to 100; a higher one counts before a lower one.")
    product_id = graphene.ID(description="ID of the product that is bought. It must need no shipping to be renewed.")
    variant_id = graphene.ID(description="ID of the variant that is bought.")
    period = graphene.String(description="What one piece pays for: an ISO 8601 duration such as P1M, P1Y or P14D.")
    trial = graphene.String(description="How long it may be tried without paying. Empty: not at all.")
    grace_days = graphene.Int(description="0 to 365 days that it holds once the notices are over.")
    time_zone = graphene.String(description="In whose wall time periods end: an IANA name such as Europe/Berlin.")
    payment_url = graphene.String(
        description="The storefront's page on which an order is paid, such as https://shop.example.com/pay/{order}."
    )
    sign_in_url = graphene.String(
        description="The storefront's page, with the widget on it, that the mail with a member's sign-in code opens."
    )
    priority = graphene.Int(description="0 to 10: its members' place before others in the queue. 0: none.")
    arrangement = ArrangementEnum(
        description="What happens when one of its members comes; a code that the channel asks for comes first."
    )
    forms = graphene.List(
        graphene.NonNull(SessionFormEnum),
        description="Forms of help that its members get, of those that the channel offers; chat is one of them. Empty: "
        "all.",
    )
    sessions_per_period = graphene.Int(
        description="0 to 100000 sessions that a member may ask for in a period. 0: no limit."
    )
    active = graphene.Boolean(description="Whether it is shown and renewed.")

    class Meta:
        description = "A plan. What is left out stays as it is."


class LiveMembershipPlanCreate(LiveSalesMutation):
    plan = graphene.Field(LiveMembershipPlan, description="The plan.")

    class Arguments:
        input = LiveMembershipPlanInput(
            required=True, description="The plan; name, productId, variantId and period are needed."
        )

    class Meta:
        description = "Make a plan. Whoever buys its variant is a member."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveMembershipPlanCreate:
        return cls(plan=plans.create(values=dict(input), now=now()))
