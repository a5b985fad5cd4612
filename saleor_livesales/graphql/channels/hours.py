"""Office hours: as the owner sets them, and whether a channel is open by them."""

from __future__ import annotations

import datetime

import graphene

from ...channels.models import ChannelSettings
from ...channels.opening import opening, written
from ...channels.queries import ChannelWithSettings
from ..enums import WeekdayEnum
from ..scalars import shops

START = "When it begins, on the clock of the time zone, such as `09:00`."
END = "When it ends; midnight is `24:00`. An end before the start is on the next day."


class LiveOpeningSpan(graphene.ObjectType):
    weekday = WeekdayEnum(required=True, description="The day on which it begins.")
    start = graphene.String(required=True, description=START)
    end = graphene.String(required=True, description=END)

    class Meta:
        description = "Office hours of a weekday, or a part of them."


class LiveSpan(graphene.ObjectType):
    start = graphene.String(required=True, description=START)
    end = graphene.String(required=True, description=END)

    class Meta:
        description = "From one time of a day to another."


class LiveSpecialDay(graphene.ObjectType):
    date = graphene.String(required=True, description="As ISO 8601, such as `2026-12-25`.")
    name = graphene.String(required=True, description="What day it is.")
    yearly = graphene.Boolean(required=True, description="Whether it is on this day and month of every year.")
    spans = graphene.List(
        graphene.NonNull(LiveSpan), required=True, description="The hours of that day. Empty: it is closed."
    )

    class Meta:
        description = "A day with other hours than its weekday has."


class LiveOpening(graphene.ObjectType):
    channel = graphene.String(required=True, description="Slug of the channel.")
    name = graphene.String(required=True, description="Name of the channel.")
    open = graphene.Boolean(required=True, description="Whether the channel is open now.")
    opens_at = graphene.Field(
        shops("datetime"), description="Where it is closed: when it opens. `null`: not within 400 days."
    )
    closes_at = graphene.Field(
        shops("datetime"), description="Where it is open: when it closes. `null`: not within a week."
    )

    class Meta:
        description = "Whether a channel is open, by its office hours."


class LiveOpeningSpanInput(graphene.InputObjectType):
    weekday = WeekdayEnum(required=True, description="The day on which it begins.")
    start = graphene.String(required=True, description=START)
    end = graphene.String(required=True, description=END)

    class Meta:
        description = "Office hours of a weekday, or a part of them."


class LiveSpanInput(graphene.InputObjectType):
    start = graphene.String(required=True, description=START)
    end = graphene.String(required=True, description=END)

    class Meta:
        description = "From one time of a day to another."


class LiveSpecialDayInput(graphene.InputObjectType):
    date = graphene.String(required=True, description="As ISO 8601, such as `2026-12-25`.")
    name = graphene.String(required=True, description="What day it is, in at most 100 characters.")
    yearly = graphene.Boolean(description="Whether it is on this day and month of every year. Left out: it is not.")
    spans = graphene.List(
        graphene.NonNull(LiveSpanInput), description="The hours of that day, at most 6 spans. Left out: it is closed."
    )

    class Meta:
        description = "A day with other hours than its weekday has."


def week_of(settings: ChannelSettings) -> list[LiveOpeningSpan]:
    return [
        LiveOpeningSpan(weekday=weekday, start=written(start), end=written(end))
        for weekday, spans in enumerate(settings.opening_hours)
        for start, end in spans
    ]


def special_days_of(settings: ChannelSettings) -> list[LiveSpecialDay]:
    return [
        LiveSpecialDay(
            date=day["date"],
            name=day["name"],
            yearly=day["yearly"],
            spans=[LiveSpan(start=written(start), end=written(end)) for start, end in day["spans"]],
        )
        for day in settings.special_days
    ]


def opening_of(found: ChannelWithSettings, now: datetime.datetime) -> LiveOpening:
    state = opening(found.settings, now)
    return LiveOpening(
        channel=found.channel.slug,
        name=found.channel.name,
        open=state.open,
        opens_at=state.opens_at,
        closes_at=state.closes_at,
    )
