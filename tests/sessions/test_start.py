"""Starting a session: what opens one, what doesn't, and that a visitor never has two."""

import dataclasses
from decimal import Decimal

import pytest

from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.errors import Invalid, NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, forms, gates, reps
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.visitors.models import Visitor, VisitorCheckout

from .build import CHANNEL, NOW, at_once, by, check_loads, later, log, online, start, stay, visitor_of

VISITOR = uuid7()


def nothing_started():
    return not Session.objects.exists() and not Entry.objects.exists()


def test_a_free_rep_is_asked_at_once(store):
    rep = online()

    session = start(VISITOR)

    assert (session.state, session.rep_id, session.visitor_id) == ("ringing", rep.pk, VISITOR)
    assert (session.queued_at, session.due_at) == (NOW, later(30))
    assert log(session) == ["queued", "ringing"]
    assert list(Entry.objects.values_list("number", flat=True)) == [1, 2]
    assert session.last_number == 2
    assert Rep.objects.get().load == 1


def test_without_a_free_rep_it_waits(store):
    online(capacity=1)
    start()

    session = start(VISITOR)

    assert (session.state, session.rep_id) == ("queued", None)
    assert log(session) == ["queued"]


def test_the_open_session_comes_back(store, shop):
    rep = online()
    first = start(VISITOR)

    again = start(VISITOR, now=later(1))
    actions.accept(session_id=first.pk, actor=by(rep), now=later(2))
    shop.is_active = False
    third = start(VISITOR, now=later(3))

    assert first.pk == again.pk == third.pk
    assert Session.objects.count() == 1


def test_after_the_end_a_new_one_opens(store):
    online()
    first = start(VISITOR)
    actions.end(session_id=first.pk, actor=visitor_of(first), now=NOW)

    second = start(VISITOR, now=later(1))

    assert second.pk != first.pk
    assert second.state == "ringing"


def test_an_idle_session_is_ended_before_a_new_one_opens(store):
    rep = online()
    first = start(VISITOR)
    actions.accept(session_id=first.pk, actor=by(rep), now=NOW)
    stay(rep, now=later(1801))

    second = start(VISITOR, now=later(1801))

    assert second.pk != first.pk
    assert log(first)[-1] == "ended idle"


def test_an_offer_leads_to_one_session_for_ever(store):
    online()
    offer_id = uuid7()
    first = start(VISITOR, offer_id=offer_id)
    actions.end(session_id=first.pk, actor=visitor_of(first), now=NOW)

    again = start(VISITOR, offer_id=offer_id, now=later(1))

    assert (again.pk, again.state) == (first.pk, "ended")
    assert Session.objects.count() == 1


def test_ten_starts_at_once_make_one_session(store):
    online(capacity=12)

    results = at_once(*[lambda: start(VISITOR)] * 10)

    assert len({session.pk for session in results}) == 1
    assert Session.objects.count() == 1
    assert Visitor.objects.count() == 1
    assert log(results[0]) == ["queued", "ringing"]
    check_loads()


def test_ten_starts_of_one_offer_at_once_make_one_session(store):
    online(capacity=12)
    offer_id = uuid7()

    results = at_once(*[lambda: start(VISITOR, offer_id=offer_id)] * 10)

    assert len({session.pk for session in results}) == 1
    assert Session.objects.count() == 1


def test_a_switched_off_plugin_opens_nothing(store, shop):
    online()
    shop.is_active = False
    with pytest.raises(gates.Inactive):
        start()
    assert nothing_started()


@pytest.mark.parametrize("channel", ["channel-pln", "nowhere", ""])
def test_a_channel_that_is_not_switched_on_opens_nothing(store, channel):
    online()
    with pytest.raises(gates.ChannelInactive) as error:
        start(channel=channel)
    assert error.value.field == "channel"
    assert nothing_started()


def test_a_switched_off_channel_opens_nothing(store):
    online()
    ChannelSettings.objects.update(active=False)
    with pytest.raises(gates.ChannelInactive):
        start(offer_id=uuid7())
    assert nothing_started()


def test_where_requests_are_not_allowed_only_an_offer_opens(store):
    online()
    ChannelSettings.objects.update(requests_allowed=False)
    with pytest.raises(gates.RequestsNotAllowed):
        start()
    assert nothing_started()

    assert start(offer_id=uuid7()).state == "ringing"


@pytest.mark.parametrize("form", ["audio", "video", "fax", ""])
def test_a_form_that_is_not_offered_opens_nothing(store, form):
    online()
    with pytest.raises(forms.FormNotAvailable) as error:
        start(form=form)
    assert error.value.field == "form"
    assert nothing_started()


def test_nobody_online_opens_nothing(store):
    rep = online()
    with pytest.raises(gates.NobodyAvailable):
        start(now=later(46))  # the lease has run out
    reps.presence(user_id=rep.user_id, name="Rita", status="away", capacity=None, now=NOW)
    with pytest.raises(gates.NobodyAvailable):
        start()
    assert nothing_started()


