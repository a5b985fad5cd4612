"""Whether to offer help to a visitor now, and why. Pure: facts, rules and the time in, an outcome out.

First the conditions that forbid any offer, then the rules, then what speaks against an offer that a rule wants. All of
them are weighed and explained each time, so that the explanation of a silence shows how near an offer was.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ..channels.hours import open_at
from ..visitors.facts import Facts, Worth
from .rules import PriceRule, RequestRule, Rules

CONDITIONS: Final = "conditions"  # the "rule" of a silence that no rule could have changed
ARRANGEMENT: Final = "arrangement"  # of the visitor's plan
BY_HAND: Final = "rep"  # the "rule" of what a rep offers
Line = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class OfferOutcome:
    """Offer help. ``reason`` says what the rule saw."""

    rule: str
    reason: str
    explanation: tuple[Line, ...]
    forms: tuple[str, ...]
    greeting: str
    product_id: str | None
    variant_id: str | None
    connect: bool = False  # the visitor is not asked: a session begins


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Offer nothing. ``reason`` is the first thing that stood against it."""

    rule: str
    reason: str
    explanation: tuple[Line, ...]


def decide(facts: Facts, rules: Rules, now: float) -> OfferOutcome | Silence:
    """The outcome at ``now`` (Unix seconds)."""
    lines: list[Line] = []
    refusal = _conditions(facts, rules, now, lines)
    request = _request(facts, rules, now, lines)
    arranged = _arrangement(facts, lines)
    price, worth_more = _price(facts, rules.price, lines)
    gated = rules.price is not None and rules.price.gate and not worth_more
    tact = _tact(facts, rules, now, lines)
    lines.append(
        {"rule": "available", "holds": rules.available, "reason": "" if rules.available else "nobody_available"}
    )
    explanation = tuple(lines)

    if refusal:
        return Silence(rule=CONDITIONS, reason=refusal, explanation=explanation)
    if request == "requested" and not gated:
        rule, reason = "request", request
    elif arranged in ("arranged_offer", "arranged_connect") and not gated:
        rule, reason = ARRANGEMENT, arranged
        if tact:
            return Silence(rule=rule, reason=tact, explanation=explanation)
    elif arranged == "on_request":
        return Silence(rule=ARRANGEMENT, reason=arranged, explanation=explanation)
    elif worth_more and rules.price is not None:
        rule, reason = rules.price.name, price
        if tact:
            return Silence(rule=rule, reason=tact, explanation=explanation)
    else:
        return Silence(rule="price", reason=price, explanation=explanation)
    if not rules.available:
        return Silence(rule=rule, reason="nobody_available", explanation=explanation)
    sold = facts.item is not None and facts.item.amount is not None
    return OfferOutcome(
        rule=rule,
        reason=reason,
        explanation=explanation,
        forms=rules.forms,
        greeting=rules.greeting,
        product_id=facts.product if sold else None,
        variant_id=facts.variant if sold else None,
        connect=reason == "arranged_connect",
    )


def decide_by_hand(facts: Facts, rules: Rules, now: float, *, greeting: str) -> OfferOutcome | Silence:
    """The outcome where a rep offers help to this visitor. An empty ``greeting``: the channel's.

    The conditions hold as for the rules' own offers, and so do the price where it is a gate, and the pause after a
    refusal: who said no is not asked again by somebody else. That a rep is free, the caller sees to.
    """
    lines: list[Line] = []
    refusal = _conditions(facts, rules, now, lines)
    price, worth_more = _price(facts, rules.price, lines)
    gated = rules.price is not None and rules.price.gate and not worth_more
    pause = _pause(facts, rules, now, lines)
    lines.append({"rule": BY_HAND, "holds": True, "reason": "offered_by_rep"})
    explanation = tuple(lines)
    if against := refusal or (price if gated else "") or pause:
        return Silence(rule=BY_HAND, reason=against, explanation=explanation)
    sold = facts.item is not None and facts.item.amount is not None
    return OfferOutcome(
        rule=BY_HAND,
        reason="offered_by_rep",
        explanation=explanation,
        forms=rules.forms,
        greeting=greeting or rules.greeting,
        product_id=facts.product if sold else None,
        variant_id=facts.variant if sold else None,
    )


def _conditions(facts: Facts, rules: Rules, now: float, lines: list[Line]) -> str:
    """The first reason for which nothing is offered whatever the rules say, or nothing."""
    silent = now - facts.last_seen_at
    checks: tuple[tuple[str, bool, str, Line], ...] = (
        ("active", rules.active, "inactive_channel", {"channel": facts.channel}),
        *_hours(rules, now),
        (
            "present",
            facts.online and silent <= rules.online_window,
            "visitor_away",
            {"silent_seconds": round(max(silent, 0.0)), "at_most_seconds": round(rules.online_window)},
        ),
        ("blocked", not facts.standing.blocked, "blocked", {}),
        *_code(facts, rules),
        ("open_session", not facts.standing.open_session, "open_session", {}),
        ("open_offer", not facts.standing.open_offer, "open_offer", {}),
    )
    first = ""
    for name, holds, reason, compared in checks:
        lines.append({"rule": name, "holds": holds, "reason": "" if holds else reason, **compared})
        first = first or ("" if holds else reason)
    return first


