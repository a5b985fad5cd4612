"""Office hours over GraphQL: set and read by the owner, told to reps and storefronts, and kept by requests."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine

from saleor_livesales.channels.models import ChannelSettings
from saleor_livesales.offers.models import Offer
from saleor_livesales.sessions.models import Inquiry, Rep, Session
from saleor_livesales.visitors.models import Visitor

from .conftest import CHANNEL, ONLY_MANAGER, OWNER, REP, STAFF, gid, make_visit, ticket

pytestmark = pytest.mark.django_db

SET = """mutation($channel: String!, $input: LiveChannelSettingsInput!) {
  liveChannelSettingsUpdate(channel: $channel, input: $input) {
    settings { timeZone openingHours { weekday start end }
      specialDays { date name yearly spans { start end } } opening { open opensAt closesAt } }
    errors { field message code } } }"""
TOLD = """query($channel: String!) { liveStorefront(channel: $channel) {
  active open opensAt turnsIn available requestsAllowed } }"""
OPENINGS = "{ liveOpenings { channel name open opensAt closesAt } }"
START = """mutation($input: LiveSessionStartInput!) { liveSessionStart(input: $input) {
  session { state } errors { field code } } }"""
INQUIRE = """mutation($input: LiveInquiryCreateInput!) { liveInquiryCreate(input: $input) { errors { field code } } }"""
ACCEPT = """mutation($id: ID!, $ticket: String!) { liveOfferAccept(id: $id, ticket: $ticket, form: CHAT) {
  session { state } errors { code } } }"""
BERLIN = {
    "timeZone": "Europe/Berlin",
    "openingHours": [{"weekday": "MONDAY", "start": "09:00", "end": "17:30"}],
    "specialDays": [{"date": "2026-12-24", "name": "Christmas Eve", "spans": [{"start": "09:00", "end": "00:00"}]}],
}
BEFORE = datetime.datetime(2026, 11, 23, 7, 59, 30, tzinfo=datetime.UTC)  # Monday, half a minute before 09:00 there
OPENS, CLOSES = "2026-11-23T08:00:00+00:00", "2026-11-23T16:30:00+00:00"


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@pytest.fixture
def berlin(channel: ChannelSettings) -> None:
    ChannelSettings.objects.update(time_zone="Europe/Berlin", opening_hours=[[[540, 1050]], [], [], [], [], [], []])


def lease(rep: Rep, until: datetime.datetime) -> None:
    Rep.objects.filter(pk=rep.pk).update(lease_until=until)


@pytest.mark.usefixtures("channel")
def test_the_owner_sets_and_reads_them(ask: Any) -> None:
    with time_machine.travel(BEFORE, tick=False):
        answer = ask(SET, ONLY_MANAGER, channel=CHANNEL, input=BERLIN)
    assert answer.data == {
        "settings": {
            "timeZone": "Europe/Berlin",
            "openingHours": [{"weekday": "MONDAY", "start": "09:00", "end": "17:30"}],
            "specialDays": [
                {
                    "date": "2026-12-24",
                    "name": "Christmas Eve",
                    "yearly": False,
                    "spans": [{"start": "09:00", "end": "24:00"}],
                }
            ],
            "opening": {"open": False, "opensAt": OPENS, "closesAt": None},
        },
        "errors": [],
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"openingHours": [{"weekday": "FRIDAY", "start": "9", "end": "17:30"}]}, "openingHours"),
        ({"specialDays": [{"date": "soon", "name": "A day"}]}, "specialDays"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_set(
    ask: Any, channel: ChannelSettings, given: dict[str, Any], field: str
) -> None:
    answer = ask(SET, OWNER, channel=CHANNEL, input={"active": False, **given})
    assert answer.codes == [(field, "INVALID")]
    assert ChannelSettings.objects.filter(active=True, opening_hours=[], special_days=[], time_zone="UTC").exists()


def test_a_rep_may_not_set_them(ask: Any, channel: ChannelSettings) -> None:
    assert ask(SET, REP, channel=CHANNEL, input=BERLIN).refusals == ["PermissionDenied"]
    assert ChannelSettings.objects.get().opening_hours == []


@pytest.mark.usefixtures("berlin")
def test_a_storefront_is_told_when_it_opens_and_when_to_ask_again(ask: Any, rep: Rep) -> None:
    with time_machine.travel(BEFORE, tick=False):
        lease(rep, BEFORE + datetime.timedelta(days=1))
        closed = ask(TOLD, channel=CHANNEL).data
    with time_machine.travel(moment(OPENS), tick=False):
        opened = ask(TOLD, channel=CHANNEL).data
    common = {"active": True, "requestsAllowed": True}
    assert closed == {**common, "open": False, "available": False, "opensAt": OPENS, "turnsIn": 30}
    assert opened == {**common, "open": True, "available": True, "opensAt": None, "turnsIn": 8 * 3600 + 1800}


@pytest.mark.usefixtures("channel")
def test_without_hours_it_is_open_as_ever(ask: Any, rep: Rep) -> None:
    assert ask(TOLD, channel=CHANNEL).data == {
        "active": True,
        "requestsAllowed": True,
        "open": True,
        "available": True,
        "opensAt": None,
        "turnsIn": None,
    }


@pytest.mark.usefixtures("berlin")
def test_reps_see_until_when_a_channel_is_closed(ask: Any, rep: Rep) -> None:
    with time_machine.travel(BEFORE, tick=False):
        told = ask(OPENINGS, REP).data
    with time_machine.travel(moment(OPENS), tick=False):
        later = ask(OPENINGS, ONLY_MANAGER).data
    base = {"channel": CHANNEL, "name": "Default channel"}
    assert told == [{**base, "open": False, "opensAt": OPENS, "closesAt": None}]
    assert later == [{**base, "open": True, "opensAt": None, "closesAt": CLOSES}]
    assert ask(OPENINGS, STAFF).refusals == ["PermissionDenied"]
    ChannelSettings.objects.update(active=False)
    assert ask(OPENINGS, REP).data == []


@pytest.mark.usefixtures("berlin")
def test_no_session_opens_by_request_to_the_very_second(ask: Any, visitor: Visitor, rep: Rep) -> None:
    """Who asks in the last second is let in; whoever's request arrives a moment later is told that it is closed."""

    def start() -> Any:
        return ask(START, input={"ticket": ticket(visitor.pk), "channel": CHANNEL})

    lease(rep, moment(CLOSES) + datetime.timedelta(days=1))
    with time_machine.travel(moment(CLOSES), tick=False):
        assert start().codes == [("channel", "OUTSIDE_HOURS")]
        assert not Session.objects.exists()
    with time_machine.travel(moment(CLOSES) - datetime.timedelta(microseconds=1), tick=False):
        assert start().codes == []
        assert Session.objects.count() == 1
    with time_machine.travel(moment(CLOSES) + datetime.timedelta(minutes=1), tick=False):
        again = start()
    assert again.codes == [] and Session.objects.count() == 1  # the one that goes on, not a new one


