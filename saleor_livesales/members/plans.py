"""Making and changing plans."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from .. import shop
from ..errors import Invalid, LiveSalesError, NotFound
from ..sessions.models import SessionForm
from . import periods
from .models import Arrangement, Charge, Membership, Plan

NAME_LIMIT: Final = 120
URL_LIMIT: Final = 500
MOST_GRACE: Final = 365  # days
MOST_LEVEL: Final = 100
MOST_PRIORITY: Final = 10
MOST_SESSIONS: Final = 100_000  # a period
MOST: Final = {
    "grace_days": MOST_GRACE,
    "level": MOST_LEVEL,
    "priority": MOST_PRIORITY,
    "sessions_per_period": MOST_SESSIONS,
}
FIXED: Final = ("period", "variant_id", "product_id", "time_zone")  # what is bought means what it meant


class VariantTaken(LiveSalesError):
    """Another plan is bought by this product variant."""

    code = "VARIANT_TAKEN"


class PlanInUse(LiveSalesError):
    """Somebody has bought the plan: its period, variant and time zone stay."""

    code = "PLAN_IN_USE"


def create(*, values: Mapping[str, Any], now: datetime.datetime) -> Plan:
    """A plan; ``values`` by column name: name, product_id, variant_id and period at least.

    Raises Invalid with the field, VariantTaken.
    """
    for name in ("name", "product_id", "variant_id", "period"):
        if not values.get(name):
            raise Invalid("This is needed.", field=name)
    plan = Plan(created_at=now, updated_at=now, **_checked(values))
    _check_variant(plan)
    return _saved(plan, force_insert=True)


def update(*, plan_id: object, changes: Mapping[str, Any], now: datetime.datetime) -> Plan:
    """Set what ``changes`` names. What members have paid for stays: see FIXED.

    Raises NotFound, Invalid with the field, VariantTaken, PlanInUse.
    """
    values = _checked(changes)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
        if plan is None:
            raise NotFound("Couldn't resolve to a node of type LiveMembershipPlan.", field="id")
        changed = {name: value for name, value in values.items() if getattr(plan, name) != value}
        fixed = next((name for name in FIXED if name in changed), None)
        if fixed and (Membership.objects.filter(plan=plan).exists() or Charge.objects.filter(plan=plan).exists()):
            raise PlanInUse("Somebody has this plan already. Make another plan and switch this one off.", field=fixed)
        for name, value in changed.items():
            setattr(plan, name, value)
        if {"product_id", "variant_id"} & changed.keys():
            _check_variant(plan)
        plan.updated_at = now
        return _saved(plan)


def _saved(plan: Plan, **options: Any) -> Plan:
    try:
        with transaction.atomic():
            plan.save(**options)
    except IntegrityError:
        raise VariantTaken("Another plan is bought by this variant.", field="variant_id") from None
    return plan


def _check_variant(plan: Plan) -> None:
    """Some channel of the shop must have the variant, under this product."""
    keys = [(channel.slug, plan.product_id, plan.variant_id) for channel in shop.current().channels()]
    if not any(item.price is not None for item in shop.current().items(keys).values()):
        raise Invalid("No channel sells such a variant of the product.", field="variant_id")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checked = dict(values)
    for name, value in checked.items():
        if value is None:
            raise Invalid("This can't be null. Leave it out to keep its value.", field=name)
    if "name" in checked:
        checked["name"] = " ".join(checked["name"].replace("\0", "").split())
        if not 0 < len(checked["name"]) <= NAME_LIMIT:
            raise Invalid(f"A name has 1 to {NAME_LIMIT} characters.", field="name")
    for name in ("period", "trial"):
        if checked.get(name) or (name == "period" and name in checked):
            try:
                periods.parse(checked[name])
            except Invalid as error:
                raise Invalid(error.message, field=name) from None
    if "time_zone" in checked:
        periods.zone(checked["time_zone"])
    for name, most in MOST.items():
        if name in checked and not 0 <= checked[name] <= most:
            raise Invalid(f"Must be 0 to {most}.", field=name)
    if "arrangement" in checked and checked["arrangement"] not in Arrangement.values:
        raise Invalid(f"Must be one of {', '.join(Arrangement.values)}.", field="arrangement")
    if "forms" in checked:
        checked["forms"] = [form for form in SessionForm.values if form in checked["forms"]]
        if checked["forms"] and SessionForm.CHAT not in checked["forms"]:
            raise Invalid("Every plan has chat. Leave the list empty for all forms.", field="forms")
    if checked.get("payment_url"):
        checked["payment_url"] = _payment_url(checked["payment_url"])
    if checked.get("sign_in_url"):
        checked["sign_in_url"] = _page_url(checked["sign_in_url"])
    return checked


def _payment_url(text: str) -> str:
    text = text.strip()
    if not _is_page(text) or "{order}" not in text.partition("#")[0]:
        raise Invalid("The address must look like https://shop.example.com/pay/{order}.", field="payment_url")
    return text


def _page_url(text: str) -> str:
    text = text.strip()
    if not _is_page(text) or "#" in text:
        raise Invalid("The address must look like https://shop.example.com/members.", field="sign_in_url")
    return text


def _is_page(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return (
        len(text) <= URL_LIMIT
        and parts.scheme in ("https", "http")
        and bool(parts.hostname)
        and not any(character.isspace() or not character.isprintable() for character in text)
    )
