"""A picture of a session, and where it can be had for a few minutes."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import graphene

from ... import conf
from ...ids import uuid_from_global_id
from ...pictures import serve, vault
from ...pictures.models import Picture
from ..actors import now
from ..scalars import shops


class LivePictureSizeEnum(graphene.Enum):
    LARGE = "large"
    SMALL = "small"

    class Meta:
        description = "How large a picture is: at most 2048 pixels a side, or at most 480."


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture for somebody who may see it. Nobody else is given one."""

    id: uuid.UUID
    width: int
    height: int


class LivePicture(graphene.ObjectType):
    """Root: ``Shown``."""

    width = graphene.Int(required=True, description="Pixels of the large one.")
    height = graphene.Int(required=True, description="Pixels of the large one.")
    url = graphene.String(
        required=True,
        size=graphene.Argument(LivePictureSizeEnum, default_value="large", description="Which of the two."),
        description="Where the picture can be had by whoever knows this address, until it expires. A WebP.",
    )
    expires_at = graphene.Field(
        shops("datetime"), required=True, description="Until when an address that is asked for now is good."
    )

    class Meta:
        description = "A picture that was sent in a session."
        interfaces = (graphene.relay.Node,)

    def resolve_url(root: Shown, _info: Any, size: vault.Size) -> str:
        return serve.address(root.id, size, now=now())

    def resolve_expires_at(_root: Shown, _info: Any) -> datetime.datetime:
        return now() + datetime.timedelta(seconds=conf.load().picture_link)


def shown(data: Mapping[str, Any]) -> Shown | None:
    """The picture in an entry's data, for who may see the entry."""
    picture = data.get("picture")
    if picture is None:
        return None
    picture_id = uuid_from_global_id("LivePicture", picture["id"])
    return Shown(id=picture_id, width=picture["width"], height=picture["height"])


def of_row(picture: Picture) -> Shown:
    return Shown(id=picture.pk, width=picture.width, height=picture.height)
