"""An account's payment method: left on the provider's page, shown by its last digits, taken away.

The member is sent to the provider's page and comes back from there; what was left is asked of the provider, when it
tells of it or when nobody did for a while. The latest one counts; the one before it is taken away at the provider too.
"""

from __future__ import annotations

import datetime
import logging
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q

from .. import shop
from ..collectors import CollectorError, FeeCollector, Method, Refused
from ..errors import Invalid, LiveSalesError
from . import collector, leases
from .models import MethodState, SavedMethod

logger = logging.getLogger(__name__)

LOOK_AFTER: Final = datetime.timedelta(minutes=2)
LOOK_EVERY: Final = datetime.timedelta(minutes=10)
PER_HOUR: Final = 10  # pages that an account may ask for
URL_LIMIT: Final = 2000


class NoCollector(LiveSalesError):
    """This store charges no saved payment methods."""

    code = "NO_FEE_COLLECTOR"


class TooManyLinks(LiveSalesError):
    code = "TOO_FREQUENT"


class CollectorAway(LiveSalesError):
    """The provider did not answer."""

    code = "PAYMENT_PROVIDER"


def of_user(user_id: str) -> SavedMethod | None:
    """The method that is charged."""
    return SavedMethod.objects.filter(user_id=user_id, state=MethodState.SAVED).first()


def of_users(user_ids: list[str]) -> dict[str, SavedMethod]:
    found = SavedMethod.objects.filter(user_id__in=user_ids, state=MethodState.SAVED)
    return {row.user_id: row for row in found}


def ask(*, user_id: str, return_url: str, cancel_url: str, now: datetime.datetime) -> str:
    """The address of the provider's page where the account leaves a payment method.

    Raises Invalid for addresses to come back to that are none, NoCollector, TooManyLinks, CollectorAway.
    """
    for field, url in (("return_url", return_url), ("cancel_url", cancel_url)):
        _check(url, field)
    provider = collector()
    if provider is None:
        raise NoCollector("This store doesn't charge cards by itself.")
    customer = shop.current().customers([user_id]).get(user_id)
    if customer is None:
        raise Invalid("There is no such account.", field="user_id")
    with transaction.atomic():
        rows = SavedMethod.objects.select_for_update().filter(user_id=user_id)
        latest = list(rows.order_by("-created_at")[:PER_HOUR])
        if len(latest) == PER_HOUR and latest[-1].created_at > now - datetime.timedelta(hours=1):
            raise TooManyLinks("You have asked for this often. Try again in an hour.")
        row = SavedMethod.objects.create(user_id=user_id, collector=provider.name, created_at=now)
    known = next((each.customer_ref for each in latest if each.customer_ref and each.collector == provider.name), "")
    about = {"livesales_method": str(row.pk), "saleor_user": user_id}
    try:
        row.customer_ref = known or provider.customer(
            email=customer.email, name=customer.name, key=f"customer-{row.pk}", metadata={"saleor_user": user_id}
        )
        link = provider.link(
            customer=row.customer_ref, return_url=return_url, cancel_url=cancel_url, key=f"link-{row.pk}",
            language=customer.language.partition("-")[0], metadata=about,
        )  # fmt: skip
    except CollectorError as error:
        SavedMethod.objects.filter(pk=row.pk).update(state=MethodState.EXPIRED, ended_at=now)
        logger.warning("No page of %s for a payment method: %s %s", provider.name, type(error).__name__, error)
        raise CollectorAway("The payment provider doesn't answer now. Try again later.") from None
    row.link_ref, row.work_at = link.reference, now + LOOK_AFTER
    row.save(update_fields=["customer_ref", "link_ref", "work_at"])
    return link.url


def _check(url: str, field: str) -> None:
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        port_ok = False
    if len(url) > URL_LIMIT or not port_ok or parts.scheme not in ("https", "http") or not parts.hostname:
        raise Invalid(
            "This is not the address of a page. Give for example https://shop.example.com/account.", field=field
        )


def remove(*, method_id: object, owner: str | None, now: datetime.datetime) -> SavedMethod | None:
    """Charge this method no more, and have the provider forget it. The row; None: there is none of this ``owner``'s.

    ``owner`` None: whoever's it is. Removed before, it comes back as it is.
    """
    with transaction.atomic():
        rows = SavedMethod.objects.select_for_update().filter(pk=method_id, saved_at__isnull=False)
        row = (rows if owner is None else rows.filter(user_id=owner)).first()
        if row is not None and row.state == MethodState.SAVED:
            _end(row, MethodState.REMOVED, now=now)
    return row


def _end(row: SavedMethod, state: object, *, now: datetime.datetime) -> None:
    row.state, row.ended_at, row.attempts = state, now, 0
    row.work_at = now if state == MethodState.REMOVED else None
    row.save(update_fields=["state", "ended_at", "attempts", "work_at"])


