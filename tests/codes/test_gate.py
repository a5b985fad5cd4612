"""Where a channel asks for a code: it outranks offers, requests and the price rule, and nothing opens without it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.codes import actions, redeem
from saleor_livesales.codes.models import Code as CodeRow
from saleor_livesales.ids import uuid7
from saleor_livesales.offers import queries
from saleor_livesales.offers.decide import OfferOutcome, Silence, decide
from saleor_livesales.sessions import actions as sessions
from saleor_livesales.sessions import gates
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.visitors.models import VisitorPass
from tests.offers.test_decide import ASKED, GATE, facts, rules

from .conftest import CHANNEL, HOUR, LAMP, NOW, issue, make_piece, plain

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def settings(lamp: str) -> ChannelSettings:
    Rep.objects.create(user_id="VXNlcjox", name="Rita", status="online", lease_until=NOW + 100 * HOUR)
    return ChannelSettings.objects.create(
        channel=CHANNEL, active=True, currency="USD", updated_at=NOW, code_required=True
    )


def start(visitor: uuid.UUID, **changes: Any) -> Session:
    given: dict[str, Any] = {
        "channel": CHANNEL,
        "form": "chat",
        "product_id": LAMP,
        "variant_id": None,
        "checkout_id": None,
        "offer_id": None,
        "now": NOW,
    }
    return sessions.start(visitor_id=visitor, **{**given, **changes})


def show_code(visitor: uuid.UUID, **changes: Any) -> CodeRow:
    code, secret = issue(**{"max_uses": None, **changes})
    redeem.redeem(code=secret, visitor_id=visitor, network="", now=NOW)
    return code


@pytest.mark.parametrize("offer", [None, uuid7()], ids=["request", "offer"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"requests_allowed": False}, {"price_threshold": Decimal("500.00"), "price_strength": "gate"}],
    ids=["open", "no requests", "gate"],
)
def test_without_a_code_nothing_opens_whatever_else_holds(settings, offer, changes):
    ChannelSettings.objects.update(**changes)
    with pytest.raises(gates.CodeRequired) as refusal:
        start(uuid7(), offer_id=offer, form="fax", product_id="nonsense")
    assert refusal.value.code == "CODE_REQUIRED"
    assert not Session.objects.exists() and not Entry.objects.exists()


def test_after_a_valid_code_the_other_rules_hold_as_ever(settings):
    visitor = uuid7()
    show_code(visitor)
    ChannelSettings.objects.update(requests_allowed=False)
    with pytest.raises(gates.RequestsNotAllowed):
        start(visitor)
    ChannelSettings.objects.update(requests_allowed=True, price_threshold=Decimal("100.00"), price_strength="gate")
    with pytest.raises(gates.BelowThreshold):
        start(visitor)
    ChannelSettings.objects.update(price_threshold=None)
    assert start(visitor).state == "ringing"


def test_each_of_several_customers_enters_an_own_code(settings):
    one, two = uuid7(), uuid7()
    show_code(one, max_uses=1)
    assert start(one).visitor_id == one
    with pytest.raises(gates.CodeRequired):
        start(two)


@pytest.mark.parametrize("what", ["another channel", "revoked", "over"])
def test_a_code_that_is_not_good_here_and_now_opens_nothing(settings, what):
    visitor = uuid7()
    if what == "another channel":
        show_code(visitor, channel="channel-pln")
    elif what == "revoked":
        code = show_code(visitor)
        actions.revoke(code_id=code.pk, actor="user:1", reason="", now=NOW)
    else:
        show_code(visitor, valid_until=NOW + HOUR)
    with pytest.raises(gates.CodeRequired):
        start(visitor, now=NOW + HOUR)
    assert not Session.objects.exists()


def test_a_code_for_every_channel_is_good_here(settings):
    visitor = uuid7()
    show_code(visitor, channel="")
    assert start(visitor).state == "ringing"


def test_a_channel_that_asks_for_none_opens_without(settings):
    ChannelSettings.objects.update(code_required=False)
    assert start(uuid7()).state == "ringing"


def test_a_printed_code_leads_to_help_about_its_item(settings):
    piece = make_piece()
    visitor = uuid7()
    secret = plain(CodeRow.objects.get())
    redeem.redeem(code=secret, visitor_id=visitor, network="", now=NOW)
    session = start(visitor, product_id=piece.product_id, channel=piece.channel)
    assert (session.product_id, session.channel) == (LAMP, CHANNEL)
    assert VisitorPass.objects.get().visitor_id == visitor


@pytest.mark.parametrize("known", [facts(), facts(**ASKED)], ids=["price", "request"])
@pytest.mark.parametrize("given", [{}, {"price": GATE}, {"price": None}, {"available": False}])
def test_no_offer_is_made_before_a_code_was_shown(known, given):
    outcome = decide(known, rules(code_required=True, **given), 1_800_000_000.0)
    assert isinstance(outcome, Silence)
    assert (outcome.rule, outcome.reason) == ("conditions", "code_required")
    assert [line for line in outcome.explanation if line["rule"] == "code"] == [
        {"rule": "code", "holds": False, "reason": "code_required"}
    ]


@pytest.mark.parametrize(
    ("codes", "offered"), [((CHANNEL,), True), (("",), True), (("channel-pln",), False), ((), False)]
)
def test_an_offer_is_made_to_who_showed_a_code_for_this_channel(codes, offered):
    from msgspec.structs import replace

    known = facts()
    known = replace(known, standing=replace(known.standing, codes=codes))
    outcome = decide(known, rules(code_required=True), 1_800_000_000.0)
    assert isinstance(outcome, OfferOutcome) is offered


def test_the_decider_reads_rule_and_codes_from_postgresql(settings, django_assert_num_queries):
    visitor, stranger = uuid7(), uuid7()
    show_code(visitor, channel="")
    show_code(visitor)
    revoked = show_code(visitor, channel="channel-pln")
    actions.revoke(code_id=revoked.pk, actor="user:1", reason="", now=NOW)
    start(visitor)
    assert queries.rules_by_channel()[CHANNEL].code_required is True
    with django_assert_num_queries(1):
        found = queries.standings(visitor_ids=[visitor, stranger], now=NOW)
    assert (found[visitor].codes, found[visitor].open_session) == (("", CHANNEL), True)
    assert (found[stranger].codes, found[stranger].open_session) == ((), False)
