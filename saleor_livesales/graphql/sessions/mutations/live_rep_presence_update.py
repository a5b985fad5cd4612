from __future__ import annotations

from typing import Any

import graphene

from .... import conf, shop
from ....sessions import reps
from ....shop import HANDLE_LIVE_SALES
from ....tokens import LIFETIMES
from ...actors import acting_staff, now
from ...base import LiveSalesMutation
from ...enums import RepStatusEnum
from ...permissions import PermissionDenied, requestor
from ...scalars import shops
from ..types import LiveRep


class LiveRepPresenceUpdateInput(graphene.InputObjectType):
    status = RepStatusEnum(required=True, description="Whether the rep takes sessions.")
    capacity = graphene.Int(description="How many sessions at once, 1 to 12. Left out: as before.")

    class Meta:
        description = "A rep's presence."


class LiveRepPresenceUpdate(LiveSalesMutation):
    rep = graphene.Field(LiveRep, description="The rep who is asking.")
    ticket = graphene.String(description="Opens the rep's socket at the gateway. Lives for minutes.")
    expires_at = graphene.Field(shops("datetime"), description="When the ticket ends. Ask again before that.")
    gateway_url = graphene.String(description="Where the console opens its socket.")

    class Arguments:
        input = LiveRepPresenceUpdateInput(required=True, description="The rep's presence.")

    class Meta:
        description = (
            "Say whether one takes sessions, and get a ticket for the gateway. A rep gets sessions only while a "
            "console of its keeps a socket open."
        )
        permissions = (HANDLE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, input: dict[str, Any]) -> LiveRepPresenceUpdate:
        actor = acting_staff(info, HANDLE_LIVE_SALES)
        if not shop.current().staff_may(actor.user_id, HANDLE_LIVE_SALES):
            raise PermissionDenied(HANDLE_LIVE_SALES)
        moment = now()
        rep = reps.presence(
            user_id=actor.user_id,
            name=requestor(info).name,
            status=input["status"],
            capacity=input.get("capacity"),
            now=moment,
            avatar_url=shop.current().staff_avatar(actor.user_id),
        )
        settings = conf.load()
        return cls(
            rep=rep,
            ticket=settings.signer.sign(kind="rep-ticket", subject=rep.pk, now=moment),
            expires_at=moment + LIFETIMES["rep-ticket"],
            gateway_url=settings.gateway_url,
        )
