"""20 members on a real Saleor, in accelerated time: cards that fail, links that are paid, refunds, disputes,
cancellations and moves to another plan, with the books of Saleor, Stripe and ours compared to the cent each day.

``LIVESALES_SIMULATED_DAYS`` makes them 400 (60 without). Nobody waits: each day's moment is passed in. What Saleor does
carries the real time, so the sweep over changed orders has no part here; it has in tests/members/test_simulation.py.
"""

import datetime
import os
import random
import time
from collections import Counter
from decimal import Decimal

from .test_fees import charging, tell  # noqa: F401
from .test_members import MAIL, PLAN, Buyer, plan  # noqa: F401

DAYS = int(os.environ.get("LIVESALES_SIMULATED_DAYS", "60"))
MEMBERS, CARDS = 20, 14
BANKS = ("paid",) * 6 + ("insufficient_funds", "insufficient_funds", "pending", "lost_card")

BEGIN = """
import datetime
from saleor_livesales import shop
from saleor_livesales.inbox import work
with shop.current().writer():
    work.work_off(now=datetime.datetime.fromisoformat(NOW))
    answer(None)
"""
DAY = """
import datetime
from saleor_livesales import shop
from saleor_livesales.errors import LiveSalesError
from saleor_livesales.fees.models import Fee
from saleor_livesales.inbox import work
from saleor_livesales.members import actions, books, changing, machine, tasks
from saleor_livesales.members.actors import By
from saleor_livesales.members.models import Charge, Membership, MembershipChange, Plan, Renewal
now = datetime.datetime.fromisoformat(NOW)
tasks._now = lambda: now
def act(kind, user):
    by = By(kind="member", user_id=user)
    for row in Membership.objects.filter(user_id=user, state__in=machine.LIVE_STATES):
        try:
            if kind == "move":
                other = Plan.objects.filter(pk__in=PLANS).exclude(pk=row.plan_id).get()
                changing.change(membership_id=row.pk, plan_id=other.pk, at_once=False, by=by, now=now)
            else:
                {"cancel": actions.cancel, "resume": actions.resume}[kind](membership_id=row.pk, by=by, now=now)
        except LiveSalesError:
            pass
with shop.current().writer():
    work.work_off(now=now)
    for kind, user in ACTS:
        act(kind, user)
    actions.tick(now=now)
tasks.members_fees()
for _ in range(2):
    tasks.members_renew()
if SWEEP:
    tasks.members_fees_sweep()
    tasks.members_fees()
with shop.current().writer():
    work.work_off(now=now)
    ours = Membership.objects.filter(plan__in=PLANS)
    open_orders = Renewal.objects.filter(state="ordered", membership__in=ours)
    answer({
        "differ": [str(row) for row in books.compare()],
        "orders": list(open_orders.values_list("order_id", flat=True)),
        "fees": list(Fee.objects.exclude(charge_ref="").values_list("charge_ref", "order_id", "state", "recorded_at")),
        "states": list(ours.values_list("state", flat=True)),
        "kinds": list(MembershipChange.objects.filter(membership__in=ours).values_list("kind", flat=True)),
        "paid": Renewal.objects.filter(state="paid", membership__in=ours).count(),
        "charges": Charge.objects.filter(membership__in=ours).count(),
    })
"""


def a_second_plan(host, web):
    """One that costs the same, so that a move is seen in nothing but the plan."""
    product, variant = host.run("SLUG = 'circle-two'\n" + PLAN, env=web.env)
    create = """mutation($input: LiveMembershipPlanInput!) { liveMembershipPlanCreate(input: $input) {
      plan { id } errors { field message } } }"""
    given = {"name": "Second circle", "productId": product, "variantId": variant, "period": "P1M", "graceDays": 4}
    made = web.data(create, {"input": given}, web.sign_in("owner@example.com"))["liveMembershipPlanCreate"]
    assert made["errors"] == []
    return made["plan"]["id"]


def left(stripe, charge):
    """What of a charge is still the store's, in cents."""
    gone = sum(
        row["amount"]
        for name in ("refunds", "disputes")
        for row in stripe.tables[name].values()
        if row["payment_intent"] == charge and row["status"] != "won"
    )
    return stripe.tables["payment_intents"][charge]["amount"] - gone


