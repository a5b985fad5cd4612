"""In which forms a visitor can be served."""

from __future__ import annotations

from ..channels.models import ChannelSettings
from ..errors import LiveSalesError


class FormNotAvailable(LiveSalesError):
    """This form is not offered here."""

    code = "FORM_NOT_AVAILABLE"


def available(*, settings: ChannelSettings) -> tuple[str, ...]:
    """The forms that this channel offers, best first. Chat needs nothing of the visitor's device or of a rep's."""
    return ("chat",) if settings.active else ()


def require(form: str, *, settings: ChannelSettings) -> None:
    """Raises FormNotAvailable."""
    if form not in available(settings=settings):
        raise FormNotAvailable("This form of help is not available here.", field="form")
