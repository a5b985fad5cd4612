"""Office hours on a whole shop: nothing is offered and nothing opens outside them, and what runs goes on."""

from __future__ import annotations

import datetime
import time
from typing import Any

from .client import CHANNEL, Api
from .people import OFFER_ACCEPT, Rep, Visitor, codes, configure, decisions

STOREFRONT = "query($c: String!) { liveStorefront(channel: $c) { active open opensAt turnsIn available } }"
OPENINGS = "{ liveOpenings { channel open opensAt } }"
MAKE = "mutation($input: LiveOfferMakeInput!) { liveOfferMake(input: $input) { errors { field code } } }"
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def close(api: Api) -> datetime.datetime:
    """Closes the channel for at least two days, whatever the time is; when it opens."""
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=3)
    hours = [{"weekday": DAYS[day.weekday()], "start": "09:00", "end": "17:00"}]
    configure(api, timeZone="Asia/Kathmandu", openingHours=hours)
    return datetime.datetime.combine(day, datetime.time(3, 15), datetime.UTC)  # five hours and three quarters ahead


def reasons(api: Api, visitor: Visitor, wanted: str) -> list[str]:
    for _ in range(150):
        found = [decision["reason"] for decision in decisions(api, visitor.id)]
        if wanted in found:
            break
        time.sleep(0.1)
    return found


def test_outside_the_hours_the_shop_is_silent_and_opens_again(api: Api, rep: Rep, visitor: Visitor):
    opens = close(api)
    told: dict[str, Any] = api.only(STOREFRONT, c=CHANNEL)
    assert (told["active"], told["open"], told["available"]) == (True, False, False)
    assert datetime.datetime.fromisoformat(told["opensAt"]) == opens
    left = opens - datetime.datetime.now(datetime.UTC)
    assert abs(told["turnsIn"] - left.total_seconds()) < 60
    [own] = [found for found in api.only(OPENINGS, api.token("rep")) if found["channel"] == CHANNEL]
    assert (own["open"], datetime.datetime.fromisoformat(own["opensAt"])) == (False, opens)

    visitor.look_at("tray-table")
    assert reasons(api, visitor, "closed")[0] == "closed"  # the latest, and it stays at that
    assert codes(visitor.start()) == [("channel", "OUTSIDE_HOURS")]
    made = api.only(MAKE, api.token("rep"), input={"visitorId": visitor.id})
    assert codes(made) == [("visitorId", "OUTSIDE_HOURS")]

    configure(api, openingHours=[])
    assert api.only(STOREFRONT, c=CHANNEL) == {
        "active": True,
        "open": True,
        "opensAt": None,
        "turnsIn": None,
        "available": True,
    }
    assert visitor.offered().id


def test_what_was_offered_and_what_runs_goes_on_after_closing(api: Api, rep: Rep, visitor: Visitor, stranger: Visitor):
    session = visitor.start()["session"]["id"]
    assert codes(rep.accept(session)) == []
    shown = stranger.offered()
    close(api)
    assert codes(visitor.send(session, "Are you still there?")) == []
    assert codes(rep.send(session, "I am.")) == []
    assert codes(api.only(OFFER_ACCEPT, id=shown.id, ticket=stranger.ticket)) == []


def test_a_holiday_closes_a_channel_that_is_always_open(api: Api, rep: Rep, visitor: Visitor):
    today = datetime.datetime.now(datetime.UTC).date()
    days = [today + datetime.timedelta(days=ahead) for ahead in (-1, 0, 1)]
    special = [{"date": day.isoformat(), "name": f"Holiday {number}"} for number, day in enumerate(days)]
    configure(api, specialDays=special)
    assert codes(visitor.start()) == [("channel", "OUTSIDE_HOURS")]
    configure(api, specialDays=[])
    assert codes(visitor.start()) == []
