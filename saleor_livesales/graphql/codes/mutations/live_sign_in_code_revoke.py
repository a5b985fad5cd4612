from __future__ import annotations

from typing import Any

import graphene

from ....codes import actions
from ....ids import uuid_from_global_id
from ....shop import MANAGE_LIVE_SALES
from ...actors import now
from ...base import LiveSalesMutation
from ...permissions import requestor
from ..types import LiveSignInCode


class LiveSignInCodeRevoke(LiveSalesMutation):
    code = graphene.Field(LiveSignInCode, description="The code.")

    class Arguments:
        id = graphene.ID(required=True, description="ID of a code.")
        reason = graphene.String(description="Why, for the log. At most 255 characters are kept.")

    class Meta:
        description = "Revoke a code: it opens nothing any more, and what it opened is closed."
        permissions = (MANAGE_LIVE_SALES,)

    @classmethod
    def perform(cls, info: Any, *, id: str, reason: str | None = None) -> LiveSignInCodeRevoke:
        code = actions.revoke(
            code_id=uuid_from_global_id("LiveSignInCode", id),
            actor=f"user:{requestor(info).user_id}",
            reason=reason or "",
            now=now(),
        )
        return cls(code=code)
