"""The owner's page of members."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .build import member, money, months
from .build import settings as channel
from .fake import FakeShop

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.hash = "#members"
    shop.channels = [channel("default-channel", "Main store")]
    shop.plans = [{"id": "plan-1", "name": "Circle", "active": True}]
    shop.members = [member(1, "Ada Buyer"), member(2, "=Bob Buyer", "PAST_DUE"), member(3, "Cem Buyer", "LAPSED")]
    return shop


def test_the_list_and_what_came_in(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    rows = frame.locator(".members-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("Past due")
    expect(frame.get_by_text("Fees this month:")).to_contain_text("€20.00")
    asked = shop.operations("ConsoleMembersHead")[0]
    assert asked["since"] < asked["until"]


def test_months_are_drawn_and_stand_in_a_table(page: Page, shop: FakeShop) -> None:
    shop.months = months(currencies=("EUR", "USD"))
    frame = shop.visit(page)
    expect(frame.locator(".months")).to_have_count(0)
    assert shop.operations("ConsoleMembersMonths") == []
    frame.get_by_role("button", name="Months").click()
    section = frame.get_by_role("region", name="The last twelve months")
    expect(section.locator("svg")).to_have_count(3)
    [asked] = shop.operations("ConsoleMembersMonths")
    assert asked == {"timeZone": page.evaluate("() => Intl.DateTimeFormat().resolvedOptions().timeZone")}
    fees = section.locator("svg").first.locator("rect")
    tall = fees.evaluate_all("(bars) => bars.map((bar) => Number(bar.getAttribute('height')))")
    assert tall == pytest.approx([100 * number / 11 for number in range(12)])
    people = section.locator("svg").last
    assert people.locator("title").last.text_content() == "Nov 2026: 22 came, 55 stayed, 5 left"
    heights = people.locator("g").last.locator("rect").evaluate_all("(bars) => bars.map((bar) => bar.getBBox().height)")
    assert heights == pytest.approx([100 * 55 / 77, 100 * 22 / 77, 100 * 5 / 77])
    section.get_by_text("As a table").click()
    row = section.get_by_role("row", name="Nov 2026")
    expect(row.get_by_role("cell")).to_have_text(["€137.50, $137.50", "22", "55", "5"])
    expect(section.get_by_role("row", name="Dec 2025").get_by_role("cell").first).to_have_text("–")


def test_months_that_can_not_be_loaded_can_be_asked_for_again(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    shop.fail["ConsoleMembersMonths"] = "OperationalError"
    frame.get_by_role("button", name="Months").click()
    expect(frame.locator(".months[role=alert]")).to_be_visible()
    shop.fail.clear()
    shop.months = months()
    frame.locator(".months").get_by_role("button", name="Try again").click()
    expect(frame.locator(".months svg")).to_have_count(2)


def test_search_and_state_are_asked_of_the_shop(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.locator(".members-table tbody tr")).to_have_count(3)
    frame.get_by_label("State").select_option("PAST_DUE")
    expect(frame.locator(".members-table tbody tr")).to_have_count(1)
    frame.get_by_label("Search members").fill("nobody")
    expect(frame.get_by_text("Nobody matches")).to_be_visible()
    assert shop.operations("ConsoleMembers")[-1]["filter"] == {
        "search": "nobody",
        "state": ["PAST_DUE"],
        "planId": None,
    }


def test_a_member_with_its_fees_and_history_is_extended(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    side = frame.get_by_role("complementary", name="Ada Buyer")
    expect(side).to_contain_text("Order 41")
    expect(side).to_contain_text("refunded €10.00")
    expect(side).to_contain_text("Periods were added")
    side.get_by_role("button", name="Extend").click()
    side.get_by_label("Periods", exact=True).fill("1.5")
    side.get_by_label("Money that you took yourself").fill("12,50")
    side.get_by_label("Reason").fill("cash at the fair")
    side.get_by_role("button", name="Add periods").click()
    expect(side.get_by_text("Enter a whole number.")).to_be_visible()
    assert shop.operations("ConsoleMemberExtend") == []
    side.get_by_label("Periods", exact=True).fill("2")
    side.get_by_role("button", name="Add periods").click()
    expect(side.get_by_role("button", name="Add periods")).to_have_count(0)
    assert shop.operations("ConsoleMemberExtend") == [
        {"id": "member-1", "periods": 2, "reason": "cash at the fair", "amount": "12.50"}
    ]


def test_cancelled_taken_back_and_ended(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    side = frame.get_by_role("complementary", name="Ada Buyer")
    side.get_by_role("button", name="Cancel at the end").click()
    side.get_by_role("button", name="Take the cancellation back").click()
    expect(side.get_by_role("button", name="Cancel at the end")).to_be_visible()
    side.get_by_role("button", name="End now").click()
    side.get_by_label("Reason").fill("abuse")
    side.get_by_role("button", name="End the membership now").click()
    expect(side.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(side.get_by_role("button", name="Extend")).to_have_count(0)
    assert shop.operations("ConsoleMemberRevoke") == [{"id": "member-1", "reason": "abuse"}]


def test_what_the_shop_refuses_is_told_and_nothing_typed_is_lost(page: Page, shop: FakeShop) -> None:
    shop.refuse["ConsoleMemberGrant"] = {
        "field": "email", "message": "The shop has no account with this address.", "code": "NOT_FOUND"
    }  # fmt: skip
    frame = shop.visit(page)
    frame.get_by_role("button", name="Grant", exact=True).click()
    side = frame.get_by_role("complementary", name="Grant a membership")
    side.get_by_label("E-mail of the account").fill("new@example.com")
    side.get_by_label("Reason").fill("a prize")
    side.get_by_role("button", name="Grant", exact=True).click()
    expect(side.get_by_text("The shop has no account with this address.")).to_be_visible()
    expect(side.get_by_label("E-mail of the account")).to_have_value("new@example.com")
    shop.refuse.clear()
    side.get_by_role("button", name="Grant", exact=True).click()
    expect(side).to_have_count(0)
    assert shop.operations("ConsoleMemberGrant")[-1] == {
        "email": "new@example.com", "planId": "plan-1", "channel": "default-channel", "periods": 1, "reason": "a prize"
    }  # fmt: skip


def test_where_the_code_is_and_a_new_one(page: Page, shop: FakeShop) -> None:
    lost = {"state": "FAILED", "sentAt": None, "endedAt": None, "problem": "no_address", "code": None}
    shop.members[1] = member(2, "Bob Buyer", delivery=lost)
    frame = shop.visit(page)
    frame.get_by_role("button", name="Bob Buyer").click()
    expect(frame.get_by_text("Not mailed: the account has no address")).to_be_visible()
    frame.get_by_role("button", name="Ada Buyer").click()
    side = frame.get_by_role("complementary", name="Ada Buyer")
    expect(side.get_by_text("Mailed on Jan 31, 2026")).to_be_visible()
    expect(side.get_by_text("••••-••••-•9T")).to_be_visible()
    side.get_by_role("button", name="Mail a new one").click()
    expect(side.get_by_role("button", name="Mail a new one")).to_be_enabled()
    assert shop.operations("ConsoleMemberCode") == [{"id": "member-1", "addressWorks": False}]
    shop.refuse["ConsoleMemberCode"] = {"field": "id", "message": "There is no code.", "code": "NO_SIGN_IN_CODE"}
    side.get_by_role("button", name="Mail a new one").click()
    expect(side.get_by_role("alert")).to_have_text("There is no code.")


def test_a_plan_is_made_and_changed(page: Page, shop: FakeShop) -> None:
    shop.plans, shop.members = [], []
    frame = shop.visit(page)
    expect(frame.get_by_text("There is no plan yet")).to_be_visible()
    frame.get_by_role("button", name="Plans").last.click()
    side = frame.get_by_role("complementary", name="Plans")
    side.get_by_role("button", name="New plan").click()
    side.get_by_label("Name").fill("Circle")
    side.get_by_label("Product").fill("https://shop.test/dashboard/products/UHJvZHVjdDox?x=1")
    side.get_by_label("Variant").fill("https://shop.test/dashboard/products/variant/UHJvZHVjdFZhcmlhbnQ6MQ%3D%3D?y=2")
    side.get_by_label("Days of grace").fill("two")
    side.get_by_role("button", name="Make the plan").click()
    expect(side.get_by_text("Enter a whole number.")).to_be_visible()
    assert shop.operations("ConsolePlanCreate") == []
    side.get_by_label("Days of grace").fill("2")
    side.get_by_label("Priority in the queue").fill("4")
    side.get_by_label("Sessions in a period").fill("12")
    side.get_by_label("Chat", exact=True).check()
    shop.refuse["ConsolePlanCreate"] = {
        "field": "period",
        "message": "A period is written like P1M.",
        "code": "INVALID",
    }
    side.get_by_role("button", name="Make the plan").click()
    expect(side.get_by_text("A period is written like P1M.")).to_be_visible()
    shop.refuse.clear()
    side.get_by_role("button", name="Make the plan").click()
    side.get_by_role("button", name="Circle").click()
    given = shop.operations("ConsolePlanCreate")[-1]["input"]
    assert given | {"timeZone": "UTC"} == {
        "name": "Circle", "level": 1, "productId": "UHJvZHVjdDox", "variantId": "UHJvZHVjdFZhcmlhbnQ6MQ==",
        "period": "P1M", "trial": "", "graceDays": 2, "priority": 4, "sessionsPerPeriod": 12,
        "arrangement": "RULES", "forms": ["CHAT"], "timeZone": "UTC", "paymentUrl": "", "signInUrl": "",
        "active": True,
    }  # fmt: skip
    side.get_by_label("The plan is shown and renewed").uncheck()
    side.get_by_role("button", name="Save").click()
    expect(side.get_by_text("Off", exact=True)).to_be_visible()
    assert shop.operations("ConsolePlanUpdate")[0]["id"] == "plan-1"


def test_the_export_holds_no_formulas(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    expect(frame.locator(".members-table tbody tr")).to_have_count(3)
    with page.expect_download() as download:
        frame.get_by_role("button", name="Export").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0][:4] == ["name", "email", "plan", "state"]
    assert [row[0] for row in rows[1:]] == ["Ada Buyer", "'=Bob Buyer", "Cem Buyer"]


def test_without_the_permission_there_is_nothing_to_see(page: Page, shop: FakeShop) -> None:
    shop.fail = {"ConsoleMembers": "PermissionDenied", "ConsoleMembersHead": "PermissionDenied"}
    frame = shop.visit(page)
    expect(frame.get_by_text("You can't see the members")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_open_to_everybody(page: Page, shop: FakeShop, theme: str) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    frame.get_by_role("button", name="Extend").click()
    page.evaluate("theme => post('theme', {theme})", theme)
    expect(frame.locator("html")).to_have_attribute("data-theme", theme)
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    found = frame.evaluate(
        """async (values) => (await axe.run({runOnly: {type: "tag", values}})).violations
            .flatMap(({id, nodes}) => nodes.map((node) => [id, node.html.slice(0, 120)]))""",
        RULES,
    )
    assert found == []


def test_the_card_and_its_tries_and_the_card_is_removed(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    pane = frame.locator("aside.member")
    expect(pane).to_contain_text("Visa •••• 1881")
    expect(pane).to_contain_text("refused on")
    expect(pane).to_contain_text("not enough money on it")
    expect(pane).to_contain_text("€30.00 charged on")
    pane.get_by_role("button", name="Remove", exact=True).click()
    assert shop.operations("ConsoleCardRemove") == []  # asked once more
    pane.get_by_role("button", name="Remove it").click()
    expect(pane.get_by_role("button", name="Remove it")).to_have_count(0)
    assert shop.operations("ConsoleCardRemove") == [{"id": "card-1"}]


def test_a_member_without_a_card_has_no_line_for_it(page: Page, shop: FakeShop) -> None:
    shop.members = [member(1, "Ada Buyer", paymentMethod=None, fees=[])]
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    expect(frame.locator("aside.member")).to_be_visible()
    expect(frame.get_by_role("heading", name="Card")).to_have_count(0)


def test_another_plan_with_the_next_period_or_at_once_for_what_is_left(page: Page, shop: FakeShop) -> None:
    shop.plans += [
        {"id": "plan-2", "name": "Gold", "active": True},
        {"id": "plan-3", "name": "Platinum", "active": True},
        {"id": "plan-4", "name": "Gone", "active": False},
    ]
    shop.quotes = {
        "plan-2": {"left": money(20.5), "days": 12, "until": "2027-02-12T10:00:00Z", "price": money(50.0)},
        "plan-3": {"left": money(20.5), "days": 6, "until": "2027-02-06T10:00:00Z", "price": money(99.0)},
    }
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    side = frame.get_by_role("complementary", name="Ada Buyer")
    side.get_by_role("button", name="Change the plan").click()
    expect(side.locator(".members-select").get_by_role("option")).to_have_text(["Gold", "Platinum"])
    assert shop.operations("ConsoleMemberQuote") == []
    side.get_by_role("radio", name="At once").check()
    expect(side.get_by_text("€20.50 is left. It becomes Gold for 12 days, until Feb 12, 2027.")).to_be_visible()
    expect(side.get_by_text("Then a period costs €50.00.")).to_be_visible()
    side.locator(".members-select").select_option("Platinum")
    expect(side.get_by_text("It becomes Platinum for 6 days")).to_be_visible()

    shop.refuse["ConsoleMemberChange"] = {"field": "id", "message": "Nothing is left.", "code": "NOTHING_LEFT"}
    side.get_by_role("button", name="Change the plan now").click()
    expect(side.get_by_text("Nothing is left.")).to_be_visible()
    del shop.refuse["ConsoleMemberChange"]
    side.get_by_role("radio", name="With the next period").check()
    side.get_by_role("button", name="Change the plan with the next period").click()
    expect(side.locator(".members-select")).to_have_count(0)
    assert shop.operations("ConsoleMemberChange") == [
        {"id": "member-1", "planId": "plan-3", "atOnce": True},
        {"id": "member-1", "planId": "plan-3", "atOnce": False},
    ]


def test_why_a_plan_can_not_be_changed_at_once_is_told_before(page: Page, shop: FakeShop) -> None:
    shop.plans += [{"id": "plan-2", "name": "Gold", "active": True}]
    shop.fail["ConsoleMemberQuote"] = "NothingLeft"
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    side = frame.get_by_role("complementary", name="Ada Buyer")
    side.get_by_role("button", name="Change the plan").click()
    side.get_by_role("radio", name="At once").check()
    expect(side.locator(".member-quote .field-problem")).to_be_visible()
    expect(side.get_by_role("button", name="Change the plan now")).to_be_disabled()


def test_where_there_is_one_plan_it_is_not_changed(page: Page, shop: FakeShop) -> None:
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    side = frame.get_by_role("complementary", name="Ada Buyer")
    expect(side.get_by_role("button", name="Extend")).to_be_visible()
    expect(side.get_by_role("button", name="Change the plan")).to_have_count(0)
