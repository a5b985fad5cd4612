"""The stand-in behind the product's interface."""

from __future__ import annotations

import datetime
import json
import uuid
from decimal import Decimal

import jwt
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from saleor_livesales import shop as interface
from saleor_livesales.errors import NotFound
from saleor_livesales.ids import to_global_id
from saleor_livesales.members import actions as members
from saleor_livesales.models import ChannelSettings, ShopEvent
from sandbox.shop import actions, auth, keys
from sandbox.shop.models import App, Channel, Order, Product, ProductVariant, User

NOW = datetime.datetime(2040, 9, 1, 12, tzinfo=datetime.UTC)  # after whatever populate made


def product(slug: str) -> str:
    return to_global_id("Product", Product.objects.get(slug=slug).pk)


def variant(sku: str) -> str:
    return to_global_id("ProductVariant", ProductVariant.objects.get(sku=sku).pk)


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@example.com")


def user_id(name: str) -> str:
    return to_global_id("User", user(name).pk)


def cart_of(*lines: tuple[str, int], owner: User | None = None):
    changes = [
        actions.Change(variant_id=ProductVariant.objects.get(sku=sku).pk, quantity=number) for sku, number in lines
    ]
    return actions.create_checkout(channel="default-channel", changes=changes, user=owner, email=None, now=NOW)


@pytest.fixture(autouse=True)
def ready(redis) -> None:
    """Hooks have a Redis to report to."""


def test_channels(sandbox_shop) -> None:
    assert sandbox_shop.channels() == [
        interface.Channel(slug="channel-pln", name="Channel-PLN", currency="PLN", active=True),
        interface.Channel(slug="default-channel", name="Default channel", currency="USD", active=True),
    ]


def test_items(sandbox_shop) -> None:
    lamp = product("desk-lamp")
    black = variant("DESK-LAMP-2")
    wanted = [
        ("default-channel", lamp, None),
        ("default-channel", lamp, black),
        ("channel-pln", lamp, None),
        ("default-channel", product("side-table"), black),  # of another product
        ("nowhere", lamp, None),
        ("default-channel", "nonsense", None),
        ("default-channel", to_global_id("Product", 10**30), None),
        ("default-channel", to_global_id("Product", 999999), None),
    ]
    with CaptureQueriesContext(connection) as captured:
        found = sandbox_shop.items(wanted)
    assert len(captured) <= 7
    assert found == {
        wanted[0]: interface.Item(
            product_id=lamp, variant_id=None, name="Desk lamp", price=Decimal("59"), currency="USD"
        ),
        wanted[1]: interface.Item(
            product_id=lamp, variant_id=black, name="Desk lamp (Black)", price=Decimal("62"), currency="USD"
        ),
        wanted[2]: interface.Item(
            product_id=lamp, variant_id=None, name="Desk lamp", price=Decimal("230.1"), currency="PLN"
        ),
    }
    assert sandbox_shop.items([]) == {}


def test_the_charged_price_counts(sandbox_shop) -> None:
    channel = Channel.objects.get(slug="default-channel")
    table = ProductVariant.objects.get(sku="TRAY-TABLE-1")
    actions.set_price(variant=table, channel=channel, amount=Decimal("100.01"), discounted=Decimal("90"))
    key = ("default-channel", product("tray-table"), None)
    assert sandbox_shop.items([key])[key].price == Decimal("90")


