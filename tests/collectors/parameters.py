"""Whether Stripe would take a request's parameters: by the typed definitions that its own package is generated with."""

from __future__ import annotations

import importlib
import types
import typing
from collections.abc import Mapping
from typing import Any

import stripe

OPERATIONS: typing.Final = {
    ("POST", "customers"): ("_customer_create_params", "CustomerCreateParams"),
    ("POST", "checkout/sessions"): ("checkout._session_create_params", "SessionCreateParams"),
    ("GET", "checkout/sessions/*"): ("checkout._session_retrieve_params", "SessionRetrieveParams"),
    ("GET", "payment_methods/*"): ("_payment_method_retrieve_params", "PaymentMethodRetrieveParams"),
    ("POST", "payment_methods/*/detach"): ("_payment_method_detach_params", "PaymentMethodDetachParams"),
    ("POST", "payment_intents"): ("_payment_intent_create_params", "PaymentIntentCreateParams"),
    ("GET", "payment_intents/*"): ("_payment_intent_retrieve_params", "PaymentIntentRetrieveParams"),
    ("POST", "payment_intents/*/confirm"): ("_payment_intent_confirm_params", "PaymentIntentConfirmParams"),
    ("POST", "payment_intents/*/cancel"): ("_payment_intent_cancel_params", "PaymentIntentCancelParams"),
    ("POST", "refunds"): ("_refund_create_params", "RefundCreateParams"),
    ("GET", "refunds"): ("_refund_list_params", "RefundListParams"),
    ("GET", "disputes"): ("_dispute_list_params", "DisputeListParams"),
    ("GET", "events"): ("_event_list_params", "EventListParams"),
}


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """``a[b][0]=c`` as Stripe reads it."""
    found: dict[str, Any] = {}
    for path, value in pairs:
        names = path.replace("]", "").split("[")
        at = found
        for name in names[:-1]:
            at = at.setdefault(name, {})
        assert names[-1] not in at, f"{path} is given twice"
        at[names[-1]] = value
    return found


def problems(method: str, operation: str, given: Mapping[str, Any]) -> list[str]:
    """What Stripe would refuse; empty for a good request. Raises KeyError for an operation that nobody should need."""
    module, name = OPERATIONS[method, operation]
    definition = getattr(importlib.import_module(f"stripe.params.{module}"), name)
    return list(_of_class(definition, given, ""))


def _of_class(definition: Any, given: Any, at: str) -> typing.Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"{at}: not an object"
        return
    namespace = {**vars(importlib.import_module(definition.__module__)), "StripeContext": Any}
    hints: dict[str, Any] = {}
    for key, value in definition.__annotations__.items():
        if key in OPTIONS:
            continue
        text = value.__forward_arg__ if isinstance(value, typing.ForwardRef) else value
        hints[key] = eval(text, namespace) if isinstance(text, str) else text
    for key in given.keys() - hints.keys():
        yield f"{at}{key}: unknown"
    for key, kind in hints.items():
        optional = typing.get_origin(kind) is typing.NotRequired or "NotRequired" in str(kind)[:60]
        if key in given:
            yield from _of_kind(kind, given[key], f"{at}{key}", namespace)
        elif not optional:
            yield f"{at}{key}: missing"


OPTIONS: typing.Final = frozenset(stripe.RequestOptions.__annotations__)


def _of_kind(kind: Any, given: Any, at: str, names: Mapping[str, Any]) -> typing.Iterator[str]:
    if isinstance(kind, typing.ForwardRef):
        kind = kind.__forward_arg__
    if isinstance(kind, str):
        kind = eval(kind, dict(names))
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return
    if "NotRequired" in str(origin) or "Required" in str(origin):
        yield from _of_kind(args[0], given, at, names)
    elif origin in (typing.Union, types.UnionType):
        tried = [list(_of_kind(each, given, at, names)) for each in args if each is not type(None)]
        if all(tried):
            yield min(tried, key=len)[0]
    elif "Literal" in str(origin):
        if given not in args:
            yield f"{at}: {given!r} is not one of its values"
    elif origin is list:
        if not isinstance(given, Mapping) or list(given) != [str(place) for place in range(len(given))]:
            yield f"{at}: not a list"
        else:
            for place, each in given.items():
                yield from _of_kind(args[0], each, f"{at}[{place}]", names)
    elif origin is dict:
        if not isinstance(given, Mapping) or not all(isinstance(each, str) for each in given.values()):
            yield f"{at}: not a map of texts"
    elif kind is int:
        if not isinstance(given, str) or not given.lstrip("-").isdigit():
            yield f"{at}: not a whole number"
    elif kind is bool:
        if given not in ("true", "false"):
            yield f"{at}: not true or false"
    elif kind is str:
        if not isinstance(given, str):
            yield f"{at}: not a text"
    elif isinstance(kind, type):
        yield from _of_class(kind, given, f"{at}.")
