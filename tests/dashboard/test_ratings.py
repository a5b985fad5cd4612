"""What visitors thought of their sessions: at the desk, and on the owner's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from .build import rated, settings
from .fake import FakeShop
from .states_of_owner import ratings


def pane(frame: Frame) -> Locator:
    return frame.get_by_test_id("pane")


def talking(page: Page, shop: FakeShop) -> tuple[Frame, str]:
    pk = shop.session("Ada Buyer", state="ACTIVE")
    frame = shop.visit(page)
    expect(pane(frame)).to_be_visible()
    return frame, pk


def test_a_rep_sees_the_rating_in_the_session_that_is_over(page: Page, shop: FakeShop) -> None:
    frame, pk = talking(page, shop)
    shop.end(pk, "visitor")
    expect(pane(frame).get_by_text("Ended by the visitor").last).to_be_visible()
    expect(pane(frame).get_by_role("img", name="of 5")).to_have_count(0)

    shop.rate(pk, 4, "Kind, <b>and</b> quick.")

    expect(pane(frame).get_by_role("img", name="4 of 5")).to_be_visible()
    expect(pane(frame).get_by_text("Kind, <b>and</b> quick.")).to_be_visible()
    shop.rate(pk, 2)
    expect(pane(frame).get_by_role("img", name="2 of 5")).to_be_visible()
    expect(pane(frame).locator("blockquote")).to_have_count(0)


def test_a_rating_that_was_missed_is_fetched_when_the_connection_is_back(page: Page, shop: FakeShop) -> None:
    frame, pk = talking(page, shop)
    shop.end(pk, "visitor")
    expect(pane(frame).get_by_text("Ended by the visitor").last).to_be_visible()
    shop.sessions[pk]["rating"] = {"score": 5, "comment": "Thank you!"}  # told to nobody
    shop.drop()
    expect(pane(frame).get_by_role("img", name="5 of 5")).to_be_visible(timeout=15_000)


def test_reps_with_their_averages_the_best_first(page: Page, shop: FakeShop) -> None:
    frame = ratings(page, shop)
    rows = frame.locator(".ratings-table tbody tr")
    assert rows.all_inner_texts() == [
        "Konstantin von und zu Hohenlohe-Waldenburg\t4.9\t1,204",
        "Rita Rep\t4.3\t27",
    ]
    first = frame.locator(".ratings-list li").first
    expect(first.get_by_role("img", name="5 of 5")).to_be_visible()
    expect(first).to_contain_text("Rita Rep · Ada Buyer · default-channel")
    expect(first).to_contain_text("She knew all about it")
    assert shop.operations("ConsoleRatings") == [{"filter": {"rated": True}, "first": 50, "after": None}]


def test_the_bad_ones_alone_and_page_after_page(page: Page, shop: FakeShop) -> None:
    frame = ratings(page, shop)
    shop.rated = [rated(number, 1 + number % 2 * 4) for number in range(160)]
    frame.get_by_label("Which scores").select_option("1 or 2")
    expect(frame.locator(".ratings-list li")).to_have_count(50)
    assert shop.operations("ConsoleRatings")[-1]["filter"] == {"rated": True, "score": [1, 2]}
    frame.get_by_role("button", name="Show more").click()
    expect(frame.locator(".ratings-list li")).to_have_count(80)
    expect(frame.get_by_role("button", name="Show more")).to_have_count(0)
    expect(frame.get_by_role("img", name="1 of 5")).to_have_count(80)
    frame.get_by_label("Which scores").select_option("3")
    expect(frame.get_by_text("No session was rated so.")).to_be_visible()


@pytest.mark.parametrize(
    ("failure", "words"),
    [("PermissionDenied", "You can't see ratings"), ("network", "The ratings could not be loaded")],
)
def test_what_can_not_be_shown_is_said(page: Page, shop: FakeShop, failure: str, words: str) -> None:
    shop.fail["ConsoleRatingsOfReps"] = failure
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Ratings").click()
    expect(frame.get_by_text(words)).to_be_visible()


def test_nobody_has_rated(page: Page, shop: FakeShop) -> None:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Ratings").click()
    expect(frame.get_by_text("Nobody has rated yet")).to_be_visible()


def test_the_owner_decides_whether_it_is_asked(page: Page, shop: FakeShop) -> None:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.get_by_label("Ask visitors how it was").click()
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.get_by_text("Saved", exact=True)).to_be_visible()
    asked = shop.operations("ConsoleChannelUpdate")
    assert asked == [{"channel": "default-channel", "input": {"ratingAsked": False}}]