def test_carts(sandbox_shop) -> None:
    checkout = cart_of(("SIDE-TABLE-1", 1), ("TRAY-TABLE-1", 2), owner=user("shopper"))
    empty = cart_of()
    key, other = to_global_id("Checkout", checkout.pk), to_global_id("Checkout", empty.pk)
    found = sandbox_shop.carts([key, other, to_global_id("Checkout", uuid.uuid4()), "nonsense"])
    assert found == {
        key: interface.Cart(
            id=key,
            channel="default-channel",
            currency="USD",
            total=Decimal("300.02"),
            quantity=3,
            lines=(
                interface.CartLine(
                    product_id=product("side-table"), variant_id=variant("SIDE-TABLE-1"), name="Side table (Round)",
                    quantity=1, total=Decimal("100"),
                ),
                interface.CartLine(
                    product_id=product("tray-table"), variant_id=variant("TRAY-TABLE-1"), name="Tray table (Steel)",
                    quantity=2, total=Decimal("200.02"),
                ),
            ),
            user_id=user_id("shopper"),
        ),
        other: interface.Cart(
            id=other, channel="default-channel", currency="USD", total=Decimal(0), quantity=0, lines=(), user_id=None
        ),
    }  # fmt: skip


def test_customers(sandbox_shop) -> None:
    order = user("shopper").orders.get(total_gross_amount=Decimal("1290"))
    actions.cancel_order(order=order, now=NOW)
    found = sandbox_shop.customers([user_id("shopper"), user_id("rep"), "nonsense", to_global_id("User", 999999)])
    assert set(found) == {user_id("shopper"), user_id("rep")}
    shopper = found[user_id("shopper")]
    assert (shopper.name, shopper.email, shopper.orders) == ("Sam Shopper", "shopper@example.com", 2)
    assert shopper.spend == (interface.Spend(currency="USD", amount=Decimal("308")),)
    assert shopper.countries == ("DE",)
    assert shopper.last_order_at == user("shopper").orders.get(total_gross_amount=Decimal("59")).created_at
    assert (found[user_id("rep")].orders, found[user_id("rep")].spend) == (0, ())


def test_customers_cost_the_same_queries(sandbox_shop) -> None:
    counts = []
    for names in (["shopper"], ["shopper", "ada", "jan", "rep", "owner"]):
        with CaptureQueriesContext(connection) as captured:
            sandbox_shop.customers([user_id_ for name in names if (user_id_ := user_id(name))])
        counts.append(len(captured) - len(names))
    assert counts == [4, 4]


def test_staff_may(sandbox_shop) -> None:
    held = {
        name: (
            sandbox_shop.staff_may(user_id(name), "HANDLE_LIVE_SALES"),
            sandbox_shop.staff_may(user_id(name), "MANAGE_LIVE_SALES"),
        )
        for name in ("rep", "owner", "noperm", "shopper")
    }
    assert held == {
        "rep": (True, False),
        "owner": (True, True),
        "noperm": (False, False),
        "shopper": (False, False),
    }
    User.objects.filter(email="rep@example.com").update(is_active=False)
    assert not sandbox_shop.staff_may(user_id("rep"), "HANDLE_LIVE_SALES")
    assert not sandbox_shop.staff_may("nonsense", "HANDLE_LIVE_SALES")


def asked_with(token: str | None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return RequestFactory().post("/graphql/", headers=headers)


def held(sandbox_shop, token: str | None) -> set[str]:
    return set(sandbox_shop.requestor(asked_with(token)).permissions)


def test_requestor(sandbox_shop) -> None:
    assert sandbox_shop.requestor(asked_with(None)) == interface.Requestor(
        user_id=None, name="", staff=False, permissions=frozenset()
    )
    assert sandbox_shop.requestor(asked_with(auth.access_token(user("rep")))) == interface.Requestor(
        user_id=user_id("rep"), name="Robin Rep", staff=True, permissions=frozenset({"HANDLE_LIVE_SALES"})
    )
    assert sandbox_shop.requestor(asked_with(auth.access_token(user("shopper")))) == interface.Requestor(
        user_id=user_id("shopper"), name="Sam Shopper", staff=False, permissions=frozenset()
    )
    with pytest.raises(jwt.InvalidTokenError):
        sandbox_shop.requestor(asked_with(auth.refresh_token(user("rep"))))


def test_a_right_that_is_withdrawn_is_gone_at_once(sandbox_shop) -> None:
    token = auth.access_token(user("rep"))
    user("rep").groups.clear()
    assert held(sandbox_shop, token) == set()


def third_party(**changes: object) -> str:
    app = App.objects.get()
    claims = {
        "iat": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        "exp": datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=5),
        "owner": "saleor",
        "iss": auth.issuer(),
        "aud": app.audience,
        "app": to_global_id("App", app.pk),
        "token": user("owner").jwt_token_key,
        "email": "owner@example.com",
        "type": "thirdparty",
        "permissions": ["HANDLE_LIVE_SALES"],
        "is_staff": True,
        **changes,
    }
    return jwt.encode(claims, keys.private_key(), algorithm="RS256")


