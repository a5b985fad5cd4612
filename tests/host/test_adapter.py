"""The shop's interface on Saleor: prices as Saleor's API shows them, and a constant number of queries."""


def test_prices_are_those_that_the_api_shows(host, web):
    query = """{ products(first: 40, channel: "default-channel") { edges { node {
      id pricing { priceRange { start { gross { amount currency } } } }
      variants { id pricing { price { gross { amount } } } } } } } }"""
    shown = [edge["node"] for edge in web.data(query)["products"]["edges"]]
    wanted = [("default-channel", product["id"], None) for product in shown]
    wanted += [
        ("default-channel", product["id"], variant["id"]) for product in shown for variant in product["variants"][:1]
    ]
    code = f"""
from saleor_livesales import shop
found = shop.current().items([tuple(key) for key in {wanted!r}])
answer([[list(key), str(item.price), item.currency] for key, item in found.items()])
"""
    found = {tuple(key): (float(price), currency) for key, price, currency in host.run(code, env=host.env("host_base"))}
    for product in shown:
        start = product["pricing"]["priceRange"]["start"]["gross"]
        assert found["default-channel", product["id"], None] == (start["amount"], start["currency"])
        for variant in product["variants"][:1]:
            price = variant["pricing"]["price"]["gross"]["amount"]
            assert found["default-channel", product["id"], variant["id"]] == (price, "USD")
    assert len(found) == len(wanted) > 40


def test_queries_do_not_grow(host):
    code = """
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.account.models import User
from saleor.checkout.models import Checkout
from saleor.product.models import Product
from saleor_livesales import shop
from saleor_livesales.host.keys import global_id
products = [("default-channel", global_id("Product", pk), None) for pk in Product.objects.values_list("pk", flat=True)]
users = [global_id("User", pk) for pk in User.objects.values_list("pk", flat=True)]
carts = [global_id("Checkout", pk) for pk in Checkout.objects.values_list("pk", flat=True)]
ours = shop.current()
def counted(method, values):
    with CaptureQueriesContext(connection) as queries:
        method(values)
    return len(queries)
answer([[counted(method, values[:1]) == counted(method, values), len(values) > 1]
        for method, values in ((ours.items, products), (ours.customers, users), (ours.carts, carts))])
"""
    assert host.run(code, env=host.env("host_base")) == [[True, True]] * 3


def test_what_is_unknown_is_left_out(host):
    code = """
from saleor.account.models import User
from saleor.product.models import Product
from saleor_livesales import shop
from saleor_livesales.host.keys import global_id
ours = shop.current()
first, second = Product.objects.exclude(variants=None).order_by("pk")[:2]
foreign = global_id("ProductVariant", second.variants.first().pk)
answer([
    ours.items([("nowhere", global_id("Product", first.pk), None), ("default-channel", "garbage", None),
                ("default-channel", global_id("Product", 2**40), None),
                ("default-channel", global_id("Product", first.pk), foreign)]) == {},
    ours.customers(["garbage", global_id("User", 2**70), global_id("Product", first.pk)]) == {},
    ours.carts(["garbage", global_id("Checkout", "not-a-uuid")]) == {},
    ours.existing_users([global_id("User", 2**40), "garbage"]) == frozenset(),
    ours.existing_users([global_id("User", f"0{User.objects.first().pk}")]) == frozenset(),
    ours.staff_may("garbage", "HANDLE_LIVE_SALES"),
])
"""
    assert host.run(code, env=host.env("host_base")) == [True, True, True, True, True, False]


def test_an_account_is_found_by_its_address_however_many_are_alike(host, private):
    code = """
from saleor.account.models import User
from saleor_livesales import shop
from saleor_livesales.host.keys import global_id
wanted = User.objects.create(email="bo@example.com")
User.objects.bulk_create(User(email=f"{number}-bo@example.com") for number in range(25))
found = shop.current().find_users(" BO@example.com ", 20)
answer([found[0] == global_id("User", wanted.pk), len(found), len(set(found))])
"""
    assert host.run(code, env=host.env(private)) == [True, 20, 20]


def test_the_gross_price_of_a_variant_has_its_tax_where_the_channel_shows_net_ones(host, private):
    code = """
from saleor.channel.models import Channel
from saleor.product.models import ProductVariant
from saleor.tax.models import TaxClassCountryRate, TaxConfiguration
from saleor_livesales import shop
from saleor_livesales.host.keys import global_id
channel = Channel.objects.get(slug="default-channel")
row = TaxConfiguration.objects.get(channel=channel)
row.country_exceptions.all().delete()
row.display_gross_prices, row.prices_entered_with_tax, row.tax_calculation_strategy = False, False, "FLAT_RATES"
row.save()
TaxClassCountryRate.objects.filter(country=channel.default_country).delete()
TaxClassCountryRate.objects.create(country=channel.default_country, tax_class=None, rate=20)
variant = ProductVariant.objects.filter(product__slug="tray-table").first()
product = global_id("Product", variant.product_id)
keys = [("default-channel", product, global_id("ProductVariant", variant.pk)), ("default-channel", product, None)]
found = shop.current().items(keys)
answer([str(found[key].price) for key in keys] + [str(found[keys[0]].gross), found[keys[1]].gross])
"""
    price, cheapest, gross, none = host.run(code, env=host.env(private))
    assert (price, gross, none) == ("100.01", "120.01", None)
    assert cheapest == "100.01"


def test_an_unpublished_product_has_no_price(host, private):
    code = """
from saleor.product.models import Product, ProductChannelListing
from saleor_livesales import shop
from saleor_livesales.host.keys import global_id
product = Product.objects.get(slug="tray-table")
key = ("default-channel", global_id("Product", product.pk), None)
before = str(shop.current().items([key])[key].price)
ProductChannelListing.objects.filter(product=product).update(is_published=False)
answer([before, shop.current().items([key])[key].price])
"""
    assert host.run(code, env=host.env(private)) == ["100.01", None]
