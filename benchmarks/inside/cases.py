"""Our GraphQL operations, each with variables that make it work: the shipped documents and those of the docs.

A case asks as the widget, the desk or the settings page does, on the rows that ``benchmarks.rows`` makes. ``KNOWN`` is
what ``tests/benchmarks`` compares with the schema, so that an operation without a figure is noticed.
"""

from __future__ import annotations

import datetime
import functools
import io
import uuid
from typing import Any, Final

from PIL import Image

from .cases_of_letters import LETTERS
from .cases_of_members import MEMBERS, shown
from .cases_of_ratings import RATINGS
from .targets import CHANNEL, DESK, DOCS, WIDGET, Case, Targets


def to_visitor(targets: Targets) -> str:
    """The id of a visitor who is on the site."""
    from saleor_livesales.ids import to_global_id

    return to_global_id("LiveVisitor", targets.active.visitor_id)


def _visit(targets: Targets) -> dict[str, Any]:
    return {"visitorId": to_visitor(targets), "first": 20}


def _message(targets: Targets, ticket: bool) -> dict[str, Any]:
    session = targets.active
    given = {"sessionId": targets.gid(session), "key": str(uuid.uuid4()), "text": "Yes, we have that in green."}
    return {"input": {**given, "ticket": targets.ticket(session.visitor_id)} if ticket else given}


def _photo(targets: Targets, ticket: bool) -> dict[str, Any]:
    given = {"sessionId": targets.gid(targets.active), "key": str(uuid.uuid4()), "image": photo()}
    return {"input": {**given, "ticket": targets.ticket(targets.active.visitor_id)} if ticket else given}


@functools.cache
def photo() -> bytes:
    """A JPEG of 640 x 480: what is measured is the way that it takes, and not how long a large one is drawn."""
    out = io.BytesIO()
    Image.effect_noise((640, 480), 40).save(out, "JPEG")
    return out.getvalue()


def _new_piece(targets: Targets) -> dict[str, Any]:
    given = {"name": "Spring catalogue", "kind": "CATALOGUE", "channel": CHANNEL, "productId": targets.product}
    return {"input": {**given, "landingUrl": "https://shop.example/lamp", "personal": False}}


def _inquiry(targets: Targets) -> dict[str, Any]:
    given = {"ticket": targets.stranger(), "channel": CHANNEL, "key": str(uuid.uuid4())}
    return {"input": {**given, "email": "ada@example.com", "text": "In green?"}}


def _started(targets: Targets) -> dict[str, Any]:
    return {"input": {"ticket": targets.stranger(), "channel": CHANNEL}}


def _span(targets: Targets) -> dict[str, Any]:
    """The last 31 days."""
    now = targets.now()
    return {"since": (now - datetime.timedelta(days=31)).isoformat(), "until": now.isoformat()}


def _new_plan(targets: Targets) -> dict[str, Any]:
    given = {"name": "Circle", "productId": targets.product, "variantId": targets.variant(), "period": "P1M"}
    return {"input": given}


def _granted(targets: Targets) -> dict[str, Any]:
    plan = targets.gid(targets.plan(), "LiveMembershipPlan")
    return {"email": targets.customer(), "planId": plan, "channel": CHANNEL, "periods": 1, "reason": "A gift"}


def _extended(targets: Targets) -> dict[str, Any]:
    return {"id": targets.membership(), "periods": 1, "reason": "Paid at the till", "amount": 30}


def _plan_change(targets: Targets) -> dict[str, Any]:
    return {"id": targets.gid(targets.plan(), "LiveMembershipPlan"), "input": {"name": "Circle and friends"}}


def _trial(targets: Targets) -> dict[str, Any]:
    return {"planId": targets.gid(targets.plan(trial="P14D"), "LiveMembershipPlan"), "channel": CHANNEL}


def _mine(targets: Targets) -> dict[str, Any]:
    """Nothing; but the shopper is a member."""
    from saleor_livesales.members import actions
    from saleor_livesales.members.actors import By
    from saleor_livesales.members.models import Plan

    plan = Plan.objects.get(variant_id="bench")
    actions.grant(
        user_id=actions.account_of("shopper@example.com"), plan_id=plan.pk, channel=CHANNEL, periods=1,
        reason="A gift", by=By(kind="staff", user_id="VXNlcjox"), now=targets.now(),
    )  # fmt: skip
    return {}