def test_a_frames_token(sandbox_shop) -> None:
    assert held(sandbox_shop, third_party()) == {"HANDLE_LIVE_SALES"}
    for wrong in (
        {"aud": "https://evil.example"},
        {"iss": "https://evil.example/graphql/"},
        {"app": to_global_id("App", 999)},
        {"permissions": []},
        {"permissions": ["MANAGE_ORDERS", "NONSENSE"]},
    ):
        assert held(sandbox_shop, third_party(**wrong)) == set(), wrong
    actions.switch_live_sales(active=False)
    assert held(sandbox_shop, third_party()) == set()


def test_switched_off(sandbox_shop, api, token) -> None:
    assert sandbox_shop.active()
    actions.switch_live_sales(active=False)
    assert not sandbox_shop.active()
    query = "{ appExtensions(first: 10) { totalCount } }"
    assert api.data(query, token=token("owner")) == {"appExtensions": {"totalCount": 0}}
    assert api.client.get("/plugins/saleor.livesales/livesales.js").status_code == 404
    cart_of(("SIDE-TABLE-1", 1))
    actions.create_order(channel=Channel.objects.first(), user=None, total=Decimal(1), now=NOW)
    assert ShopEvent.objects.count() == 0
    actions.switch_live_sales(active=True)
    assert api.data(query, token=token("owner")) == {"appExtensions": {"totalCount": 2}}


def test_orders_reach_the_inbox_and_the_sweep(sandbox_shop) -> None:
    shopper = user("shopper")
    checkout = cart_of(("SIDE-TABLE-1", 2), owner=shopper)
    checkout_id = to_global_id("Checkout", checkout.pk)
    order = actions.complete_checkout(checkout=checkout, now=NOW)
    later = NOW + datetime.timedelta(hours=1)
    actions.refund_order(order=order, now=later)
    actions.cancel_order(order=order, now=later)
    order_id = to_global_id("Order", order.pk)
    events = ShopEvent.objects.order_by("created_at", "id")
    assert [(row.kind, row.object_id, row.source) for row in events] == [
        (kind, order_id, "hook") for kind in ("order_created", "order_fully_paid", "order_refunded", "order_cancelled")
    ]
    assert events[0].payload == {
        "user_id": user_id("shopper"), "checkout_id": checkout_id, "changed_at": NOW.isoformat(),
    }  # fmt: skip
    assert order.total_gross_amount == Decimal("200")
    assert ProductVariant.objects.get(sku="SIDE-TABLE-1").quantity == 48
    assert sandbox_shop.carts([checkout_id]) == {}
    assert sandbox_shop.orders_changed_since(NOW, 10) == [
        {
            "id": order_id,
            "user_id": user_id("shopper"),
            "checkout_id": checkout_id,
            "status": "canceled",
            "fully_paid": False,
            "refunded": True,
            "changed_at": later,
        }
    ]
    assert sandbox_shop.orders_changed_since(later + datetime.timedelta(seconds=1), 10) == []
    everything = sandbox_shop.orders_changed_since(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), 3)
    assert [row["changed_at"] for row in everything] == sorted(row["changed_at"] for row in everything)
    assert len(everything) == 3


