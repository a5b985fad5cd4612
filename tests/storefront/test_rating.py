"""Asked once, after the end, in the window that shows the end: how was it?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from saleor_livesales import wire

from .fake import SESSION, FakeShop
from .steps import dock, say, talk, told


@pytest.fixture(autouse=True)
def asking(fake: FakeShop) -> None:
    fake.rating_asked = True


def question(page: Page) -> Locator:
    return dock(page).locator("[part=rating]")


def star(page: Page, score: int) -> Locator:
    return question(page).get_by_role("radio").nth(score - 1)


def thanks(page: Page) -> Locator:
    return dock(page).locator("[part=rated]")


def press(page: Page, part: str) -> None:
    dock(page).locator(f"[part={part}]").click()


def end(page: Page, fake: FakeShop) -> None:
    """The rep ends a conversation in which it had answered."""
    talk(page, fake)
    fake.add(sender="rep", text="Yes, it is gold.")
    expect(dock(page).get_by_text("Yes, it is gold.")).to_be_visible()
    fake.state("ended", endReason="REP")
    expect(dock(page).locator("[part=ended]")).to_be_visible()


def test_it_is_asked_after_the_end_and_never_within(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    fake.add(sender="rep", text="Yes, it is gold.")
    say(page, "Thank you")
    expect(dock(page).get_by_text("Thank you")).to_be_visible()
    assert fake.called("LiveRatingAsked") == []
    expect(question(page)).to_have_count(0)

    fake.state("ended", endReason="REP")

    expect(question(page)).to_contain_text("How was this chat?")
    assert "How was this chat?" in told(page)
    expect(dock(page).locator("[part=again]")).to_be_visible()  # nothing has to be answered to go on
    [asked] = fake.called("LiveRatingAsked")
    assert asked["id"] == SESSION


def test_stars_and_words_are_sent_and_can_be_changed(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    star(page, 2).check(force=True)
    dock(page).locator("[part=rating-comment]").fill("  Slow <b>answers</b>.  ")
    press(page, "rating-send")
    expect(thanks(page)).to_contain_text("Thank you for your rating!")
    expect(question(page).get_by_role("radio")).to_have_count(0)
    assert fake.ratings == [{"score": 2, "comment": "Slow <b>answers</b>."}]
    assert "Thank you for your rating!" in told(page)

    press(page, "rating-change")
    expect(star(page, 2)).to_be_focused()
    star(page, 5).check(force=True)
    dock(page).locator("[part=rating-comment]").fill("")
    press(page, "rating-send")
    expect(thanks(page)).to_be_visible()
    assert fake.ratings[1:] == [{"score": 5, "comment": ""}]


def test_stars_are_a_radio_group_that_keys_work_on(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    group = question(page).get_by_role("radiogroup", name="How was this chat?")
    expect(group.get_by_role("radio")).to_have_count(5)
    names = [group.get_by_role("radio").nth(index).get_attribute("aria-label") for index in range(5)]
    assert names == ["1 of 5: very bad", "2 of 5: bad", "3 of 5: all right", "4 of 5: good", "5 of 5: very good"]
    star(page, 1).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(star(page, 4)).to_be_checked()
    expect(star(page, 4)).to_be_focused()
    assert fake.ratings == []  # nothing goes before it is meant to
    expect(question(page).locator(".lit")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(thanks(page)).to_be_visible()
    expect(dock(page).locator("[part=rating-change]")).to_be_focused()
    assert fake.ratings == [{"score": 4, "comment": ""}]


def test_no_more_than_five_hundred_characters(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    star(page, 3).check(force=True)
    comment = dock(page).locator("[part=rating-comment]")
    comment.focus()
    page.keyboard.insert_text("x" * 600)
    expect(comment).to_have_value("x" * 500)
    expect(comment).to_have_accessible_description(re.compile("500 characters"))


def test_put_away_it_does_not_come_back(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    press(page, "rating-later")
    expect(question(page)).to_have_count(0)
    expect(dock(page).locator("[part=again]")).to_be_focused()
    assert fake.ratings == [{"score": None, "comment": ""}]
    page.reload()
    fake.wait(lambda: len(fake.called("LiveOpenSession")) == 2)
    expect(dock(page).locator("[part=launcher]")).to_be_visible()
    expect(question(page)).to_have_count(0)


@pytest.mark.parametrize("way", ["minimise", "close", "again"])
def test_leaving_the_end_puts_it_away(page: Page, fake: FakeShop, way: str) -> None:
    end(page, fake)
    expect(question(page)).to_be_visible()
    press(page, way)
    fake.wait(lambda: fake.ratings)
    assert fake.ratings == [{"score": None, "comment": ""}]
    expect(question(page)).to_have_count(0)


def test_closed_without_a_connection_the_end_stays_closed(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    expect(question(page)).to_be_visible()
    fake.accepting = False
    fake.drop()
    fake.wait(lambda: not fake.listeners)
    page.wait_for_timeout(200)
    press(page, "close")
    fake.accepting = True
    fake.wait(lambda: len(fake.called("LiveOpenSession")) == 2, seconds=20)
    page.wait_for_timeout(300)
    expect(dock(page).locator("[part=launcher]")).to_be_visible()
    expect(dock(page).locator("[part=ended]")).to_have_count(0)


def test_a_reload_brings_question_and_draft_back(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    star(page, 4).check(force=True)
    dock(page).locator("[part=rating-comment]").fill("She was ki")
    page.reload()
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    expect(star(page, 4)).to_be_checked()
    expect(dock(page).locator("[part=rating-comment]")).to_have_value("She was ki")
    assert fake.ratings == []
    press(page, "rating-send")
    expect(thanks(page)).to_be_visible()
    page.reload()
    expect(dock(page).locator("[part=launcher]")).to_be_visible()
    assert fake.ratings == [{"score": 4, "comment": "She was ki"}]


def test_what_one_tab_answers_is_gone_in_the_others(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    expect(question(page)).to_be_visible()
    other = page.context.new_page()
    other.goto(fake.url)
    expect(question(other)).to_be_visible()
    star(other, 5).check(force=True)
    press(other, "rating-send")
    expect(thanks(other)).to_be_visible()
    expect(question(page)).to_have_count(0)
    press(page, "close")
    expect(dock(page).locator("[part=launcher]")).to_be_visible()
    assert fake.ratings == [{"score": 5, "comment": ""}]  # what is answered is not put away


def test_another_sessions_rating_is_not_taken_for_this_ones(page: Page, fake: FakeShop) -> None:
    end(page, fake)
    expect(question(page)).to_be_visible()
    fake.push(wire.Rated(session="TGl2ZVNlc3Npb246OQ==", score=1))
    fake.push(wire.Rated(session=SESSION, score=None))
    expect(question(page)).to_have_count(0)
    assert fake.ratings == []


def test_not_where_nobody_answered(page: Page, fake: FakeShop) -> None:
    fake.begin()
    page.goto(fake.url)
    expect(dock(page).locator("[part=position]")).to_be_visible()
    fake.state("ended", endReason="NOBODY")
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    page.wait_for_timeout(200)
    assert fake.called("LiveRatingAsked") == []
    expect(question(page)).to_have_count(0)


def test_not_where_the_shop_does_not_ask(page: Page, fake: FakeShop) -> None:
    fake.rating_asked = False
    end(page, fake)
    fake.wait(lambda: fake.called("LiveRatingAsked"))
    page.wait_for_timeout(200)
    expect(question(page)).to_have_count(0)


@pytest.mark.parametrize(("code", "words"), [("NOT_ALLOWED_NOW", "can't be rated any more"), ("OTHER", "went wrong")])
def test_a_refusal_is_told_and_nothing_is_lost(page: Page, fake: FakeShop, code: str, words: str) -> None:
    fake.refuse["LiveSessionRate"] = code
    end(page, fake)
    star(page, 1).check(force=True)
    dock(page).locator("[part=rating-comment]").fill("Never again")
    press(page, "rating-send")
    expect(question(page).get_by_role("alert")).to_contain_text(words)
    expect(dock(page).locator("[part=rating-comment]")).to_have_value("Never again")
    fake.refuse.clear()
    press(page, "rating-send")
    expect(thanks(page)).to_be_visible()
    assert fake.ratings == [{"score": 1, "comment": "Never again"}]


def test_from_right_to_left_on_a_phone(page: Page, fake: FakeShop) -> None:
    fake.html_attributes = 'lang="ar" dir="rtl"'
    page.set_viewport_size({"width": 360, "height": 640})
    end(page, fake)
    expect(question(page)).to_contain_text("كيف كانت هذه المحادثة؟")
    boxes = [question(page).locator("[part=star]").nth(index).bounding_box() for index in range(5)]
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    edges = [box["x"] for box in boxes if box]
    assert edges == sorted(edges, reverse=True)  # the first star stands at the right
    star(page, 1).focus()
    page.keyboard.press("ArrowLeft")
    expect(star(page, 2)).to_be_checked()
    box = question(page).bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    expect(dock(page).locator("[part=rating-send]")).to_be_in_viewport()


def test_the_pages_own_words_go_first(page: Page, fake: FakeShop) -> None:
    fake.begin()
    fake.state("active", repName="Anna Smith")
    page.goto(fake.url)
    page.evaluate("document.querySelector('live-sales').strings = {rate: 'Were we of help?'}")
    fake.state("ended", endReason="REP")
    expect(question(page)).to_contain_text("Were we of help?")
