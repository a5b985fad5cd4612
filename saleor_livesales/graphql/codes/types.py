"""Sign-in codes and printed pieces, for their owner; what a code opened, for visitor and rep."""

from __future__ import annotations

import base64
from typing import Any

import graphene

from ... import shop
from ...codes import alphabet, files, models
from ...codes.queries import Counts, Shown, state_at
from ...codes.redeem import Opened
from ...shop import HANDLE_LIVE_SALES, MANAGE_LIVE_SALES
from ...visitors.models import VisitorPass
from .. import loaders
from ..actors import now
from ..connection import CountableConnection
from ..enums import CodeHolderEnum, CodeStateEnum, PieceKindEnum, PieceStateEnum
from ..permissions import requires
from ..reading import reads
from ..scalars import Amount, shops

OWNERS = requires(MANAGE_LIVE_SALES)


class LivePrintPieceCounts(graphene.ObjectType):
    """Root: ``codes.queries.Counts``."""

    codes = graphene.Int(required=True, description="Codes that were issued.")
    redemptions = graphene.Int(required=True, description="Visitors who entered one, each counted once a code.")
    sessions = graphene.Int(
        required=True, description="Sessions that these visitors began within seven days, in the piece's channel."
    )

    orders = graphene.Int(
        required=True,
        description="Paid orders that these visitors placed within seven days, each for the piece whose code they "
        "had entered last. Neither cancelled ones nor those that were given back as a whole.",
    )
    income = graphene.Field(
        shops("money"), description="What these orders brought in, less what was given back. `null`: there are none."
    )

    class Meta:
        description = "What came of a printed piece."

    def resolve_income(root: Counts, _info: Any) -> Amount | None:
        return Amount(root.income, root.currency) if root.orders else None


class LivePrintPiece(graphene.ObjectType):
    """Root: ``codes.models.PrintPiece``."""

    name = graphene.String(required=True, description="What the owner calls it.")
    kind = PieceKindEnum(required=True, description="What is printed.")
    state = PieceStateEnum(required=True, description="Where it stands.")
    channel = graphene.String(required=True, description="Slug of the channel.")
    landing_url = graphene.String(required=True, description="The page that its QR codes open.")
    personal = graphene.Boolean(required=True, description="Whether each recipient has a code, or all have one.")
    starts_at = graphene.Field(shops("datetime"), required=True, description="From when on its codes are valid.")
    ends_at = graphene.Field(shops("datetime"), description="Until when.")
    printed_at = graphene.Field(
        shops("datetime"), description="Since when it is printed, and its codes can't be read by anybody."
    )
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was made.")
    product = graphene.Field(shops("product"), description="What it leads to.")
    variant = graphene.Field(shops("variant"), description="The variant that it leads to.")
    counts = graphene.Field(LivePrintPieceCounts, required=True, description="What came of it.")

    class Meta:
        description = "Something printed that leads to an item of the shop by a code." + OWNERS
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_product(root: models.PrintPiece, info: Any) -> Any:
        return shop.current().graphql().load_product(info, root.product_id, root.channel)

    @reads
    def resolve_variant(root: models.PrintPiece, info: Any) -> Any:
        return root.variant_id and shop.current().graphql().load_variant(info, root.variant_id, root.channel)

    def resolve_counts(root: models.PrintPiece, info: Any) -> Any:
        return loaders.CountsByPiece.of(info).load(root.pk)


class LivePrintPieceCountableConnection(CountableConnection):
    class Meta:
        node = LivePrintPiece


class LivePrintRecipient(graphene.ObjectType):
    """Root: ``codes.models.PrintRecipient``."""

    reference = graphene.String(required=True, description="The owner's own name for the recipient.")
    name = graphene.String(required=True, description="The recipient's name.")

    class Meta:
        description = "To whom a personal piece was sent." + requires(HANDLE_LIVE_SALES, MANAGE_LIVE_SALES)


