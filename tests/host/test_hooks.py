"""The two lanes: what the hooks report, what a broken Redis costs, and that nothing with consequences is lost."""

import signal
import time
import uuid

import pytest

from saleor_livesales import wire

from .saleor import Web

LIMIT = 0.05  # the default of LIVESALES_REDIS_TIMEOUT
PAUSE = 5.0  # of the circuit breaker
CHECKOUT = """
mutation($lines: [CheckoutLineInput!]!) {
  checkoutCreate(input: {channel: "default-channel", email: "guest@example.com", lines: $lines}) {
    checkout { id }
    errors { field message }
  }
}
"""


@pytest.fixture(scope="module")
def variant(web):
    query = '{ product(slug: "tray-table", channel: "default-channel") { id variants { id } } }'
    return web.data(query)["product"]["variants"][0]["id"]


def create_checkout(web, variant):
    answer = web.data(CHECKOUT, {"lines": [{"variantId": variant, "quantity": 1}]})["checkoutCreate"]
    assert answer["errors"] == []
    return answer["checkout"]["id"]


def noticed(redis):
    return [wire.decode_shop_noticed(fields[b"d"]) for _, fields in redis.xrange("ls:shop")]


def test_behaviour_goes_to_the_stream(web, redis, variant, admin):
    checkout = create_checkout(web, variant)
    update = """
    mutation($id: ID!, $l: [CheckoutLineUpdateInput!]!) {
      checkoutLinesUpdate(id: $id, lines: $l) { errors { message } }
    }"""
    web.data(update, {"id": checkout, "l": [{"variantId": variant, "quantity": 2}]})
    web.data(
        'mutation($id: ID!) { productVariantUpdate(id: $id, input: {name: "Brushed steel"}) { errors { message } } }',
        {"id": variant},
        admin,
    )
    events = noticed(redis)
    assert [(event.kind, event.id) for event in events] == [
        ("checkout", checkout),
        ("checkout", checkout),
        ("variant", variant),
    ]
    assert all(abs(event.at - time.time()) < 60 for event in events)


@pytest.mark.parametrize("mode", ["refuse", "silent", "slow"])
def test_a_broken_redis_never_keeps_a_checkout_from_being_made(web, redis, switch, variant, mode):
    switch.to(mode)
    try:
        checkouts = {create_checkout(web, variant) for _ in range(5)}
    finally:
        switch.to("pass")
    assert len(checkouts) == 5
    if mode != "slow":
        assert noticed(redis) == []
    time.sleep(PAUSE + 0.2)
    last = create_checkout(web, variant)
    deadline = time.monotonic() + 10
    while last not in [event.id for event in noticed(redis)]:
        assert time.monotonic() < deadline, "not announcing again"
        time.sleep(PAUSE + 0.2)
        last = create_checkout(web, variant)


@pytest.mark.parametrize("mode", ["refuse", "silent", "slow"])
def test_what_a_broken_redis_costs_a_hook(host, switch, mode):
    """Through Saleor's own PluginsManager: at most 50 ms once, and then nothing."""
    switch.to(mode)
    code = """
import time
from saleor.checkout.models import Checkout
from saleor.plugins.manager import get_plugins_manager
from saleor_livesales import bus
manager = get_plugins_manager(allow_replica=False)
plugin = manager.get_plugin("saleor.livesales")
checkout = Checkout.objects.first()
def cost():
    started = time.perf_counter()
    plugin.checkout_created(checkout, webhooks=set(), previous_value=None)
    return time.perf_counter() - started
firsts = []
for _ in range(3):
    bus.reset()
    firsts.append(cost())
answer([min(firsts), sum(cost() for _ in range(100))])
"""
    try:
        env = host.env("host_base", LIVESALES_REDIS_URL=f"redis://127.0.0.1:{switch.port}/0")
        first, hundred = host.run(code, env=env)
    finally:
        switch.to("pass")
    assert first < LIMIT + 0.02
    assert hundred < LIMIT


def test_a_hook_that_fails_is_logged_and_the_shopper_sees_nothing(host):
    code = """
from saleor.checkout.models import Checkout
from saleor.plugins.manager import get_plugins_manager
manager = get_plugins_manager(allow_replica=False)
plugin = manager.get_plugin("saleor.livesales")
answer([plugin.active, plugin.checkout_created(object(), webhooks=set(), previous_value="kept"),
        plugin.order_created(None, previous_value="kept"), plugin.customer_updated(None, previous_value=None)])
"""
    assert host.run(code, env=host.env("host_base")) == [True, "kept", "kept", None]


