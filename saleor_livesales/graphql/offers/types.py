"""Offers of help, and why each was made or not."""

from __future__ import annotations

import datetime
from typing import Any

import graphene

from ...offers import models
from .. import loaders
from ..connection import CountableConnection
from ..enums import OfferStateEnum, SessionFormEnum
from ..scalars import shops


class LiveOffer(graphene.ObjectType):
    """Root: ``offers.models.Offer``."""

    state = OfferStateEnum(required=True, description="Where the offer stands.")
    channel = graphene.String(required=True, description="Slug of the channel.")
    forms = graphene.List(graphene.NonNull(SessionFormEnum), required=True, description="The forms that are offered.")
    greeting = graphene.String(required=True, description="What the offer says. Empty: the widget's own words.")
    created_at = graphene.Field(shops("datetime"), required=True, description="When it was made.")
    expires_at = graphene.Field(shops("datetime"), required=True, description="When it runs out.")
    rule = graphene.String(required=True, description="The rule that made it.")

    class Meta:
        description = "Help that is offered to a visitor."
        interfaces = (graphene.relay.Node,)

    def resolve_expires_at(root: models.Offer, _info: Any) -> datetime.datetime:
        return root.due_at


class LiveDecision(graphene.ObjectType):
    """Root: ``offers.models.Decision``."""

    id = graphene.GlobalID(required=True, description="ID of the decision.")
    at = graphene.Field(shops("datetime"), required=True, description="When it was decided.")
    outcome = graphene.String(required=True, description="`offer` or `silence`.")
    rule = graphene.String(required=True, description="The rule that decided.")
    reason = graphene.String(required=True, description="Why, in a word.")
    explanation = graphene.Field(shops("json_string"), description="Each rule with what it compared.")
    facts = graphene.Field(shops("json_string"), description="What was known of the visit.")
    offer = graphene.Field(LiveOffer, description="The offer that was made.")

    class Meta:
        description = "Why help was offered to a visitor at one moment, or was not."

    def resolve_offer(root: models.Decision, info: Any) -> Any:
        return root.offer_id and loaders.OfferById.of(info).load(root.offer_id)


class LiveDecisionCountableConnection(CountableConnection):
    class Meta:
        node = LiveDecision
