"""States of the owner's pages."""

from __future__ import annotations

from playwright.sync_api import Frame, Page, expect

from .build import code, delivery, letter, letter_way, member, months, piece, plan, rated, settings
from .fake import FakeShop
from .fake_letters import batch, sample, trouble
from .states import state


@state
def settings_of_a_channel(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business", active=False)]
    frame = shop.visit(page)
    frame.locator('textarea[name="greeting"]').fill("Hello! We know every piece in this shop. May we help?")
    return frame


@state
def settings_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = settings_of_a_channel(page, shop)
    frame.locator('input[name="priceThreshold"]').fill("lots")
    frame.locator('input[name="contactEmail"]').fill("nobody")
    frame.locator('input[name="gatewayUrl"]').fill("https://live.example.com")
    frame.locator(".button-primary[type=submit]").click()
    return frame


@state
def office_hours(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    page.clock.set_fixed_time("2026-11-21T12:00:00Z")
    weekdays = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    hours = [{"weekday": day, "start": "09:00", "end": "12:30"} for day in weekdays]
    hours += [{"weekday": day, "start": "13:30", "end": "18:00"} for day in weekdays[:4]]
    special = [
        {"date": "2026-12-24", "name": "Christmas Eve", "yearly": True, "spans": [{"start": "09:00", "end": "13:00"}]},
        {"date": "2026-12-25", "name": "Christmas Day", "yearly": True, "spans": []},
    ]
    opening = {"open": False, "opensAt": "2026-11-23T08:00:00Z", "closesAt": None}
    shop.channels = [
        settings("default-channel", "Main store", openingHours=hours, specialDays=special, opening=opening),
        settings("b2b", "Business"),
    ]
    frame = shop.visit(page)
    frame.get_by_test_id("opening").scroll_into_view_if_needed()
    frame.locator(".week").first.evaluate("element => element.closest('.card').scrollIntoView()")
    return frame


@state
def office_hours_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = office_hours(page, shop)
    frame.locator('input[name="openingHours"]').nth(1).fill("14:00")
    frame.locator('input[name="timeZone"]').fill("Berlin")
    frame.locator('input[name="specialDays"]').nth(1).fill("")
    frame.locator(".button-primary[type=submit]").click()
    frame.locator(".week").first.evaluate("element => element.closest('.card').scrollIntoView()")
    return frame


@state
def appearance(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business")]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Appearance").click()
    frame.locator('input[name="accent"]').fill("#0f766e")
    widget = frame.frame_locator("iframe.look-frame").locator("live-sales")
    expect(widget.get_by_text("Shall I put one aside for you?")).to_be_visible()
    return frame


@state
def appearance_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = appearance(page, shop)
    frame.locator('input[name="onAccent"]').fill("#115e59")
    frame.locator('input[name="accentDark"]').fill("teal")
    frame.locator('input[name="radius"]').fill("40")
    return frame


@state
def printed_pieces(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    shop.pieces = [piece("piece-1", "Spring mailing", personal=True), piece("piece-2", "Catalogue of the year")]
    shop.codes = [
        {
            "id": f"code-{number}", "masked": f"••••-••••-•{number}T", "state": state_, "uses": uses, "maxUses": 1,
            "recipient": {"reference": f"7{number}", "name": name},
        }
        for number, (name, state_, uses) in enumerate(
            [("Ada Buyer", "ISSUED", 0), ("Béla Bartók", "USED", 1), ("ليلى حداد", "EXPIRED", 0), ("Dan", "REVOKED", 0)]
        )
    ]  # fmt: skip
    frame = shop.visit(page)
    frame.get_by_role("link", name="Printed pieces").click()
    expect(frame.locator(".pieces-codes tbody tr")).to_have_count(4)
    return frame


@state
def printed_pieces_about_to_be_revoked(page: Page, shop: FakeShop) -> Frame:
    frame = printed_pieces(page, shop)
    frame.get_by_role("button", name="Revoke", exact=True).click()
    expect(frame.get_by_role("button", name="Revoke all codes")).to_be_visible()
    return frame


@state
def a_new_piece_with_problems(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Printed pieces").click()
    shop.refuse["ConsolePieceCreate"] = {"field": "landingUrl", "message": "Not that page.", "code": "INVALID"}
    frame.get_by_role("button", name="Create").click()
    expect(frame.get_by_text("Not that page.")).to_be_visible()
    return frame


@state
def members(page: Page, shop: FakeShop) -> Frame:
    """One of three is looked at, with the way of its sign-in code."""
    shop.page_path, shop.hash = "console/settings", "#members"
    shop.channels = [settings("default-channel", "Main store")]
    shop.plans = [plan("plan-1", "Circle"), plan("plan-2", "Inner circle", active=False, period="P1Y")]
    shop.members = [member(1, "Ada Buyer"), member(2, "Béla Bartók", "PAST_DUE"), member(3, "ليلى حداد", "LAPSED")]
    frame = shop.visit(page)
    frame.get_by_role("button", name="Ada Buyer").click()
    expect(frame.locator(".member-code")).to_have_count(2)
    return frame


@state
def members_by_month(page: Page, shop: FakeShop) -> Frame:
    frame = members(page, shop)
    shop.months = months(currencies=("EUR", "USD"))
    frame.locator(".members-head button").first.click()
    expect(frame.locator(".months svg")).to_have_count(3)
    return frame


@state
def plans(page: Page, shop: FakeShop) -> Frame:
    frame = members(page, shop)
    frame.locator(".members-head button").nth(1).click()
    expect(frame.locator(".member .members-name")).to_have_count(2)
    return frame


@state
def a_plan_with_problems(page: Page, shop: FakeShop) -> Frame:
    frame = plans(page, shop)
    frame.get_by_role("button", name="Circle", exact=True).click()
    frame.locator('input[name="graceDays"]').fill("two")
    frame.get_by_role("button", name="Save").click()
    expect(frame.locator(".field-problem")).to_be_visible()
    return frame


@state
def settings_without_permission(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.fail["ConsoleChannels"] = "PermissionDenied"
    return shop.visit(page)


@state
def codes_on_their_way(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#codes"
    shop.channels = [settings("default-channel", "Main store")]
    states = ["QUEUED", "SENT", "DELIVERED", "OPENED", "BOUNCED", "COMPLAINED", "CANCELLED"]
    names = ["Ada Buyer", "Béla Bartók", "ليلى حداد", "Dan Dare", "Eva Green", "Fred Olsen", "Gil Scott"]
    shop.deliveries = [
        delivery(number, name, each, endedAt="2026-02-28T00:00:00Z" if each == "CANCELLED" else None)
        for number, (name, each) in enumerate(zip(names, states, strict=True))
    ]
    shop.deliveries.append(delivery(8, "Hugo Boss", "FAILED", problem="bounced_before"))
    frame = shop.visit(page)
    expect(frame.locator(".members-table tbody tr")).to_have_count(8)
    return frame


@state
def all_codes(page: Page, shop: FakeShop) -> Frame:
    frame = codes_on_their_way(page, shop)
    shop.all_codes = [
        code(1), code(2, "USED", uses=10), code(3, "EXPIRED"),
        code(4, "REVOKED", recipient={"reference": "74", "name": "Béla Bartók"}, piece={"name": "Spring mailing"}),
        code(5, maxUses=None, validUntil=None, piece={"name": "Catalogue of the year"}),
    ]  # fmt: skip
    frame.locator(".segment").nth(1).click()
    expect(frame.locator(".members-table tbody tr")).to_have_count(5)
    frame.locator(".codes-act button").first.click()
    return frame


@state
def no_codes_yet(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#codes"
    return shop.visit(page)


@state
def mail_sender_with_problems(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#mails"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business")]
    shop.refuse["ConsoleMailSender"] = {
        "field": "sender", "message": "Write one address: live@shop.example or Shop <live@shop.example>.",
        "code": "INVALID",
    }  # fmt: skip
    frame = shop.visit(page)
    frame.locator('input[name="sender"]').fill("nobody")
    frame.locator(".button-primary[type=submit]").click()
    expect(frame.locator(".field-problem").first).to_be_visible()
    return frame


@state
def letters_of_all_kinds(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#letters"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business")]
    shop.all_letters = [
        letter(1), letter(2, "POSTING", state="QUEUED"), letter(3, "HANDED_OVER", expectedOn="2026-12-01"),
        letter(4, "HANDED_OVER", state="DELIVERED"), letter(5, "UNDELIVERABLE", state="RETURNED"),
        letter(6, "BAD_ADDRESS", state="UNDELIVERABLE", reason="undeliverable", cost=None),
        letter(7, "FAILED", state="FAILED", reason="invalid_file", cost=None), letter(8, "NO_ADDRESS"),
    ]  # fmt: skip
    frame = shop.visit(page)
    frame.get_by_role("radio", name="All letters").check()
    expect(frame.locator(".members-table tbody tr")).to_have_count(8)
    return frame


@state
def letters_by_the_store(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#letters"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business")]
    frame = shop.visit(page)
    frame.locator(".letters-body > fieldset input").last.check()
    expect(frame.locator(".channel-form")).to_be_visible()
    return frame


@state
def letters_to_print(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#letters"
    shop.channels = [settings("default-channel", "Main store"), settings("b2b", "Business")]
    shop.letters.waiting = 42
    shop.letters.batches = [
        batch(4, "DRAWING", drawn=80), batch(3), batch(2, "PRINTED"), batch(1, "HANDED_OVER"),
    ]  # fmt: skip
    shop.letters.troubles = [trouble(1, "NO_ADDRESS", "Béla Bartók"), trouble(2, "UNDELIVERABLE", "ليلى حداد")]
    frame = shop.visit(page)
    expect(frame.locator(".letters-troubles li")).to_have_count(2)
    return frame


@state
def how_letters_look(page: Page, shop: FakeShop) -> Frame:
    frame = letters_to_print(page, shop)
    frame.get_by_role("radio", name="How they look").check()
    expect(frame.locator(".letters-page")).to_be_visible()
    return frame


@state
def a_page_as_it_is_printed(page: Page, shop: FakeShop) -> Frame:
    frame = how_letters_look(page, shop)
    frame.get_by_label("Language").select_option("ar")
    shown = frame.locator(".letters-page")
    expect(shown).to_have_attribute("src", f"data:image/png;base64,{sample('ar')}")
    shown.scroll_into_view_if_needed()
    return frame


@state
def letters_by_a_provider_at_the_limit(page: Page, shop: FakeShop) -> Frame:
    shop.letter_way = letter_way("PROVIDER", spent=99.5)
    shop.refuse["ConsoleLetterWayUpdate"] = {
        "field": "senderPostalCode", "message": "The provider prints the sender: it is needed.", "code": "INVALID",
    }  # fmt: skip
    frame = letters_by_the_store(page, shop)
    frame.locator('input[name="senderPostalCode"]').fill("")
    frame.locator(".button-primary[type=submit]").click()
    expect(frame.locator("#senderPostalCode-problem")).to_be_visible()
    return frame


@state
def mail_template(page: Page, shop: FakeShop) -> Frame:
    shop.page_path, shop.hash = "console/settings", "#mails"
    shop.channels = [settings("default-channel", "Main store")]
    frame = shop.visit(page)
    frame.locator(".mails-group .channel").nth(2).click()
    frame.locator('input[name="subject"]').fill("{{ name }}, come in")
    expect(frame.locator(".mails-mail h3")).to_have_text("Ada Lovelace, come in")
    return frame


@state
def mail_template_from_right_to_left(page: Page, shop: FakeShop) -> Frame:
    frame = mail_template(page, shop)
    frame.locator(".mails-group .channel").nth(0).click()
    expect(frame.locator(".mails-mail h3")).to_be_visible()
    return frame


@state
def ratings(page: Page, shop: FakeShop) -> Frame:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    shop.reps = [
        {"id": "rep-1", "name": "Rita Rep", "ratingAverage": 4.33, "ratingCount": 27},
        {
            "id": "rep-2",
            "name": "Konstantin von und zu Hohenlohe-Waldenburg",
            "ratingAverage": 4.9,
            "ratingCount": 1204,
        },
        {"id": "rep-3", "name": "Nobody Yet", "ratingAverage": None, "ratingCount": 0},
    ]
    shop.rated = [
        rated(1, 5, "She knew all about it, and it came the next day."),
        rated(2, 3, name=""),
        rated(3, 1, "انتظرت طويلًا", name="ليلى حداد", rep="Konstantin von und zu Hohenlohe-Waldenburg"),
    ]
    frame = shop.visit(page)
    frame.get_by_role("link", name="Ratings").click()
    expect(frame.locator(".ratings-list li")).to_have_count(3)
    return frame