def test_a_year_of_twenty_members(host, web, admin, rows, plan, stripe, charging):  # noqa: F811
    from saleor_livesales.ids import uuid_from_global_id

    chance = random.Random(7)
    env = {**web.env, **MAIL}
    second = a_second_plan(host, web)
    plans = [str(uuid_from_global_id("LiveMembershipPlan", each)) for each in (plan["id"], second)]
    begin = datetime.datetime.now(datetime.UTC)
    before = set(stripe.charged)
    buyers = [Buyer(host, web, admin, plan["variant"]) for _ in range(MEMBERS)]
    for number, buyer in enumerate(buyers):
        buyer.buy()
        if number < CARDS:
            link = 'mutation { livePaymentMethodLink(returnUrl: "https://store.test/") { url } }'
            web.data(link, token=buyer.token)
            stripe.leave_card(list(stripe.tables["checkout/sessions"])[-1], chance.choice(BANKS))
            tell(web, stripe, stripe.reports()[-1])
    host.run(f"NOW = {begin.isoformat()!r}\n" + BEGIN, env=env)
    users = [web.data("{ me { id } }", token=buyer.token)["me"]["id"] for buyer in buyers]
    heard, payer, counts, seen = len(stripe.reports()), buyers[0], Counter(), {}
    for day in range(1, DAYS + 11):
        calm = day > DAYS
        now = begin + datetime.timedelta(days=day)
        stripe.clock = now.timestamp
        for method in stripe.banks:
            if not calm and chance.random() < 0.02:
                stripe.banks[method] = chance.choice(BANKS)
        for intent in list(stripe.tables["payment_intents"].values()):
            if intent["status"] == "processing" and (calm or chance.random() < 0.3):
                stripe.settle(intent["id"], *(() if chance.random() < 0.6 else ("requires_payment_method", "declined")))
        for order in seen.get("orders", ()):
            if not calm and chance.random() < 0.1:
                payer.charge(order, 30)
                counts["links"] += 1
        ours = [charge for charge in stripe.charged if charge not in before]
        if ours and not calm and chance.random() < 0.25:
            charge = chance.choice(ours)
            disputed = any(row["payment_intent"] == charge for row in stripe.tables["disputes"].values())
            if chance.random() < 0.3 and not disputed and left(stripe, charge) == 3000:
                stripe.dispute(charge)["status"] = chance.choice(("won", "needs_response"))
                counts["disputes"] += 1
            elif not disputed and left(stripe, charge):
                stripe.refund(charge, min(left(stripe, charge), chance.choice((700, 3000))))
                counts["refunds"] += 1
        for event in stripe.reports()[heard:]:
            for _ in range(1 if calm else chance.choice((0, 1, 1, 2))):
                assert tell(web, stripe, event) == 200
        heard = len(stripe.reports())
        kinds = ("cancel", "resume", "resume", "move")
        acts = [(chance.choice(kinds), chance.choice(users))] if not calm and chance.random() < 0.2 else []
        given = f"NOW = {now.isoformat()!r}\nACTS = {acts!r}\nSWEEP = {day % 2 == 0}\nPLANS = {plans!r}\n"
        seen = host.run(given + DAY, env=env)
        assert seen["differ"] == [], day
        assert max(Counter(stripe.charged).values(), default=1) == 1
        recorded = Counter(order for _, order, _, at in seen["fees"] if at is not None)
        assert max(recorded.values(), default=1) == 1, day
    entered = "SELECT psp_reference, charged_value FROM payment_transactionitem WHERE app_identifier = %s"
    books = dict(rows.execute(entered, ["saleor.livesales.payments"]).fetchall())
    states = {charge: state for charge, _, state, _ in seen["fees"]}
    for charge in stripe.charged:
        if charge in before:
            continue
        theirs = Decimal(left(stripe, charge)) / 100
        assert books.get(charge, Decimal(0)) == theirs, (charge, states[charge])
        assert (states[charge] == "returned") == (charge not in books)
    assert counts["links"] > DAYS // 20 and counts["refunds"] + counts["disputes"] > 2, counts
    assert seen["paid"] > MEMBERS and seen["charges"] > 2 * MEMBERS
    assert {"pay", "fall_due", "ending"} <= set(seen["kinds"])
    stripe.clock = time.time
