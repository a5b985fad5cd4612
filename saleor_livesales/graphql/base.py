"""The base of every mutation: one guard, one way of refusing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import graphene
import jwt
from graphql import GraphQLError

from .. import shop
from . import loaders
from .errors import LiveSalesErrorType, payload_error
from .permissions import require, requires


class LiveSalesMutation(graphene.Mutation):
    """A mutation states ``Meta.permissions`` (any of them is enough; none: its ticket says who asks) and ``perform``.

    ``perform`` parses its arguments, makes one call into the domain, which owns the transaction, and returns the
    payload. A missing permission is an error of the request, as Saleor has it; any other refusal is in the payload's
    ``errors``.
    """

    class Meta:
        abstract = True

    errors = graphene.List(
        graphene.NonNull(LiveSalesErrorType),
        required=True,
        description="List of errors that occurred executing the mutation.",
    )
    perform: ClassVar[Callable[..., Any]]
    _permissions: ClassVar[tuple[shop.Permission, ...]] = ()

    @classmethod
    def __init_subclass_with_meta__(
        cls, description: str = "", permissions: Sequence[shop.Permission] = (), **options: Any
    ) -> None:
        cls._permissions = tuple(permissions)
        if permissions:
            description += requires(*permissions)
        super().__init_subclass_with_meta__(description=description, **options)

    @classmethod
    def mutate(cls, _root: Any, info: Any, **arguments: Any) -> Any:
        loaders.forget(info)
        try:
            with shop.current().writer():
                if cls._permissions:
                    require(info, *cls._permissions)
                payload = cls.perform(info, **arguments)
        except (GraphQLError, jwt.PyJWTError):  # an expired access token is the request's error, as in Saleor
            raise
        except Exception as error:
            return cls(errors=[payload_error(error)])
        payload.errors = []
        return payload
