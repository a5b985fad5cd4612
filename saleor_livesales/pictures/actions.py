"""Sending a picture, and sweeping away what nothing came of."""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import Final, Protocol

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from .. import conf, wire
from ..channels import queries as channels
from ..errors import Invalid, LiveSalesError
from ..ids import to_global_id
from ..sessions import announce, append, change
from ..sessions.actions import REFUSED, TooLong, participant
from ..sessions.actors import Actor
from ..sessions.models import Entry, Session
from ..sessions.policy import not_found
from ..sessions.transitions import NotAllowedNow, SessionEnded
from . import images, scanning, vault
from .models import Picture

logger = logging.getLogger(__name__)

CAPTION: Final = 500  # characters
REPS_RATE: Final = 5  # times a visitor's: a rep serves several
MINUTE: Final = datetime.timedelta(minutes=1)
ABANDONED: Final = datetime.timedelta(hours=1)  # far longer than a request lives


class TooLarge(LiveSalesError):
    """The file has more bytes than are allowed."""

    code = "TOO_LARGE"


class TooFrequent(LiveSalesError):
    """Too many pictures in a short time, or in one session."""

    code = "TOO_FREQUENT"


class PicturesNotAllowed(LiveSalesError):
    """In this channel no pictures are sent."""

    code = "PICTURES_NOT_ALLOWED"


class File(Protocol):
    """What Django makes of an uploaded file. Its name and content type are the sender's words: not looked at."""

    size: int | None

    def read(self, num_bytes: int, /) -> bytes: ...


def send(
    *, session_id: uuid.UUID, actor: Actor, key: uuid.UUID, file: File, caption: str, now: datetime.datetime
) -> Entry:
    """Append a picture to a session, drawn anew from ``file``; its entry. ``key`` is the sender's own, as with texts:
    sent again it is not written again, and its entry comes back.

    No lock is held while the file is read, looked at and stored. What fails leaves a row that is swept away.
    Raises Invalid, TooLong (caption), TooLarge, TooManyPixels, NotAPicture, RefusedByScan, TooFrequent,
    PicturesNotAllowed, NotFound, SessionEnded, NotAllowedNow; where it may be tried again StorageAway, ScanFailed,
    Busy.
    """
    _check_caption(caption)
    settings = conf.load()
    if (file.size or 0) > settings.picture_limit:
        raise _too_large(settings.picture_limit)
    reserved = _reserve(session_id=session_id, actor=actor, key=key, now=now)
    if isinstance(reserved, Entry):  # the first answer was lost, and with it perhaps the announcement
        _announce(reserved)
        return reserved
    data = file.read(settings.picture_limit + 1)
    if len(data) > settings.picture_limit:
        raise _too_large(settings.picture_limit)
    scanning.require(data)
    prepared = images.prepare(data, pixels=settings.picture_pixels)
    try:
        vault.put(reserved, "large", prepared.large)
        vault.put(reserved, "small", prepared.small)
        entry = _commit(reserved, prepared, actor=actor, key=key, caption=caption, now=now)
    except LiveSalesError:  # of a database that went away during the commit nothing is known: the sweep looks later
        _discard(reserved)
        raise
    if entry.number != reserved.number:  # sent twice at once, and the other was faster
        _discard(reserved)
    return entry


def _check_caption(caption: str) -> None:
    if len(caption) > CAPTION:
        raise TooLong(f"The caption has {len(caption)} characters. At most {CAPTION} are allowed.", field="caption")
    if "\0" in caption or any("\ud800" <= character <= "\udfff" for character in caption):
        raise Invalid("The caption holds a character that is not allowed.", field="caption")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The file is too large. At most {limit / 1048576:.3g} MB are allowed.", field="image")


