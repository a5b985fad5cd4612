from __future__ import annotations

from typing import Any

import graphene

from ... import fees
from ...fees import methods
from ...fees.models import SavedMethod
from ..permissions import requestor
from ..reading import reads
from .types import LivePaymentMethod


class FeeQueries:
    """Set on the shop's Query."""

    live_payment_method = graphene.Field(
        LivePaymentMethod, description="The payment method of the account that asks, which its renewals are charged to."
    )
    live_payment_methods_charged = graphene.Boolean(
        required=True, description="Whether this store charges saved payment methods, so that one can be left."
    )

    @staticmethod
    @reads
    def resolve_live_payment_method(_root: Any, info: Any) -> SavedMethod | None:
        user_id = requestor(info).user_id
        return methods.of_user(user_id) if user_id else None

    @staticmethod
    @reads
    def resolve_live_payment_methods_charged(_root: Any, _info: Any) -> bool:
        return fees.collector() is not None
