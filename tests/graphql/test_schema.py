"""The schema as others see it."""

from __future__ import annotations

from types import SimpleNamespace

import graphene
import pytest
from graphene.types.generic import GenericScalar

from saleor_livesales import shop as interface
from saleor_livesales.graphql import scalars
from saleor_livesales.graphql.schema import MUTATIONS, extend
from tools import print_schema

from .conftest import GraphQLShop


def test_the_printed_schema_is_what_the_code_says(db):
    assert print_schema.TARGET.read_text(encoding="utf-8") == print_schema.text()


def test_every_field_and_argument_is_described(schema):
    missing = []
    for name, kind in schema.get_type_map().items():
        if not name.startswith("Live"):
            continue
        if not kind.description:
            missing.append(name)
        for field, value in getattr(kind, "fields", {}).items():
            if not value.description and (name, field) != ("LiveSession", "id") and field != "id":
                missing.append(f"{name}.{field}")
            missing += [
                f"{name}.{field}({arg})" for arg, given in getattr(value, "args", {}).items() if not given.description
            ]
    for root in (schema.get_query_type(), schema.get_mutation_type()):
        missing += [name for name, field in root.fields.items() if name.startswith("live") and not field.description]
    assert missing == []


def test_permissions_are_in_the_descriptions(schema):
    def needed(field):
        _, found, names = field.description.partition("Requires one of the following permissions: ")
        return names.rstrip(".") if found else None

    queries = {name: needed(field) for name, field in schema.get_query_type().fields.items() if name != "hello"}
    both = "HANDLE_LIVE_SALES, MANAGE_LIVE_SALES"
    assert queries == {
        "liveChannelSettings": "MANAGE_LIVE_SALES",
        "liveChannels": "MANAGE_LIVE_SALES",
        "liveDecisions": "HANDLE_LIVE_SALES",
        "liveInquiries": "HANDLE_LIVE_SALES",
        "liveLetterWay": "MANAGE_LIVE_SALES",
        "liveMailPreview": "MANAGE_LIVE_SALES",
        "liveMailSettings": "MANAGE_LIVE_SALES",
        "liveLetterBatches": "MANAGE_LIVE_SALES",
        "liveLetterPreview": "MANAGE_LIVE_SALES",
        "liveLetterStyle": "MANAGE_LIVE_SALES",
        "liveLetters": "MANAGE_LIVE_SALES",
        "liveMemberBadge": None,
        "liveMembership": None,
        "liveMembershipIncome": "MANAGE_LIVE_SALES",
        "liveMembershipMonths": "MANAGE_LIVE_SALES",
        "liveMembershipPlans": None,
        "liveMembershipQuote": None,
        "liveDeliveries": "MANAGE_LIVE_SALES",
        "liveMemberships": "MANAGE_LIVE_SALES",
        "liveOpenings": both,
        "livePaymentMethod": None,
        "livePaymentMethodsCharged": None,
        "livePicture": both,
        "livePrintPiece": "MANAGE_LIVE_SALES",
        "livePrintPieces": "MANAGE_LIVE_SALES",
        "liveRep": "HANDLE_LIVE_SALES",
        "liveReps": both,
        "liveSession": both,
        "liveSessions": both,
        "liveSignInCodes": "MANAGE_LIVE_SALES",
        "liveStorefront": None,
        "liveVisitor": "HANDLE_LIVE_SALES",
        "liveVisitorBlocks": both,
        "liveVisitors": "HANDLE_LIVE_SALES",
    }
    mutations = {name: needed(field) for name, field in schema.get_mutation_type().fields.items()}
    assert mutations == {
        "liveAppearanceUpdate": "MANAGE_LIVE_SALES",
        "liveChannelSettingsUpdate": "MANAGE_LIVE_SALES",
        "liveInquiryCreate": None,
        "liveLetterBatchCreate": "MANAGE_LIVE_SALES",
        "liveLetterBatchMark": "MANAGE_LIVE_SALES",
        "liveLetterConfirm": "MANAGE_LIVE_SALES",
        "liveLetterCreate": "MANAGE_LIVE_SALES",
        "liveLetterRetry": "MANAGE_LIVE_SALES",
        "liveLetterReturned": "MANAGE_LIVE_SALES",
        "liveLetterStyleUpdate": "MANAGE_LIVE_SALES",
        "liveLetterWayUpdate": "MANAGE_LIVE_SALES",
        "liveMailSettingsUpdate": "MANAGE_LIVE_SALES",
        "liveMailTemplateReset": "MANAGE_LIVE_SALES",
        "liveMailTemplateUpdate": "MANAGE_LIVE_SALES",
        "liveMembershipCancel": None,
        "liveMembershipChange": None,
        "liveMembershipCodeReplace": None,
        "liveMembershipExtend": "MANAGE_LIVE_SALES",
        "liveMembershipGrant": "MANAGE_LIVE_SALES",
        "liveMembershipPlanCreate": "MANAGE_LIVE_SALES",
        "liveMembershipPlanUpdate": "MANAGE_LIVE_SALES",
        "liveMembershipResume": None,
        "liveMembershipRevoke": "MANAGE_LIVE_SALES",
        "liveMembershipTrialStart": None,
        "liveMessageSend": "HANDLE_LIVE_SALES",
        "liveOfferAccept": None,
        "liveOfferDecline": None,
        "liveOfferMake": "HANDLE_LIVE_SALES",
        "livePaymentMethodLink": None,
        "livePaymentMethodRemove": None,
        "livePictureSend": "HANDLE_LIVE_SALES",
        "livePrintPieceCreate": "MANAGE_LIVE_SALES",
        "livePrintPieceDownload": "MANAGE_LIVE_SALES",
        "livePrintPiecePrinted": "MANAGE_LIVE_SALES",
        "livePrintPieceRecipientsAdd": "MANAGE_LIVE_SALES",
        "livePrintPieceRevoke": "MANAGE_LIVE_SALES",
        "livePrintPieceUpdate": "MANAGE_LIVE_SALES",
        "liveRepPresenceUpdate": "HANDLE_LIVE_SALES",
        "liveSessionAccept": "HANDLE_LIVE_SALES",
        "liveSessionEnd": both,
        "liveSessionRate": None,
        "liveSessionStart": None,
        "liveSignInCodeRedeem": None,
        "liveSignInCodeRevoke": "MANAGE_LIVE_SALES",
        "liveVisitorBlock": both,
        "liveVisitorIdentify": None,
        "liveVisitorUnblock": both,
    }