def told(*, provider: FeeCollector, link_ref: str, method_ref: str, now: datetime.datetime) -> set[str]:
    """The provider told of a page or a method: ask it how these are now. Accounts whose method is another one now."""
    changed: set[str] = set()
    if link_ref:
        open_ones = Q(state=MethodState.ASKED) | Q(state=MethodState.REMOVED, method_ref="")
        row = SavedMethod.objects.filter(open_ones, collector=provider.name, link_ref=link_ref).first()
        if row is not None and _left(provider, row, now=now):
            changed.add(row.user_id)
    if method_ref:
        saved = SavedMethod.objects.filter(collector=provider.name, method_ref=method_ref, state=MethodState.SAVED)
        for row in saved:
            _refresh(row, provider.method(method_ref), now=now)
            changed.add(row.user_id)
    return changed


def lost(method: SavedMethod, *, now: datetime.datetime) -> None:
    """The provider says that it has this method no more."""
    rows = SavedMethod.objects.filter(pk=method.pk, state=MethodState.SAVED)
    rows.update(state=MethodState.LOST, ended_at=now, work_at=None)


def _refresh(row: SavedMethod, found: Method | None, *, now: datetime.datetime) -> None:
    if found is None:
        lost(row, now=now)
        return
    SavedMethod.objects.filter(pk=row.pk, state=MethodState.SAVED).update(
        brand=found.brand, last_digits=found.last_digits, expires=found.expires
    )


def _left(provider: FeeCollector, row: SavedMethod, *, now: datetime.datetime) -> bool:
    """Whether a method was left on the page, and counts from now on. Raises CollectorError."""
    try:
        found = provider.left(row.link_ref)
    except Refused:
        SavedMethod.objects.filter(pk=row.pk, state=MethodState.ASKED).update(
            state=MethodState.EXPIRED, ended_at=now, work_at=None
        )
        return False
    if found is None:
        return False
    with transaction.atomic():
        rows = list(SavedMethod.objects.select_for_update().filter(user_id=row.user_id).order_by("id"))
        fresh = next((each for each in rows if each.pk == row.pk), None)
        if fresh is None or fresh.state != MethodState.ASKED:
            # Left on a page that was open when its account was deleted: nobody charges it, so the provider forgets it.
            SavedMethod.objects.filter(pk=row.pk, state=MethodState.REMOVED, method_ref="").update(
                method_ref=found.reference, work_at=now
            )
            return False
        for other in rows:
            if other.state != MethodState.SAVED:
                continue
            if other.created_at > fresh.created_at:  # told late: a page that was opened after it counts
                _end(fresh, MethodState.REMOVED, now=now)
                SavedMethod.objects.filter(pk=fresh.pk).update(method_ref=found.reference)
                return False
            _end(other, MethodState.REMOVED, now=now)
        fresh.customer_ref, fresh.method_ref = found.customer, found.reference
        fresh.kind, fresh.brand, fresh.last_digits, fresh.expires = (
            found.kind, found.brand, found.last_digits, found.expires,
        )  # fmt: skip
        fresh.state, fresh.saved_at, fresh.attempts, fresh.work_at = MethodState.SAVED, now, 0, None
        fresh.save()
    return True


def work(*, provider: FeeCollector, now: datetime.datetime, limit: int = 100) -> set[str]:
    """Look at pages of which nobody told, and have the provider forget what was removed. Accounts with a new method."""
    changed: set[str] = set()
    for row in leases.taken(SavedMethod.objects.filter(collector=provider.name), now=now, limit=limit):
        try:
            if row.state == MethodState.ASKED:
                if _left(provider, row, now=now):
                    changed.add(row.user_id)
                SavedMethod.objects.filter(pk=row.pk, state=MethodState.ASKED).update(
                    work_at=now + LOOK_EVERY, attempts=0
                )
            else:
                if row.state == MethodState.REMOVED and row.method_ref:
                    provider.forget(row.method_ref)
                SavedMethod.objects.filter(pk=row.pk).exclude(state=MethodState.ASKED).update(work_at=None)
        except CollectorError as error:
            SavedMethod.objects.filter(pk=row.pk, work_at__isnull=False).update(
                attempts=F("attempts") + 1, work_at=now + leases.pause(row.attempts)
            )
            logger.warning("Payment method %s: %s %s", row.pk, type(error).__name__, error)
    return changed


def forget_account(*, user_id: str, now: datetime.datetime) -> None:
    """The account is deleted: nothing of it is charged, the provider forgets its methods, and we their numbers."""
    with transaction.atomic():
        rows = SavedMethod.objects.filter(user_id=user_id)
        for row in rows.select_for_update().order_by("id"):
            if row.state in (MethodState.SAVED, MethodState.ASKED):
                _end(row, MethodState.REMOVED, now=now)
        rows.update(brand="", last_digits="", expires=None)
