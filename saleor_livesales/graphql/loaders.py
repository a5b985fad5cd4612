"""Batch loaders: what a page of nodes needs is read by one query (or one call to the shop) for the whole page.

They live as long as the request (``context.state``). A mutation begins with :func:`forget`, so that what it answers is
what is there afterwards.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count
from graphql import GraphQLError
from promise import Promise
from promise.dataloader import DataLoader

from .. import shop
from ..codes import queries as codes
from ..codes.models import PrintPiece, PrintRecipient
from ..fees import methods
from ..fees.models import Fee, SavedMethod
from ..letters.models import LetterBatch
from ..members import benefits
from ..members import codes as member_codes
from ..members import queries as members
from ..members.models import Charge, MemberCode, Membership, MembershipChange, Plan
from ..offers.models import Offer
from ..offers.queries import latest_reasons, open_offers
from ..postings.models import Posting
from ..sessions import expected, queries, ratings
from ..sessions.models import Entry, Rating, Rep, Session
from ..visitors import blocks
from ..visitors.models import Visit, Visitor, VisitorBlock
from ..visitors.queries import current_visits
from .actors import now
from .connection import BAD_CURSOR, Page, decode_cursor
from .context import state
from .reading import shown

MOST_LINES: Final = 50  # of a membership's charges, and of its log


class Loader(DataLoader):
    """``found`` maps keys to what was read; a key that it leaves out gets ``default``."""

    default: Any = None

    def __init__(self, info: Any) -> None:
        super().__init__()
        self.info = info

    @classmethod
    def of(cls, info: Any) -> Any:
        held = state(info.context).loaders
        if cls not in held:
            held[cls] = cls(info)
        return held[cls]

    def batch_load_fn(self, keys: Sequence[Any]) -> Promise:
        try:
            with shop.current().writer():
                found = self.found(list(keys))
        except Exception as error:
            return Promise.reject(shown(error))
        return Promise.resolve([found.get(key, self.default) for key in keys])

    def found(self, keys: list[Any]) -> Any:
        raise NotImplementedError


def forget(info: Any) -> None:
    """Drop what was loaded in this request, the asking rep included."""
    held = state(info.context)
    held.loaders.clear()
    held.rep = None


class VisitorById(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, Visitor]:
        return Visitor.objects.in_bulk(keys)


class RepById(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, Rep]:
        return Rep.objects.in_bulk(keys)


class OfferById(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, Offer]:
        return Offer.objects.in_bulk(keys)


class OpenOfferByVisitor(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, Offer]:
        return open_offers(visitor_ids=keys, now=now())


class BlockByVisitor(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, VisitorBlock]:
        return blocks.of_visitors(visitor_ids=keys, now=now())


class CurrentVisitByVisitor(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, Visit]:
        return current_visits(visitor_ids=keys)


class OpenSessionByVisitor(Loader):
    """Whoever's it is: who shows it asks the policy."""

    def found(self, keys: list[uuid.UUID]) -> Any:
        return queries.open_by_visitor(keys)


class LatestReasonByVisitor(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, str]:
        return latest_reasons(visitor_ids=keys)


class EarlierSessionsBySession(Loader):
    """How many sessions the same visitor or account had before. Keys are sessions."""

    def found(self, keys: list[Session]) -> dict[Session, int]:
        counts = queries.earlier_counts(keys)
        return {key: counts[key.pk] for key in keys if key.pk in counts}


class SessionsByUser(Loader):
    """How many sessions an account had, with any browser."""

    default = 0

    def found(self, keys: list[str]) -> dict[str, int]:
        rows = Session.objects.filter(visitor__user_id__in=keys).values_list("visitor__user_id").annotate(Count("id"))
        return dict(rows)


@dataclass(frozen=True)
class MessagesKey:
    session_id: uuid.UUID
    page: Page


class MessagesBySession(Loader):
    """A page of messages for each session, with one row more than asked for. One query for each different page."""

    def found(self, keys: list[MessagesKey]) -> dict[MessagesKey, list[Entry]]:
        answer: dict[MessagesKey, list[Entry]] = {key: [] for key in keys}
        for page in {key.page for key in keys}:
            sessions = [key.session_id for key in keys if key.page == page]
            for entry in self._rows(page, sessions):
                answer[MessagesKey(entry.session_id, page)].append(entry)
        return answer

    @staticmethod
    def _rows(page: Page, sessions: list[uuid.UUID]) -> Any:
        direction, comparison = ("DESC", "<") if page.backwards else ("ASC", ">")
        bound: list[int] = []
        condition = ""
        if page.cursor:
            condition = f"AND number {comparison} %s"
            bound = [message_number(page.cursor)]
        return Entry.objects.raw(
            "SELECT e.* FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted(id, n) CROSS JOIN LATERAL ("  # noqa: S608
            " SELECT * FROM saleor_livesales_entry WHERE session_id = wanted.id AND kind = 'message'"
            f" {condition} ORDER BY number {direction} LIMIT %s"
            f") e ORDER BY wanted.n, e.number {direction}",
            [sessions, *bound, page.limit + 1],
        )


