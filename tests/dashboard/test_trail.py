"""The pages that a visitor looked at, in a pane's details and in the list of those on the site."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from saleor_livesales import wire

from .build import moment, visitor
from .fake import FakeShop


def page_view(number: int, **more: Any) -> dict[str, Any]:
    seen = {"url": f"https://store.test/p/{number}?x=1", "title": f"Page {number}", "viewedAt": moment(60 * number)}
    return {**seen, "seconds": 67, "product": None, **more}


def test_a_pane_shows_the_last_five_pages_and_all_when_asked(page: Page, shop: FakeShop) -> None:
    lamp = {"id": "p", "name": "Lamp <b>&amp;</b>"}
    pages = [page_view(n, product=lamp if n == 1 else None) for n in range(1, 8)]
    shop.session("Ada Lovelace", state="ACTIVE", visitor={"trail": pages})
    frame = shop.visit(page)
    steps = frame.get_by_test_id("pane").get_by_test_id("trail").get_by_role("listitem")
    expect(steps).to_have_count(5)
    expect(steps.first).to_contain_text("Page 1")
    expect(steps.first).to_contain_text("Lamp <b>&amp;</b>")  # as text
    expect(steps.first).to_contain_text("1:07")
    expect(steps.first.locator("time")).to_have_attribute("datetime", pages[0]["viewedAt"])
    frame.get_by_role("button", name="Show all 7 pages").press("Enter")
    expect(steps).to_have_count(7)
    expect(steps.last).to_contain_text("Page 7")
    frame.get_by_role("button", name="Show fewer").click()
    expect(steps).to_have_count(5)


def test_only_addresses_of_the_web_are_links(page: Page, shop: FakeShop) -> None:
    addresses = (
        "https://store.test/a?b=1",
        "javascript:alert(1)",
        "data:text/html,x",
        "/relative",
        "http://store.test/c",
    )
    pages = [page_view(n, url=url, title=None, viewedAt=None, seconds=None) for n, url in enumerate(addresses)]
    shop.session("Ada Lovelace", state="ACTIVE", visitor={"trail": pages})
    frame = shop.visit(page)
    trail = frame.get_by_test_id("trail")
    expect(trail.get_by_role("listitem")).to_have_count(5)
    links = trail.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [addresses[0], addresses[4]]
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer"
        assert link.get_attribute("target") == "_blank"
    expect(links.first).to_have_text("/a?b=1")
    expect(trail.get_by_role("listitem").nth(1)).to_contain_text("alert(1)")
    expect(trail.locator("time")).to_have_count(0)


def test_the_list_reads_a_trail_when_it_is_opened_and_again_when_the_visitor_moves(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora", trail=[page_view(1)]), visitor(2, "Emil", trail=[])]
    frame = shop.visit(page)
    row = frame.get_by_test_id("visitors").get_by_role("listitem").filter(has_text="Dora")
    toggle = frame.get_by_role("button", name="Pages of Dora")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    assert shop.operations("ConsoleVisitor") == []
    toggle.press("Enter")
    steps = row.get_by_test_id("trail").get_by_role("listitem")
    expect(steps).to_have_count(1)
    shop.visitors[0] = visitor(1, "Dora", pageUrl="https://store.test/p/9", trail=[page_view(9), page_view(1)])
    shop.push(wire.VisitorChanged(id="live-1", channel="default-channel", online=True))
    expect(steps).to_have_count(2)
    expect(steps.first).to_contain_text("Page 9")
    assert [asked["id"] for asked in shop.operations("ConsoleVisitor")] == ["live-1", "live-1"]
    toggle.click()
    expect(steps).to_have_count(0)


def test_a_trail_that_cannot_be_read_says_so(page: Page, shop: FakeShop) -> None:
    shop.visitors = [visitor(1, "Dora")]
    shop.fail["ConsoleVisitor"] = "network"
    frame = shop.visit(page)
    frame.get_by_role("button", name="Pages of Dora").click()
    expect(frame.get_by_test_id("visitors").get_by_role("status")).to_have_text("The shop can't be reached.")
