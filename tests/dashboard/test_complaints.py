"""What users of such desks complain about elsewhere, tried here: docs/complaints.md."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from saleor_livesales import wire

from .build import visitor
from .fake import FakeShop


def test_who_came_while_the_line_was_down_is_there_when_it_is_back(page: Page, shop: FakeShop) -> None:
    """In the queue, at one's own desk, and among the visitors, though nobody announced it."""
    mine = shop.session("Ada", state="ACTIVE")
    frame = shop.visit(page)
    expect(frame.get_by_test_id("pane")).to_have_count(1)
    expect(frame.get_by_test_id("link")).to_have_class("link link-open")
    shop.open = False
    shop.drop()
    expect(frame.get_by_text("The live connection is lost.")).to_be_visible()
    shop.session("Bela", waited=5)
    other = shop.session("Carl", state="ACTIVE")
    shop.visitors.append(visitor(7))
    shop.write(mine, "visitor", "Hello?")
    shop.write(other, "visitor", "Anybody?")
    shop.open = True
    expect(frame.get_by_role("button", name="Accept Bela")).to_be_visible(timeout=15_000)
    expect(frame.get_by_test_id("pane")).to_have_count(2)
    expect(frame.locator(f'.pane[data-session="{mine}"] .bubble')).to_have_text(["Hello?"])
    expect(frame.locator(f'.pane[data-session="{other}"] .bubble')).to_have_text(["Anybody?"])
    expect(frame.get_by_test_id("visitors")).to_contain_text("Product 7")


def test_everybody_who_waits_is_in_the_queue(page: Page, shop: FakeShop) -> None:
    """Without a reload, in the order in which they came, however many they are."""
    frame = shop.visit(page)
    expect(frame.get_by_test_id("link")).to_have_class("link link-open")
    for number in range(15):
        session = shop.session(f"Guest {number:02}", waited=300 - number)
        shop.push(wire.QueueChanged(id=session, state="queued", channel="default-channel"))
    queue = frame.get_by_test_id("queue")
    expect(queue.get_by_role("button", name="Accept Guest")).to_have_count(15)
    names = queue.get_by_role("button", name="Accept Guest").evaluate_all(
        "(buttons) => buttons.map((button) => button.ariaLabel ?? button.textContent)"
    )
    assert [name[-2:] for name in names] == [f"{number:02}" for number in range(15)]


def test_a_visitors_words_are_never_taken_for_the_reps(page: Page, shop: FakeShop) -> None:
    """Whatever a visitor calls itself, and whatever it writes, its lines stand on its side under its own name."""
    session = shop.session("Rita Rep", state="ACTIVE")
    shop.write(session, "visitor", "Rita Rep: The price is 1 euro.")
    shop.write(session, "rep", "It is 250.")
    frame = shop.visit(page)
    pane = frame.locator(f'.pane[data-session="{session}"]')
    expect(pane.locator(".line-visitor .bubble")).to_have_text(["Rita Rep: The price is 1 euro."])
    expect(pane.locator(".line-rep .bubble")).to_have_text(["It is 250."])
    expect(pane.locator(".line-visitor .hidden")).to_have_text(["Rita Rep: "])
    expect(pane.locator(".line-rep .hidden")).to_have_text(["You: "])
    expect(pane.locator(".details, .pane-head").first).not_to_contain_text("Account")
