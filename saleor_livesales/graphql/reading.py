"""How a resolver reads: inside the shop's writer guard, and never letting an unexpected error's text out."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import jwt
import redis
from django.db import DataError, InterfaceError, OperationalError
from graphql import GraphQLError

from .. import shop
from ..errors import Invalid, LiveSalesError, NotFound

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, redis.RedisError, ConnectionError, TimeoutError)
UNAVAILABLE_TEXT = "Live sales is not available right now. Try again in a moment."

UNSTORABLE = (DataError, UnicodeEncodeError)  # the latter: half of a surrogate pair, which JSON may hold
UNSTORABLE_TEXT = "A value holds a character that is not allowed, or is out of range."


class Unavailable(GraphQLError):
    """PostgreSQL or Redis does not answer."""

    def __init__(self) -> None:
        super().__init__(UNAVAILABLE_TEXT)


class InternalServerError(GraphQLError):
    """Something unexpected: it is in the log, never in the answer."""

    def __init__(self) -> None:
        super().__init__("Internal Server Error")


class Refused(GraphQLError):
    """An expected refusal in a query; ``extensions.code`` carries its code."""

    def __init__(self, error: LiveSalesError) -> None:
        super().__init__(error.message, extensions={"code": error.code})


def shown(error: BaseException) -> GraphQLError:
    """What a client of a query may see of this error. Logs what was not expected."""
    if isinstance(error, GraphQLError):
        return error
    if isinstance(error, LiveSalesError):
        return Refused(error)
    if isinstance(error, UNSTORABLE):
        return Refused(Invalid(UNSTORABLE_TEXT))
    if isinstance(error, AWAY):
        logger.warning("Live sales is not available: %s", type(error).__name__)
        return Unavailable()
    logger.error("A live sales field failed: %s", type(error).__name__, exc_info=error)
    return InternalServerError()


def reads(resolver: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a resolver. What is not the caller's (NotFound) is null, as in Saleor."""

    @functools.wraps(resolver)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            with shop.current().writer():
                return resolver(*args, **kwargs)
        except NotFound:
            return None
        except (GraphQLError, jwt.PyJWTError):  # an expired access token is the request's error, as in Saleor
            raise
        except Exception as error:
            raise shown(error) from error

    return guarded