def _reserve(*, session_id: uuid.UUID, actor: Actor, key: uuid.UUID, now: datetime.datetime) -> Picture | Entry:
    """A row for a picture to come, or the entry that this key led to before. Under the session's lock, for the rates;
    whether it may be sent is decided for good when it is appended."""
    sender, sender_id = participant(actor)
    with transaction.atomic():
        session = change.lock(session_id)
        if sender_id != (session.visitor_id if sender == "visitor" else session.rep_id):
            raise not_found()
        if entry := Entry.objects.filter(session=session, sender_id=sender_id, key=key).first():
            return _known(entry)
        _require_writable(session, sender)
        settings = channels.settings_for(session.channel)
        if settings is None or not settings.pictures_allowed:
            raise PicturesNotAllowed("In this store no pictures are sent.")
        rate = conf.load().pictures_per_minute * (REPS_RATE if sender == "rep" else 1)
        if Picture.objects.filter(sender_id=sender_id, created_at__gt=now - MINUTE).count() >= rate:
            raise TooFrequent("Too many pictures in a short time. Wait a moment.")
        if Picture.objects.filter(session=session).count() >= conf.load().pictures_per_session:
            raise TooFrequent("This session holds as many pictures as it may.")
        return Picture.objects.create(session=session, sender=sender, sender_id=sender_id, created_at=now)


def _require_writable(session: Session, sender: str) -> None:
    """As the append decides it."""
    if session.state == "ended":
        raise SessionEnded(append.REFUSALS["SESSION_ENDED"], field="sessionId")
    if session.state in ("active", "on_hold") or (sender == "visitor" and session.state in ("queued", "ringing")):
        return
    raise NotAllowedNow(append.REFUSALS["NOT_ALLOWED_NOW"], field="sessionId")


def _known(entry: Entry) -> Entry:
    if "picture" not in entry.data:
        raise Invalid("A message without a picture was sent with this key.", field="key")
    return entry


def _commit(
    picture: Picture,
    prepared: images.Prepared,
    *,
    actor: Actor,
    key: uuid.UUID,
    caption: str,
    now: datetime.datetime,
) -> Entry:
    """The entry and the row's number, both or neither; or the entry that was there before."""
    sender, sender_id = participant(actor)
    session_id = picture.session_id
    assert session_id is not None
    shown = wire.Picture(id=to_global_id("LivePicture", picture.pk), width=prepared.width, height=prepared.height)
    message = append.Message(
        session_id=session_id, sender=sender, sender_id=sender_id, key=key, text=caption.strip(), at=now
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            appended = append.append(cursor, message, data=append.picture_data(shown))
        if isinstance(appended, append.Refusal):
            raise REFUSED[appended.code](appended.message, field="sessionId")
        entry = Entry.objects.get(session_id=session_id, number=appended.number)
        if appended.existed:
            _known(entry)
        else:
            picture.number, picture.width, picture.height = appended.number, prepared.width, prepared.height
            kept = Picture.objects.filter(pk=picture.pk).update(
                number=picture.number, width=picture.width, height=picture.height
            )
            if not kept:  # a sweep took the row of a request that stood still for an hour
                raise vault.StorageAway("The picture could not be kept. Try again.")
        _announce(entry)
    return entry


def _announce(entry: Entry) -> None:
    session = entry.session
    announce.message(frame=announce.entry_frame(entry), visitor_id=session.visitor_id, rep_id=session.rep_id)


def _discard(picture: Picture) -> None:
    """Takes away what was stored. The row stays: it counts for the rates, and a sweep takes it, and what is left."""
    try:
        vault.remove(picture)
    except vault.StorageAway:
        logger.warning("The files of a picture that was not sent are left to the sweep.")


def waste(now: datetime.datetime) -> QuerySet[Picture]:
    """What no session shows, nor ever will."""
    forgotten = Q(number=None, created_at__lt=now - ABANDONED) | Q(session=None)
    return Picture.objects.filter(forgotten).order_by("created_at", "id")


def sweep(*, now: datetime.datetime, limit: int = 1000) -> int:
    """Remove the files of what was not sent or whose session is gone, and then its row. How many. Safe to run twice."""
    removed = 0
    for picture in waste(now)[:limit]:
        try:
            vault.remove(picture)
        except vault.StorageAway:
            continue  # its row stays, and so does the knowledge of its files
        removed += waste(now).filter(pk=picture.pk).delete()[0]
    return removed