@pytest.mark.parametrize(
    ("product", "variant", "field"),
    [
        ("UHJvZDox", None, "productId"),
        ("UHJvZDo5", "VmFyOjk=", "productId"),
        ("UHJvZDoy", "VmFyOjk=", "variantId"),
        (None, "VmFyOjE=", "productId"),
        ("UHJvZDoz", None, "productId"),
        ("x" * 5000, None, "productId"),
    ],
)
def test_an_item_that_the_channel_does_not_sell_opens_nothing(store, shop, product, variant, field):
    online()
    shop.add_item("UHJvZDox", "10", channel="channel-pln", currency="PLN")
    shop.add_item("UHJvZDoy", "10")
    shop.add_item("UHJvZDoz", None)

    with pytest.raises(Invalid) as error:
        start(product_id=product, variant_id=variant)

    assert error.value.field == field
    assert nothing_started()


def test_item_and_checkout_are_kept(store, shop):
    online()
    shop.add_item("UHJvZDox", "10")
    shop.add_item("UHJvZDox", "12", variant_id="VmFyOjE=")
    shop.add_cart("Q2hlY2tvdXQ6MQ==", "50")

    session = start(VISITOR, product_id="UHJvZDox", variant_id="VmFyOjE=", checkout_id="Q2hlY2tvdXQ6MQ==")

    assert (session.product_id, session.variant_id) == ("UHJvZDox", "VmFyOjE=")
    assert session.checkout_id == "Q2hlY2tvdXQ6MQ=="
    assert VisitorCheckout.objects.get().visitor_id == VISITOR


def test_another_visitors_checkout_and_an_unknown_one_look_the_same(store, shop):
    online()
    shop.add_cart("Q2hlY2tvdXQ6MQ==", "50")
    shop.add_cart("Q2hlY2tvdXQ6Mg==", "50", channel="channel-pln", currency="PLN")
    start(VISITOR, checkout_id="Q2hlY2tvdXQ6MQ==")

    messages = set()
    for checkout_id in ("Q2hlY2tvdXQ6MQ==", "Q2hlY2tvdXQ6Mg==", "Q2hlY2tvdXQ6OQ=="):
        with pytest.raises(NotFound) as error:
            start(checkout_id=checkout_id)
        messages.add((error.value.message, error.value.field))

    assert messages == {("Couldn't resolve to a node of type Checkout.", "checkoutId")}
    assert Session.objects.count() == 1


class TestGate:
    """Claim 3: no session of any kind opens for an item at or below the threshold."""

    @pytest.fixture(autouse=True)
    def gate(self, store, shop):
        online()
        ChannelSettings.objects.update(price_threshold=Decimal(100), price_strength="gate")
        shop.add_item("cheap", "99.99")
        shop.add_item("exact", "100.00")
        shop.add_item("above", "100.01")
        shop.add_item("exact", "250.00", variant_id="dear")
        shop.add_item("above", "20.00", variant_id="small")
        shop.add_cart("full", "100.01")
        shop.add_cart("small", "100.00")

    @pytest.mark.parametrize(
        "what",
        [
            {"product_id": "cheap"},
            {"product_id": "exact"},
            {"product_id": "above", "variant_id": "small"},
            {"product_id": "exact", "checkout_id": "full"},
            {"checkout_id": "small"},
            {},
        ],
    )
    @pytest.mark.parametrize("offer_id", [None, uuid7()])
    def test_refused(self, what, offer_id):
        with pytest.raises(gates.BelowThreshold):
            start(offer_id=offer_id, **what)
        assert nothing_started()

    @pytest.mark.parametrize(
        "what", [{"product_id": "above"}, {"product_id": "exact", "variant_id": "dear"}, {"checkout_id": "full"}]
    )
    def test_opened(self, what):
        assert start(**what).state == "ringing"

    def test_as_a_reason_for_offers_only_it_keeps_nobody_out(self):
        ChannelSettings.objects.update(price_strength="offer")
        assert start(product_id="cheap").state == "ringing"

    def test_switched_off_it_keeps_nobody_out(self):
        ChannelSettings.objects.update(price_threshold=None)
        assert start(product_id="cheap").state == "ringing"

    def test_a_price_in_another_currency_is_not_above(self, shop):
        shop.item_table[CHANNEL, "above", None] = dataclasses.replace(
            shop.item_table[CHANNEL, "above", None], currency="PLN"
        )
        with pytest.raises(gates.BelowThreshold):
            start(product_id="above")


def test_the_shop_is_asked_outside_any_transaction(store, shop):
    from django.db import connection

    online()
    shop.add_item("lamp", "10")
    inside = []
    original = shop.items
    shop.items = lambda wanted: (inside.append(connection.in_atomic_block), original(wanted))[1]

    start(product_id="lamp")

    assert inside == [False]
