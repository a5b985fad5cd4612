"""Payment methods that are charged for renewals, and the tries to charge them."""

from __future__ import annotations

from typing import Any

import graphene

from ...fees import models
from ..enums import FeeStateEnum
from ..scalars import Amount, shops


class LivePaymentMethod(graphene.ObjectType):
    """Root: ``fees.models.SavedMethod``. Reached by its owner and by who may manage live sales."""

    kind = graphene.String(required=True, description="As the provider calls it: card.")
    brand = graphene.String(required=True, description="As the provider calls it: visa.")
    last_digits = graphene.String(required=True, description="The end of its number.")
    expires_on = graphene.String(description="The first day on which it does not work any more: 2030-09-01.")
    saved_at = graphene.Field(shops("datetime"), required=True, description="When it was left.")

    class Meta:
        description = "What an account left at the payment provider, to be charged for its renewals."
        interfaces = (graphene.relay.Node,)

    def resolve_expires_on(root: models.SavedMethod, _info: Any) -> str | None:
        return root.expires.isoformat() if root.expires else None


class LiveFee(graphene.ObjectType):
    """Root: ``fees.models.Fee`` with its method. Reached by its owner and by who may manage live sales."""

    state = FeeStateEnum(required=True, description="Where it stands.")
    amount = graphene.Field(shops("money"), required=True, description="What is charged.")
    method = graphene.Field(LivePaymentMethod, required=True, description="What is charged for it.")
    reason = graphene.String(description="Why the bank refused, as the provider calls it: insufficient_funds.")
    number = graphene.Int(required=True, description="Which of the tries for this order it is: 1 to 5.")
    order_id = graphene.ID(required=True, description="ID of the shop's order.")
    order_number = graphene.String(required=True, description="Number of the shop's order.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was tried.")
    settled_at = graphene.Field(shops("datetime"), description="When the bank had answered.")

    class Meta:
        description = "A try to charge a payment method for a renewal."
        interfaces = (graphene.relay.Node,)

    def resolve_amount(root: models.Fee, _info: Any) -> Amount:
        return Amount(root.amount, root.currency)

    def resolve_reason(root: models.Fee, _info: Any) -> str | None:
        return root.reason or None
