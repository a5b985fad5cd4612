"""One batch of events: from what browsers and shop reported to what is known, and to offers.

The order is what makes it safe to be killed at any point: PostgreSQL in one transaction, then Redis, then the
acknowledgement. What was committed is recognised by the event's id, and what was not is done again.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import msgspec
import redis
from django.db import connection, transaction
from msgspec.structs import replace as changed

from .. import bus, conf, wire
from ..ids import uuid7
from ..sessions.capacity import is_online
from ..sessions.models import Rep
from ..sessions.routing import next_in_turn
from ..visitors import actions as visitors
from ..visitors import events, facts, store
from ..visitors.facts import Facts, Standing, Worth
from . import actions, queries, worth
from .decide import Line, OfferOutcome, Silence, decide
from .models import Offer, OfferState
from .rules import INACTIVE, Rules

# After these the visitor's cart is looked up again; a heartbeat alone is no reason.
_CART_KINDS = frozenset({"arrive", "page", "product", "cart", "checkout", "purchase"})


@dataclass(frozen=True, slots=True)
class Event:
    """A visitor's event under its stream id."""

    event_id: str
    noticed: wire.Noticed


class Tally(NamedTuple):
    """What a batch came to: events applied for the first time, visitors decided about, offers made."""

    events: int
    decisions: int
    offers: int


def work(
    batch: Sequence[Event],
    *,
    client: redis.Redis,
    rules: Mapping[str, Rules],
    now: datetime.datetime,
    redelivered: bool = False,
) -> Tally:
    """Apply the events and decide once for each visitor that they changed.

    ``rules`` are those of each channel, without availability. ``redelivered``: the batch may have been committed by a
    process that died before it said so; then the rows are asked what was applied, and offers are announced again.
    Raises what PostgreSQL, Redis and the shop raise; then nothing was acknowledged, and the batch comes again.
    """
    visitor_ids = list(dict.fromkeys(event.noticed.visitor for event in batch))
    before = store.load(client, visitor_ids, compare=redelivered)
    after = dict(before)
    kinds: dict[uuid.UUID, set[str]] = {}
    applied = 0
    gap = conf.load().visit_gap
    for event in batch:
        pk = event.noticed.visitor
        if not facts.applied(after[pk], event.event_id):
            kinds.setdefault(pk, set()).add(event.noticed.kind)
            applied += 1
        after[pk] = facts.apply(after[pk], event.noticed, event.event_id, visit_gap=gap)
    touched = {pk: after[pk] for pk in kinds}
    _fill_carts(before, touched, kinds, now)
    _fill_items(client, touched)
    standing = queries.standings(visitor_ids=list(touched), now=now)
    touched = {pk: changed(known, standing=standing[pk]) for pk, known in touched.items()}
    touched, offers, decisions = _decide_all(touched, rules, now)

    with transaction.atomic():
        store.save_rows(touched.values())
        made = actions.make_all(offers=offers, now=now)
        _save_decisions(decisions, made)
    store.save_cache(client, (after | touched if redelivered else touched).values())

    for offer in offers:
        if offer.connect and (row := made.get(offer.visitor_id)) is not None:
            actions.connect(offer=row, now=now)
    _withdraw(touched, rules, now)
    invalid = sum(touched[pk].ignored - before[pk].ignored for pk in touched)
    if invalid:
        events.count_drops(client, {"invalid": invalid})
    frames = store.moves(before, touched, window=conf.load().online_window)
    came_back = visitor_ids if redelivered else [pk for pk, seen in kinds.items() if "arrive" in seen]
    bus.publish(frames + _open_offers(came_back, now))
    return Tally(applied, len(touched), len(made))


def _fill_carts(
    before: Mapping[uuid.UUID, Facts],
    touched: dict[uuid.UUID, Facts],
    kinds: Mapping[uuid.UUID, set[str]],
    now: datetime.datetime,
) -> None:
    """What the carts are worth now. A checkout that doesn't exist, or is another visitor's, is not taken."""
    look = {pk: known.checkout for pk, known in touched.items() if known.checkout and kinds[pk] & _CART_KINDS}
    if not look:
        return
    found = worth.carts(sorted(set(look.values())))
    new = [(pk, key) for pk, key in look.items() if key in found and key != before[pk].checkout]
    owners = visitors.claim_checkouts(wanted=new, now=now) if new else {}
    for pk, key in look.items():
        known = touched[pk]
        cart = found.get(key)
        if cart is None:
            touched[pk] = changed(known, checkout=None, cart=None)
        elif owners.get(key, pk) != pk:
            touched[pk] = changed(known, checkout=None, cart=None, ignored=known.ignored + 1)
        else:
            here = Worth(amount=cart.total, currency=cart.currency) if cart.channel == known.channel else None
            touched[pk] = changed(known, cart=here)


