"""The picture of a member of staff, at an address that does not tell whose it is.

The address that Saleor's GraphQL gives before a size was ever asked for, ``/thumbnail/<id>/<size>/``, carries an id of
the account. So Saleor's own view is called here: it makes the thumbnail the first time, and leads to the file.
"""

from __future__ import annotations

import logging
import re
from typing import Final
from urllib.parse import unquote

from django.http import HttpRequest
from saleor.account.models import User
from saleor.core.utils import build_absolute_uri
from saleor.thumbnail.views import handle_thumbnail

from .keys import global_id, integers

logger = logging.getLogger(__name__)

SIZE: Final = 128  # one of Saleor's; the widget shows 38 to 44 pixels, on screens of up to three times the density


def address(user_id: str) -> str | None:
    """Where the picture is, or None: no such member of staff, no picture, or one that can't be made or would tell."""
    found = User.objects.filter(pk__in=integers("User", [user_id]).values(), is_staff=True, is_active=True)
    user = found.only("uuid", "email", "avatar").first()
    if user is None or not user.avatar:
        return None
    try:
        answer = handle_thumbnail(HttpRequest(), global_id("User", user.uuid), str(SIZE))
        place = build_absolute_uri(answer["Location"]) if answer.status_code == 302 else None
    except Exception as error:  # a file that is missing or broken, a storage that is away: no reason to be offline
        logger.warning("The picture of a member of staff can't be had: %s", type(error).__name__)
        return None
    if place is None or _plain(user.email) in _plain(unquote(place)):  # a file that was named so by who uploaded it
        return None
    return place


def _plain(text: str) -> str:
    """What is left of a text in the name of a file, which keeps no @ and little else."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
