from __future__ import annotations

from typing import Any

import graphene

from ....errors import NotFound
from ....fees import methods
from ....ids import uuid_from_global_id
from ...actors import now
from ...base import LiveSalesMutation
from ...members.mutations.acting import either
from ..types import LivePaymentMethod


class LivePaymentMethodRemove(LiveSalesMutation):
    payment_method = graphene.Field(LivePaymentMethod, description="The method that was removed.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a payment method.")

    class Meta:
        description = (
            "Charge this payment method no more; the provider forgets it. Renewals are paid by a link then. By its "
            "owner, or by staff that may manage live sales. Removed before, it comes back as it is."
        )

    @classmethod
    def perform(cls, info: Any, *, id: str) -> LivePaymentMethodRemove:
        by = either(info)
        method_id = uuid_from_global_id("LivePaymentMethod", id)
        owner = by.user_id if by.kind == "member" else None
        removed = methods.remove(method_id=method_id, owner=owner, now=now())
        if removed is None:
            raise NotFound("Couldn't resolve to a node of type LivePaymentMethod.", field="id")
        return cls(payment_method=removed)
