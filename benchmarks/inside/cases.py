"""Our GraphQL operations, each with variables that make it work: the shipped documents and those of the docs.

A case asks as the widget, the desk or the settings page does, on the rows that ``benchmarks.rows`` makes. ``KNOWN`` is
what ``tests/benchmarks`` compares with the schema, so that an operation without a figure is noticed.
"""

from __future__ import annotations

import datetime
import functools
import io
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image

ROOT: Final = Path(__file__).resolve().parent.parent.parent
WIDGET: Final = ROOT / "saleor_livesales" / "storefront" / "src" / "graphql"
DESK: Final = ROOT / "saleor_livesales" / "dashboard" / "src" / "graphql"
DOCS: Final = ROOT / "docs" / "graphql"
CHANNEL: Final = "default-channel"


@dataclass(frozen=True)
class Case:
    """``variables`` makes them anew for each call, and what they name. ``by``: whose access token goes along."""

    document: Path
    by: Literal["rep", "owner", "shopper"] | None
    variables: Callable[[Targets], dict[str, Any]]
    name: str

    @property
    def text(self) -> str:
        return self.document.read_text(encoding="utf-8")

    @property
    def fields(self) -> frozenset[str]:
        """Our fields of Query and Mutation that the document asks for."""
        return frozenset(re.findall(r"^  (?:\w+: )?(live\w+)", self.text, re.MULTILINE))

    @property
    def changes(self) -> bool:
        return re.search(r"^mutation", self.text, re.MULTILINE) is not None


