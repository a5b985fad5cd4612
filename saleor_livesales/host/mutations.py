"""Saleor's own mutations, asked for by our App."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Any

from django.utils import timezone
from saleor.graphql.core.context import SaleorContext
from saleor.permission.enums import OrderPermissions, PaymentPermissions

from .. import shop
from . import registration

PERMISSIONS = {
    "transactionCreate": PaymentPermissions.HANDLE_PAYMENTS,
    "transactionEventReport": PaymentPermissions.HANDLE_PAYMENTS,
}


@functools.cache
def _document(name: str) -> str:
    return (files(__package__) / "graphql" / f"{name}.graphql").read_text(encoding="utf-8")


def run(name: str, **variables: Any) -> dict[str, Any]:
    """What the mutation answers to our App, which has for this call the permission that it needs and no other.

    The row of the App that has frames in the Dashboard does not have it: these never get a token for that. Payments are
    entered by the one that has no frame. Raises CannotOrder.
    """
    from saleor.graphql.api import schema

    payment = PERMISSIONS.get(name) == PaymentPermissions.HANDLE_PAYMENTS
    ours = registration.payments_app() if payment else registration.app()
    if ours is None:
        raise shop.CannotOrder("the plugin is switched off")
    ours._app_perm_cache = {PERMISSIONS.get(name, OrderPermissions.MANAGE_ORDERS).value}
    context = SaleorContext(dataloaders={})
    context.path = context.path_info = "/graphql/"
    context.method = "POST"
    context.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    context.app = ours
    context.requestor = ours
    context.user = None
    context.decoded_auth_token = None
    context.allow_replica = False
    context.request_time = timezone.now()
    answer = schema.execute(_document(name), variable_values=variables, context_value=context)
    if answer.errors:
        raise shop.CannotOrder(f"{name}: {type(getattr(answer.errors[0], 'original_error', None)).__name__}") from (
            answer.errors[0]
        )
    payload = answer.data[name]
    if payload["errors"]:
        raise shop.CannotOrder(", ".join(f"{name}: {error['field']} {error['code']}" for error in payload["errors"]))
    return payload
