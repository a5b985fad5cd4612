"""The lists beside the panes: what is looked for, and what a filter must not hide."""

from __future__ import annotations

from playwright.sync_api import Frame, Page, expect

from .build import money, visitor
from .fake import FakeShop


def crowded(page: Page, shop: FakeShop) -> Frame:
    people = (("Ada", 300, "shop", 0), ("Bérénice", 200, "b2b", 40), ("Cleo", 100, "shop", 900))
    for name, waited, channel, amount in people:
        cart = {"total": money(amount), "quantity": 1, "lines": []} if amount else None
        shop.session(name, waited=waited, channel=channel, cart=cart)
    shop.visitors = [
        visitor(1, "Dora", cart=money(15)),
        visitor(2, "Emil", signed_in=True),
        visitor(3, "Fay", engaged=True, cart=money(70)),
    ]
    return shop.visit(page)


def names(frame: Frame, where: str) -> list[str]:
    return [text.strip() for text in frame.get_by_test_id(where).locator("bdi").all_inner_texts()]


def test_search_finds_by_name_whatever_the_accents(page: Page, shop: FakeShop) -> None:
    frame = crowded(page, shop)
    queue = frame.get_by_test_id("queue").get_by_role("listitem")
    expect(queue).to_have_count(3)
    frame.get_by_label("Search the lists").fill("BERENICE")
    expect(queue).to_have_count(1)
    expect(queue).to_contain_text("Bérénice")
    section = frame.get_by_role("region", name="Queue")
    expect(section.locator(".count")).to_have_text("3")  # nobody who waits goes unseen
    expect(section).to_contain_text("2 of 3 do not match what you look for.")
    section.get_by_role("button", name="Show all").click()
    expect(queue).to_have_count(3)
    expect(frame.get_by_label("Search the lists")).to_have_value("")


def test_a_channel_and_the_order_by_cart(page: Page, shop: FakeShop) -> None:
    frame = crowded(page, shop)
    expect(frame.get_by_test_id("queue").get_by_role("listitem")).to_have_count(3)
    assert names(frame, "queue") == ["Ada", "Bérénice", "Cleo"]  # the longest waiting first
    frame.get_by_label("Order of queue and visitors").select_option("cart")
    expect(frame.get_by_test_id("queue").get_by_role("listitem").first).to_contain_text("Cleo")
    assert names(frame, "queue") == ["Cleo", "Bérénice", "Ada"]
    assert names(frame, "visitors") == ["Fay", "Dora", "Emil"]
    frame.get_by_label("Channel").select_option("b2b")
    expect(frame.get_by_test_id("queue").get_by_role("listitem")).to_have_count(1)


def test_visitors_by_what_they_have(page: Page, shop: FakeShop) -> None:
    frame = crowded(page, shop)
    rows = frame.get_by_test_id("visitors").get_by_role("listitem")
    for choice, found in (
        ("cart", ["Dora", "Fay"]),
        ("account", ["Emil"]),
        ("free", ["Dora", "Emil"]),
        ("all", ["Dora", "Emil", "Fay"]),
    ):
        frame.get_by_label("Which visitors").select_option(choice)
        expect(rows).to_have_count(len(found))
        assert names(frame, "visitors") == found


def test_more_than_is_listed_is_told(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(n, f"Visitor {n}") for n in range(100)]
    shop.more_visitors = 1240
    frame = shop.visit(page)
    expect(frame.get_by_role("region", name="On the site").locator(".count")).to_have_text("1,340")
    expect(frame.get_by_text("and 1,240 more, which are not looked through")).to_be_visible()
    page.evaluate("post('localeChanged', {locale: 'de'})")
    expect(frame.get_by_role("region", name="On the site").locator(".count")).to_have_text("1.340")


def test_accept_by_one_key_takes_who_waits_longest(page: Page, shop: FakeShop) -> None:
    frame = crowded(page, shop)
    expect(frame.get_by_test_id("queue").get_by_role("listitem")).to_have_count(3)
    frame.locator(".toolbar-name").click()
    page.keyboard.press("/")
    expect(frame.get_by_label("Search the lists")).to_be_focused()
    page.keyboard.type("a")  # a letter, not an order
    assert shop.operations("ConsoleAccept") == []
    page.keyboard.press("Escape")
    frame.get_by_label("Search the lists").fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(frame.get_by_test_id("pane").get_by_role("textbox")).to_be_focused()
    assert shop.operations("ConsoleAccept") == [{"id": "session-1"}]


def test_the_queue_stands_in_its_own_order_and_says_why(page: Page, shop: FakeShop) -> None:
    shop.session("Ada", waited=10, priority=3, memberPlan={"name": "Inner circle"})
    shop.session("Bob", waited=300, priority=0, memberPlan={"name": "Circle"})
    shop.session("Cleo", waited=200, priority=0, memberPlan=None)
    frame = shop.visit(page)
    rows = frame.get_by_test_id("queue").get_by_role("listitem")
    expect(rows).to_have_count(3)  # as the shop gives them, not by how long they wait
    expect(rows.nth(0)).to_contain_text("Ada")
    expect(rows.nth(0)).to_contain_text("Inner circle, priority 3")
    expect(rows.nth(1)).to_contain_text("Circle")
    expect(rows.nth(1)).not_to_contain_text("priority")
    rows.nth(0).get_by_role("button", name="Accept Ada").click()
    side = frame.get_by_label("About Ada")
    expect(side.get_by_text("Began as")).to_be_visible()
    expect(side).to_contain_text("Inner circle, priority 3")
