from __future__ import annotations

import logging
from typing import Any

import graphene

from .... import conf, networks
from ....codes import redeem
from ....errors import LiveSalesError
from ...actors import acting_visitor, now
from ...base import LiveSalesMutation
from ...reading import AWAY
from ..secrets import LiveCode, secret_of
from ..types import LiveOpened

logger = logging.getLogger(__name__)


class RedeemFailed(LiveSalesError):
    """Something unexpected happened; it is in the shop's log."""

    code = "GRAPHQL_ERROR"


class LiveSignInCodeRedeem(LiveSalesMutation):
    opened = graphene.Field(LiveOpened, description="What the code opens.")

    class Arguments:
        ticket = graphene.String(required=True, description="The visitor's ticket.")
        code = LiveCode(required=True, description="The code, however it was typed. Only as a variable.")

    class Meta:
        description = (
            "Enter a sign-in code. A code that opens nothing is refused in the same words, whatever the reason is."
        )

    @classmethod
    def perform(cls, info: Any, *, ticket: str, code: Any) -> LiveSignInCodeRedeem:
        """An error's text, its traceback and its locals go to a log: none that holds a code gets out of here."""
        secret = secret_of(code)
        try:
            actor = acting_visitor(ticket)
            opened = redeem.redeem(code=secret, visitor_id=actor.visitor_id, network=_network(info.context), now=now())
        except (LiveSalesError, *AWAY):
            raise
        except Exception as error:
            logger.error("Entering a sign-in code failed: %s", type(error).__name__)
            raise RedeemFailed("Something went wrong on our side.") from None
        return cls(opened=opened)


def _network(context: Any) -> str:
    """What the request's network is counted by. Empty where the proxy in front of the shop does not tell."""
    meta = getattr(context, "META", None) or {}
    forwarded = meta.get("HTTP_X_FORWARDED_FOR")
    proxies = networks.Proxies(conf.load().trusted_proxies)
    address = proxies.client(meta.get("REMOTE_ADDR") or "", [forwarded] if forwarded else [])
    return "" if address is None else networks.network(address).hex()
