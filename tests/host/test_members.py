"""Memberships on a real Saleor: bought in a checkout, refunded, renewed by Saleor's own mutations."""

import uuid

import pytest

PLAN = """
from decimal import Decimal
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.core.db.connection import allow_writer
from saleor.product.models import *
import graphene
with allow_writer():
    channel, now = Channel.objects.get(slug="default-channel"), timezone.now()
    kind, _ = ProductType.objects.get_or_create(
        slug="membership", defaults={"name": "Membership", "has_variants": False, "is_shipping_required": False})
    category, _ = Category.objects.get_or_create(slug="membership", defaults={"name": "Membership"})
    product = Product.objects.create(slug=SLUG, name="Circle", product_type=kind, category=category)
    ProductChannelListing.objects.create(
        product=product, channel=channel, is_published=True, published_at=now, visible_in_listings=True,
        available_for_purchase_at=now, currency=channel.currency_code, discounted_price_amount=Decimal(30))
    variant = ProductVariant.objects.create(product=product, sku=SLUG, name="Month", track_inventory=False)
    ProductVariantChannelListing.objects.create(
        variant=variant, channel=channel, currency=channel.currency_code, price_amount=Decimal(30),
        discounted_price_amount=Decimal(30))
    from saleor.warehouse.models import Stock, Warehouse
    Stock.objects.create(product_variant=variant, warehouse=Warehouse.objects.filter(channels=channel).first(),
        quantity=1000)
answer([graphene.Node.to_global_id("Product", product.pk), graphene.Node.to_global_id("ProductVariant", variant.pk)])
"""

ADDRESS = (
    '{firstName: "Ada", lastName: "Buyer", streetAddress1: "1 Example street", city: "BERLIN", postalCode: "10115",'
    " country: DE}"
)
MAIL = {"LIVESALES_MAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


@pytest.fixture(scope="module")
def plan(host, web):
    """A plan whose product is in Saleor's catalogue, made by the owner."""
    slug = f"circle-{uuid.uuid4().hex[:8]}"
    product, variant = host.run(f"SLUG = {slug!r}\n" + PLAN, env=web.env)
    create = """mutation($input: LiveMembershipPlanInput!) { liveMembershipPlanCreate(input: $input) {
      plan { id } errors { field message } } }"""
    given = {"name": "Circle", "productId": product, "variantId": variant, "period": "P1M", "graceDays": 2,
             "paymentUrl": "https://store.test/pay/{order}"}  # fmt: skip
    made = web.data(create, {"input": given}, web.sign_in("owner@example.com"))["liveMembershipPlanCreate"]
    assert made["errors"] == []
    return {"id": made["plan"]["id"], "variant": variant}


class Buyer:
    def __init__(self, host, web, admin, variant, *, account=True):
        self.host, self.web, self.admin, self.variant = host, web, admin, variant
        self.email = f"{uuid.uuid4().hex}@example.com"
        self.token = None
        if account:
            self.register()

    def register(self):
        """An account with a confirmed address, as its owner has it after the mail."""
        code = f"""
from saleor.account.models import User
from saleor.core.db.connection import allow_writer
from saleor.order.utils import match_orders_with_new_user
with allow_writer():
    user = User(email={self.email!r}, first_name="Ada", last_name="Buyer", is_active=True, is_confirmed=True)
    user.set_password("password")
    user.save()
    match_orders_with_new_user(user)
"""
        self.host.run(code, env=self.web.env)
        self.token = self.web.sign_in(self.email)

    def buy(self, quantity=1):
        """A real checkout, paid by a transaction; the order's id and the transaction's."""
        create = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
          checkout { id totalPrice { gross { amount } } } errors { field message } } }"""
        lines = [{"variantId": self.variant, "quantity": quantity}]
        given = {"channel": "default-channel", "email": self.email, "lines": lines}
        checkout = self.ok("checkoutCreate", create, {"input": given}, self.token)["checkout"]
        address = """mutation($id: ID!) { checkoutBillingAddressUpdate(id: $id, billingAddress: %s) {
          errors { field message } } }"""
        self.ok("checkoutBillingAddressUpdate", address % ADDRESS, {"id": checkout["id"]}, self.token)
        total = checkout["totalPrice"]["gross"]["amount"]
        transaction = self.charge(checkout["id"], total)
        complete = "mutation($id: ID!) { checkoutComplete(id: $id) { order { id } errors { field message } } }"
        order = self.ok("checkoutComplete", complete, {"id": checkout["id"]}, self.token)["order"]["id"]
        return order, transaction, total

    def charge(self, what, amount):
        document = """mutation($id: ID!, $amount: PositiveDecimal!) { transactionCreate(id: $id, transaction: {
          name: "card", pspReference: "%s", amountCharged: {amount: $amount, currency: "USD"}}) {
          transaction { id } errors { field message } } }"""
        given = {"id": what, "amount": amount}
        made = self.ok("transactionCreate", document % uuid.uuid4(), given, self.admin)
        return made["transaction"]["id"]

    def refund(self, transaction, *, charged, refunded):
        document = """mutation($id: ID!, $c: PositiveDecimal!, $r: PositiveDecimal!) {
          transactionUpdate(id: $id, transaction: {
            amountCharged: {amount: $c, currency: "USD"}, amountRefunded: {amount: $r, currency: "USD"}}) {
          errors { field message } } }"""
        self.ok("transactionUpdate", document, {"id": transaction, "c": charged, "r": refunded}, self.admin)

    def ok(self, name, document, variables, token):
        answer = self.web.data(document, variables, token)[name]
        assert answer["errors"] == [], answer
        return answer

    def membership(self):
        document = "{ liveMembership { id state entitled since paidUntil plan { name } } }"
        return self.web.data(document, token=self.token)["liveMembership"]


def work(host, web, more=""):
    """What the worker does with the inbox, and what the books say after it."""
    code = """
