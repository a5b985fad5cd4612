"""The store's own look at what is sent, before anything else reads it: a virus scanner, say."""

from __future__ import annotations

import logging

from django.utils.module_loading import import_string

from .. import conf
from ..errors import LiveSalesError

logger = logging.getLogger(__name__)


class RefusedByScan(LiveSalesError):
    """The store's own scan has refused the file."""

    code = "REFUSED_BY_SCAN"


class ScanFailed(LiveSalesError):
    """The store's own scan does not work: nothing passes meanwhile."""

    code = "UNAVAILABLE"


def require(data: bytes) -> None:
    """Asks the function that ``conf.picture_scan`` names: only its True lets the bytes pass.

    Raises RefusedByScan, and ScanFailed where it raises or can't be found.
    """
    path = conf.load().picture_scan
    if not path:
        return
    try:
        passed = import_string(path)(data)
    except Exception as error:
        logger.exception("The scan of a picture failed: %s", type(error).__name__)
        raise ScanFailed("The picture could not be checked. Try again in a moment.") from error
    if passed is not True:
        raise RefusedByScan("This store does not take this file.", field="image")