class LiveSignInCode(graphene.ObjectType):
    """Root: ``codes.models.Code``."""

    masked = graphene.String(required=True, description="The code with all but its last two characters covered.")
    state = CodeStateEnum(required=True, description="Where it stands.")
    holder = CodeHolderEnum(required=True, description="Whose it is.")
    opens = CodeHolderEnum(required=True, description="What it opens.")
    channel = graphene.String(description="Slug of the channel that it is good for. `null`: all.")
    valid_from = graphene.Field(shops("datetime"), required=True, description="From when on it is valid.")
    valid_until = graphene.Field(shops("datetime"), description="Until when.")
    uses = graphene.Int(required=True, description="How many visitors entered it.")
    max_uses = graphene.Int(description="How many may. `null`: any number.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was issued.")
    piece = graphene.Field(LivePrintPiece, description="The printed piece that it opens.")
    recipient = graphene.Field(LivePrintRecipient, description="Who has it, where that is a piece's recipient.")

    class Meta:
        description = "A sign-in code. The code itself is shown by no query." + OWNERS
        interfaces = (graphene.relay.Node,)

    def resolve_masked(root: models.Code, _info: Any) -> str:
        return alphabet.masked(root.hint)

    def resolve_state(root: models.Code, _info: Any) -> str:
        return state_at(root, now())

    def resolve_holder(root: models.Code, _info: Any) -> str:
        return root.holder_kind

    def resolve_opens(root: models.Code, _info: Any) -> str:
        return root.opens_kind

    def resolve_channel(root: models.Code, _info: Any) -> str | None:
        return root.channel or None

    def resolve_piece(root: models.Code, info: Any) -> Any:
        return loaders.PieceById.of(info).load(root.opens_id) if root.opens_kind == "piece" else None

    def resolve_recipient(root: models.Code, info: Any) -> Any:
        return loaders.RecipientById.of(info).load(root.holder_id) if root.holder_kind == "recipient" else None


class LiveSignInCodeCountableConnection(CountableConnection):
    class Meta:
        node = LiveSignInCode


class LivePrintFile(graphene.ObjectType):
    """Root: ``codes.files.File``."""

    name = graphene.String(required=True, description="A name to save it under.")
    content_type = graphene.String(required=True, description="Its media type.")
    content = graphene.String(required=True, description="The file, in base64.")
    after = graphene.String(description="Where the next part of a list begins. `null`: this is the last one.")

    class Meta:
        description = "A file with codes that can be read. It is for the printer: keep it secret." + OWNERS

    def resolve_content_type(root: files.File, _info: Any) -> str:
        return root.kind

    def resolve_content(root: files.File, _info: Any) -> str:
        return base64.b64encode(root.content).decode()


class LiveVisitorCode(graphene.ObjectType):
    """Root: ``codes.queries.Shown``. Reached by staff alone."""

    opens = CodeHolderEnum(required=True, description="What it opened.")
    name = graphene.String(description="Name of the printed piece, or of the plan.")
    recipient = graphene.Field(LivePrintRecipient, description="To whom the piece was sent, where it is personal.")
    at = graphene.Field(shops("datetime"), required=True, description="When the visitor entered it.")

    class Meta:
        description = "What a visitor opened by a sign-in code." + requires(HANDLE_LIVE_SALES)

    def resolve_opens(root: Shown, _info: Any) -> str:
        return root.pass_.opens_kind

    def resolve_name(root: Shown, info: Any) -> Any:
        return _plan(root.pass_, info) or (root.piece.name if root.piece else None)

    def resolve_at(root: Shown, _info: Any) -> Any:
        return root.pass_.at


class LiveOpened(graphene.ObjectType):
    """Root: ``codes.redeem.Opened``. Tells a visitor what it may, and nothing about the holder."""

    opens = CodeHolderEnum(required=True, description="What the code opens.")
    name = graphene.String(description="Name of the printed piece, or of the plan.")
    channel = graphene.String(description="Slug of the channel that it is good for. `null`: all.")
    until = graphene.Field(shops("datetime"), description="How long it is good. `null`: no end is set.")
    product = graphene.Field(shops("product"), description="What the piece leads to.")
    variant = graphene.Field(shops("variant"), description="The variant that it leads to.")
    again = graphene.Boolean(required=True, description="Whether this visitor had entered the code before.")

    class Meta:
        description = "What a sign-in code opens for the visitor who entered it."

    def resolve_opens(root: Opened, _info: Any) -> str:
        return root.pass_.opens_kind

    def resolve_name(root: Opened, info: Any) -> Any:
        return _plan(root.pass_, info) or _piece(root, info, lambda piece: piece.name)

    def resolve_channel(root: Opened, _info: Any) -> str | None:
        return root.pass_.channel or None

    def resolve_until(root: Opened, _info: Any) -> Any:
        return root.pass_.until

    @reads
    def resolve_product(root: Opened, info: Any) -> Any:
        load = shop.current().graphql().load_product
        return _piece(root, info, lambda piece: load(info, piece.product_id, piece.channel))

    @reads
    def resolve_variant(root: Opened, info: Any) -> Any:
        load = shop.current().graphql().load_variant
        return _piece(root, info, lambda piece: piece.variant_id and load(info, piece.variant_id, piece.channel))


def _plan(pass_: VisitorPass, info: Any) -> Any:
    """Name of the plan that a member's code opens; nothing of the member."""
    if pass_.opens_kind != "member":
        return None
    return loaders.PlanByMembershipId.of(info).load(pass_.opens_id).then(lambda plan: plan.name if plan else None)


def _piece(root: Opened, info: Any, read: Any) -> Any:
    if root.pass_.opens_kind != "piece":
        return None
    return loaders.PieceById.of(info).load(root.pass_.opens_id).then(lambda piece: read(piece) if piece else None)
