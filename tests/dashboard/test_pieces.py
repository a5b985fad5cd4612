"""The owner's page of printed pieces."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .build import piece, settings
from .fake import FakeShop

CODE = {
    "id": "code-1",
    "masked": "••••-••••-•9T",
    "state": "ISSUED",
    "uses": 0,
    "maxUses": 1,
    "recipient": {"reference": "77", "name": "Ada Buyer"},
}


@pytest.fixture
def shop(shop: FakeShop) -> FakeShop:
    shop.page_path = "console/settings"
    shop.channels = [settings("default-channel", "Main store")]
    shop.pieces = [piece("piece-1", "Spring catalogue")]
    shop.codes = [CODE]
    return shop


def visit(page: Page, shop: FakeShop):
    frame = shop.visit(page)
    frame.get_by_role("link", name="Printed pieces").click()
    return frame


def file(name: str, text: bytes, after: str | None = None) -> dict[str, object]:
    return {"name": name, "contentType": "text/csv", "content": base64.b64encode(text).decode(), "after": after}


def test_a_piece_with_its_counts_and_masked_codes(page: Page, shop: FakeShop) -> None:
    frame = visit(page, shop)
    expect(frame.get_by_role("heading", name="Spring catalogue")).to_be_visible()
    facts = frame.locator(".facts div")
    expect(facts.filter(has_text="Visitors who entered one")).to_contain_text("12")
    row = frame.locator(".pieces-codes tbody tr")
    expect(row).to_have_text("••••-••••-•9TAda Buyer0Can be used")
    assert shop.operations("ConsolePieceCodes") == [{"filter": {"piece": "piece-1"}}]


def test_files_come_whole_however_many_parts_they_have(page: Page, shop: FakeShop) -> None:
    shop.pieces = [piece("piece-1", "Mailing", personal=True)]
    shop.downloads = [file("codes.csv", b"reference\r\n1\r\n", "1"), file("codes.csv", b"reference\r\n2\r\n")]
    frame = visit(page, shop)
    with page.expect_download() as download:
        frame.get_by_role("button", name="List (CSV)").click()
    assert download.value.suggested_filename == "codes.csv"
    assert download.value.path().read_bytes() == b"reference\r\n1\r\n2\r\n"
    assert [asked["after"] for asked in shop.operations("ConsolePieceDownload")] == [None, "1"]
    assert shop.elsewhere == []


def test_a_qr_code(page: Page, shop: FakeShop) -> None:
    shop.downloads = [{**file("code.svg", b"<svg/>"), "contentType": "image/svg+xml"}]
    frame = visit(page, shop)
    with page.expect_download() as download:
        frame.get_by_role("button", name="QR code (SVG)").click()
    assert (download.value.suggested_filename, download.value.path().read_bytes()) == ("code.svg", b"<svg/>")


def test_recipients_from_a_file(page: Page, shop: FakeShop, tmp_path: Path) -> None:
    shop.pieces = [
        piece(
            "piece-1",
            "Mailing",
            personal=True,
            counts={"codes": 0, "redemptions": 0, "sessions": 0, "orders": 0, "income": None},
        )
    ]
    shop.codes = []
    path = tmp_path / "recipients.csv"
    lines = ["reference;name", '77;"Buyer; ""Ada"""', *(f"{n};R" for n in range(100, 5100))]
    path.write_text("\ufeff" + "\r\n".join(lines))
    frame = visit(page, shop)
    expect(frame.get_by_text("There are no codes yet. Add recipients.")).to_be_visible()
    expect(frame.get_by_role("button", name="List (CSV)")).to_be_disabled()
    frame.get_by_label("File with recipients").set_input_files(path)
    expect(frame.get_by_text("5,001 recipients got a code.")).to_be_visible()
    first, second = (asked["recipients"] for asked in shop.operations("ConsolePieceRecipients"))
    assert (len(first), len(second)) == (5000, 1)
    assert first[:2] == [{"reference": "77", "name": 'Buyer; "Ada"'}, {"reference": "100", "name": "R"}]


def test_printed_is_asked_about_and_ends_the_files(page: Page, shop: FakeShop) -> None:
    frame = visit(page, shop)
    frame.get_by_role("button", name="Mark as printed").click()
    expect(frame.get_by_text("for good. Have you got all files?")).to_be_visible()
    frame.get_by_role("button", name="Cancel").click()
    assert shop.operations("ConsolePiecePrinted") == []
    frame.get_by_role("button", name="Mark as printed").click()
    frame.get_by_role("button", name="It is printed").click()
    expect(frame.get_by_text("Nobody can read its codes any more.")).to_be_visible()
    expect(frame.get_by_role("button", name="QR code (SVG)")).to_have_count(0)
    assert shop.operations("ConsolePiecePrinted") == [{"id": "piece-1"}]


def test_revoking(page: Page, shop: FakeShop) -> None:
    frame = visit(page, shop)
    frame.get_by_role("button", name="Revoke", exact=True).click()
    frame.get_by_role("button", name="Revoke all codes").click()
    expect(frame.get_by_text("This piece is revoked.")).to_be_visible()
    expect(frame.get_by_role("button", name="Revoke", exact=True)).to_have_count(0)
    assert shop.operations("ConsolePieceRevoke") == [{"id": "piece-1"}]


def test_a_new_piece(page: Page, shop: FakeShop) -> None:
    shop.pieces = []
    frame = visit(page, shop)
    expect(frame.get_by_text("Nothing was printed yet.")).to_be_visible()
    frame.get_by_label("Name", exact=True).fill("Autumn ad")
    frame.get_by_role("combobox", name="Kind").select_option("AD")
    frame.get_by_label("Product", exact=True).fill("https://shop.test/dashboard/products/UHJvZHVjdDox?x=1")
    frame.get_by_label("Page that the QR code opens").fill("https://shop.example.com/lamp")
    shop.refuse["ConsolePieceCreate"] = {"field": "landingUrl", "message": "Not that page.", "code": "INVALID"}
    frame.get_by_role("button", name="Create").click()
    expect(frame.get_by_text("Not that page.")).to_be_visible()
    del shop.refuse["ConsolePieceCreate"]
    frame.get_by_role("button", name="Create").click()
    expect(frame.get_by_role("heading", name="Autumn ad")).to_be_visible()
    assert shop.operations("ConsolePieceCreate")[-1] == {
        "input": {
            "name": "Autumn ad",
            "kind": "AD",
            "channel": "default-channel",
            "productId": "UHJvZHVjdDox",
            "landingUrl": "https://shop.example.com/lamp",
            "personal": False,
            "endsAt": None,
        }
    }


@pytest.mark.parametrize(
    ("failure", "words"),
    [("PermissionDenied", "You can't see printed pieces"), ("network", "The printed pieces could not be loaded")],
)
def test_what_can_not_be_shown_says_why(page: Page, shop: FakeShop, failure: str, words: str) -> None:
    shop.fail["ConsolePieces"] = failure
    frame = visit(page, shop)
    expect(frame.get_by_text(words)).to_be_visible()
    if failure == "network":
        shop.fail = {}
        frame.get_by_role("button", name="Try again").click()
        expect(frame.get_by_role("button", name="Spring catalogue")).to_be_visible()


def test_a_refused_file_is_told(page: Page, shop: FakeShop) -> None:
    shop.refuse["ConsolePieceDownload"] = {"field": "id", "message": "It is printed.", "code": "NOT_ALLOWED_IN_STATE"}
    frame = visit(page, shop)
    frame.get_by_role("button", name="QR code (PDF)").click()
    expect(frame.get_by_text("It is printed.")).to_be_visible()
