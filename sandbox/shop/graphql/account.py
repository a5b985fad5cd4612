"""Accounts and their tokens."""

from __future__ import annotations

from typing import Any

import graphene
import jwt
from django.contrib.auth.hashers import make_password
from graphene.relay import Node
from graphene.types.generic import GenericScalar

from saleor_livesales.graphql.scalars import DateTime

from .. import auth, permissions
from ..models import Address as AddressRow
from ..models import Order as OrderRow
from ..models import User as UserRow
from ..permissions import PermissionDenied
from ..pricing import Money
from .common import (
    CONNECTION_ARGUMENTS,
    CountryDisplay,
    Image,
    Refusal,
    TaxedMoney,
    absolute,
    caller,
    connection_type,
    may,
    page,
    refusable,
)

PermissionEnum = graphene.Enum("PermissionEnum", [(name, name) for name in (*permissions.OF_SALEOR, *permissions.OURS)])
AccountErrorCode = graphene.Enum(
    "AccountErrorCode",
    [
        (name, name)
        for name in (
            "INVALID_CREDENTIALS",
            "INACTIVE",
            "JWT_SIGNATURE_EXPIRED",
            "JWT_INVALID_TOKEN",
            "JWT_DECODE_ERROR",
            "JWT_MISSING_TOKEN",
        )
    ],
)
OrderStatus = graphene.Enum("OrderStatus", [(name, name.lower()) for name in ("UNFULFILLED", "FULFILLED", "CANCELED")])

COUNTRIES = {
    "DE": "Germany",
    "FR": "France",
    "GB": "United Kingdom",
    "PL": "Poland",
    "US": "United States of America",
}


class UserPermission(graphene.ObjectType):
    code = PermissionEnum(required=True)
    name = graphene.String(required=True)


class Permission(graphene.ObjectType):
    code = PermissionEnum(required=True)
    name = graphene.String(required=True)


def shown(rows: Any, kind: Any) -> list[Any]:
    return [kind(code=row.codename.upper(), name=row.name) for row in rows if row.codename.upper() in permissions.NAMES]


