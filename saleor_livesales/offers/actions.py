"""What happens to an offer: made, accepted, declined, run out, withdrawn. Each function owns its transaction."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
from django.db import connection, transaction

from .. import bus, conf, wire
from ..errors import LiveSalesError, NotFound
from ..ids import to_global_id, uuid7
from ..members import benefits
from ..sessions import actions as sessions
from ..sessions import routing
from ..sessions.forms import FormNotAvailable
from ..sessions.models import Rep, Session
from ..sessions.privileges import Privilege
from ..visitors import actions as visitors
from ..visitors.models import Visit
from .models import Offer, OfferState

Closing = Literal["accepted", "declined", "expired", "withdrawn"]


class OfferClosed(LiveSalesError):
    """The offer was answered, ran out, or was withdrawn."""

    code = "OFFER_CLOSED"


@dataclass(frozen=True, kw_only=True)
class NewOffer:
    """An offer that ``decide`` wants. ``event_id`` led to it, and makes one offer however often seen."""

    visitor_id: uuid.UUID
    visit_id: uuid.UUID
    channel: str
    rule: str
    forms: tuple[str, ...]
    greeting: str
    product_id: str | None
    variant_id: str | None
    event_id: str
    rep: Rep | None = None  # who offers by hand, and is shown
    connect: bool = False  # ``connect`` follows: the visitor hears of the session, not of an offer


def make(*, offer: NewOffer, now: datetime.datetime) -> Offer | None:
    """Offer help to one visitor. None when the visitor has an open offer, or this event made one before."""
    visitors.ensure(visitor_id=offer.visitor_id, now=now)
    return make_all(offers=[offer], now=now).get(offer.visitor_id)


_OFFERS_SQL: Final = """
INSERT INTO saleor_livesales_offer (id, visitor_id, visit_id, channel, state, rule, forms, greeting, product_id,
    variant_id, event_id, rep_id, created_at, due_at)
SELECT id, visitor_id, visit_id, channel, 'open', rule, forms, greeting, product_id, variant_id, event_id, rep_id,
    created_at, due_at
FROM json_to_recordset(%s::json) AS g(id uuid, visitor_id uuid, visit_id uuid, channel text, rule text, forms jsonb,
    greeting text, product_id text, variant_id text, event_id text, rep_id uuid, created_at timestamptz,
    due_at timestamptz)
