"""How long somebody who waits has to expect to wait: said in words, where the shop can tell, and told once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .fake import FakeShop
from .gallery import part
from .steps import dock, told


def wait(page: Page, fake: FakeShop, position: int = 2, seconds: int | None = 170) -> None:
    page.goto(fake.url)
    part(page, "launcher")
    expect(dock(page).locator("[part=position]")).to_be_visible()
    fake.place(position, seconds)


def test_the_wait_is_shown_as_far_as_the_shop_can_tell(page: Page, fake: FakeShop) -> None:
    wait(page, fake)
    expected = dock(page).locator("[part=expected]")
    expect(expected).to_have_text("Expected wait: about 3 minutes.")

    fake.place(1, None)
    expect(dock(page).locator("[part=position]")).to_have_text("You are next.")
    expect(expected).to_have_count(0)

    fake.place(1, 80)
    expect(expected).to_have_text("Expected wait: about 1 minute.")
    assert page.evaluate("() => document.querySelector('live-sales').session.expectedWait") == 80

    fake.state("ringing")
    expect(dock(page).locator("[part=waiting]")).to_be_visible()
    expect(expected).to_have_count(0)


def test_it_is_there_again_after_a_reload(page: Page, fake: FakeShop) -> None:
    wait(page, fake)
    expect(dock(page).locator("[part=expected]")).to_be_visible()
    page.reload()
    expect(dock(page).locator("[part=expected]")).to_have_text("Expected wait: about 3 minutes.")


def test_without_an_estimate_nothing_is_said(page: Page, fake: FakeShop) -> None:
    wait(page, fake, seconds=None)
    fake.place(3, None)
    expect(dock(page).locator("[part=position]")).to_have_text("You are number 3 in the queue.")
    expect(dock(page).locator("[part=expected]")).to_have_count(0)
    assert "minute" not in dock(page).inner_text()


def test_a_screen_reader_hears_it_with_the_place_and_not_each_time_it_changes(page: Page, fake: FakeShop) -> None:
    wait(page, fake, position=3, seconds=300)
    expect(dock(page).locator("[part=position]")).to_have_text("You are number 3 in the queue.")
    fake.place(3, 420)
    expect(dock(page).locator("[part=expected]")).to_have_text("Expected wait: about 7 minutes.")
    fake.place(2, 200)
    expect(dock(page).locator("[part=expected]")).to_have_text("Expected wait: about 3 minutes.")
    assert told(page) == [
        "You are number 3 in the queue. Expected wait: about 5 minutes.",
        "You are number 2 in the queue. Expected wait: about 3 minutes.",
    ]
    assert page.locator("live-sales .waiting").get_attribute("aria-live") is None


def test_a_frame_that_was_overtaken_changes_nothing(page: Page, fake: FakeShop) -> None:
    wait(page, fake)
    expect(dock(page).locator("[part=expected]")).to_be_visible()
    entries = list(fake.entries)
    fake.state("active", repName="Anna Smith")
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    newer, fake.entries = fake.entries, entries
    fake.place(2, 170)  # built before Anna took it, and late
    fake.entries = newer
    fake.add(sender="rep", text="Hello!")
    expect(dock(page).get_by_text("Hello!")).to_be_visible()
    expect(page.get_by_role("heading", name="Anna Smith")).to_be_visible()
    expect(dock(page).locator("[part=waiting]")).to_be_hidden()


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(10, 1), (89, 1), (90, 2), (600, 10), (660, 10), (800, 15), (3600, 60)],
)
def test_minutes_are_whole_and_beyond_ten_in_fives(page: Page, fake: FakeShop, seconds: int, minutes: int) -> None:
    wait(page, fake, seconds=seconds)
    plural = "" if minutes == 1 else "s"
    expect(dock(page).locator("[part=expected]")).to_have_text(f"Expected wait: about {minutes} minute{plural}.")


# One, two, a few, many: as each language counts.
@pytest.mark.parametrize(
    ("language", "seconds", "text"),
    [
        ("de", 60, "Voraussichtliche Wartezeit: etwa 1 Minute."),
        ("de-AT", 180, "Voraussichtliche Wartezeit: etwa 3 Minuten."),
        ("fr", 60, "Attente estimée : environ 1 minute."),
        ("fr", 180, "Attente estimée : environ 3 minutes."),
        ("es", 60, "Espera estimada: alrededor de 1 minuto."),
        ("es", 180, "Espera estimada: alrededor de 3 minutos."),
        ("pl", 60, "Szacowany czas oczekiwania: 1 minuta."),
        ("pl", 180, "Szacowany czas oczekiwania: 3 minuty."),
        ("pl", 300, "Szacowany czas oczekiwania: 5 minut."),
        ("ar", 60, "مدة الانتظار المتوقعة: دقيقة تقريبًا."),
        ("ar", 120, "مدة الانتظار المتوقعة: دقيقتان تقريبًا."),
        ("ar", 180, "مدة الانتظار المتوقعة: 3 دقائق تقريبًا."),
        ("ar-EG", 900, "مدة الانتظار المتوقعة: ١٥ دقيقة تقريبًا."),
    ],
)
def test_in_the_visitors_language(page: Page, fake: FakeShop, language: str, seconds: int, text: str) -> None:
    fake.html_attributes = f'lang="{language}"'
    wait(page, fake, seconds=seconds)
    expect(dock(page).locator("[part=expected]")).to_have_text(text)
