"""The widget's looks: as the owner has set them, and as a widget is told them."""

from __future__ import annotations

from typing import Any

import graphene

from ...channels.models import ChannelSettings
from ..enums import WidgetSideEnum, WidgetThemeEnum


class LiveAppearance(graphene.ObjectType):
    """Root: ``channels.models.ChannelSettings``."""

    accent = graphene.String(description="Colour of buttons and of the window's head. `null`: the widget's own.")
    on_accent = graphene.String(description="Colour of text on the accent. `null`: worked out, white or black.")
    accent_dark = graphene.String(description="The accent where the widget is dark. `null`: worked out.")
    on_accent_dark = graphene.String(description="Text on the dark accent. `null`: worked out, white or black.")
    radius = graphene.Int(description="Radius of the corners in pixels. `null`: the widget's own.")
    side = WidgetSideEnum(required=True, description="On which side of the page the widget is.")
    theme = WidgetThemeEnum(required=True, description="Whether the widget is light or dark.")

    class Meta:
        description = "What the owner has set for the widget's looks. Colours are `#rrggbb`."

    def resolve_accent(root: ChannelSettings, _info: Any) -> str | None:
        return root.accent or None

    def resolve_on_accent(root: ChannelSettings, _info: Any) -> str | None:
        return root.on_accent or None

    def resolve_accent_dark(root: ChannelSettings, _info: Any) -> str | None:
        return root.accent_dark or None

    def resolve_on_accent_dark(root: ChannelSettings, _info: Any) -> str | None:
        return root.on_accent_dark or None


class LiveWidgetLook(graphene.ObjectType):
    """Root: ``channels.look.Look``."""

    accent = graphene.String(description="Colour of buttons and of the window's head. `null`: the widget's own.")
    on_accent = graphene.String(description="Colour of text on the accent.")
    accent_dark = graphene.String(description="The accent where the widget is dark.")
    on_accent_dark = graphene.String(description="Text on the dark accent.")
    radius = graphene.Int(description="Radius of the corners in pixels. `null`: the widget's own.")
    side = WidgetSideEnum(required=True, description="On which side of the page the widget is.")
    theme = WidgetThemeEnum(required=True, description="Whether the widget is light or dark.")

    class Meta:
        description = "What the widget looks like, worked out from what the owner has set. Colours are `#rrggbb`."