def _none(_: Targets) -> dict[str, Any]:
    return {}


def _mail() -> dict[str, Any]:
    words = {"subject": "Come in", "text": "{{ name }}: {{ code }}", "html": "<p>{{ code }}</p>"}
    return {"channel": CHANNEL, "template": "MEMBER_CODE", "language": "en", "input": words}


KNOWN: Final[tuple[Case, ...]] = (
    # The widget
    Case(WIDGET / "Storefront.graphql", None, lambda _: {"channel": CHANNEL}, "widget: start"),
    Case(
        WIDGET / "OpenSession.graphql", None, lambda t: {"ticket": t.ticket(t.active.visitor_id)},
        "widget: open session",
    ),
    Case(WIDGET / "Session.graphql", None, lambda t: t.own(t.queued), "widget: session that waits"),
    Case(WIDGET / "Session.graphql", None, lambda t: t.own(t.active), "widget: session that talks"),
    Case(WIDGET / "SessionStart.graphql", None, _started, "widget: ask for help"),
    Case(WIDGET / "SessionEnd.graphql", None, lambda t: t.own(t.active), "widget: end"),
    Case(WIDGET / "OfferAccept.graphql", None, lambda t: t.offer(), "widget: accept an offer"),
    Case(WIDGET / "OfferDecline.graphql", None, lambda t: t.offer(), "widget: decline an offer"),
    Case(WIDGET / "InquiryCreate.graphql", None, _inquiry, "widget: leave a message"),
    Case(
        WIDGET / "Picture.graphql", None,
        lambda t: {"id": t.gid(t.picture), "size": "SMALL", "ticket": t.ticket(t.active.visitor_id)},
        "widget: a picture's address",
    ),
    Case(
        WIDGET / "SignInCodeRedeem.graphql", None,
        lambda t: {"ticket": t.stranger(), "code": t.code()[1]}, "widget: enter a code",
    ),
    Case(WIDGET / "PictureSend.graphql", None, lambda t: _photo(t, True), "widget: send a picture"),
    Case(
        WIDGET / "VisitorIdentify.graphql", "shopper", lambda t: {"input": {"ticket": t.stranger()}},
        "widget: sign in",
    ),
    # The desk and the settings
    Case(DESK / "rep.graphql", "rep", _none, "desk: who am I"),
    Case(DESK / "sessions.graphql", "rep", _none, "desk: queue and own sessions"),
    Case(DESK / "session.graphql", "rep", lambda t: {"id": t.gid(t.active)}, "desk: a session"),
    Case(DESK / "visitors.graphql", "rep", _none, "desk: visitors"),
    Case(DESK / "block.graphql", "rep", lambda t: {"input": t.nuisance()}, "desk: block"),
    Case(
        DESK / "unblock.graphql", "rep", lambda t: {"visitorId": t.nuisance()["visitorId"]}, "desk: unblock",
    ),
    Case(DESK / "blocks.graphql", "rep", _none, "desk: who is blocked"),
    Case(DESK / "offerMake.graphql", "rep", lambda t: t.offering(), "desk: offer help"),
    Case(
        DESK / "visitor.graphql", "rep", lambda t: {"id": to_visitor(t)}, "desk: the pages of a visitor",
    ),
    Case(DESK / "inquiries.graphql", "rep", _none, "desk: messages left"),
    Case(DESK / "presence.graphql", "rep", lambda _: {"input": {"status": "ONLINE"}}, "desk: presence"),
    Case(DESK / "accept.graphql", "rep", lambda t: t.accepting(), "desk: accept"),
    Case(DESK / "end.graphql", "rep", lambda t: {"id": t.gid(t.active)}, "desk: end"),
    Case(DESK / "picture.graphql", "rep", lambda t: {"id": t.gid(t.picture)}, "desk: a picture's address"),
    Case(DESK / "pictureSend.graphql", "rep", lambda t: _photo(t, False), "desk: send a picture"),
    Case(DESK / "channels.graphql", "owner", _none, "settings: channels"),
    Case(
        DESK / "channelUpdate.graphql", "owner", lambda _: {"channel": CHANNEL, "input": {"greeting": "Hello!"}},
        "settings: change",
    ),
    Case(DESK / "appearances.graphql", "owner", _none, "settings: looks"),
    Case(
        DESK / "appearanceUpdate.graphql", "owner", lambda _: {"channel": CHANNEL, "input": {"theme": "DARK"}},
        "settings: change of looks",
    ),
    Case(DESK / "pieces.graphql", "owner", lambda _: {"first": 50}, "settings: printed pieces"),
    Case(
        DESK / "pieceCodes.graphql", "owner",
        lambda t: {"filter": {"piece": t.gid(t.piece(personal=True))}}, "settings: codes of a piece",
    ),
    Case(DESK / "pieceCreate.graphql", "owner", _new_piece, "settings: a new piece"),
    Case(
        DESK / "pieceRecipients.graphql", "owner",
        lambda t: {"id": t.gid(t.piece(personal=True)), "recipients": [{"reference": "3", "name": "Eve"}]},
        "settings: recipients of a piece",
    ),
    Case(
        DESK / "pieceDownload.graphql", "owner", lambda t: {"id": t.gid(t.piece()), "format": "SVG"},
        "settings: a piece's QR code",
    ),
    Case(DESK / "piecePrinted.graphql", "owner", lambda t: {"id": t.gid(t.piece())}, "settings: a piece was printed"),
    Case(DESK / "pieceRevoke.graphql", "owner", lambda t: {"id": t.gid(t.piece())}, "settings: revoke a piece"),
    Case(DESK / "members.graphql", "owner", lambda _: {"first": 50}, "settings: members"),
    Case(
        DESK / "members.graphql", "owner", lambda _: {"first": 50, "filter": {"state": ["LAPSED"]}},
        "settings: members that lapsed",
    ),
    Case(DESK / "memberCode.graphql", "owner", lambda t: {"id": t.membership()}, "settings: a member's new code"),
    Case(DESK / "plans.graphql", "owner", _none, "settings: plans"),
    Case(DESK / "planCreate.graphql", "owner", _new_plan, "settings: a new plan"),
    Case(DESK / "planUpdate.graphql", "owner", _plan_change, "settings: change a plan"),
    Case(DESK / "membersHead.graphql", "owner", _span, "settings: income of members"),
    Case(DESK / "memberCancel.graphql", "owner", lambda t: {"id": t.membership()}, "settings: cancel a membership"),
    Case(
        DESK / "memberResume.graphql", "owner", lambda t: {"id": t.membership(leaving=True)},
        "settings: resume a membership",
    ),
    Case(DESK / "memberExtend.graphql", "owner", _extended, "settings: extend a membership"),
    Case(DESK / "memberGrant.graphql", "owner", _granted, "settings: grant a membership"),
    Case(
        DESK / "memberRevoke.graphql", "owner", lambda t: {"id": t.membership(), "reason": "Asked to"},
        "settings: end a membership",
    ),
    Case(WIDGET / "MemberBadge.graphql", None, shown, "badge"),
    Case(DESK / "membersMonths.graphql", "owner", lambda _: {"timeZone": "Europe/Berlin"}, "settings: months"),
    # What the documentation shows beside that
    Case(DOCS / "liveMembership.graphql", "shopper", _mine, "my membership"),
    Case(DOCS / "liveDeliveries.graphql", "owner", lambda _: {"first": 50}, "codes of members on their way"),
    Case(
        DOCS / "liveMembershipCodeReplace.graphql", "owner", lambda t: {"id": t.membership()},
        "a member's new code",
    ),
    Case(DOCS / "liveMailSettings.graphql", "owner", lambda _: {"channel": CHANNEL}, "a channel's mails"),
    Case(DOCS / "liveMailPreview.graphql", "owner", lambda _: _mail(), "preview of a mail"),
    Case(
        DOCS / "liveMailSettingsUpdate.graphql", "owner",
        lambda _: {"channel": CHANNEL, "input": {"replyTo": "help@shop.example"}}, "change a channel's sender",
    ),
    Case(DOCS / "liveMailTemplateUpdate.graphql", "owner", lambda _: _mail(), "change a mail's words"),
    Case(
        DOCS / "liveMailTemplateReset.graphql", "owner",
        lambda _: {name: value for name, value in _mail().items() if name != "input"}, "a mail's words as before",
    ),
    Case(DESK / "mails.graphql", "owner", lambda _: {"channel": CHANNEL}, "settings: mails"),
    Case(DESK / "mailPreview.graphql", "owner", lambda _: _mail(), "settings: preview of a mail"),
    Case(
        DESK / "mailSender.graphql", "owner",
        lambda _: {"channel": CHANNEL, "input": {"replyTo": "help@shop.example"}}, "settings: change the sender",
    ),
    Case(DESK / "mailTemplate.graphql", "owner", lambda _: _mail(), "settings: change a mail's words"),
    Case(
        DESK / "mailReset.graphql", "owner",
        lambda _: {name: value for name, value in _mail().items() if name != "input"},
        "settings: a mail's words as before",
    ),
    Case(DESK / "deliveries.graphql", "owner", lambda _: {"first": 50, "state": None}, "settings: codes on their way"),
    Case(DESK / "codes.graphql", "owner", lambda _: {"first": 50, "filter": {"state": None}}, "settings: all codes"),
    Case(
        DESK / "codeRevoke.graphql", "owner", lambda t: {"id": t.code()[0], "reason": None}, "settings: revoke a code"
    ),
    Case(DOCS / "liveMembershipPlans.graphql", None, lambda _: {"channel": CHANNEL}, "plans"),
    Case(DOCS / "liveMembershipPlanCreate.graphql", "owner", _new_plan, "a new plan"),
    Case(DOCS / "liveMembershipPlanUpdate.graphql", "owner", _plan_change, "change a plan"),
    Case(DOCS / "liveMembershipTrialStart.graphql", "shopper", _trial, "try a plan out"),
    Case(DOCS / "livePrintPiece.graphql", "owner", lambda t: {"id": t.gid(t.piece())}, "a piece"),
    Case(
        DOCS / "livePrintPieceUpdate.graphql", "owner",
        lambda t: {"id": t.gid(t.piece()), "input": {"name": "Summer catalogue"}}, "change a piece",
    ),
    Case(DOCS / "liveSignInCodes.graphql", "owner", lambda _: {"first": 50}, "codes"),
    Case(DOCS / "liveSignInCodeRevoke.graphql", "owner", lambda t: {"id": t.code()[0]}, "revoke a code"),
    Case(DOCS / "liveSession.graphql", "rep", lambda t: {"id": t.gid(t.ended), "first": 50}, "history: a session"),
    Case(DOCS / "liveSessions.graphql", "rep", lambda _: {"first": 100}, "history: a rep's sessions"),
    Case(DOCS / "liveSessions.graphql", "owner", lambda _: {"first": 100}, "history: all sessions"),
    Case(
        DOCS / "liveSessions.graphql", "owner",
        lambda _: {"first": 100, "filter": {"state": ["ENDED"], "channel": [CHANNEL]}}, "history: all that ended",
    ),
    Case(
        DOCS / "liveSessions.graphql", "owner",
        lambda _: {"first": 100, "sortBy": {"field": "AWAITING_SINCE", "direction": "ASC"}}, "history: by awaiting",
    ),
    Case(
        DOCS / "liveSessions.graphql", "owner",
        lambda _: {"first": 100, "sortBy": {"field": "QUEUED_AT", "direction": "DESC"}}, "history: by queued",
    ),
    Case(DOCS / "liveVisitors.graphql", "rep", lambda _: {"first": 100}, "visitors with profiles"),
    Case(
        DOCS / "liveVisitors.graphql", "rep", lambda _: {"first": 100, "filter": {"channel": [CHANNEL]}},
        "visitors of a channel",
    ),
    Case(DOCS / "liveDecisions.graphql", "rep", _visit, "a visitor's decisions"),
    Case(DOCS / "liveReps.graphql", "owner", lambda _: {"first": 20}, "reps"),
    Case(DOCS / "liveRep.graphql", "rep", lambda t: {"id": t.gid(t.rep)}, "a rep"),
    Case(DOCS / "liveInquiries.graphql", "rep", lambda _: {"first": 20}, "messages left"),
    Case(DOCS / "liveChannelSettings.graphql", "owner", lambda _: {"channel": CHANNEL}, "a channel's settings"),
    Case(DESK / "openings.graphql", "rep", lambda _: {}, "desk: which channels are open"),
    Case(DOCS / "liveMessageSend.graphql", None, lambda t: _message(t, True), "message of a visitor"),
    Case(DOCS / "liveMessageSend.graphql", "rep", lambda t: _message(t, False), "message of a rep"),
    Case(DOCS / "liveSessionAccept.graphql", "rep", lambda t: t.accepting(), "accept, with the profile"),
    *LETTERS,
    *MEMBERS,
    *RATINGS,
)  # fmt: skip
