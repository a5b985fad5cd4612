"""Whom one talks to: name and picture of the rep, and of the one who would answer an offer now."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .fake import FakeShop
from .gallery import part, talked
from .steps import dock, talk


def picture(fake: FakeShop) -> str:
    return f"{fake.origin}/media/anna.svg"


def test_the_reps_picture_is_shown_once_it_has_the_session(page: Page, fake: FakeShop) -> None:
    fake.begin(repAvatarUrl=picture(fake))
    page.goto(fake.url)
    expect(dock(page).locator("[part=position]")).to_be_visible()
    expect(dock(page).locator("img")).to_have_count(0)

    fake.state("active", repName="Anna Smith")

    expect(dock(page).locator("header .avatar img")).to_be_visible()
    face = dock(page).locator("header .avatar img")
    assert face.evaluate("(image) => [image.src, image.alt, image.naturalWidth > 0]") == [picture(fake), "", True]
    part(page, "who")
    expect(dock(page).locator("[part=about] .avatar img")).to_be_visible()
    expect(dock(page).locator("[part=about]")).to_contain_text("You are talking to Anna Smith")
    assert set(fake.faces_asked) == {None}  # where the visitor is stays between visitor and shop

    fake.state("queued", repName=None)
    expect(page.get_by_role("heading", name="Live help")).to_be_visible()
    expect(dock(page).locator("img")).to_have_count(0)


def test_initials_where_there_is_no_picture_or_it_does_not_come(page: Page, fake: FakeShop) -> None:
    talk(page, fake)
    expect(dock(page).locator("header .avatar")).to_have_text("AS")
    with page.expect_response("**/media/gone.png") as answer:
        fake.state("on_hold", repAvatarUrl=f"{fake.origin}/media/gone.png")
    assert answer.value.status == 404
    expect(dock(page).locator(".subtitle")).not_to_have_text("")
    expect(dock(page).locator("header .avatar")).to_have_text("AS")
    expect(dock(page).locator("img")).to_have_count(0)


def test_initials_where_the_page_forbids_pictures(page: Page, fake: FakeShop) -> None:
    fake.csp = f"default-src 'none'; script-src {fake.origin}; connect-src {fake.origin} {fake.gateway}"
    note = "addEventListener('securitypolicyviolation', (event) => (window.forbidden = event.blockedURI))"
    page.add_init_script(note)
    talked(page, fake, repAvatarUrl=picture(fake))
    page.wait_for_function("() => window.forbidden")
    assert page.evaluate("() => window.forbidden") == picture(fake)
    expect(dock(page).locator("header .avatar")).to_have_text("AS")
    assert fake.faces_asked == []

    fake.csp += f"; img-src {fake.origin}"
    page.reload()
    expect(dock(page).locator("header .avatar img")).to_be_visible()


def offered(page: Page, fake: FakeShop, **rep: str) -> None:
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer("Hello", **rep)
    expect(dock(page).locator("[part=offer]")).to_be_visible()


def test_an_offer_shows_who_is_there(page: Page, fake: FakeShop) -> None:
    offered(page, fake, rep_name="Anna Smith", rep_avatar_url=picture(fake))
    expect(dock(page).locator("[part=from]")).to_have_text("Anna Smith is available now.")
    expect(dock(page).locator("[part=offer] img")).to_be_visible()
    expect(dock(page).locator(".greeting")).to_have_text("Hello")


def test_an_offer_without_somebody_there_names_nobody(page: Page, fake: FakeShop) -> None:
    offered(page, fake)
    expect(dock(page).locator("[part=from]")).to_be_hidden()
    expect(dock(page).locator("[part=offer] svg")).to_be_visible()


def test_who_was_there_on_the_last_page_is_not_said_on_the_next(page: Page, fake: FakeShop) -> None:
    offered(page, fake, rep_name="Anna Smith", rep_avatar_url=picture(fake))
    expect(dock(page).locator("[part=from]")).to_be_visible()

    page.goto(f"{fake.origin}/other")

    expect(dock(page).locator("[part=offer]")).to_be_visible()
    expect(dock(page).locator("[part=from]")).to_be_hidden()
    fake.wait(lambda: len(fake.called("LiveOpenSession")) == 2)
    fake.offer("Hello", rep_name="Bo Li")  # the shop tells an open offer again, with who is there now
    expect(dock(page).locator("[part=from]")).to_have_text("Bo Li is available now.")
    expect(dock(page).locator("[part=offer] .avatar")).to_have_text("BL")
    expect(dock(page).locator("[part=offer]")).to_have_count(1)
    assert "Anna" not in dock(page).inner_text()
