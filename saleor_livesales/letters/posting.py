"""Letters that go by a provider instead of the store's printer, where the channel's owner chose so.

A queued letter is claimed for a round, within the month's limit, and given to the provider by ``postings.sending``. Its
code can't be read any more from the moment at which the provider took it. What became of the posting becomes of the
letter, for as long as it is the letter's present round.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import uuid
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from .. import shop
from ..carriers import Address
from ..codes import actions as codes
from ..codes import alphabet
from ..codes.files import FRAGMENT
from ..errors import LiveSalesError
from ..members import periods
from ..postings import Gone, NoAddress, Page, sending, tracking, ways
from ..postings.models import Posting, PostingSettings, PostingState, Way
from . import pages, styles, words
from .forms import FOR_LOB
from .models import Letter, LetterState
from .transitions import Command, after

logger = logging.getLogger(__name__)

TAKEN: Final = (PostingState.SENT, PostingState.MAILED, PostingState.IN_TRANSIT, PostingState.DELIVERED)


def work(*, now: datetime.datetime) -> int:
    """Act on what providers told, take back letters whose code ended, claim those that wait, and send. How many the
    provider took; any number of workers at once."""
    letters = Members()
    tracking.act(letters=letters, now=now)
    withdraw_ended(now=now)
    if not PostingSettings.objects.filter(way=Way.PROVIDER).exists() and not sending.waits(now=now):
        return 0
    try:
        pages.check_installed()
    except pages.LettersNotInstalled as error:  # nothing is claimed that could not be drawn
        logger.error("%s", error)
        return 0
    claim_due(now=now)
    return sending.work(letters=letters, now=now)


def claim_due(*, now: datetime.datetime, limit: int = 500) -> int:
    """The letters that wait in channels with a provider go by it, the oldest first, within the month's limit."""
    claimed = 0
    for channel in list(PostingSettings.objects.filter(way=Way.PROVIDER).values_list("channel", flat=True)):
        waiting = Letter.objects.filter(channel=channel, state=LetterState.QUEUED, member_code__ended_at__isnull=True)
        for key in list(waiting.order_by("created_at", "pk").values_list("pk", flat=True)[:limit]):
            try:
                claimed += _claim(key, now=now)
            except ways.PrintedByStore:
                break
            except ways.LimitReached:
                logger.warning("Letters of channel %s wait: this month's limit is reached", channel)
                break
    return claimed


def _claim(key: uuid.UUID, *, now: datetime.datetime) -> bool:
    with transaction.atomic():
        queued = Letter.objects.select_for_update(skip_locked=True).filter(pk=key, state=LetterState.QUEUED)
        letter = queued.first()
        if letter is None:
            return False
        letter.round += 1
        ways.claim(letter_id=letter.pk, round=letter.round, channel=letter.channel, now=now)
        _move(letter, Command.POST, now=now)
    return True


def withdraw_ended(*, now: datetime.datetime, limit: int = 500) -> int:
    """Ask back the letters whose code ended after the provider took them. How many; each once."""
    there = Posting.objects.filter(letter_id=OuterRef("pk"), state=PostingState.SENT, withdrawn_at__isnull=True)
    ended = Letter.objects.filter(Exists(there), state=LetterState.HANDED_OVER, member_code__ended_at__isnull=False)
    keys = list(ended.order_by("pk").values_list("pk", flat=True)[:limit])
    for key in keys:
        with transaction.atomic():
            Members().lock(key)
            ways.withdraw(letter_id=key, now=now)
    return len(keys)


