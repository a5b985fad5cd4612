"""Letters with sign-in codes, the batches in which they are printed, and how they look. For the owner alone."""

from __future__ import annotations

import base64
from typing import Any

import graphene

from ... import shop
from ...letters import models, pictures, serve, words
from ...shop import MANAGE_LIVE_SALES
from .. import loaders
from ..actors import now
from ..connection import CountableConnection
from ..enums import LetterBatchStateEnum, LetterFormEnum, LetterStateEnum
from ..members.types import LiveMembership
from ..permissions import requires
from ..postings.types import LiveLetterPosting
from ..reading import reads
from ..scalars import shops

OWNER_ONLY = requires(MANAGE_LIVE_SALES)


class LiveLetterBatch(graphene.ObjectType):
    """Root: ``letters.models.LetterBatch``."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    state = LetterBatchStateEnum(required=True, description="Where it stands.")
    total = graphene.Int(required=True, description="How many letters are in it.")
    drawn = graphene.Int(required=True, description="How many of these are drawn.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was asked for.")
    created_by = graphene.Field(shops("user"), description="Who asked for it.")
    ready_at = graphene.Field(shops("datetime"), description="When it was drawn.")
    printed_at = graphene.Field(shops("datetime"), description="When it was printed.")
    handed_over_at = graphene.Field(shops("datetime"), description="When it was handed over to the post.")
    problem = graphene.String(description="Kind of the error that kept it from being drawn last.")
    letters_url = graphene.String(
        description="The letters as a PDF: an address that holds for five minutes. `null` while they are drawn, and "
        "once they were handed over, or lay for a week."
    )
    manifest_url = graphene.String(description="The list of letters as CSV, without codes; as the letters' address.")

    class Meta:
        description = "Letters that are printed together." + OWNER_ONLY
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_created_by(root: models.LetterBatch, info: Any) -> Any:
        return (root.created_by and shop.current().graphql().load_user(info, root.created_by)) or None

    def resolve_problem(root: models.LetterBatch, _info: Any) -> str | None:
        return root.error or None

    def resolve_letters_url(root: models.LetterBatch, _info: Any) -> str | None:
        return serve.address(root, "pdf", now=now())

    def resolve_manifest_url(root: models.LetterBatch, _info: Any) -> str | None:
        return serve.address(root, "csv", now=now())


class LiveLetterBatchCountableConnection(CountableConnection):
    class Meta:
        node = LiveLetterBatch


class LiveLetter(graphene.ObjectType):
    """Root: ``letters.models.Letter`` with its member's code."""

    number = graphene.String(required=True, description="What stands on the paper to know it again by. Opens nothing.")
    state = LetterStateEnum(required=True, description="Where it stands.")
    channel = graphene.String(required=True, description="Slug of the channel.")
    membership = graphene.Field(LiveMembership, required=True, description="Whose code it carries.")
    batch = graphene.Field(LiveLetterBatch, description="The batch in which it is printed.")
    posting = graphene.Field(LiveLetterPosting, description="By which provider it goes, where it does.")
    language = graphene.String(description="In which language it was drawn.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was asked for.")
    changed_at = graphene.Field(shops("datetime"), required=True, description="When its state changed last.")

    class Meta:
        description = "A member's sign-in code on its way by post. The code itself is shown by no query." + OWNER_ONLY
        interfaces = (graphene.relay.Node,)

    @reads
    def resolve_membership(root: models.Letter, info: Any) -> Any:
        return loaders.MembershipById.of(info).load(root.member_code.membership_id)

    @reads
    def resolve_batch(root: models.Letter, info: Any) -> Any:
        return loaders.LetterBatchById.of(info).load(root.batch_id) if root.batch_id else None

    @reads
    def resolve_posting(root: models.Letter, info: Any) -> Any:
        return loaders.PostingByRound.of(info).load((root.pk, root.round)) if root.round else None

    def resolve_language(root: models.Letter, _info: Any) -> str | None:
        return root.language or None


class LiveLetterCountableConnection(CountableConnection):
    class Meta:
        node = LiveLetter


class LiveLetterWords(graphene.ObjectType):
    """Root: a pair of a language and its words, and whether they are the owner's own."""

    language = graphene.String(required=True, description="One of ar, de, en, es, fr and pl.")
    subject = graphene.String(required=True, description="The line above. {name}, {plan} and {until} are filled in.")
    text = graphene.String(required=True, description="What stands above the code; an empty line divides paragraphs.")
    closing = graphene.String(required=True, description="What stands below the code.")
    own = graphene.Boolean(required=True, description="Whether these are the store's own words.")

    class Meta:
        description = "What letters say in one language." + OWNER_ONLY


class LiveLetterStyle(graphene.ObjectType):
    """Root: ``letters.models.LetterStyle``."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    form = LetterFormEnum(required=True, description="Paper and window.")
    sender = graphene.String(required=True, description="The letter's head, at most six lines.")
    return_line = graphene.String(required=True, description="The line above the address that shows in the window.")
    country = graphene.String(required=True, description="Where letters are posted: two letters, such as DE.")
    has_logo = graphene.Boolean(required=True, description="Whether a logo stands in the head.")
    words = graphene.List(
        graphene.NonNull(LiveLetterWords), required=True, description="What letters say, by language."
    )

    class Meta:
        description = "How a channel's letters look." + OWNER_ONLY

    def resolve_has_logo(root: models.LetterStyle, _info: Any) -> bool:
        return root.logo is not None

    def resolve_words(root: models.LetterStyle, _info: Any) -> list[LiveLetterWords]:
        found = []
        for language in words.LANGUAGES:
            said = words.standing(language, root.words)
            parts = {part: said[part] for part in words.PARTS}
            found.append(LiveLetterWords(language=language, own=language in root.words, **parts))
        return found


class LiveLetterPage(graphene.ObjectType):
    """Root: the bytes of a PDF."""

    content = graphene.String(required=True, description="The PDF, in base64.")
    picture = graphene.String(
        description="The page as a PNG, in base64. `null` where the deployment has nothing that draws one."
    )

    class Meta:
        description = "A page as it would be printed." + OWNER_ONLY

    def resolve_content(root: bytes, _info: Any) -> str:
        return base64.b64encode(root).decode()

    def resolve_picture(root: bytes, _info: Any) -> str | None:
        picture = pictures.first_page(root)
        return None if picture is None else base64.b64encode(picture).decode()


class LiveLetterWordsInput(graphene.InputObjectType):
    language = graphene.String(required=True, description="One of ar, de, en, es, fr and pl.")
    subject = graphene.String(description="The line above. Nothing of the three: our words again.")
    text = graphene.String(description="What stands above the code; {name}, {plan} and {until} are filled in.")
    closing = graphene.String(description="What stands below the code.")

    class Meta:
        description = "What letters are to say in one language."


class LiveLetterStyleInput(graphene.InputObjectType):
    form = graphene.Argument(LetterFormEnum, description="Paper and window.")
    sender = graphene.String(description="The letter's head, at most six lines of 60 characters.")
    return_line = graphene.String(description="The line above the address that shows in the window.")
    country = graphene.String(description="Where letters are posted: two letters, such as DE.")
    logo = graphene.String(description="A picture in base64, at most 1 MB: PNG, JPEG or WebP. Empty: none.")
    words = graphene.List(graphene.NonNull(LiveLetterWordsInput), description="What letters are to say.")

    class Meta:
        description = "How letters are to look. What is left out stays."
