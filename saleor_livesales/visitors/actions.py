"""What changes a visitor. Each function owns its transaction."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection

from django.db import transaction

from .. import bus, wire
from .facts import clean
from .models import Assurance, Visitor, VisitorCheckout, VisitorLink, VisitorPass

MAX_NAME = 255


def ensure(*, visitor_id: uuid.UUID, now: datetime.datetime) -> Visitor:
    """The visitor's row, made when it is not there yet. Safe to call at the same time from everywhere."""
    visitor, _ = Visitor.objects.get_or_create(id=visitor_id, defaults={"created_at": now})
    return visitor


def identify(*, visitor_id: uuid.UUID, user_id: str | None, name: str, now: datetime.datetime) -> Visitor:
    """Link the visitor to the account that is asking, or unlink it when nobody is.

    ``name`` is the account's when there is one, else what the visitor calls itself. Every change of the link is
    logged. The same call again changes nothing.
    """
    ensure(visitor_id=visitor_id, now=now)
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().get(id=visitor_id)
        before = visitor.user_id
        links = []
        if before is not None and before != user_id:
            reason = "signed_out" if user_id is None else "other_account"
            links.append(VisitorLink(visitor=visitor, user_id=before, linked=False, reason=reason, at=now))
        if user_id is not None and before != user_id:
            links.append(VisitorLink(visitor=visitor, user_id=user_id, linked=True, reason="signed_in", at=now))
        VisitorLink.objects.bulk_create(links)
        visitor.user_id = user_id
        if user_id is not None:
            visitor.assurance = Assurance.SIGNED_IN
            visitor.identified_at = now if before != user_id else visitor.identified_at
            visitor.name = clean(name, MAX_NAME).strip()
        else:
            if visitor.assurance == Assurance.SIGNED_IN:
                visitor.assurance = Assurance.COOKIE
                visitor.name = ""  # the account's name leaves with the account
            visitor.name = clean(name, MAX_NAME).strip() or visitor.name
        visitor.save(update_fields=["user_id", "assurance", "identified_at", "name"])
        if links:
            event = wire.Noticed(visitor=visitor_id, kind="account", at=now.timestamp())
            transaction.on_commit(lambda: bus.notice([event]))
    return visitor


def admit(*, visitor_id: uuid.UUID, pass_: VisitorPass, now: datetime.datetime) -> VisitorPass:
    """Keep what a sign-in code opened for this visitor, in the caller's transaction. Known by code is more than known
    by cookie, and less than signed in: the account stays as it is."""
    visitor = Visitor.objects.select_for_update(no_key=True).get(id=visitor_id)
    pass_.visitor = visitor
    pass_.save(force_insert=True)
    if visitor.assurance in (Assurance.ANONYMOUS, Assurance.COOKIE):
        visitor.assurance = Assurance.CODE
        visitor.save(update_fields=["assurance"])
    event = wire.Noticed(visitor=visitor_id, kind="account", at=now.timestamp())
    transaction.on_commit(lambda: bus.notice([event]))
    return pass_


def revoke_passes(*, code_ids: Collection[uuid.UUID], now: datetime.datetime) -> int:
    """What these codes opened is closed, in the caller's transaction. How many passes."""
    return VisitorPass.objects.filter(code_id__in=code_ids, revoked_at__isnull=True).update(revoked_at=now)


def claim_checkout(*, visitor_id: uuid.UUID, checkout_id: str, now: datetime.datetime) -> bool:
    """Whether the checkout is this visitor's: it belongs to the first visitor who brought its id."""
    return claim_checkouts(wanted=[(visitor_id, checkout_id)], now=now)[checkout_id] == visitor_id


def claim_checkouts(*, wanted: list[tuple[uuid.UUID, str]], now: datetime.datetime) -> dict[str, uuid.UUID]:
    """Claim many checkouts; who comes first in the list comes first. Returns the owner of each."""
    claims: dict[str, uuid.UUID] = {}
    for visitor_id, checkout_id in wanted:
        claims.setdefault(checkout_id, visitor_id)
    with transaction.atomic():
        ids = sorted({visitor_id for visitor_id, _ in wanted}, key=str)
        Visitor.objects.bulk_create([Visitor(id=pk, created_at=now) for pk in ids], ignore_conflicts=True)
        rows = [VisitorCheckout(checkout_id=key, visitor_id=claims[key], claimed_at=now) for key in sorted(claims)]
        VisitorCheckout.objects.bulk_create(rows, ignore_conflicts=True)
    owners = VisitorCheckout.objects.filter(checkout_id__in=claims)
    return dict(owners.values_list("checkout_id", "visitor_id"))


def forget_user(*, user_id: str, now: datetime.datetime) -> list[uuid.UUID]:
    """Unlink every visitor of a deleted account and blank what is known of it. Returns the visitors.

    The link's log keeps the account's id, which no longer leads to a person. Safe to call twice.
    """
    with transaction.atomic():
        visitors = list(Visitor.objects.select_for_update().filter(user_id=user_id).order_by("id"))
        VisitorLink.objects.bulk_create(
            VisitorLink(visitor=visitor, user_id=user_id, linked=False, reason="account_deleted", at=now)
            for visitor in visitors
        )
        for visitor in visitors:
            visitor.user_id = None
            visitor.name = ""
            visitor.identified_at = None
            visitor.assurance = Assurance.COOKIE
        Visitor.objects.bulk_update(visitors, ["user_id", "name", "identified_at", "assurance"])
        events = [wire.Noticed(visitor=visitor.id, kind="account", at=now.timestamp()) for visitor in visitors]
        if events:
            transaction.on_commit(lambda: bus.notice(events))
    return [visitor.id for visitor in visitors]


def rename_user(*, user_id: str, name: str) -> int:
    """The account's name changed in the shop. Returns how many visitors carry it."""
    return Visitor.objects.filter(user_id=user_id).update(name=clean(name, MAX_NAME).strip())