class Members:
    """``postings.Letters``: members' letters, as the provider's work needs them."""

    def lock(self, letter_id: uuid.UUID) -> None:
        Letter.objects.select_for_update(of=("self",)).filter(pk=letter_id).first()

    def page(self, posting: Posting) -> Page:
        """The addresses are left to the provider. Raises Gone, NoAddress."""
        rows = Letter.objects.select_related("member_code__membership__plan", "member_code__code")
        letter = rows.filter(pk=posting.letter_id, round=posting.round, state=LetterState.POSTING).first()
        if letter is None or letter.member_code.ended_at is not None:
            raise Gone("code_ended")
        row = letter.member_code
        membership, plan = row.membership, row.membership.plan
        address = shop.current().postal_addresses([membership.user_id]).get(membership.user_id)
        customer = shop.current().customers([membership.user_id]).get(membership.user_id)
        if address is None or customer is None:
            raise NoAddress
        secret = codes.readable(code_ids=[row.code_id]).get(row.code_id)
        if secret is None:
            raise Gone("erased")
        style = styles.of(letter.channel)
        language = words.language_of(customer.language)
        name = " ".join(address.name.split())
        zone = periods.zone(membership.time_zone)
        until = periods.end_of(membership, row.number).astimezone(zone)
        shown = alphabet.written(secret.reveal())
        content = styles.content(
            style,
            number=letter.number,
            address=(),
            language=language,
            facts={"name": styles.name_of(address, customer), "plan": plan.name, "until": words.day(until, language)},
            code=shown,
            link=plan.sign_in_url + FRAGMENT + shown if plan.sign_in_url else "",
            today=posting.created_at.astimezone(zone).date(),
        )
        to = _to(address, name or customer.name)
        return Page(to=to, pdf=pages.draw(styles.paper(style, form=FOR_LOB), [content]))

    def changed(self, posting: Posting, *, now: datetime.datetime) -> None:
        rows = Letter.objects.select_related("member_code").filter(pk=posting.letter_id, round=posting.round)
        letter = rows.filter(batch__isnull=True).first()  # in a batch, the store prints it after all
        if letter is None:
            return
        state = PostingState(posting.state)
        with_provider = letter.state in (LetterState.POSTING, LetterState.HANDED_OVER)
        if state in TAKEN or state == PostingState.RETURNED:
            self._taken(letter, now=now)
        if state == PostingState.RETURNED and letter.state == LetterState.HANDED_OVER:
            _move(letter, Command.RETURN, now=now)
            code = letter.member_code.code_id
            with contextlib.suppress(LiveSalesError):  # one that expired meanwhile opens nothing anyway
                codes.revoke(code_id=code, actor="system", reason="the letter came back", now=now)
        elif state == PostingState.CANCELLED and with_provider:
            _move(letter, Command.TAKE_BACK, now=now)
        elif state == PostingState.UNDELIVERABLE and letter.state == LetterState.POSTING:
            _move(letter, Command.MISS if posting.reason == "no_address" else Command.REFUSE, now=now)
        elif state in (PostingState.FAILED, PostingState.GIVEN_UP) and with_provider:
            _move(letter, Command.FAIL, now=now)

    def _taken(self, letter: Letter, *, now: datetime.datetime) -> None:
        if letter.state in (LetterState.POSTING, LetterState.FAILED):
            reason = "given to the provider"
            codes.delivered(code_ids=[letter.member_code.code_id], actor="system", reason=reason, now=now)
            _move(letter, Command.HAND_OVER, now=now)


def _to(address: shop.PostalAddress, name: str) -> Address:
    """As a provider takes it: two lines, with the district beside the second."""
    second = ", ".join(part for part in (address.street_2.strip(), address.city_area.strip()) if part)
    return Address(
        name=name,
        company=" ".join(address.company.split()),
        line1=" ".join(address.street_1.split()),
        line2=" ".join(second.split()),
        city=address.city.strip(),
        area=address.country_area.strip(),
        postal_code=address.postal_code.strip(),
        country=address.country.upper(),
    )


def _move(letter: Letter, command: Command, *, now: datetime.datetime) -> None:
    letter.state, letter.changed_at = after(letter.state, command), now
    letter.save(update_fields=["state", "round", "changed_at"])