def _fill_items(client: redis.Redis, touched: dict[uuid.UUID, Facts]) -> None:
    keys = {pk: (known.channel, known.product, known.variant) for pk, known in touched.items() if known.product}
    found = worth.items(client, set(keys.values()))  # type: ignore[arg-type]
    for pk, key in keys.items():
        touched[pk] = changed(touched[pk], item=found[key])  # type: ignore[index]


def _decide_all(
    touched: Mapping[uuid.UUID, Facts], rules: Mapping[str, Rules], now: datetime.datetime
) -> tuple[dict[uuid.UUID, Facts], list[actions.NewOffer], list[Written]]:
    """The facts with what was decided, the offers to make, and a row for each offer and each new reason for silence."""
    free = queries.somebody_free(now=now)
    decided: dict[uuid.UUID, Facts] = {}
    offers: list[actions.NewOffer] = []
    decisions: list[Written] = []
    for pk, known in touched.items():
        decided[pk] = known
        if known.visit is None or not known.online:
            continue  # never seen on a page, or gone: nobody to offer anything
        outcome = decide(known, replace(rules.get(known.channel, INACTIVE), available=free), now.timestamp())
        label = f"{outcome.rule}:{outcome.reason}"
        if isinstance(outcome, Silence) and label == known.decided:
            continue
        decided[pk] = changed(known, decided=label if isinstance(outcome, Silence) else f"offer:{label}")
        decisions.append(_decision(known, outcome, now))
        if isinstance(outcome, OfferOutcome):
            offers.append(
                actions.NewOffer(
                    visitor_id=pk,
                    visit_id=known.visit,
                    channel=known.channel,
                    rule=outcome.rule,
                    forms=outcome.forms,
                    greeting=outcome.greeting,
                    product_id=outcome.product_id,
                    variant_id=outcome.variant_id,
                    event_id=known.last_event_id,
                    connect=outcome.connect,
                )
            )
    return decided, offers, decisions


class Written(msgspec.Struct):
    """A row of ``models.Decision``."""

    id: uuid.UUID
    at: datetime.datetime
    visitor_id: uuid.UUID
    visit_id: uuid.UUID
    channel: str
    event_id: str
    outcome: str
    rule: str
    reason: str
    explanation: tuple[Line, ...]
    facts: Facts
    offer_id: uuid.UUID | None = None


_DECISIONS_SQL: Final = """
INSERT INTO saleor_livesales_decision (id, at, visitor_id, visit_id, channel, event_id, outcome, rule, reason,
    explanation, facts, offer_id)
SELECT * FROM json_to_recordset(%s::json) AS g(id uuid, at timestamptz, visitor_id uuid, visit_id uuid, channel text,
    event_id text, outcome text, rule text, reason text, explanation jsonb, facts jsonb, offer_id uuid)
"""


def _decision(known: Facts, outcome: OfferOutcome | Silence, now: datetime.datetime) -> Written:
    assert known.visit is not None
    return Written(
        id=uuid7(),
        at=now,
        visitor_id=known.visitor,
        visit_id=known.visit,
        channel=known.channel,
        event_id=known.last_event_id,
        outcome="offer" if isinstance(outcome, OfferOutcome) else "silence",
        rule=outcome.rule,
        reason=outcome.reason,
        explanation=outcome.explanation,
        facts=known,
    )


def _save_decisions(decisions: list[Written], made: Mapping[uuid.UUID, Offer]) -> None:
    """An offer that an index refused was made before, and has its row."""
    rows = []
    for decision in decisions:
        if decision.outcome == "offer":
            offer = made.get(decision.visitor_id)
            if offer is None:
                continue
            decision.offer_id = offer.id
        rows.append(decision)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_DECISIONS_SQL, [msgspec.json.encode(rows).decode()])


def _withdraw(touched: Mapping[uuid.UUID, Facts], rules: Mapping[str, Rules], now: datetime.datetime) -> None:
    """Open offers of those who talk already, were blocked, or whose channel was switched off."""

    def pointless(standing: Standing, channel: str) -> bool:
        return standing.open_offer and (
            standing.open_session or standing.blocked or not rules.get(channel, INACTIVE).active
        )

    found = [pk for pk, known in touched.items() if pointless(known.standing, known.channel)]
    if found:
        actions.withdraw(visitor_ids=found, now=now)


def _open_offers(visitor_ids: Sequence[uuid.UUID], now: datetime.datetime) -> list[tuple[str, wire.Frame]]:
    """An open offer is shown again to a visitor who came to another page, or reloaded."""
    if not visitor_ids:
        return []
    found = Offer.objects.filter(visitor_id__in=visitor_ids, state=OfferState.OPEN, due_at__gt=now)
    offers = list(found.select_related("rep"))
    turn = next_in_turn(now) if offers else None

    def rep(offer: Offer) -> Rep | None:
        return offer.rep if offer.rep is not None and is_online(offer.rep, now) else turn

    return [(bus.visitor_channel(offer.visitor_id), actions.frame(offer, rep=rep(offer))) for offer in offers]