def test_customers_reach_the_inbox(sandbox_shop) -> None:
    new = actions.register_customer(email="new@example.com", password="password", now=NOW)
    key = to_global_id("User", new.pk)
    actions.rename_customer(user=new, first_name="New", last_name="Name", now=NOW)
    assert sandbox_shop.existing_users([key, "nonsense"]) == {key}
    actions.delete_customer(user=new, now=NOW)
    actions.delete_customer(user=user("ada"), now=NOW, by_themselves=True)
    assert sandbox_shop.existing_users([key]) == frozenset()
    kinds = list(ShopEvent.objects.order_by("created_at", "id").values_list("kind", flat=True))
    assert kinds == ["customer_created", "customer_updated", "customer_deleted", "account_deleted"]
    assert set(ShopEvent.objects.filter(object_id=key).values_list("kind", flat=True)) == set(kinds[:3])


def test_an_account_has_one_id(sandbox_shop) -> None:
    key = to_global_id("User", user("ada").pk)
    others = [to_global_id("User", f"0{user('ada').pk}"), key.rstrip("=") + "=" * 4, to_global_id("User", "1 ")]
    assert sandbox_shop.existing_users([key, *others]) == {key}


def test_an_account_is_found_by_its_address_however_many_are_alike(sandbox_shop) -> None:
    wanted = actions.register_customer(email="bo@example.com", password="password", now=NOW)
    for number in range(25):
        actions.register_customer(email=f"{number}-bo@example.com", password="password", now=NOW)
    found = sandbox_shop.find_users(" BO@example.com ", 20)
    assert (found[0], len(found), len(set(found))) == (to_global_id("User", wanted.pk), 20, 20)
    assert members.account_of("Bo@Example.com") == found[0]
    for text in ("o@example.com", "bo@example", "", "bo@example.com ada@example.com"):
        with pytest.raises(NotFound):
            members.account_of(text)


def test_populate_twice(sandbox_shop) -> None:
    def counts() -> list[int]:
        return [
            model.objects.count() for model in (App, Channel, ChannelSettings, Order, Product, ProductVariant, User)
        ]

    before = counts()
    assert before == [1, 2, 1, 6, 14, 22, 7]
    ChannelSettings.objects.update(price_threshold=Decimal("7"))
    user("rep").groups.clear()
    Product.objects.get(slug="arc-lamp").delete()
    call_command("populate", verbosity=0)
    assert counts() == before
    assert ChannelSettings.objects.get().price_threshold == Decimal("7")  # what the owner set stays
    assert user("rep").groups.count() == 0


def test_populate_sets_live_sales_up(sandbox_shop) -> None:
    row = ChannelSettings.objects.get()
    assert (row.channel, row.active, row.currency, row.price_threshold) == (
        "default-channel",
        True,
        "USD",
        Decimal(100),
    )
    assert row.greeting


def test_our_types_load_the_shops(sandbox_shop, api) -> None:
    """A settings page of ours beside the shop's own, in one document."""
    token = api.login("owner@example.com")
    answer = api.data("{ liveChannels { channel name currency } me { email } }", token=token)
    assert answer["me"] == {"email": "owner@example.com"}
    assert json.dumps(answer["liveChannels"]) == json.dumps(
        [
            {"channel": "channel-pln", "name": "Channel-PLN", "currency": "PLN"},
            {"channel": "default-channel", "name": "Default channel", "currency": "USD"},
        ]
    )


def test_pictures_are_those_of_staff_and_tell_nobody_whose_they_are(sandbox_shop, settings) -> None:
    address = sandbox_shop.staff_avatar(user_id("rep"))
    assert address == f"{settings.PUBLIC_URL}media/robin-avatar.svg"
    assert sandbox_shop.staff_avatar(user_id("rep2")) is None
    for nobody in (user_id("shopper"), to_global_id("User", 999999), "nonsense"):
        assert sandbox_shop.staff_avatar(nobody) is None
    user("shopper").__class__.objects.filter(email="shopper@example.com").update(avatar="/media/sam-avatar.svg")
    assert sandbox_shop.staff_avatar(user_id("shopper")) is None
    assert sandbox_shop.customers([user_id("shopper")])[user_id("shopper")].avatar_url is not None
