"""Our fields on a schema of plain graphene classes, with a shop in memory: what a host does, without one."""

from __future__ import annotations

import datetime
import functools
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import graphene
import pytest
from promise import Promise
from promise.dataloader import DataLoader

from saleor_livesales import bus, conf
from saleor_livesales import shop as interface
from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.graphql.schema import extend
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.visitors.models import Visit, Visitor
from tests.fakes import FakeShop

CHANNEL = "default-channel"
PRODUCT = to_global_id("Product", 1)
VARIANT = to_global_id("ProductVariant", 11)
CHECKOUT = to_global_id("Checkout", uuid.UUID(int=5))
REP_USER = to_global_id("User", 21)
OWNER_USER = to_global_id("User", 22)
CUSTOMER = to_global_id("User", 31)

HANDLE, MANAGE = interface.HANDLE_LIVE_SALES, interface.MANAGE_LIVE_SALES


class User(graphene.ObjectType):
    id = graphene.ID(required=True)
    email = graphene.String(required=True)


class Product(graphene.ObjectType):
    id = graphene.ID(required=True)
    channel = graphene.String(required=True)


class ProductVariant(graphene.ObjectType):
    id = graphene.ID(required=True)


class Checkout(graphene.ObjectType):
    id = graphene.ID(required=True)


class GraphQLShop(FakeShop):
    """Loads its own nodes in batches, as Saleor does; ``batches`` counts them by type."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: dict[str, int] = {}

    def _load(self, info: Any, type_: Any, key: str, **fields: Any) -> Promise:
        shop = self

        class Nodes(DataLoader):
            def batch_load_fn(self, keys: list[str]) -> Promise:
                shop.batches[type_.__name__] = shop.batches.get(type_.__name__, 0) + 1
                return Promise.resolve([type_(id=key, **fields) for key in keys])

        loaders = info.context.__dict__.setdefault("shop_loaders", {})
        if type_ not in loaders:
            loaders[type_] = Nodes()
        return loaders[type_].load(key)

    def graphql(self) -> interface.GraphQLTypes:
        return interface.GraphQLTypes(
            user=User,
            checkout=Checkout,
            product=Product,
            variant=ProductVariant,
            load_user=lambda info, key: self._load(info, User, key, email="ada@example.com"),
            load_checkout=lambda info, key: self._load(info, Checkout, key),
            load_product=lambda info, key, channel: self._load(info, Product, key, channel=channel),
            load_variant=lambda info, key, channel: self._load(info, ProductVariant, key),
        )


@pytest.fixture
def shop() -> Iterator[GraphQLShop]:
    before = interface._shop
    fake = GraphQLShop()
    fake.staff = {REP_USER: {HANDLE}, OWNER_USER: {HANDLE, MANAGE}}
    fake.add_item(PRODUCT, "100.00")
    fake.add_item(PRODUCT, "120.00", variant_id=VARIANT)
    fake.add_cart(CHECKOUT, "250.00")
    fake.add_customer(CUSTOMER)
    interface.install(fake)
    yield fake
    interface._shop = before


@functools.cache
def built() -> graphene.Schema:
    class CoreQueries(graphene.ObjectType):
        hello = graphene.String()

    class CoreMutations(graphene.ObjectType):
        pass

    extend(CoreQueries, CoreMutations)
    query = type("Query", (CoreQueries,), {})
    mutation = type("Mutation", (CoreMutations,), {})
    return graphene.Schema(query=query, mutation=mutation)


@pytest.fixture
def schema(shop: GraphQLShop) -> graphene.Schema:
    """Built once: the fields ask for the current shop's nodes when they are resolved."""
    return built()


def requestor(
    user_id: str | None, *permissions: str, staff: bool = True, name: str = "Rosa Rep"
) -> interface.Requestor:
    return interface.Requestor(user_id=user_id, name=name, staff=staff, permissions=frozenset(permissions))


NOBODY = requestor(None, staff=False, name="")
REP = requestor(REP_USER, HANDLE)
OWNER = requestor(OWNER_USER, HANDLE, MANAGE, name="Olga Owner")
ONLY_MANAGER = requestor(OWNER_USER, MANAGE, name="Olga Owner")
STAFF = requestor(to_global_id("User", 23), name="Stan Staff")  # staff without our permissions
SHOPPER = requestor(CUSTOMER, staff=False, name="Ada Buyer")
APP = requestor(None, HANDLE, MANAGE, staff=False, name="A bot")


class Answer:
    """``data`` of the operation's one field, ``codes`` of its payload's errors, ``refusals`` by exception's name."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.errors = result.errors or []
        self.data = next(iter(result.data.values())) if result.data else None

    @property
    def refusals(self) -> list[str]:
        return [type(getattr(error, "original_error", error)).__name__ for error in self.errors]

    @property
    def codes(self) -> list[tuple[str | None, str]]:
        assert not self.errors, self.errors
        return [(error["field"], error["code"]) for error in self.data["errors"]]

    @property
    def nodes(self) -> list[Any]:
        assert not self.errors, self.errors
        return [edge["node"] for edge in self.data["edges"]]


@pytest.fixture
def ask(db: None, redis: Any, schema: graphene.Schema) -> Callable[..., Answer]:
    """``ask(document, requestor, **variables)``: one request, with a context of its own."""

    def ask(document: str, by: interface.Requestor = NOBODY, **variables: Any) -> Answer:
        context = SimpleNamespace(requestor=by)
        return Answer(schema.execute(document, variable_values=variables, context_value=context))

    bus.reset()
    return ask


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def ticket(visitor_id: uuid.UUID) -> str:
    return conf.load().signer.sign(kind="visitor-ticket", subject=visitor_id, now=now())


def gid(row: Any) -> str:
    return to_global_id(f"Live{type(row).__name__}", row.pk)


@pytest.fixture
def channel(db: None) -> ChannelSettings:
    return ChannelSettings.objects.create(channel=CHANNEL, active=True, currency="USD", updated_at=now())


@pytest.fixture
def rep(db: None) -> Rep:
    """Online, with a console open."""
    lease = now() + datetime.timedelta(minutes=5)
    return Rep.objects.create(user_id=REP_USER, name="Rosa Rep", status="online", lease_until=lease)


@pytest.fixture
def other_rep(db: None) -> Rep:
    return Rep.objects.create(user_id=to_global_id("User", 24), name="Otto Other")


def make_visitor(**fields: Any) -> Visitor:
    return Visitor.objects.create(created_at=now(), **fields)


def make_visit(visitor: Visitor, **fields: Any) -> Visit:
    moment = fields.pop("at", now())
    given = {"channel": CHANNEL, "started_at": moment, "last_seen_at": moment, "last_event_id": "1-0", **fields}
    return Visit.objects.create(visitor=visitor, **given)


def make_session(visitor: Visitor, **fields: Any) -> Session:
    moment = fields.pop("at", now())
    given = {"channel": CHANNEL, "state": "queued", "created_at": moment, "queued_at": moment, **fields}
    if given["state"] in ("active", "on_hold"):
        given.setdefault("accepted_at", moment)
    return Session.objects.create(visitor=visitor, **given)


def make_message(session: Session, text: str, *, sender: str = "visitor") -> Entry:
    session.last_number += 1
    session.save(update_fields=["last_number"])
    sender_id = session.visitor_id if sender == "visitor" else session.rep_id
    return Entry.objects.create(
        session=session,
        number=session.last_number,
        kind="message",
        sender=sender,
        sender_id=sender_id,
        key=uuid7(),
        text=text,
        at=now(),
    )


@pytest.fixture
def visitor(db: None) -> Visitor:
    return make_visitor(name="Vera")