ON CONFLICT DO NOTHING RETURNING id
"""


def make_all(*, offers: Sequence[NewOffer], now: datetime.datetime) -> dict[uuid.UUID, Offer]:
    """Offer help to many visitors, whose rows exist, in one statement. Returns the offers that were really made.

    What stands against one (an open offer, an event seen before) is in unique indexes, so that any number of deciders
    make it once. The visitors hear of it after the commit.
    """
    if not offers:
        return {}
    due_at = now + datetime.timedelta(seconds=conf.load().offer_lifetime)
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "visitor_id": new.visitor_id,
            "visit_id": new.visit_id,
            "channel": new.channel,
            "rule": new.rule,
            "forms": list(new.forms),
            "greeting": new.greeting,
            "product_id": new.product_id,
            "variant_id": new.variant_id,
            "event_id": new.event_id,
            "rep_id": new.rep.pk if new.rep is not None else None,
            "created_at": now,
            "due_at": due_at,
        }
        for new in sorted(offers, key=lambda new: str(new.visitor_id))
    ]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_OFFERS_SQL, [msgspec.json.encode(rows).decode()])
            written = {row[0] for row in cursor.fetchall()}
        made = [Offer(**row, state=OfferState.OPEN) for row in rows if row["id"] in written]
        if made:
            turn = routing.next_in_turn(now)
            reps = {new.visitor_id: new.rep or turn for new in offers}
            silent = {new.visitor_id for new in offers if new.connect}
            frames = [
                (bus.visitor_channel(each.visitor_id), frame(each, rep=reps[each.visitor_id]))
                for each in made
                if each.visitor_id not in silent
            ]
            transaction.on_commit(lambda: bus.publish(frames))
    return {offer.visitor_id: offer for offer in made}


def frame(offer: Offer, *, rep: Rep | None) -> wire.OfferMade:
    """The offer as its visitor sees it; also for a visitor that comes back while it is open.

    ``rep`` would be asked if the visitor accepted now: who made the offer, else ``routing.next_in_turn``.
    """
    return wire.OfferMade(
        id=to_global_id("LiveOffer", offer.id),
        forms=offer.forms,
        greeting=offer.greeting,
        expires_at=offer.due_at.isoformat(),
        product=offer.product_id,
        rep_name=rep.name or None if rep is not None else None,
        rep_avatar_url=rep.avatar_url if rep is not None else None,
    )


def connect(*, offer: Offer, now: datetime.datetime) -> Session | None:
    """Begin the session that the visitor's plan arranges, as if the visitor had asked. Where none can begin it is an
    offer like any other; where the plan has none left, or not this form, it is none."""
    try:
        return accept(offer_id=offer.pk, visitor_id=offer.visitor_id, form="chat", counted=True, now=now)[1]
    except (benefits.SessionsUsedUp, FormNotAvailable):
        withdraw(visitor_ids=[offer.visitor_id], now=now)
    except OfferClosed:
        pass  # answered in another way meanwhile
    except LiveSalesError:
        shown = frame(offer, rep=routing.next_in_turn(now))
        bus.publish([(bus.visitor_channel(offer.visitor_id), shown)])
    return None


def accept(
    *, offer_id: uuid.UUID, visitor_id: uuid.UUID, form: str, counted: bool = False, now: datetime.datetime
) -> tuple[Offer, Session]:
    """The visitor takes the offer, and a session starts. Accepting again returns the same session.

    ``counted``: only while the visitor's plan has a session left.

    Raises NotFound for another visitor's offer, OfferClosed, and what ``sessions.actions.start`` raises; then the offer
    stays open for another try.
    """
    offer = _answer(offer_id=offer_id, visitor_id=visitor_id, answer="accepted", now=now)
    session = Session.objects.filter(offer_id=offer_id).first()
    if session is None:
        try:
            session = _start(offer, form=form, counted=counted, now=now)  # asks the shop, so in no transaction of ours
        except Exception:
            _reopen(offer_id)
            raise
    _announce([offer], "accepted", now)
    return offer, session


def _start(offer: Offer, *, form: str, counted: bool, now: datetime.datetime) -> Session:
    visit = Visit.objects.filter(visitor_id=offer.visitor_id, current=True).first()
    checkout_id = visit.checkout_id if visit is not None and visit.cart_total is not None else None

    def claim(*, visitor_id: uuid.UUID, form: str, invited: bool, now: datetime.datetime) -> Privilege:
        """Who asked and was answered with an offer has asked: no other way round the sessions that a plan gives."""
        asked = counted or offer.rule == "request"
        return benefits.claim(visitor_id=visitor_id, form=form, invited=invited and not asked, now=now)

    def start(checkout_id: str | None) -> Session:
        return sessions.start(
            visitor_id=offer.visitor_id,
            channel=offer.channel,
            form=form,
            product_id=offer.product_id,
            variant_id=offer.variant_id,
            checkout_id=checkout_id,
            offer_id=offer.id,
            wanted_rep_id=offer.rep_id,
            claim=claim,
            now=now,
        )

    try:
        return start(checkout_id)
    except NotFound:
        if checkout_id is None:
            raise
        return start(None)  # the checkout became an order, or is gone, since the decider saw it


def decline(*, offer_id: uuid.UUID, visitor_id: uuid.UUID, now: datetime.datetime) -> Offer:
    """The visitor wants no help now. Declining again changes nothing. Raises NotFound, OfferClosed."""
    offer = _answer(offer_id=offer_id, visitor_id=visitor_id, answer="declined", now=now)
    _announce([offer], "declined", now)
    return offer


def _answer(*, offer_id: uuid.UUID, visitor_id: uuid.UUID, answer: Closing, now: datetime.datetime) -> Offer:
    """Close the open offer with this answer under its lock. One that was answered so before is returned as it is."""
    with transaction.atomic():
        offer = Offer.objects.select_for_update().filter(id=offer_id, visitor_id=visitor_id).first()
        if offer is None:
            raise NotFound("Couldn't resolve to a node of type LiveOffer.", field="id")
        if offer.state == answer:
            return offer
        if offer.state != OfferState.OPEN or offer.due_at <= now:
            raise OfferClosed("This offer is no longer open.", field="id")
        offer.state = answer
        offer.answered_at = now
        offer.save(update_fields=["state", "answered_at"])
    return offer


def _reopen(offer_id: uuid.UUID) -> None:
    """No session came of an accepted offer. Another may have been made meanwhile: then this one stays withdrawn."""
    with transaction.atomic():
        offer = Offer.objects.select_for_update().get(id=offer_id)
        if offer.state != OfferState.ACCEPTED or Session.objects.filter(offer_id=offer_id).exists():
            return  # another request of this visitor was luckier
        other = Offer.objects.filter(visitor_id=offer.visitor_id, state=OfferState.OPEN).exists()
        offer.state = OfferState.WITHDRAWN if other else OfferState.OPEN
        offer.answered_at = None
        offer.save(update_fields=["state", "answered_at"])


def expire_due(*, now: datetime.datetime, limit: int = 200) -> int:
    """Close offers that nobody answered in time. Returns how many; several processes share the work."""
    with transaction.atomic():
        due = list(
            Offer.objects.select_for_update(skip_locked=True)
            .filter(state=OfferState.OPEN, due_at__lte=now)
            .order_by("due_at")[:limit]
        )
        _close(due, "expired", now)
    return len(due)


def withdraw(*, visitor_ids: Collection[uuid.UUID], now: datetime.datetime) -> int:
    """Take back these visitors' open offers: they have a session already, or must not get one. Returns how many."""
    with transaction.atomic():
        found = list(
            Offer.objects.select_for_update(skip_locked=True).filter(visitor_id__in=visitor_ids, state=OfferState.OPEN)
        )
        _close(found, "withdrawn", now)
    return len(found)


def _close(offers: list[Offer], closing: Closing, now: datetime.datetime) -> None:
    Offer.objects.filter(id__in=[offer.id for offer in offers]).update(state=closing, answered_at=now)
    if offers:
        transaction.on_commit(lambda: _announce(offers, closing, now))


def _announce(offers: Sequence[Offer], reason: Closing, now: datetime.datetime) -> None:
    """Tell the visitors' windows, and the decider."""
    gids = [(offer.visitor_id, to_global_id("LiveOffer", offer.id)) for offer in offers]
    bus.publish([(bus.visitor_channel(visitor), wire.OfferClosed(id=gid, reason=reason)) for visitor, gid in gids])
    data = {"answer": reason}
    bus.notice(
        [
            wire.Noticed(visitor=visitor, kind="answered", at=now.timestamp(), data={**data, "offer": gid})
            for visitor, gid in gids
        ]
    )