class Targets:
    """What variables name: rows of the filled database, found once, and new ones where an operation uses them up."""

    def __init__(self, sessions: int) -> None:
        from django.utils import timezone

        from benchmarks.rows import counts
        from saleor_livesales import conf
        from saleor_livesales.ids import to_global_id
        from saleor_livesales.pictures.models import Picture
        from saleor_livesales.sessions.models import Rep, Session
        from sandbox.shop.models import Checkout, Product

        self.now = timezone.now
        self.signer = conf.load().signer
        self.numbers = counts(sessions)
        self.rep = Rep.objects.get(name="Robin Rep")
        self.queued = Session.objects.filter(state="queued").order_by("-queued_at").first()
        self.active = Session.objects.get(state="active", rep=self.rep, checkout_id__isnull=False)
        ended = Session.objects.filter(state="ended", rep=self.rep, checkout_id__isnull=False)
        self.ended = ended.latest("created_at")
        self.checkout = Checkout.objects.order_by("token")[0]
        self.product = to_global_id("Product", Product.objects.get(slug="tray-table").pk)
        self.picture = Picture.objects.create(
            session=self.active, sender="visitor", sender_id=self.active.visitor_id, number=1, width=640, height=480,
            created_at=self.now(),
        )  # fmt: skip

    def ticket(self, visitor_id: uuid.UUID) -> str:
        return self.signer.sign(kind="visitor-ticket", subject=visitor_id, now=self.now())

    def gid(self, row: Any, kind: str = "") -> str:
        from saleor_livesales.ids import to_global_id

        return to_global_id(kind or f"Live{type(row).__name__}", row.pk)

    def own(self, session: Any) -> dict[str, Any]:
        """A session and the ticket of its visitor."""
        return {"id": self.gid(session), "ticket": self.ticket(session.visitor_id)}

    def stranger(self) -> str:
        """The ticket of a visitor that nobody saw yet."""
        from saleor_livesales.ids import uuid7

        return self.ticket(uuid7())

    def offer(self) -> dict[str, Any]:
        """A new open offer, and its visitor's ticket."""
        from saleor_livesales.ids import uuid7
        from saleor_livesales.offers.models import Offer
        from saleor_livesales.visitors.models import Visitor

        now = self.now()
        visitor = Visitor.objects.create(id=uuid7(), created_at=now)
        offer = Offer.objects.create(
            visitor=visitor, visit_id=uuid7(), channel=CHANNEL, rule="price", event_id="1-0", created_at=now,
            due_at=now + datetime.timedelta(hours=1), forms=["chat"],
        )  # fmt: skip
        return {"id": self.gid(offer), "ticket": self.ticket(visitor.pk)}

    def piece(self, *, personal: bool = False) -> Any:
        """A new printed piece; with one code, or with one for each of two recipients."""
        from saleor_livesales.codes import pieces

        piece = pieces.create(
            name="Spring catalogue", kind="catalogue", channel=CHANNEL, product_id=self.product, variant_id=None,
            landing_url="https://shop.example/lamp", personal=personal, starts_at=None, ends_at=None,
            actor_user_id=None, now=self.now(),
        )  # fmt: skip
        if personal:
            recipients = [pieces.Recipient(reference=reference) for reference in ("1", "2")]
            pieces.add_recipients(piece_id=piece.pk, recipients=recipients, actor_user_id=None, now=self.now())
        return piece

    def code(self) -> tuple[str, str]:
        """Id and text of a new code that nobody has entered."""
        from saleor_livesales.codes import actions, pieces
        from saleor_livesales.ids import to_global_id

        [code] = pieces.codes_of(self.piece())
        return to_global_id("LiveSignInCode", code.pk), actions.readable(code_ids=[code.pk])[code.pk].reveal()

    def plan(self, *, trial: str = "") -> Any:
        """A new plan of memberships that nobody has."""
        from saleor_livesales.members.models import Plan

        now = self.now()
        return Plan.objects.create(
            name="Circle", product_id=self.product, variant_id=str(uuid.uuid4()), period="P1M", trial=trial,
            created_at=now, updated_at=now,
        )  # fmt: skip

    def variant(self) -> str:
        """A new variant of the product, which the channel sells."""
        from saleor_livesales.ids import from_global_id, to_global_id
        from sandbox.shop.models import Channel, ProductVariant, ProductVariantChannelListing

        product = from_global_id("Product", self.product)
        variant = ProductVariant.objects.create(product_id=product, name="A month", sku=str(uuid.uuid4()))
        ProductVariantChannelListing.objects.create(
            variant=variant, channel=Channel.objects.get(slug=CHANNEL), price_amount=30, discounted_price_amount=30
        )
        return to_global_id("ProductVariant", variant.pk)

    def customer(self) -> str:
        """The address of a new account."""
        from sandbox.shop.models import User

        return User.objects.create(email=f"{uuid.uuid4()}@example.com", password="!").email

    def membership(self, *, leaving: bool = False) -> str:
        """A new membership that runs; ``leaving``: until the end of what is paid."""
        from saleor_livesales.members import actions
        from saleor_livesales.members.actors import By

        by = By(kind="staff", user_id="VXNlcjox")
        made = actions.grant(
            user_id=actions.account_of(self.customer()), plan_id=self.plan().pk, channel=CHANNEL, periods=2,
            reason="A gift", by=by, now=self.now(),
        )  # fmt: skip
        if leaving:
            actions.cancel(membership_id=made.pk, by=by, now=self.now())
        return self.gid(made, "LiveMembership")

    def room(self) -> None:
        """The first rep can take one more."""
        from django.db.models import F

        from saleor_livesales.sessions.models import Rep

        Rep.objects.filter(pk=self.rep.pk, capacity__lt=12).update(capacity=F("load") + 1)

    def accepting(self) -> dict[str, Any]:
        self.room()
        return {"id": self.gid(self.queued)}

    def offering(self) -> dict[str, Any]:
        """Somebody who has just come to the site, for a rep with a place free."""
        from saleor_livesales.ids import to_global_id, uuid7
        from saleor_livesales.offers.models import Offer
        from saleor_livesales.visitors.models import Visit, Visitor

        self.room()
        Offer.objects.filter(rep=self.rep, state="open").update(state="withdrawn")
        now = self.now()
        visitor = Visitor.objects.create(id=uuid7(), created_at=now)
        Visit.objects.create(visitor=visitor, channel=CHANNEL, started_at=now, last_seen_at=now, last_event_id="1-0")
        return {"input": {"visitorId": to_global_id("LiveVisitor", visitor.pk), "greeting": "May I help?"}}

    def nuisance(self) -> dict[str, Any]:
        """A new visitor to block."""
        return {"visitorId": self.offering()["input"]["visitorId"], "duration": "DAY", "reason": "Insults"}


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
    # What the documentation shows beside that
    Case(DOCS / "liveMembership.graphql", "shopper", _mine, "my membership"),
    Case(DOCS / "liveDeliveries.graphql", "owner", lambda _: {"first": 50}, "codes of members on their way"),
    Case(
        DOCS / "liveMembershipCodeReplace.graphql", "owner", lambda t: {"id": t.membership()},
        "a member's new code",
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
    Case(DOCS / "liveMessageSend.graphql", None, lambda t: _message(t, True), "message of a visitor"),
    Case(DOCS / "liveMessageSend.graphql", "rep", lambda t: _message(t, False), "message of a rep"),
    Case(DOCS / "liveSessionAccept.graphql", "rep", lambda t: t.accepting(), "accept, with the profile"),
)  # fmt: skip
