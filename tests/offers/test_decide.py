"""The decision as a table: one row a situation, none of them needs a database."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from msgspec.structs import replace as changed

from saleor_livesales.offers.decide import OfferOutcome, Silence, decide
from saleor_livesales.offers.rules import PriceRule, RequestRule, Rules
from saleor_livesales.visitors.facts import Facts, Standing, Worth

NOW = 1_800_000_000.0
VISITOR = uuid.UUID("01900000-0000-7000-8000-000000000001")
FACTS = Facts(
    visitor=VISITOR,
    visit=uuid.UUID("01900000-0000-7000-8000-000000000002"),
    online=True,
    last_seen_at=NOW - 1,
    channel="default-channel",
    product="UHJvZHVjdDox",
    item=Worth(amount=Decimal("100.01"), currency="USD"),
)
RULES = Rules(
    channel="default-channel",
    active=True,
    currency="USD",
    available=True,
    price=PriceRule(threshold=Decimal("100.00"), currency="USD"),
    request=RequestRule(),
    greeting="Hello",
)


def rules(**changes: object) -> Rules:
    return Rules(**{**{name: getattr(RULES, name) for name in Rules.__dataclass_fields__}, **changes})  # type: ignore[arg-type]


def facts(**changes: object) -> Facts:
    return changed(FACTS, **changes)


def item(amount: str | None, currency: str = "USD") -> Worth:
    return Worth(amount=None if amount is None else Decimal(amount), currency=currency)


GATE = PriceRule(threshold=Decimal("100.00"), currency="USD", gate=True)
ASKED = {"requested_at": NOW - 5}


@pytest.mark.parametrize(
    ("known", "given", "outcome", "rule", "reason"),
    [
        # more than the threshold: one cent below, at it, one cent above
        (facts(item=item("99.99")), RULES, Silence, "price", "at_or_below_threshold"),
        (facts(item=item("100.00")), RULES, Silence, "price", "at_or_below_threshold"),
        (facts(item=item("100")), RULES, Silence, "price", "at_or_below_threshold"),
        (facts(item=item("100.01")), RULES, OfferOutcome, "price", "above_threshold"),
        (facts(item=item("100.001")), RULES, OfferOutcome, "price", "above_threshold"),
        # the cart counts as well as the item
        (facts(product=None, item=None, checkout="Q2hlY2tvdXQ6MQ==", cart=item("100.00")), RULES, Silence, "price",
         "at_or_below_threshold"),
        (facts(product=None, item=None, checkout="Q2hlY2tvdXQ6MQ==", cart=item("100.01")), RULES, OfferOutcome, "price",
         "above_threshold"),
        (facts(item=item("5"), checkout="Q2hlY2tvdXQ6MQ==", cart=item("100.01")), RULES, OfferOutcome, "price",
         "above_threshold"),
        # currency and price unknown
        (facts(item=item("500", "PLN")), RULES, Silence, "price", "other_currency"),
        (facts(item=item(None, "")), RULES, Silence, "price", "unknown_price"),
        (facts(item=None), RULES, Silence, "price", "unknown_price"),
        (facts(product=None, item=None), RULES, Silence, "price", "nothing_to_price"),
        (FACTS, rules(price=None), Silence, "price", "rule_off"),
        # conditions that no rule can change
        (FACTS, rules(active=False), Silence, "conditions", "inactive_channel"),
        (facts(online=False), RULES, Silence, "conditions", "visitor_away"),
        (facts(last_seen_at=NOW - 71), RULES, Silence, "conditions", "visitor_away"),
        (facts(last_seen_at=NOW - 70), RULES, OfferOutcome, "price", "above_threshold"),
        (facts(standing=Standing(open_session=True)), RULES, Silence, "conditions", "open_session"),
        (facts(standing=Standing(open_offer=True)), RULES, Silence, "conditions", "open_offer"),
        (facts(**ASKED, standing=Standing(open_offer=True)), RULES, Silence, "conditions", "open_offer"),
        # tact
        (facts(standing=Standing(last_refusal_at=NOW - 899, last_refusal="declined")), RULES, Silence, "price",
         "offer_pause"),
        (facts(standing=Standing(last_refusal_at=NOW - 900, last_refusal="expired")), RULES, OfferOutcome, "price",
         "above_threshold"),
        (facts(purchased_at=NOW - 1799), RULES, Silence, "price", "just_bought"),
        (facts(purchased_at=NOW - 1800), RULES, OfferOutcome, "price", "above_threshold"),
        # nobody there
        (FACTS, rules(available=False), Silence, "price", "nobody_available"),
        (facts(item=item("1")), rules(available=False), Silence, "price", "at_or_below_threshold"),
        # a request
        (facts(item=item("1"), **ASKED), RULES, OfferOutcome, "request", "requested"),
        (facts(item=item("1"), **ASKED), rules(price=None), OfferOutcome, "request", "requested"),
        (facts(item=item("1"), **ASKED), rules(request=None), Silence, "price", "at_or_below_threshold"),
        (facts(item=item("1"), requested_at=NOW - 121), RULES, Silence, "price", "at_or_below_threshold"),
        (facts(item=item("1"), **ASKED, standing=Standing(last_offer_at=NOW - 4)), RULES, Silence, "price",
         "at_or_below_threshold"),
        (facts(**ASKED, standing=Standing(last_offer_at=NOW - 50, last_refusal_at=NOW - 40)), RULES, OfferOutcome,
         "request", "requested"),
        (facts(item=item("1"), **ASKED), rules(available=False), Silence, "request", "nobody_available"),
        # the gate: no session of any kind for an item at or below the threshold
        (facts(item=item("100.00"), **ASKED), rules(price=GATE), Silence, "price", "at_or_below_threshold"),
        (facts(item=item("100.01"), **ASKED), rules(price=GATE), OfferOutcome, "request", "requested"),
        (facts(item=item("1"), checkout="Q2hlY2tvdXQ6MQ==", cart=item("500")), rules(price=GATE), Silence, "price",
         "at_or_below_threshold"),
        (facts(product=None, item=None, checkout="Q2hlY2tvdXQ6MQ==", cart=item("500")), rules(price=GATE), OfferOutcome,
         "price", "above_threshold"),
    ],
)  # fmt: skip
def test_outcome(known: Facts, given: Rules, outcome: type, rule: str, reason: str) -> None:
    decided = decide(known, given, NOW)

    assert (type(decided), decided.rule, decided.reason) == (outcome, rule, reason)


def test_an_offer_carries_what_the_window_needs() -> None:
    decided = decide(facts(variant="UHJvZHVjdFZhcmlhbnQ6MQ=="), RULES, NOW)

    assert isinstance(decided, OfferOutcome)
    assert (decided.forms, decided.greeting) == (("chat",), "Hello")
    assert (decided.product_id, decided.variant_id) == ("UHJvZHVjdDox", "UHJvZHVjdFZhcmlhbnQ6MQ==")


def test_an_offer_for_the_cart_names_no_product_that_the_shop_does_not_sell() -> None:
    decided = decide(facts(item=item(None, ""), checkout="Q2hlY2tvdXQ6MQ==", cart=item("500")), RULES, NOW)

    assert isinstance(decided, OfferOutcome)
    assert (decided.product_id, decided.variant_id) == (None, None)


def test_the_explanation_lists_each_rule_with_what_it_compared() -> None:
    known = facts(
        item=item("99.99"),
        checkout="Q2hlY2tvdXQ6MQ==",
        cart=item("12.50"),
        standing=Standing(last_refusal_at=NOW - 60, last_refusal="declined"),
    )

    decided = decide(known, rules(available=False), NOW)

    assert decided.explanation == (
        {"rule": "active", "holds": True, "reason": "", "channel": "default-channel"},
        {"rule": "present", "holds": True, "reason": "", "silent_seconds": 1, "at_most_seconds": 70},
        {"rule": "blocked", "holds": True, "reason": ""},
        {"rule": "open_session", "holds": True, "reason": ""},
        {"rule": "open_offer", "holds": True, "reason": ""},
        {"rule": "request", "holds": False, "reason": "not_requested"},
        {
            "rule": "price", "subject": "item", "holds": False, "reason": "at_or_below_threshold",
            "amount": "99.99", "currency": "USD", "threshold": "100.00", "threshold_currency": "USD",
        },
        {
            "rule": "price", "subject": "cart", "holds": False, "reason": "at_or_below_threshold",
            "amount": "12.50", "currency": "USD", "threshold": "100.00", "threshold_currency": "USD",
        },
        {"rule": "just_bought", "holds": True, "reason": ""},
        {
            "rule": "offer_pause", "holds": False, "reason": "offer_pause",
            "last_offer": "declined", "refused_seconds_ago": 60, "at_least_seconds": 900,
        },
        {"rule": "available", "holds": False, "reason": "nobody_available"},
    )  # fmt: skip
