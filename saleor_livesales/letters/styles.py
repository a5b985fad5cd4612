"""How a channel's letters look: the owner sets it, a preview shows it."""

from __future__ import annotations

import contextlib
import datetime
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from PIL import Image

from ..channels.rows import channel_named
from ..errors import Invalid
from ..shop import Customer, PostalAddress
from . import fonts, pages, words
from .forms import FORMS, Form
from .models import LetterForm, LetterStyle

SENDER_LINES: Final = 6
LINE: Final = 60  # characters
LOGO_LIMIT: Final = 1_000_000  # bytes as it comes
LOGO_PIXELS: Final = (1200, 480)


def of(channel: str) -> LetterStyle:
    """The channel's style, unsaved where nothing is set."""
    return LetterStyle.objects.filter(pk=channel).first() or LetterStyle(channel=channel)


def known(channel: str) -> LetterStyle:
    """As ``of``. Raises NotFound for a channel that the shop does not have."""
    return of(channel_named(channel).slug)


def update(
    *, channel: str, changes: Mapping[str, Any], actor_user_id: str | None, now: datetime.datetime
) -> LetterStyle:
    """Change what ``changes`` names: form, sender, return_line, country, logo (bytes; None: none), words (by language;
    None: ours again). Raises NotFound, Invalid; then nothing is changed."""
    slug = channel_named(channel).slug
    with transaction.atomic():
        LetterStyle.objects.bulk_create([LetterStyle(channel=slug, updated_at=now)], ignore_conflicts=True)
        row = LetterStyle.objects.select_for_update().get(pk=slug)
        _apply(row, changes)
        _check_page(row, [*(changes.get("words") or {}), words.FALLBACK], now=now)
        row.updated_at, row.updated_by = now, actor_user_id or ""
        row.save()
    return row


def _apply(row: LetterStyle, changes: Mapping[str, Any]) -> None:
    if "form" in changes:
        if changes["form"] not in LetterForm.values:
            raise Invalid("There is no such form.", field="form")
        row.form = changes["form"]
    if "sender" in changes:
        given = [" ".join(line.split()) for line in str(changes["sender"]).splitlines() if line.strip()]
        if len(given) > SENDER_LINES or any(len(line) > LINE or not line.isprintable() for line in given):
            raise Invalid(f"At most {SENDER_LINES} lines of {LINE} characters.", field="sender")
        row.sender = "\n".join(given)
    if "return_line" in changes:
        text = " ".join(str(changes["return_line"]).split())
        if len(text) > 2 * LINE or not text.isprintable():
            raise Invalid(f"At most {2 * LINE} characters.", field="return_line")
        row.return_line = text
    if "country" in changes:
        country = str(changes["country"]).strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise Invalid("Two letters, for example DE.", field="country")
        row.country = country
    if "logo" in changes:
        row.logo = None if changes["logo"] is None else drawn_anew(changes["logo"])
    for language, parts in (changes.get("words") or {}).items():
        own = dict(row.words)
        if parts is None:
            own.pop(language, None)
        else:
            own[language] = words.check(language=language, parts=parts)
        row.words = own


def _check_page(row: LetterStyle, languages: Iterable[str], *, now: datetime.datetime) -> None:
    """Whether all of it stands on a page, in our fonts. Raises Invalid. Where pages aren't drawn nothing is checked."""
    with contextlib.suppress(fonts.LettersNotInstalled):
        for language in dict.fromkeys(languages):
            preview(row, language=language, now=now)


def drawn_anew(data: bytes) -> bytes:
    """A picture as a PNG of ours, without anything else that its file may hold. Raises Invalid."""
    if len(data) > LOGO_LIMIT:
        raise Invalid("A logo has at most 1 MB.", field="logo")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > 40_000_000:
                raise Invalid("This picture has too many pixels.", field="logo")
            shown = picture.convert("RGBA")
            shown.thumbnail(LOGO_PIXELS)
            plain = Image.new("RGB", shown.size, "white")
            plain.paste(shown, mask=shown.getchannel("A"))
    except Invalid:
        raise
    except Exception:
        raise Invalid("This is no picture. PNG, JPEG and WebP are taken.", field="logo") from None
    kept = io.BytesIO()
    plain.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def paper(row: LetterStyle, *, form: Form | None = None) -> pages.Style:
    """As the pages need it; on another form than the channel's where one is given."""
    return pages.Style(
        form=form or FORMS[row.form],
        sender=tuple(row.sender.splitlines()),
        return_line=row.return_line,
        logo=bytes(row.logo) if row.logo else None,
    )


def content(
    row: LetterStyle,
    *,
    number: str,
    address: tuple[str, ...],
    language: str,
    facts: Mapping[str, str],
    code: str,
    link: str,
    today: datetime.date,
) -> pages.Content:
    said = words.standing(language, row.words)
    return pages.Content(
        number=number,
        address=address,
        date=words.day(today, language),
        subject=words.fill(said["subject"], facts),
        paragraphs=tuple(part for part in words.fill(said["text"], facts).split("\n\n") if part),
        code=code,
        closing=tuple(part for part in words.fill(said["closing"], facts).split("\n\n") if part),
        link=link,
        rtl=language in words.RIGHT_TO_LEFT,
    )


def name_of(address: PostalAddress, customer: Customer) -> str:
    """How a letter greets: as the address is written, else as the account is; not at all where our fonts lack it."""
    name = " ".join(address.name.split()) or " ".join(customer.name.split())
    try:
        fonts.needed(name)
    except fonts.Unfit:
        return ""
    return name


def preview(row: LetterStyle, *, language: str, now: datetime.datetime) -> bytes:
    """A page as it would be printed, with an invented member. Raises Invalid, LettersNotInstalled."""
    if language not in words.LANGUAGES:
        raise Invalid(f"There are letters in {', '.join(words.LANGUAGES)}.", field="language")
    facts = {"name": "Ada Lovelace", "plan": "Gold", "until": words.day(now + datetime.timedelta(days=30), language)}
    shown = content(
        row, number="L00000000", language=language, facts=facts, code="XXXX-XXXX-XXX", today=now.date(),
        address=("Ada Lovelace", "Analytical Engines Ltd", "12 St James’s Square", "LONDON", "SW1Y 4JH"),
        link="https://shop.example.com/#live=XXXX-XXXX-XXX",
    )  # fmt: skip
    try:
        return pages.draw(paper(row), [shown])
    except fonts.Unfit as error:
        raise _unfit(error) from None


def _unfit(error: fonts.Unfit) -> Invalid:
    if error.reason == "unknown_script":
        return Invalid("Letters have fonts for Latin, Greek, Cyrillic, Arabic, Chinese, Japanese and Korean alone.")
    return Invalid("This is longer than a page.", field="text")