from saleor_livesales import shop
from saleor_livesales.inbox.tasks import work_off
from saleor_livesales.members import books
work_off()
%s
with shop.current().writer():
    answer([str(row) for row in books.compare()])
"""
    return host.run(code % more, env={**web.env, **MAIL})


@pytest.fixture
def buyer(host, web, admin, plan):
    return Buyer(host, web, admin, plan["variant"])


def test_bought_in_a_checkout_and_refunded(host, web, buyer):
    _, transaction, total = buyer.buy(quantity=2)
    assert total == 60.0
    assert buyer.membership() is None
    assert work(host, web) == []
    member = buyer.membership()
    assert (member["state"], member["entitled"], member["plan"]["name"]) == ("ACTIVE", True, "Circle")
    until = member["paidUntil"]
    buyer.refund(transaction, charged=30, refunded=30)
    assert work(host, web) == []
    member = buyer.membership()
    assert (member["state"], member["paidUntil"] < until) == ("ACTIVE", True)
    buyer.refund(transaction, charged=0, refunded=60)
    assert work(host, web) == []
    assert (buyer.membership()["state"], buyer.membership()["entitled"]) == ("REFUNDED", False)


def test_the_sweep_sees_what_no_hook_told(host, web, rows, buyer):
    buyer.buy()
    rows.execute("DELETE FROM saleor_livesales_shopevent")
    assert work(host, web) == []
    assert buyer.membership() is None
    assert work(host, web, "from saleor_livesales.members.tasks import members_orders\nmembers_orders()") == []
    assert buyer.membership()["state"] == "ACTIVE"


def test_a_guest_is_a_member_once_the_address_is_confirmed(host, web, admin, plan):
    guest = Buyer(host, web, admin, plan["variant"], account=False)
    guest.buy()
    assert work(host, web) == []
    guest.register()
    assert guest.membership() is None
    assert work(host, web, "from saleor_livesales.members.tasks import members_orders\nmembers_orders()") == []
    assert guest.membership()["state"] == "ACTIVE"


def test_a_cancelled_order_takes_it_back(host, web, buyer, admin):
    order, _, _ = buyer.buy()
    work(host, web)
    assert buyer.membership()["entitled"]
    cancel = "mutation($id: ID!) { orderCancel(id: $id) { errors { field message } } }"
    buyer.ok("orderCancel", cancel, {"id": order}, admin)
    assert work(host, web) == []
    assert buyer.membership()["state"] == "REFUNDED"


RENEW = """
import datetime
from django.core import mail
from saleor_livesales import shop
from saleor_livesales.members import renewals
from saleor_livesales.members.models import Membership, Renewal
from saleor_livesales.ids import uuid_from_global_id
mail.outbox = []
with shop.current().writer():
    member = Membership.objects.get(pk=uuid_from_global_id("LiveMembership", MEMBER))
    soon = member.paid_until - datetime.timedelta(days=2)
    renewals.plan_due(now=soon)
    for _ in range(2):
        renewals.work(now=soon)
    renewal = Renewal.objects.get(membership=member)
    answer([renewal.state, renewal.error, renewal.order_id, renewal.order_number,
        [[letter.to, letter.body] for letter in mail.outbox if letter.to == [EMAIL]]])
"""


def test_renewed_by_saleors_own_mutations(host, web, rows, buyer, admin):
    buyer.buy()
    work(host, web)
    member = buyer.membership()
    code = f"MEMBER = {member['id']!r}\nEMAIL = {buyer.email!r}\n" + RENEW
    state, error, order, number, letters = host.run(code, env={**web.env, **MAIL})
    assert (state, error) == ("ordered", "")
    [[to, body]] = letters
    assert to == [buyer.email]
    assert f"Order {number} is ready" in body
    shown = web.data(
        """query($id: ID!) { order(id: $id) { number status externalReference isPaid origin userEmail
          billingAddress { city } total { gross { amount currency } } lines { quantity variant { id } } } }""",
        {"id": order}, admin,
    )["order"]  # fmt: skip
    reference = shown.pop("externalReference")
    assert reference.startswith("livesales-renewal-")
    assert reference.endswith("-1")
    assert shown == {
        "number": number, "status": "UNFULFILLED", "isPaid": False, "origin": "DRAFT", "userEmail": buyer.email,
        "billingAddress": {"city": "BERLIN"}, "total": {"gross": {"amount": 30.0, "currency": "USD"}},
        "lines": [{"quantity": 1, "variant": {"id": buyer.variant}}],
    }  # fmt: skip
    found = rows.execute("SELECT count(*) FROM order_order WHERE external_reference = %s", [reference]).fetchone()
    assert found == (1,)
    buyer.charge(order, 30)
    assert work(host, web) == []
    renewed = buyer.membership()
    assert (renewed["state"], renewed["since"]) == ("ACTIVE", member["since"])
    assert renewed["paidUntil"] > member["paidUntil"]
    [(renewal,)] = rows.execute("SELECT state FROM saleor_livesales_renewal WHERE order_id = %s", [order]).fetchall()
    assert renewal == "paid"


def test_the_app_never_holds_the_right_to_manage_orders(host, web, admin):
    document = "{ apps(first: 20) { edges { node { identifier permissions { code } } } } }"
    [ours] = [
        edge["node"]["permissions"]
        for edge in web.data(document, token=admin)["apps"]["edges"]
        if edge["node"]["identifier"] == "saleor.livesales"
    ]
    assert {entry["code"] for entry in ours} == {"HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"}
