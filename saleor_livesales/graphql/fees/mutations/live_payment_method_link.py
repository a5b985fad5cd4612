from __future__ import annotations

from typing import Any

import graphene

from ....fees import methods
from ...actors import now
from ...base import LiveSalesMutation
from ...members.mutations.acting import member


class LivePaymentMethodLink(LiveSalesMutation):
    url = graphene.String(description="The page of the payment provider. It holds for a day.")

    class Arguments:
        return_url = graphene.String(required=True, description="Where the provider sends the customer afterwards.")
        cancel_url = graphene.String(description="Where it sends who turns back; without, to the same page.")

    class Meta:
        description = (
            "Where the account that asks leaves a payment method for its renewals: send the browser there. The method "
            "counts once the provider has it, in place of an earlier one."
        )

    @classmethod
    def perform(cls, info: Any, *, return_url: str, cancel_url: str | None = None) -> LivePaymentMethodLink:
        by = member(info)
        assert by.user_id is not None
        url = methods.ask(user_id=by.user_id, return_url=return_url, cancel_url=cancel_url or return_url, now=now())
        return cls(url=url)