def message_number(cursor: str) -> int:
    """The number in a cursor of messages. Raises GraphQLError."""
    [number] = decode_cursor(cursor, 1)
    if not isinstance(number, int) or not 0 <= number < 2**31:
        raise GraphQLError(BAD_CURSOR)
    return number


class RatingBySession(Loader):
    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, Rating]:
        return ratings.of_sessions(keys)


class RatingAskedBySession(Loader):
    default = False

    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, bool]:
        return ratings.asked_of(keys, now=now())


class RatingsByRep(Loader):
    default = ratings.Figures()

    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, ratings.Figures]:
        return ratings.figures(keys)


class MessageCountBySession(Loader):
    default = 0

    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, int]:
        rows = Entry.objects.filter(session_id__in=keys, kind="message").values_list("session_id").annotate(Count("id"))
        return dict(rows)


class CartByCheckout(Loader):
    def found(self, keys: list[str]) -> Any:
        return shop.current().carts(keys)


class CustomerByUser(Loader):
    def found(self, keys: list[str]) -> Any:
        return shop.current().customers(keys)


class Pace(Loader):
    """How fast sessions are taken. The one key is ``()``."""

    def found(self, keys: list[tuple[()]]) -> dict[tuple[()], expected.Pace]:
        return dict.fromkeys(keys, expected.pace(now=now()))


class PositionBySession(Loader):
    """The place in the queue, from 1."""

    def found(self, keys: list[uuid.UUID]) -> Any:
        return queries.positions(keys, now=now())


class PlanById(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, Plan]:
        return Plan.objects.in_bulk(keys)


class MembershipByUser(Loader):
    """Of each account the membership that counts."""

    def found(self, keys: list[str]) -> Mapping[str, Membership]:
        return members.best_of(keys, now=datetime.datetime.now(datetime.UTC))


class SessionsByMembership(Loader):
    """Keys are memberships. Two queries."""

    def found(self, keys: list[Membership]) -> Mapping[Membership, benefits.Sessions]:
        plans = Plan.objects.in_bulk({row.plan_id for row in keys})
        for row in keys:
            row.plan = plans[row.plan_id]
        found = benefits.sessions_of(keys, now=now())
        return {row: found[row.pk] for row in keys}


class MembershipById(Loader):
    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, Membership]:
        return Membership.objects.select_related("plan").in_bulk(keys)


class LatestCodeByMembership(Loader):
    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, MemberCode]:
        return member_codes.latest_of(keys)


class PlanByMembershipId(Loader):
    """Keys are the ids of memberships as passes keep them: texts."""

    def found(self, keys: list[str]) -> Mapping[str, Plan]:
        rows = Membership.objects.filter(pk__in=keys).select_related("plan")
        return {str(row.pk): row.plan for row in rows}


class PostingByRound(Loader):
    """Keys: a letter's id and its round."""

    def found(self, keys: list[tuple[uuid.UUID, int]]) -> dict[tuple[uuid.UUID, int], Posting]:
        rows = Posting.objects.filter(letter_id__in=[letter for letter, _ in keys]).select_related("month")
        return {(row.letter_id, row.round): row for row in rows}


class LetterBatchById(Loader):
    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, LetterBatch]:
        return LetterBatch.objects.in_bulk(keys)


class PaymentMethodByUser(Loader):
    def found(self, keys: list[str]) -> Mapping[str, SavedMethod]:
        return methods.of_users(keys)


class FeesByMembership(Loader):
    """Two queries."""

    default = ()

    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, list[Fee]]:
        return members.fees_of(keys, limit=MOST_LINES)


class ChargesByMembership(Loader):
    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, list[Charge]]:
        return members.charges_of(keys, limit=MOST_LINES)


class ChangesByMembership(Loader):
    def found(self, keys: list[uuid.UUID]) -> Mapping[uuid.UUID, list[MembershipChange]]:
        return members.changes_of(keys, limit=MOST_LINES)


class PieceById(Loader):
    """Keys are ids as text."""

    def found(self, keys: list[str]) -> dict[str, PrintPiece]:
        return {str(pk): piece for pk, piece in PrintPiece.objects.in_bulk(keys).items()}


class RecipientById(Loader):
    """Keys are ids as text."""

    def found(self, keys: list[str]) -> dict[str, PrintRecipient]:
        return codes.labels(recipient_ids=keys)


class CountsByPiece(Loader):
    default = codes.Counts()

    def found(self, keys: list[uuid.UUID]) -> dict[uuid.UUID, codes.Counts]:
        return codes.counts(piece_ids=keys)


class OpenedByVisitor(Loader):
    """What each visitor opened by code. Staff alone sees it."""

    default = ()

    def found(self, keys: list[uuid.UUID]) -> Any:
        return codes.shown(visitor_ids=keys, now=datetime.datetime.now(datetime.UTC))
