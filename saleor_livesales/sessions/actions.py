"""What visitors and reps do with a session: start, accept, end, write, read."""

from __future__ import annotations

import datetime
import uuid
from typing import Final, Literal

from django.db import IntegrityError, connection, transaction

from .. import conf
from ..errors import Invalid, LiveSalesError, NotFound
from ..visitors import actions as visitor_actions
from ..visitors import blocks
from . import announce, append, capacity, change, gates, overdue, policy, privileges, routing
from .actors import Actor, RepActor, SystemActor, VisitorActor
from .models import EndReason, Session
from .policy import Can
from .transitions import Command, NotAllowedNow, SessionEnded

REFUSED: Final = {error.code: error for error in (NotFound, SessionEnded, NotAllowedNow)}


class TooLong(LiveSalesError):
    """The text has more characters than are allowed."""

    code = "TOO_LONG"


def start(
    *,
    visitor_id: uuid.UUID,
    channel: str,
    form: str,
    product_id: str | None,
    variant_id: str | None,
    checkout_id: str | None,
    offer_id: uuid.UUID | None,
    wanted_rep_id: uuid.UUID | None = None,
    claim: privileges.Claim = privileges.nobodys,
    may_ask: privileges.MayAsk = privileges.nobody_may,
    now: datetime.datetime,
) -> Session:
    """A session for this visitor, queued, or ringing where a rep is free. An open one is returned as it is.

    With ``offer_id`` the store invited the visitor: then it doesn't matter whether the channel takes requests, and the
    same offer always leads to the same session. ``wanted_rep_id``: who is asked first, where free.
    ``claim`` says what the visitor has before others, ``may_ask`` whether it may ask where others may not. Ids are the
    shop's global ids.
    Raises what ``gates.check`` and ``claim`` raise, and NotFound for a checkout that is unknown or another visitor's.
    """
    if found := _existing(visitor_id, offer_id, now):
        return found
    gates.check(
        visitor_id=visitor_id,
        channel=channel,
        form=form,
        product_id=product_id,
        variant_id=variant_id,
        checkout_id=checkout_id,
        invited=offer_id is not None,
        may_ask=may_ask,
        now=now,
    )
    visitor_actions.ensure(visitor_id=visitor_id, now=now)
    if checkout_id and not visitor_actions.claim_checkout(visitor_id=visitor_id, checkout_id=checkout_id, now=now):
        raise gates.unknown_checkout()
    try:
        with transaction.atomic():
            # What it locks comes before the visitor: a code is locked before its visitor too, and after its member.
            privilege = claim(visitor_id=visitor_id, form=form, invited=offer_id is not None, now=now)
            if blocks.locked_and_blocked(visitor_id=visitor_id, now=now):
                raise gates.nobody_available()  # as for anybody else when nobody is there
            session = Session.objects.create(
                visitor_id=visitor_id,
                channel=channel,
                form=form,
                turn=-privilege.priority,
                membership_id=privilege.membership_id,
                offer_id=offer_id,
                wanted_rep_id=wanted_rep_id,
                product_id=product_id,
                variant_id=variant_id,
                checkout_id=checkout_id,
                created_at=now,
            )
            change.apply(session, Command.QUEUE, actor=VisitorActor(visitor_id=visitor_id), now=now)
            routing.assign_on_commit(now)
    except IntegrityError:  # another request of this visitor was faster: one session, and both get it
        if found := _existing(visitor_id, offer_id, now):
            return found
        raise
    session.refresh_from_db()
    return session


def _existing(visitor_id: uuid.UUID, offer_id: uuid.UUID | None, now: datetime.datetime) -> Session | None:
    """The visitor's open session, or the one that this offer led to."""
    found = Session.objects.filter(visitor_id=visitor_id).exclude(state="ended").first()
    if found is not None:
        if overdue.state_at(found, now) != "ended":
            return found
        reason = found.ends_for if overdue.is_over(found, now) else "idle"
        end(session_id=found.pk, actor=SystemActor(reason=reason), now=now)
    if offer_id is None:
        return None
    return Session.objects.filter(visitor_id=visitor_id, offer_id=offer_id).first()


