"""What a case of an operation is, and the rows that its variables name."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

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
