"""How the letters of a channel go, as the owner sets it."""

from __future__ import annotations

from typing import Any

import graphene

from ... import shop
from ...postings import ways, webhooks
from ...postings.models import Posting, PostingSettings
from ..actors import now
from ..enums import LetterWayEnum, PostingStateEnum
from ..reading import reads
from ..scalars import Amount, shops


class LiveLetterPosting(graphene.ObjectType):
    """Root: ``postings.models.Posting`` with its month."""

    provider = graphene.String(required=True, description="Name of the provider.")
    state = PostingStateEnum(required=True, description="Where it stands with the provider.")
    reason = graphene.String(description="Why it failed, or was not taken yet: the provider's word, or ours.")
    round = graphene.Int(required=True, description="How often the letter was given to a provider, this one included.")
    cost = graphene.Field(shops("money"), description="What is booked for it. `null`: nothing, as nothing was printed.")
    expected_on = graphene.String(description="Day on which the provider expects it to arrive, as YYYY-MM-DD.")
    sent_at = graphene.Field(shops("datetime"), description="When the provider took it.")
    told_at = graphene.Field(shops("datetime"), description="When its state came about, as the provider told.")

    class Meta:
        description = "A letter that goes by a print-and-mail provider."

    def resolve_reason(root: Posting, _info: Any) -> str | None:
        return root.reason or None

    def resolve_cost(root: Posting, _info: Any) -> Amount | None:
        return None if root.refunded else Amount(root.cost, root.month.currency)


class LiveLetterWay(graphene.ObjectType):
    """Root: ``postings.models.PostingSettings``, unsaved where nothing is set."""

    channel = graphene.String(required=True, description="Slug of the channel.")
    way = graphene.Field(LetterWayEnum, required=True, description="How its letters go.")
    provider = graphene.String(required=True, description="Name of the provider. Empty: none is chosen.")
    providers = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Names of the providers that the deployment has an account with.",
    )
    report_url = graphene.String(description="Where the provider tells of letters. `null`: no provider is chosen.")
    price = graphene.Field(
        shops("money"),
        description="What the provider takes for a letter, as the owner says: it does not tell. `null`: not said yet.",
    )
    monthly_limit = graphene.Field(
        shops("money"), description="What the letters of a calendar month (UTC) may cost. `null`: not said yet."
    )
    spent = graphene.Field(shops("money"), description="What they cost this month so far. `null`: no price is said.")
    letters = graphene.Int(required=True, description="How many letters that were, this month.")
    waiting = graphene.Int(required=True, description="How many letters are to be given to the provider.")
    color = graphene.Boolean(required=True, description="Whether they are printed in colour.")
    sender_name = graphene.String(required=True, description="Who the sender is: the store's name.")
    sender_line1 = graphene.String(required=True, description="Street and number.")
    sender_line2 = graphene.String(required=True, description="What does not fit there.")
    sender_city = graphene.String(required=True, description="City.")
    sender_area = graphene.String(required=True, description="State or province.")
    sender_postal_code = graphene.String(required=True, description="Postal code.")
    sender_country = graphene.String(required=True, description="Country, as two letters (ISO 3166).")

    class Meta:
        description = "How the letters of a channel go: printed by the store, or by a print-and-mail provider."

    def resolve_providers(_root: PostingSettings, _info: Any) -> list[str]:
        return ways.available()

    def resolve_report_url(root: PostingSettings, _info: Any) -> str | None:
        return f"{shop.current().plugin_url()}{webhooks.PREFIX}{root.provider}/" if root.provider else None

    def resolve_price(root: PostingSettings, _info: Any) -> Amount | None:
        return Amount(root.price, root.currency) if root.currency else None

    def resolve_monthly_limit(root: PostingSettings, _info: Any) -> Amount | None:
        return Amount(root.monthly_limit, root.currency) if root.currency else None

    @reads
    def resolve_spent(root: PostingSettings, _info: Any) -> Amount | None:
        return Amount(ways.month(root, now=now()).spent, root.currency) if root.currency else None

    @reads
    def resolve_letters(root: PostingSettings, _info: Any) -> int:
        return ways.month(root, now=now()).letters

    @reads
    def resolve_waiting(root: PostingSettings, _info: Any) -> int:
        return ways.waiting(channel=root.channel)