def _hours(rules: Rules, now: float) -> tuple[tuple[str, bool, str, Line], ...]:
    """Where the channel has office hours, nothing is offered outside them."""
    if rules.hours is None:
        return ()
    moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
    there = moment.astimezone(rules.hours.zone)
    compared = {"local_time": there.strftime("%Y-%m-%d %H:%M"), "time_zone": str(rules.hours.zone)}
    return (("hours", open_at(rules.hours, moment), "closed", compared),)


def _code(facts: Facts, rules: Rules) -> tuple[tuple[str, bool, str, Line], ...]:
    """Where the channel asks for a sign-in code, nothing is offered before one was shown."""
    if not rules.code_required:
        return ()
    return (("code", not {"", rules.channel}.isdisjoint(facts.standing.codes), "code_required", {}),)


def _request(facts: Facts, rules: Rules, now: float, lines: list[Line]) -> str:
    """``requested`` when the visitor asked lately and was not answered with an offer since."""
    asked, rule = facts.requested_at, rules.request
    if rule is None and facts.standing.arrangement:
        rule = RequestRule()  # its plan lets it ask
    if rule is None:
        reason = "requests_not_allowed" if asked else "rule_off"
    elif not asked:
        reason = "not_requested"
    elif asked <= facts.standing.last_offer_at:
        reason = "request_answered"
    elif now - asked > rule.lasts:
        reason = "request_expired"
    else:
        reason = "requested"
    line: Line = {"rule": "request", "holds": reason == "requested", "reason": reason}
    if asked and rule is not None:
        line |= {"asked_seconds_ago": round(max(now - asked, 0.0)), "at_most_seconds": round(rule.lasts)}
    lines.append(line)
    return reason


def _arrangement(facts: Facts, lines: list[Line]) -> str:
    """What the visitor's plan arranges, or nothing. Once in a visit: who has talked, or said no, is not asked again."""
    kind = facts.standing.arrangement
    if not kind:
        return ""
    if kind == "request":
        reason = "on_request"
    elif max(facts.standing.last_offer_at, facts.standing.last_session_at) >= facts.started_at:
        reason = "once_a_visit"
    else:
        reason = f"arranged_{kind}"
    lines.append({"rule": ARRANGEMENT, "holds": reason.startswith("arranged"), "reason": reason, "arrangement": kind})
    return reason


def _price(facts: Facts, rule: PriceRule | None, lines: list[Line]) -> tuple[str, bool]:
    """Whether item or cart is worth more than the threshold, and the reason: that of whichever came nearest."""
    if rule is None:
        lines.append({"rule": "price", "holds": False, "reason": "rule_off"})
        return "rule_off", False
    reasons = []
    subjects: list[tuple[str, Worth | None]] = [("item", facts.item)] if facts.product is not None else []
    if facts.checkout is not None and not (rule.gate and subjects):  # a full cart opens no gate for a small item
        subjects.append(("cart", facts.cart))
    for subject, worth in subjects:
        reason = _compare(worth, rule)
        reasons.append(reason)
        lines.append(
            {
                "rule": rule.name,
                "subject": subject,
                "holds": reason == "above_threshold",
                "reason": reason,
                "amount": None if worth is None or worth.amount is None else str(worth.amount),
                "currency": None if worth is None else worth.currency,
                "threshold": str(rule.threshold),
                "threshold_currency": rule.currency,
            }
        )
    if not reasons:
        lines.append(
            {"rule": rule.name, "holds": False, "reason": "nothing_to_price", "threshold": str(rule.threshold)}
        )
        return "nothing_to_price", False
    best = min(reasons, key=_NEAREST.index)
    return best, best == "above_threshold"


_NEAREST: Final = ("above_threshold", "at_or_below_threshold", "other_currency", "unknown_price")


def _compare(worth: Worth | None, rule: PriceRule) -> str:
    if worth is None or worth.amount is None:
        return "unknown_price"
    if worth.currency != rule.currency:
        return "other_currency"
    return "above_threshold" if Decimal(worth.amount) > rule.threshold else "at_or_below_threshold"


def _tact(facts: Facts, rules: Rules, now: float, lines: list[Line]) -> str:
    """Why a visitor who did not ask is left alone, or nothing."""
    bought = facts.purchased_at > 0 and now - facts.purchased_at < rules.after_purchase
    line: Line = {"rule": "just_bought", "holds": not bought, "reason": "just_bought" if bought else ""}
    if facts.purchased_at:
        line |= {
            "bought_seconds_ago": round(max(now - facts.purchased_at, 0.0)),
            "at_least_seconds": round(rules.after_purchase),
        }
    lines.append(line)
    pausing = _pause(facts, rules, now, lines)
    return "just_bought" if bought else pausing


def _pause(facts: Facts, rules: Rules, now: float, lines: list[Line]) -> str:
    """Whether an offer was refused or ignored too short a while ago."""
    refused_at = facts.standing.last_refusal_at
    pausing = refused_at > 0 and now - refused_at < rules.offer_pause
    line: Line = {"rule": "offer_pause", "holds": not pausing, "reason": "offer_pause" if pausing else ""}
    if refused_at:
        line |= {
            "last_offer": facts.standing.last_refusal,
            "refused_seconds_ago": round(max(now - refused_at, 0.0)),
            "at_least_seconds": round(rules.offer_pause),
        }
    lines.append(line)
    return "offer_pause" if pausing else ""