@pytest.mark.usefixtures("berlin")
def test_an_offer_that_is_shown_may_be_accepted_after_closing(ask: Any, visitor: Visitor, rep: Rep) -> None:
    now = moment(CLOSES) + datetime.timedelta(seconds=5)
    lease(rep, now + datetime.timedelta(days=1))
    offer = Offer.objects.create(
        visitor=visitor,
        visit_id=visitor.pk,
        channel=CHANNEL,
        rule="price",
        forms=["chat"],
        event_id="1-1",
        created_at=now - datetime.timedelta(seconds=10),
        due_at=now + datetime.timedelta(seconds=50),
    )
    with time_machine.travel(now, tick=False):
        answer = ask(ACCEPT, id=gid(offer), ticket=ticket(visitor.pk))
    assert answer.codes == []
    assert Session.objects.get().offer_id == offer.pk


@pytest.mark.usefixtures("berlin", "rep")
def test_nothing_is_offered_by_hand_while_it_is_closed(ask: Any, visitor: Visitor, rep: Rep) -> None:
    lease(rep, moment(CLOSES) + datetime.timedelta(days=1))
    document = """mutation($input: LiveOfferMakeInput!) { liveOfferMake(input: $input) {
      offer { id } errors { field code } } }"""
    with time_machine.travel(moment(CLOSES), tick=False):
        make_visit(visitor)
        assert ask(document, REP, input={"visitorId": gid(visitor)}).codes == [("visitorId", "OUTSIDE_HOURS")]
    assert not Offer.objects.exists()
    with time_machine.travel(moment(CLOSES) - datetime.timedelta(seconds=1), tick=False):
        assert ask(document, REP, input={"visitorId": gid(visitor)}).codes == []


@pytest.mark.usefixtures("berlin")
def test_a_message_is_taken_while_it_is_closed(ask: Any, visitor: Visitor) -> None:
    given = {"channel": CHANNEL, "key": "01900000-0000-7000-8000-000000000009", "email": "a@example.com", "text": "Hi"}
    with time_machine.travel(BEFORE, tick=False):
        assert ask(INQUIRE, input={"ticket": ticket(visitor.pk), **given}).codes == []
    assert Inquiry.objects.get().text == "Hi"


@pytest.mark.usefixtures("berlin", "rep")
@pytest.mark.parametrize(("document", "who", "queries"), [(TOLD, None, 2), (OPENINGS, REP, 1)])
def test_they_cost_no_query_of_their_own(ask: Any, django_assert_num_queries: Any, document, who, queries) -> None:
    variables = {"channel": CHANNEL} if who is None else {}
    with time_machine.travel(moment(OPENS), tick=False), django_assert_num_queries(queries):
        ask(document, *([who] if who else []), **variables)
