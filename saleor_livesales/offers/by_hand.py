"""A rep offers help to one visitor, whatever the rules of price and request say."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from typing import Final

import msgspec
from django.db import transaction
from msgspec.structs import replace as changed

from ..errors import Invalid, LiveSalesError, NotFound
from ..ids import uuid7
from ..sessions import capacity, gates
from ..sessions.models import Rep
from ..visitors import store
from ..visitors.facts import Facts
from ..visitors.models import Visit, Visitor
from . import actions, queries
from .decide import OfferOutcome, decide_by_hand
from .models import Decision, Offer, OfferState
from .rules import INACTIVE

GREETING_LIMIT: Final = 500  # characters


class VisitorAway(LiveSalesError):
    """The visitor is not on the site now."""

    code = "VISITOR_AWAY"


class VisitorInSession(LiveSalesError):
    """The visitor has an open session."""

    code = "VISITOR_IN_SESSION"


class OfferOpen(LiveSalesError):
    """The visitor has an open offer."""

    code = "OFFER_OPEN"


class Blocked(LiveSalesError):
    """The visitor is blocked."""

    code = "VISITOR_BLOCKED"


class OfferPause(LiveSalesError):
    """The visitor refused or ignored an offer a short while ago."""

    code = "OFFER_PAUSE"


_REFUSALS: Final[dict[str, tuple[type[LiveSalesError], str]]] = {
    "inactive_channel": (gates.ChannelInactive, "Live sales are not available in this channel."),
    "closed": (gates.OutsideHours, "This channel is closed now: nothing is offered outside its office hours."),
    "visitor_away": (VisitorAway, "This visitor is not on the site any more."),
    "blocked": (Blocked, "This visitor is blocked."),
    "code_required": (gates.CodeRequired, "This visitor has not entered a sign-in code, which this channel asks for."),
    "open_session": (VisitorInSession, "This visitor is in a session."),
    "open_offer": (OfferOpen, "This visitor has an open offer."),
    "offer_pause": (OfferPause, "This visitor was offered help a short while ago, and did not take it."),
}


def make(*, visitor_id: uuid.UUID, rep_id: uuid.UUID, greeting: str, now: datetime.datetime) -> Offer:
    """An open offer of this rep for the visitor's present visit. An empty ``greeting``: the channel's.

    Whoever accepts it is brought to this rep first. Under the locks of the visitor, with which no session opens
    meanwhile, and of the rep, whose open offers count as places that are taken.
    Raises Invalid (greeting), NotFound, Inactive, ChannelInactive, OutsideHours, RepOffline, RepBusy, VisitorAway,
    Blocked, CodeRequired, VisitorInSession, OfferOpen, BelowThreshold (where the price is a gate), OfferPause.
    """
    greeting = _checked(greeting)
    visit = Visit.objects.filter(visitor_id=visitor_id, current=True).first()
    if visit is None:
        raise _no_visitor() if not Visitor.objects.filter(pk=visitor_id).exists() else _refusal("visitor_away")
    gates.active_channel(visit.channel)
    rules = replace(queries.rules_by_channel().get(visit.channel, INACTIVE), available=True)
    with transaction.atomic():
        if not Visitor.objects.select_for_update().filter(pk=visitor_id).exists():
            raise _no_visitor()
        rep = _free(rep_id, now)
        known = _facts(visit.pk, now)
        outcome = decide_by_hand(known, rules, now.timestamp(), greeting=greeting)
        if not isinstance(outcome, OfferOutcome):
            raise _refusal(outcome.reason)
        return _write(known, outcome, rep, now)


def _checked(greeting: str) -> str:
    text = greeting.strip()
    if len(text) > GREETING_LIMIT:
        raise Invalid(
            f"The greeting has {len(text)} characters. At most {GREETING_LIMIT} are allowed.", field="greeting"
        )
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("The greeting holds a character that is not allowed.", field="greeting")
    return text


def _free(rep_id: uuid.UUID, now: datetime.datetime) -> Rep:
    """The rep, locked, with a place for whoever accepts."""
    rep = capacity.lock(rep_id)
    if not capacity.is_online(rep, now):
        raise capacity.RepOffline("You are not online. Set yourself online to offer help.")
    open_offers = Offer.objects.filter(rep_id=rep_id, state=OfferState.OPEN, due_at__gt=now).count()
    if rep.load + open_offers * capacity.WEIGHT + capacity.WEIGHT > rep.capacity:
        raise capacity.RepBusy(
            f"You have {rep.load} of {rep.capacity} sessions, and {open_offers} offers that can still be accepted."
        )
    return rep


def _facts(visit_id: uuid.UUID, now: datetime.datetime) -> Facts:
    """What is known of the visit now, by its row. A visit that a later one followed is one that is over."""
    visit = Visit.objects.get(pk=visit_id)
    return changed(
        store.from_visit(visit),
        visit=visit.pk,
        channel=visit.channel,
        online=visit.online and visit.current,
        last_seen_at=visit.last_seen_at.timestamp(),
        standing=queries.standings(visitor_ids=[visit.visitor_id], now=now)[visit.visitor_id],
    )


def _write(known: Facts, outcome: OfferOutcome, rep: Rep, now: datetime.datetime) -> Offer:
    """The offer, and why it was made. The unique index has the last word on how many are open."""
    assert known.visit is not None
    event_id = uuid7().hex  # no event of the stream; whoever asks twice finds the first one open
    new = actions.NewOffer(
        visitor_id=known.visitor,
        visit_id=known.visit,
        channel=known.channel,
        rule=outcome.rule,
        forms=outcome.forms,
        greeting=outcome.greeting,
        product_id=outcome.product_id,
        variant_id=outcome.variant_id,
        event_id=event_id,
        rep=rep,
    )
    offer = actions.make_all(offers=[new], now=now).get(known.visitor)
    if offer is None:
        raise _refusal("open_offer")
    Decision.objects.create(
        at=now,
        visitor_id=known.visitor,
        visit_id=known.visit,
        channel=known.channel,
        event_id=event_id,
        outcome="offer",
        rule=outcome.rule,
        reason=outcome.reason,
        explanation=list(outcome.explanation),
        facts=msgspec.to_builtins(known),
        offer_id=offer.pk,
    )
    return offer


def _refusal(reason: str) -> LiveSalesError:
    error, message = _REFUSALS.get(
        reason, (gates.BelowThreshold, "Live help is for items worth more than the store's threshold.")
    )
    return error(message, field="visitorId")


def _no_visitor() -> NotFound:
    return NotFound("Couldn't resolve to a node of type LiveVisitor.", field="visitorId")