def accept(*, session_id: uuid.UUID, actor: Actor, now: datetime.datetime) -> Session:
    """The rep takes a session that rings at it, or any from the queue; its own open one comes back as it is.

    Raises NotFound, RepOffline, RepBusy, SessionEnded.
    """
    with transaction.atomic():
        session = change.lock(session_id)
        policy.require(actor, Can.ACCEPT, session)
        assert isinstance(actor, RepActor) and actor.rep_id is not None
        if session.state in ("active", "on_hold"):
            announce.again(session)
            return session
        rep = capacity.lock(actor.rep_id)
        if session.state == "ringing":
            capacity.require_online(rep, now)  # it is counted in the rep's load already
        elif session.state == "queued":
            capacity.require_free(rep, now)
        change.apply(session, Command.ACCEPT, actor=actor, now=now, rep=rep)
    return session


def end(*, session_id: uuid.UUID, actor: Actor, now: datetime.datetime) -> Session:
    """Either party ends the session, at once and for both; an ended one comes back as it is. Raises NotFound."""
    with transaction.atomic():
        session = change.lock(session_id)
        policy.require(actor, Can.END, session)
        if session.state == "ended":
            announce.again(session)
            return session
        change.apply(session, Command.END, actor=actor, now=now, reason=_end_reason(actor))
        routing.assign_on_commit(now)
    return session


def _end_reason(actor: Actor) -> str:
    match actor:
        case VisitorActor():
            return "visitor"
        case SystemActor(reason=reason):
            return EndReason(reason).value
    return "rep"


def send(*, session_id: uuid.UUID, actor: Actor, key: uuid.UUID, text: str, now: datetime.datetime) -> append.Appended:
    """Append a message. ``key`` is the sender's own: sent again it is not written again, and its number comes back.

    The text is kept as it is, markup included: whoever shows it shows it as text.
    Raises Invalid for an empty text, TooLong, NotFound, SessionEnded, NotAllowedNow.
    """
    check_text(text)
    message = _message(session_id, actor, key, text, now)
    with connection.cursor() as cursor:
        appended = append.append(cursor, message)
    if isinstance(appended, append.Refusal):
        raise REFUSED[appended.code](appended.message, field="sessionId")
    # Announced when it existed as well: who wrote it first may have died before that. Readers know it by its number.
    frame = append.entry_frame(message, appended)
    announce.message(frame=frame, visitor_id=appended.visitor_id, rep_id=appended.rep_id)
    return appended


def check_text(text: str, *, limit: int | None = None) -> None:
    """Raises Invalid for an empty text and for what PostgreSQL can't store, TooLong beyond ``limit`` characters."""
    limit = conf.load().message_limit if limit is None else limit
    if not text.strip():
        raise Invalid("The text is empty.", field="text")
    if len(text) > limit:
        raise TooLong(f"The text has {len(text)} characters. At most {limit} are allowed.", field="text")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid("The text holds a character that is not allowed.", field="text")


def _message(session_id: uuid.UUID, actor: Actor, key: uuid.UUID, text: str, now: datetime.datetime) -> append.Message:
    sender, sender_id = participant(actor)
    return append.Message(session_id=session_id, sender=sender, sender_id=sender_id, key=key, text=text, at=now)


def participant(actor: Actor) -> tuple[Literal["visitor", "rep"], uuid.UUID]:
    """As whom the actor speaks in a session. Raises NotFound for who can take part in none."""
    match actor:
        case VisitorActor(visitor_id=visitor_id):
            return "visitor", visitor_id
        case RepActor(rep_id=uuid.UUID() as rep_id):
            return "rep", rep_id
    raise policy.not_found()


def read(*, session_id: uuid.UUID, actor: Actor, number: int) -> int:
    """The actor has seen everything up to ``number``; never back, never beyond the last. How far it is now.

    Raises NotFound.
    """
    sender, sender_id = participant(actor)
    arguments = {"session_id": session_id, "sender": sender, "sender_id": sender_id, "number": max(0, number)}
    with connection.cursor() as cursor:
        cursor.execute(append.READ_SQL, arguments)
        row = cursor.fetchone()
    if row is None:
        raise policy.not_found()
    visitor_id, rep_id, reached = row
    announce.read(session_id=session_id, visitor_id=visitor_id, rep_id=rep_id, sender=sender, number=reached)
    return int(reached)
