"""Finding a picture for who may see it."""

from __future__ import annotations

import uuid

from ..errors import NotFound
from ..sessions import policy
from ..sessions.actors import Actor
from .models import Picture


def find(*, picture_id: uuid.UUID, actor: Actor) -> Picture:
    """Raises NotFound for what is not sent, is gone, or is of a session that isn't the actor's to see."""
    picture = Picture.objects.select_related("session").filter(pk=picture_id, number__isnull=False).first()
    if picture is None or picture.session is None or not policy.may(actor, policy.Can.SEE, picture.session):
        raise NotFound("Couldn't resolve to a node of type LivePicture.", field="id")
    return picture