class Address(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    first_name = graphene.String(required=True)
    last_name = graphene.String(required=True)
    company_name = graphene.String(required=True)
    street_address_1 = graphene.String(required=True)
    street_address_2 = graphene.String(required=True)
    city = graphene.String(required=True)
    city_area = graphene.String(required=True)
    postal_code = graphene.String(required=True)
    country = graphene.Field(CountryDisplay, required=True)
    country_area = graphene.String(required=True)
    phone = graphene.String()

    @staticmethod
    def resolve_id(root: AddressRow, _info: Any) -> str:
        return Node.to_global_id("Address", root.pk)

    @staticmethod
    def resolve_country(root: AddressRow, _info: Any) -> CountryDisplay:
        return CountryDisplay(code=root.country, country=COUNTRIES.get(root.country, root.country))


class Order(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    number = graphene.String(required=True)
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    status = OrderStatus(required=True)
    is_paid = graphene.Boolean(required=True)
    total = graphene.Field(TaxedMoney, required=True)

    @staticmethod
    def resolve_id(root: OrderRow, _info: Any) -> str:
        return Node.to_global_id("Order", root.pk)

    @staticmethod
    def resolve_number(root: OrderRow, _info: Any) -> str:
        return str(root.number)

    @staticmethod
    def resolve_created(root: OrderRow, _info: Any) -> Any:
        return root.created_at

    @staticmethod
    def resolve_is_paid(root: OrderRow, _info: Any) -> bool:
        return root.charge_status == "full"

    @staticmethod
    def resolve_total(root: OrderRow, _info: Any) -> Money:
        return Money(root.total_gross_amount, root.currency)


OrderCountableConnection = connection_type(Order)


class User(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    email = graphene.String(required=True)
    first_name = graphene.String(required=True)
    last_name = graphene.String(required=True)
    is_staff = graphene.Boolean(required=True)
    is_active = graphene.Boolean(required=True)
    date_joined = DateTime(required=True)
    updated_at = DateTime(required=True)
    addresses = graphene.List(graphene.NonNull(Address), required=True)
    orders = graphene.Field(OrderCountableConnection, **CONNECTION_ARGUMENTS)
    user_permissions = graphene.List(graphene.NonNull(UserPermission))
    avatar = graphene.Field(Image, size=graphene.Int())

    @staticmethod
    def resolve_id(root: UserRow, _info: Any) -> str:
        return Node.to_global_id("User", root.pk)

    @staticmethod
    def resolve_addresses(root: UserRow, _info: Any) -> Any:
        return root.addresses.order_by("pk")

    @staticmethod
    def resolve_orders(root: UserRow, info: Any, **arguments: Any) -> Any:
        who = caller(info)
        if who is None or not (auth.same_user(root, who.user) or may(info, "MANAGE_ORDERS")):
            raise PermissionDenied("OWNER", "MANAGE_ORDERS")
        return page(info, root.orders.all(), "number", arguments)

    @staticmethod
    def resolve_avatar(root: UserRow, info: Any, size: int | None = None) -> Any:
        return root.avatar and Image(url=absolute(info, root.avatar))

    @staticmethod
    def resolve_user_permissions(root: UserRow, info: Any) -> list[UserPermission]:
        who = caller(info)
        if who is not None and auth.same_user(root, who.user):
            return shown(permissions.rows(who.permissions), UserPermission)
        return shown(root.permissions.order_by("codename"), UserPermission)


class AccountError(graphene.ObjectType):
    field = graphene.String()
    message = graphene.String()
    code = AccountErrorCode(required=True)


class _Payload:
    """The error fields of every account mutation."""

    account_errors = graphene.List(
        graphene.NonNull(AccountError), required=True, deprecation_reason="Use `errors` field instead."
    )
    errors = graphene.List(graphene.NonNull(AccountError), required=True)

    @staticmethod
    def resolve_account_errors(root: Any, _info: Any) -> list[Any]:
        return getattr(root, "account_errors", None) or []

    @staticmethod
    def resolve_errors(root: Any, _info: Any) -> list[Any]:
        return getattr(root, "errors", None) or []


_refusable = refusable(AccountError, "account_errors")


def _payload(token: str, field: str) -> dict[str, Any]:
    try:
        return auth.decode(token)
    except jwt.ExpiredSignatureError:
        raise Refusal(field, "Signature has expired", "JWT_SIGNATURE_EXPIRED") from None
    except jwt.DecodeError:
        raise Refusal(field, "Error decoding signature", "JWT_DECODE_ERROR") from None
    except jwt.InvalidTokenError:
        raise Refusal(field, "Invalid token", "JWT_INVALID_TOKEN") from None


def _user(payload: dict[str, Any], field: str | None) -> UserRow:
    try:
        return auth.user_of(payload)
    except jwt.InvalidTokenError:
        raise Refusal(field, "Invalid token", "JWT_INVALID_TOKEN") from None


class CreateToken(_Payload, graphene.Mutation):
    class Arguments:
        email = graphene.String(required=True)
        password = graphene.String(required=True)
        audience = graphene.String()

    token = graphene.String()
    refresh_token = graphene.String()
    user = graphene.Field(User)

    @_refusable
    def mutate(cls, _root: None, info: Any, email: str, password: str, audience: str | None = None) -> Any:
        extra = {"aud": f"custom:{audience}"} if audience else {}
        user = UserRow.objects.filter(email__iexact=email).first()
        if user is None:
            make_password(password)  # an unknown address takes as long as a wrong password
        if user is None or not user.check_password(password):
            raise Refusal("email", "Please, enter valid credentials", "INVALID_CREDENTIALS")
        if not user.is_active:
            raise Refusal("email", "Account inactive.", "INACTIVE")
        info.context._sandbox_caller = auth.Caller(
            user=user, permissions=permissions.names(user.permissions), staff=user.is_staff
        )
        return cls(
            user=user, token=auth.access_token(user, extra), refresh_token=auth.refresh_token(user, extra), errors=[]
        )


class RefreshToken(_Payload, graphene.Mutation):
    class Arguments:
        refresh_token = graphene.String()

    token = graphene.String()
    user = graphene.Field(User)

    @_refusable
    def mutate(cls, _root: None, _info: Any, refresh_token: str | None = None) -> Any:
        if refresh_token is None:
            raise Refusal("refreshToken", "Missing refreshToken", "JWT_MISSING_TOKEN")
        payload = _payload(refresh_token, "refreshToken")
        if payload.get("type") != auth.REFRESH:
            raise Refusal("refreshToken", "Incorrect refreshToken", "JWT_INVALID_TOKEN")
        user = _user(payload, None)
        extra = {"aud": payload["aud"]} if payload.get("aud") else {}
        return cls(user=user, token=auth.access_token(user, extra), errors=[])


class VerifyToken(_Payload, graphene.Mutation):
    class Arguments:
        token = graphene.String(required=True)

    user = graphene.Field(User)
    is_valid = graphene.Boolean(required=True)
    payload = GenericScalar()

    @staticmethod
    def resolve_is_valid(root: Any, _info: Any) -> bool:
        return bool(root.is_valid)

    @_refusable
    def mutate(cls, _root: None, _info: Any, token: str) -> Any:
        payload = _payload(token, "token")
        return cls(user=_user(payload, "token"), is_valid=True, payload=payload, errors=[])


class Queries(graphene.ObjectType):
    me = graphene.Field(User)

    @staticmethod
    def resolve_me(_root: None, info: Any) -> Any:
        who = caller(info)
        return who and who.user


class Mutations(graphene.ObjectType):
    token_create = CreateToken.Field()
    token_refresh = RefreshToken.Field()
    token_verify = VerifyToken.Field()
