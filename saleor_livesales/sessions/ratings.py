"""What visitors think of sessions that are over: asked once, where a rep had answered, and never before the end."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from ..channels.models import ChannelSettings
from ..errors import Invalid
from . import announce, change, policy
from .actions import TooLong
from .actors import VisitorActor
from .models import Entry, Rating, Session
from .transitions import NotAllowedNow

SCORES: Final = range(1, 6)
COMMENT_LIMIT: Final = 500  # characters, as the column
TAKEN_FOR: Final = datetime.timedelta(days=7)  # from the end of the session
CHANGEABLE_FOR: Final = datetime.timedelta(minutes=15)  # from the first score
SHOWN_FOR: Final = datetime.timedelta(minutes=10)  # from the end: how long a reloaded page goes back to the question


@dataclass(frozen=True)
class Figures:
    """Of one rep. ``average`` is None where nobody has rated."""

    average: float | None = None
    count: int = 0


def rate(
    *, session_id: uuid.UUID, actor: VisitorActor, score: int | None, comment: str, now: datetime.datetime
) -> Rating:
    """The visitor's rating of its session, from 1 (worst) to 5; without a score the question is put away.

    The same again changes nothing. Another score or comment replaces the first for 15 minutes, and an answer what was
    put away; nothing takes the place of an answer but an answer.
    Raises NotFound, Invalid and TooLong with the field, and NotAllowedNow where it isn't asked for: before the end,
    where no rep had answered, more than seven days after the end, or where the channel doesn't ask.
    """
    comment = _checked(score, comment)
    with transaction.atomic():
        session = change.lock(session_id)
        policy.require(actor, policy.Can.RATE, session)
        rating = Rating.objects.filter(session=session).first()
        if rating is not None and (score is None or (rating.score, rating.comment) == (score, comment)):
            announce.rated(rating, visitor_id=session.visitor_id)  # who wrote it may have died before telling
            return rating
        _require_asked(session, now)
        if rating is None:
            assert session.rep_id is not None  # it was answered
            rating = Rating(session=session, rep_id=session.rep_id, rated_at=now)
        elif rating.score is None:
            rating.rated_at = now
        elif now - rating.rated_at > CHANGEABLE_FOR:
            raise NotAllowedNow("A rating can be changed for 15 minutes.", field="sessionId")
        rating.score, rating.comment, rating.changed_at = score, comment, now
        rating.save()
        announce.rated(rating, visitor_id=session.visitor_id)
    return rating


def _checked(score: int | None, comment: str) -> str:
    if score is not None and score not in SCORES:
        raise Invalid("The score must be a whole number from 1 to 5.", field="score")
    comment = comment.strip()
    if comment and score is None:
        raise Invalid("A comment needs a score.", field="score")
    if len(comment) > COMMENT_LIMIT:
        raise TooLong(
            f"The comment has {len(comment)} characters. At most {COMMENT_LIMIT} are allowed.", field="comment"
        )
    if "\0" in comment or any("\ud800" <= character <= "\udfff" for character in comment):
        raise Invalid("The comment holds a character that is not allowed.", field="comment")
    return comment


def _require_asked(session: Session, now: datetime.datetime) -> None:
    if not Session.objects.filter(_ratable(now - TAKEN_FOR), pk=session.pk).exists():
        raise NotAllowedNow("This session can't be rated.", field="sessionId")


def _ratable(since: datetime.datetime) -> Q:
    """Sessions that ended since then, in which a rep had answered, where the channel asks."""
    answers = Entry.objects.filter(session=OuterRef("pk"), kind="message", sender="rep")
    asking = ChannelSettings.objects.filter(channel=OuterRef("channel"), rating_asked=True)
    return Q(
        Q(state="ended", ended_at__gt=since, accepted_at__isnull=False, rep__isnull=False),
        ~Q(end_reason="erased"),
        Exists(answers),
        Exists(asking),
    )


def asked(*, now: datetime.datetime, since_end: datetime.timedelta = TAKEN_FOR) -> Q:
    """Sessions of which the visitor is to be asked: they can be rated, and nothing was answered or put away."""
    return _ratable(now - since_end) & ~Exists(Rating.objects.filter(session=OuterRef("pk")))


def current(sessions: QuerySet[Session], *, now: datetime.datetime) -> QuerySet[Session]:
    """Those that a visitor's window shows: they go on, or have ended a moment ago and wait for their rating."""
    return sessions.filter(~Q(state="ended") | asked(now=now, since_end=SHOWN_FOR))


def asked_of(session_ids: Collection[uuid.UUID], *, now: datetime.datetime) -> Mapping[uuid.UUID, bool]:
    """Of which of these the visitor is to be asked. One query."""
    found = Session.objects.filter(asked(now=now), pk__in=session_ids).values_list("pk", flat=True)
    return dict.fromkeys(found, True)


def of_sessions(session_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Rating]:
    """The ratings that have a score. One query."""
    found = Rating.objects.filter(session__in=session_ids, score__isnull=False)
    return {rating.session_id: rating for rating in found}


def rated(sessions: QuerySet[Session], *, scores: Collection[int] | None, rated: bool | None) -> QuerySet[Session]:
    """Those with one of these scores, and those that have one at all, or none. None filters nothing."""
    if scores is not None:
        sessions = sessions.filter(rating__score__in=list(scores))
    if rated is not None:
        has = Exists(Rating.objects.filter(session=OuterRef("pk"), score__isnull=False))
        sessions = sessions.filter(has if rated else ~has)
    return sessions


def figures(rep_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Figures]:
    """Average and number of the ratings of each of these reps that has some. One query."""
    rows = Rating.objects.filter(rep__in=rep_ids, score__isnull=False).values_list("rep_id")
    return {
        rep_id: Figures(average=round(float(average), 2), count=count)
        for rep_id, average, count in rows.annotate(average=Avg("score"), count=Count("session"))
    }


def forget_comments(*, visitor_ids: Collection[uuid.UUID]) -> int:
    """Blank what these visitors wrote beside their scores. How many comments there were. Safe to call twice."""
    return Rating.objects.filter(session__visitor__in=visitor_ids).exclude(comment="").update(comment="")
