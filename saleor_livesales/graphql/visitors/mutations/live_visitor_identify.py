from __future__ import annotations

from typing import Any

import graphene

from ....visitors import actions
from ...actors import acting_visitor, now, show
from ...base import LiveSalesMutation
from ...permissions import requestor
from ..types import LiveVisitor


class LiveVisitorIdentifyInput(graphene.InputObjectType):
    ticket = graphene.String(required=True, description="The visitor's ticket.")
    name = graphene.String(description="What the visitor calls itself; ignored where an account has a name.")

    class Meta:
        description = "Who a visitor is."


class LiveVisitorIdentify(LiveSalesMutation):
    visitor = graphene.Field(LiveVisitor, description="The visitor, as far as it may see itself.")

    class Arguments:
        input = LiveVisitorIdentifyInput(required=True, description="Who the visitor is.")

    class Meta:
        description = (
            "Link a visitor to the account that sends this request, or unlink it where the request is nobody's."
        )

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveVisitorIdentify:
        actor = acting_visitor(input["ticket"])
        account = requestor(info)
        name = account.name if account.user_id else ""
        visitor = actions.identify(
            visitor_id=actor.visitor_id, user_id=account.user_id, name=name or input.get("name") or "", now=now()
        )
        return cls(visitor=show(visitor, actor))
