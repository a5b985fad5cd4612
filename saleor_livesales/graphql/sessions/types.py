"""Sessions, their messages, and the reps. What is a rep's to see is empty in a visitor's eyes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene

from ... import shop
from ...sessions import expected, models, ratings
from ...sessions.capacity import is_online
from ...sessions.overdue import state_at
from ...shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from .. import loaders
from ..actors import now, seen_by_staff, show, staff
from ..connection import ConnectionField, CountableConnection, connection_from_rows, encode_cursor, page_of
from ..enums import EndReasonEnum, RepStatusEnum, SenderEnum, SessionFormEnum, SessionStateEnum
from ..permissions import may, requestor, requires
from ..pictures.types import LivePicture, shown
from ..reading import reads
from ..scalars import shops
from ..visitors.types import LiveCart, LiveVisitor

STAFF_ONLY = requires(HANDLE_LIVE_SALES)
OWNER_ONLY = requires(MANAGE_LIVE_SALES)


class LiveRep(graphene.ObjectType):
    """Root: ``sessions.models.Rep``. Reached by staff alone."""

    name = graphene.String(required=True, description="Name that visitors see.")
    status = RepStatusEnum(required=True, description="What the rep chose.")
    capacity = graphene.Int(required=True, description="How many sessions the rep takes at once.")
    load = graphene.Int(required=True, description="How many it has now.")
    online = graphene.Boolean(required=True, description="Whether the rep gets sessions: online, with a console open.")
    avatar_url = graphene.String(description="Address of a small picture of the rep, as visitors see it.")
    may_manage = graphene.Boolean(
        required=True,
        description="Whether the one who is asking may do what only the owner may. Of another rep it tells nothing.",
    )
    user = graphene.Field(shops("user"), description="The rep's account.")
    rating_average = graphene.Float(
        description="Average of the rep's ratings, from 1 to 5, rounded to two digits. `null` where there are none, "
        "and for other reps." + OWNER_ONLY
    )
    rating_count = graphene.Int(
        description="How many of the rep's sessions were rated. `null` for other reps." + OWNER_ONLY
    )

    class Meta:
        description = "A member of staff who sells." + STAFF_ONLY
        interfaces = (graphene.relay.Node,)

    def resolve_online(root: models.Rep, _info: Any) -> bool:
        return is_online(root, now())

    def resolve_may_manage(_root: models.Rep, info: Any) -> bool:
        return may(info, MANAGE_LIVE_SALES)

    @reads
    def resolve_user(root: models.Rep, info: Any) -> Any:
        return shop.current().graphql().load_user(info, root.user_id)

    def resolve_rating_average(root: models.Rep, info: Any) -> Any:
        return _of_ratings(root, info, lambda figures: figures.average)

    def resolve_rating_count(root: models.Rep, info: Any) -> Any:
        return _of_ratings(root, info, lambda figures: figures.count)


def _of_ratings(rep: models.Rep, info: Any, told: Callable[[ratings.Figures], Any]) -> Any:
    """How well a rep is rated is for the owner, and for the rep itself."""
    if not may(info, MANAGE_LIVE_SALES) and requestor(info).user_id != rep.user_id:
        return None
    return loaders.RatingsByRep.of(info).load(rep.pk).then(told)


class LiveRating(graphene.ObjectType):
    """Root: ``sessions.models.Rating``, with a score."""

    score = graphene.Int(required=True, description="From 1, the worst, to 5, the best.")
    comment = graphene.String(
        required=True, description="What the visitor wrote beside it: plain text, never markup. Empty where nothing."
    )
    rated_at = graphene.Field(shops("datetime"), required=True, description="When it was given first.")
    changed_at = graphene.Field(shops("datetime"), required=True, description="When it was changed last.")

    class Meta:
        description = "What a visitor thought of a session."


class LiveRepCountableConnection(CountableConnection):
    class Meta:
        node = LiveRep


class LiveMessage(graphene.ObjectType):
    """Root: ``sessions.models.Entry``."""

    number = graphene.Int(required=True, description="Number of the entry in its session. Changes of state count too.")
    sender = SenderEnum(required=True, description="Who wrote it.")
    text = graphene.String(
        required=True, description="Plain text, as it was written. Never markup. Of a picture: its caption."
    )
    picture = graphene.Field(LivePicture, description="The picture, where the message is one.")
    key = graphene.Field(shops("uuid"), description="The sender's own key.")
    at = graphene.Field(shops("datetime"), required=True, description="When it was taken.")

    class Meta:
        description = "A message of a session."
        interfaces = (graphene.relay.Node,)

    def resolve_picture(root: models.Entry, _info: Any) -> Any:
        return shown(root.data)


class LiveMessageCountableConnection(CountableConnection):
    class Meta:
        node = LiveMessage


class LiveSession(graphene.ObjectType):
    """Root: ``sessions.models.Session``, marked with who reads it (``actors.show``)."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    form = SessionFormEnum(required=True, description="How visitor and rep talk.")
    state = SessionStateEnum(required=True, description="Where the session stands.")
    end_reason = EndReasonEnum(description="Why it ended.")
    last_number = graphene.Int(required=True, description="Number of the last entry: a message or a change of state.")
    visitor_read = graphene.Int(required=True, description="Number up to which the visitor has read.")
    rep_read = graphene.Int(required=True, description="Number up to which the rep has read.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it began.")
    queued_at = graphene.Field(shops("datetime"), description="Since when it waits or waited: its place in the queue.")
    accepted_at = graphene.Field(shops("datetime"), description="When a rep took it.")
    ended_at = graphene.Field(shops("datetime"), description="When it ended.")
    last_message_at = graphene.Field(shops("datetime"), description="When somebody wrote last.")
    awaiting_since = graphene.Field(
        shops("datetime"), description="When the visitor's oldest message was written that no rep has answered."
    )
    due_at = graphene.Field(shops("datetime"), description="When the session is looked at again, whatever happens.")
    position = graphene.Int(description="Place in the queue, from 1. `null` unless it waits.")
    priority = graphene.Int(
        required=True, description="Its place before others in the queue, by the plan of the membership. 0: none."
    )
    member_plan = graphene.Field(
        "saleor_livesales.graphql.members.types.LiveMembershipPlan",
        description="The plan of the membership with which it began, of the visitor's account or by a code."
        + STAFF_ONLY,
    )
    expected_wait = graphene.Int(
        description="Seconds until a rep takes it, as far as can be told from the last conversations and the reps who "
        "are online. `null` unless it waits, and where nothing true can be said."
    )
    rep_name = graphene.String(description="Name of the rep who took it.")
    rep_avatar_url = graphene.String(description="Address of a small picture of that rep. `null` where there is none.")
    rep = graphene.Field(LiveRep, description="The rep who takes part." + STAFF_ONLY)
    visitor = graphene.Field(LiveVisitor, description="The visitor." + STAFF_ONLY)
    product = graphene.Field(shops("product"), description="What it is about.")
    variant = graphene.Field(shops("variant"), description="The variant that it is about.")
    checkout = graphene.Field(shops("checkout"), description="The visitor's checkout.")
    cart = graphene.Field(LiveCart, description="The goods in that checkout.")
    earlier_sessions = graphene.Int(
        description="How many sessions the same visitor or account had before." + STAFF_ONLY
    )
    rating = graphene.Field(LiveRating, description="What the visitor thought of it. `null` while it hasn't said.")
    rating_asked = graphene.Boolean(
        required=True,
        description="Whether the visitor is to be asked for its rating: it has ended, a rep had answered, and the "
        "visitor has neither answered the question nor put it away.",
    )
    messages = ConnectionField(LiveMessageCountableConnection, description="What was written, in order.")

    class Meta:
        description = "A conversation of one visitor with one rep."
        interfaces = (graphene.relay.Node,)

    def resolve_state(root: models.Session, _info: Any) -> str:
        return state_at(root, now())

    def resolve_end_reason(root: models.Session, _info: Any) -> str | None:
        return root.end_reason or None

    def resolve_position(root: models.Session, info: Any) -> Any:
        return loaders.PositionBySession.of(info).load(root.pk) if root.state == "queued" else None

    def resolve_member_plan(root: models.Session, info: Any) -> Any:
        if root.membership_id is None or not seen_by_staff(root):
            return None
        return loaders.MembershipById.of(info).load(root.membership_id).then(lambda row: row and row.plan)

    def resolve_expected_wait(root: models.Session, info: Any) -> Any:
        if root.state != "queued":
            return None

        def told(position: int | None) -> Any:
            if position is None:  # taken meanwhile
                return None
            pace = loaders.Pace.of(info).load(())
            return pace.then(lambda pace: expected.wait(position=position, pace=pace))

        return loaders.PositionBySession.of(info).load(root.pk).then(told)

    def resolve_rep_name(root: models.Session, info: Any) -> Any:
        if root.rep_id is None or root.accepted_at is None:
            return None
        return loaders.RepById.of(info).load(root.rep_id).then(lambda rep: rep and rep.name)

    def resolve_rep_avatar_url(root: models.Session, info: Any) -> Any:
        if root.rep_id is None or root.accepted_at is None:
            return None
        return loaders.RepById.of(info).load(root.rep_id).then(lambda rep: rep and rep.avatar_url)

    def resolve_rep(root: models.Session, info: Any) -> Any:
        if root.rep_id is None or not seen_by_staff(root):
            return None
        return loaders.RepById.of(info).load(root.rep_id)

    @reads
    def resolve_visitor(root: models.Session, info: Any) -> Any:
        if not seen_by_staff(root):
            return None
        actor = staff(info)
        return loaders.VisitorById.of(info).load(root.visitor_id).then(lambda visitor: show(visitor, actor))

    @reads
    def resolve_product(root: models.Session, info: Any) -> Any:
        return root.product_id and shop.current().graphql().load_product(info, root.product_id, root.channel)

    @reads
    def resolve_variant(root: models.Session, info: Any) -> Any:
        return root.variant_id and shop.current().graphql().load_variant(info, root.variant_id, root.channel)

    @reads
    def resolve_checkout(root: models.Session, info: Any) -> Any:
        return root.checkout_id and shop.current().graphql().load_checkout(info, root.checkout_id)

    def resolve_cart(root: models.Session, info: Any) -> Any:
        return root.checkout_id and loaders.CartByCheckout.of(info).load(root.checkout_id)

    def resolve_earlier_sessions(root: models.Session, info: Any) -> Any:
        return loaders.EarlierSessionsBySession.of(info).load(root) if seen_by_staff(root) else None

    def resolve_rating(root: models.Session, info: Any) -> Any:
        return loaders.RatingBySession.of(info).load(root.pk) if root.state == "ended" else None

    def resolve_rating_asked(root: models.Session, info: Any) -> Any:
        return loaders.RatingAskedBySession.of(info).load(root.pk) if root.state == "ended" else False

    def resolve_messages(root: models.Session, info: Any, **args: Any) -> Any:
        page = page_of("messages", args)
        return (
            loaders.MessagesBySession.of(info)
            .load(loaders.MessagesKey(root.pk, page))
            .then(
                lambda rows: connection_from_rows(
                    rows,
                    page=page,
                    type_=LiveMessageCountableConnection,
                    cursor=lambda entry: encode_cursor([entry.number]),
                    count=lambda: loaders.MessageCountBySession.of(info).load(root.pk),
                )
            )
        )


class LiveSessionCountableConnection(CountableConnection):
    class Meta:
        node = LiveSession


class LiveInquiry(graphene.ObjectType):
    """Root: ``sessions.models.Inquiry``."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    email = graphene.String(required=True, description="Where the visitor wants the answer.")
    text = graphene.String(required=True, description="Plain text, as it was written. Never markup.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was left.")
    mailed_at = graphene.Field(shops("datetime"), description="When it was mailed to the channel's contact address.")
    product = graphene.Field(shops("product"), description="What it is about.")

    class Meta:
        description = "A message left when nobody could answer."
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_product(root: models.Inquiry, info: Any) -> Any:
        return root.product_id and shop.current().graphql().load_product(info, root.product_id, root.channel)


class LiveInquiryCountableConnection(CountableConnection):
    class Meta:
        node = LiveInquiry