def test_every_mutation_answers_with_errors(schema):
    for mutation in MUTATIONS:
        fields = schema.get_type(mutation.__name__).fields
        assert str(fields["errors"].type) == "[LiveSalesError!]!"
    error = schema.get_type("LiveSalesError").fields
    assert {name: str(field.type) for name, field in error.items()} == {
        "field": "String",
        "message": "String!",
        "code": "LiveSalesErrorCode!",
    }


def test_shared_types_are_the_shops_own(db, monkeypatch):
    """A shop with a Money of its own: a second class of that name would break the schema."""

    class Money(graphene.ObjectType):
        amount = graphene.Float(required=True)
        currency = graphene.String(required=True)
        fractional = graphene.Int()

    class UUID(GenericScalar):
        pass

    class OwnShop(GraphQLShop):
        def graphql(self):
            types = super().graphql().__dict__
            return interface.GraphQLTypes(**{**types, "money": Money, "uuid": UUID})

    monkeypatch.setattr(interface, "_shop", OwnShop())

    class Query(graphene.ObjectType):
        price = graphene.Field(Money, default_value=SimpleNamespace(amount=1, currency="USD"))
        token = graphene.Field(UUID)

    class Mutation(graphene.ObjectType):
        pass

    extend(Query, Mutation)
    schema = graphene.Schema(query=type("Query", (Query,), {}), mutation=type("Mutation", (Mutation,), {}))
    assert "fractional" in schema.get_type("Money").fields
    assert str(schema.get_type("LiveCart").fields["total"].type) == "Money!"


def test_the_schema_can_be_introspected(schema):
    document = "{ __schema { types { name kind fields { name args { name defaultValue } } enumValues { name } } } }"
    result = schema.execute(document)
    assert result.errors is None
    form = next(found for found in result.data["__schema"]["types"] if found["name"] == "LiveSessionFormEnum")
    assert [value["name"] for value in form["enumValues"]] == ["CHAT", "AUDIO", "VIDEO"]


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        (scalars.UUID, "x"),
        (scalars.UUID, 7),
        (scalars.UUID, None),
        (scalars.DateTime, ""),
        (scalars.DateTime, "yesterday"),
        (scalars.DateTime, 3),
        (scalars.PositiveDecimal, "-0.01"),
        (scalars.PositiveDecimal, "NaN"),
        (scalars.PositiveDecimal, "1e"),
        (scalars.PositiveDecimal, []),
    ],
)
def test_a_scalar_that_is_none_is_refused_without_a_traceback(scalar, value):
    assert scalar.parse_value(value) is None