def order_of(web, admin, variant):
    """An order by staff, which needs neither payment nor shipping: draft, then completed."""
    query = """
    mutation($v: ID!, $c: ID!) {
      draftOrderCreate(input: {channelId: $c, userEmail: "guest@example.com", lines: [{variantId: $v, quantity: 1}],
        billingAddress: {firstName: "A", lastName: "B", streetAddress1: "1 Example street", city: "BERLIN",
          postalCode: "10115", country: DE},
        shippingAddress: {firstName: "A", lastName: "B", streetAddress1: "1 Example street", city: "BERLIN",
          postalCode: "10115", country: DE}}) { order { id } errors { field message } }
    }"""
    channel = web.data("{ channels { id slug } }", token=admin)["channels"]
    channel = next(entry["id"] for entry in channel if entry["slug"] == "default-channel")
    made = web.data(query, {"v": variant, "c": channel}, admin)["draftOrderCreate"]
    assert made["errors"] == []
    order = made["order"]["id"]
    shipping = "query($id: ID!) { order(id: $id) { shippingMethods { id } } }"
    methods = web.data(shipping, {"id": order}, admin)["order"]["shippingMethods"]
    if methods:
        update = """mutation($o: ID!, $m: ID!) {
          orderUpdateShipping(order: $o, input: {shippingMethod: $m}) { errors { field message } } }"""
        assert web.data(update, {"o": order, "m": methods[0]["id"]}, admin)["orderUpdateShipping"]["errors"] == []
    complete = "mutation($id: ID!) { draftOrderComplete(id: $id) { errors { field message } } }"
    assert web.data(complete, {"id": order}, admin)["draftOrderComplete"]["errors"] == []
    return order


def reported(rows, object_id):
    """What the inbox holds of an object, in order."""
    return rows.execute(
        "SELECT kind, payload, source, done_at FROM saleor_livesales_shopevent WHERE object_id = %s ORDER BY id",
        [object_id],
    ).fetchall()


def test_an_order_goes_to_the_inbox(web, rows, admin, variant):
    order = order_of(web, admin, variant)
    assert reported(rows, order) == [("order_created", {"user_id": None, "checkout_id": None}, "hook", None)]
    paid = "mutation($id: ID!) { orderMarkAsPaid(id: $id) { errors { field message } } }"
    assert web.data(paid, {"id": order}, admin)["orderMarkAsPaid"]["errors"] == []
    assert [kind for kind, *_ in reported(rows, order)] == ["order_created", "order_fully_paid"]
    cancel = "mutation($id: ID!) { orderCancel(id: $id) { errors { field message } } }"
    web.data(cancel, {"id": order}, admin)
    assert [kind for kind, *_ in reported(rows, order)] == ["order_created", "order_fully_paid", "order_cancelled"]


def test_a_customer_goes_to_the_inbox(web, rows, admin):
    email = f"{uuid.uuid4().hex}@example.com"
    create = "mutation($e: String!) { customerCreate(input: {email: $e}) { user { id } errors { message } } }"
    user = web.data(create, {"e": email}, admin)["customerCreate"]["user"]["id"]
    update = 'mutation($id: ID!) { customerUpdate(id: $id, input: {firstName: "New"}) { errors { message } } }'
    web.data(update, {"id": user}, admin)
    delete = "mutation($id: ID!) { customerDelete(id: $id) { errors { message } } }"
    web.data(delete, {"id": user}, admin)
    assert reported(rows, user) == [
        ("customer_created", {}, "hook", None),
        ("customer_updated", {}, "hook", None),
        ("customer_deleted", {}, "hook", None),
    ]


def test_the_inbox_is_written_while_redis_is_away(web, rows, switch, admin, variant):
    switch.to("refuse")
    try:
        order = order_of(web, admin, variant)
    finally:
        switch.to("pass")
    assert [kind for kind, *_ in reported(rows, order)] == ["order_created"]


WORK_OFF = """
from saleor_livesales.inbox.tasks import work_off
import saleor_livesales.inbox.work as work
DIE
answer(work_off())
"""


def test_an_event_survives_a_killed_worker(host, web, rows, admin, variant):
    order = order_of(web, admin, variant)
    die = """
import os, signal
from saleor_livesales.inbox import handlers
def kill(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)
for name, handler in list(vars(handlers).items()):
    if callable(handler) and getattr(handler, "__module__", "") == handlers.__name__ and not isinstance(handler, type):
        setattr(handlers, name, kill)
"""
    killed = host.run(WORK_OFF.replace("DIE", die), env=web.env, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    [(kind, _, _, done)] = reported(rows, order)
    assert (kind, done) == ("order_created", None)
    host.run(WORK_OFF.replace("DIE", ""), env=web.env)
    [(kind, _, _, done)] = reported(rows, order)
    assert kind == "order_created"
    assert done is not None


def test_the_sweep_mends_an_event_that_was_never_written(host, web, rows, admin, variant):
    order = order_of(web, admin, variant)
    rows.execute("DELETE FROM saleor_livesales_shopevent WHERE object_id = %s", [order])
    host.run("from saleor_livesales.inbox.tasks import sweep, work_off\nsweep()\nwork_off()", env=web.env)
    [(kind, payload, source, done)] = reported(rows, order)
    assert (kind, payload, source) == ("order_created", {"user_id": None, "checkout_id": None}, "sweep")
    assert done is not None
    assert rows.execute(
        "SELECT created_seen, paid_seen FROM saleor_livesales_shoporder WHERE order_id = %s", [order]
    ).fetchall() == [(True, False)]


def test_postgresql_refusing_our_rows_does_not_stop_an_order(host, private, variant):
    """Our tables are gone, as after a half-done uninstall: the order is made, and the failure is logged."""
    import psycopg

    with psycopg.connect(host.postgres.url(private), autocommit=True) as connection:
        connection.execute("DROP TABLE saleor_livesales_shopevent CASCADE")
    web = Web(host, host.env(private))
    try:
        admin = web.sign_in("admin@example.com", "admin")
        assert order_of(web, admin, variant)
    finally:
        web.stop()
    assert "The hook order_created was not reported." in web.log.read_text()
