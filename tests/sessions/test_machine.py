"""Whatever visitors, reps and time do, in any order: what always holds of sessions."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_livesales.errors import LiveSalesError, NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, deadlines, gates, overdue, reps, routing
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.sessions.transitions import (
    CLAIMED_STATES,
    OPEN_STATES,
    TRANSITIONS,
    Command,
    NotAllowedNow,
    SessionEnded,
    after,
)
from saleor_livesales.visitors.models import Visit, Visitor

from .build import CHANNEL, NOW, by, check_loads, later, online, say, start, state, stay, talking, visitor_of

STATES = ["requested", "queued", "ringing", "active", "on_hold", "ended"]
EXPECTED = {
    "requested": {"queue": "queued", "end": "ended"},
    "queued": {"ring": "ringing", "accept": "active", "end": "ended"},
    "ringing": {"accept": "active", "release": "queued", "end": "ended"},
    "active": {"release": "queued", "hold": "on_hold", "end": "ended"},
    "on_hold": {"resume": "active", "release": "queued", "end": "ended"},
}


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("command", list(Command))
def test_the_table(before, command):
    if before == "ended":
        with pytest.raises(SessionEnded):
            after(before, command)
    elif command.value in EXPECTED[before]:
        assert after(before, command) == EXPECTED[before][command.value]
    else:
        with pytest.raises(NotAllowedNow):
            after(before, command)


def test_every_open_state_can_end():
    assert {"requested", "queued", "ringing", "active", "on_hold"} == OPEN_STATES
    assert all(TRANSITIONS[name, Command.END] == "ended" for name in OPEN_STATES)


VISITORS = [uuid7() for _ in range(3)]
REPS = ["VXNlcjox", "VXNlcjoy"]
who = st.sampled_from(range(3))
rep = st.sampled_from(range(2))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("start"), who),
        st.tuples(st.just("online"), rep, st.sampled_from([None, 1, 2])),
        st.tuples(st.just("away"), rep),
        st.tuples(st.just("offline"), rep),
        st.tuples(st.just("accept"), rep, who),
        st.tuples(st.just("end"), who),
        st.tuples(st.just("rep_end"), rep, who),
        st.tuples(st.just("say"), who),
        st.tuples(st.just("rep_say"), rep, who),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 31, 46, 130, 1801]), st.booleans()),
    ),
    min_size=3,
    max_size=25,
)


class World:
    def __init__(self):
        self.seconds = 0
        Entry.objects.all().delete()
        Session.objects.all().delete()
        Rep.objects.all().delete()

    @property
    def now(self):
        return later(self.seconds)

    def session_of(self, number):
        return Session.objects.filter(visitor_id=VISITORS[number]).order_by("-created_at", "-id").first()

    def actor(self, number):
        return by(reps.ensure(user_id=REPS[number], name=f"Rep {number}"))

    def do(self, name, *arguments):
        try:
            getattr(self, f"do_{name}")(*arguments)
        except (LiveSalesError, AttributeError) as error:
            if isinstance(error, AttributeError) and "NoneType" not in str(error):
                raise

    def do_start(self, number):
        start(VISITORS[number], now=self.now)

    def do_online(self, number, capacity):
        online(f"Rep {number}", user_id=REPS[number], capacity=capacity, now=self.now)

    def do_away(self, number):
        reps.presence(user_id=REPS[number], name="", status="away", capacity=None, now=self.now)

    def do_offline(self, number):
        reps.presence(user_id=REPS[number], name="", status="offline", capacity=None, now=self.now)

    def do_accept(self, number, visitor):
        actions.accept(session_id=self.session_of(visitor).pk, actor=self.actor(number), now=self.now)

    def do_end(self, visitor):
        session = self.session_of(visitor)
        actions.end(session_id=session.pk, actor=visitor_of(session), now=self.now)

    def do_rep_end(self, number, visitor):
        actions.end(session_id=self.session_of(visitor).pk, actor=self.actor(number), now=self.now)

    def do_say(self, visitor):
        say(self.session_of(visitor), now=self.now)

    def do_rep_say(self, number, visitor):
        say(self.session_of(visitor), actor=self.actor(number), now=self.now)

    def do_wait(self, seconds, there):
        self.seconds += seconds
        if there:
            stay(*Rep.objects.all(), now=self.now)
            for visitor_id in VISITORS:
                Visitor.objects.get_or_create(pk=visitor_id, defaults={"created_at": NOW})
                Visit.objects.update_or_create(
                    visitor_id=visitor_id,
                    current=True,
                    defaults={
                        "channel": CHANNEL,
                        "started_at": NOW,
                        "last_seen_at": self.now,
                        "last_event_id": "0-0",
                    },
                )
        deadlines.work_off(now=self.now, limit=100)

    def check(self):
        check_loads()
        for visitor_id in VISITORS:
            assert Session.objects.filter(visitor_id=visitor_id).exclude(state="ended").count() <= 1
        for session in Session.objects.all():
            entries = list(Entry.objects.filter(session=session).order_by("number"))
            assert [entry.number for entry in entries] == list(range(1, session.last_number + 1))
            states = ["requested"]
            for entry in entries:
                if entry.kind == "state":
                    assert entry.data["from"] == states[-1]
                    assert (entry.data["from"], entry.data["to"]) in {
                        (before, reached) for (before, _), reached in TRANSITIONS.items()
                    }
                    states.append(entry.data["to"])
            assert states[-1] == session.state
            assert states.count("ended") <= 1
            assert (session.state in CLAIMED_STATES) <= (session.rep_id is not None)
            assert (session.state == "ended") == (session.ended_at is not None) == (session.end_reason != "")
            assert (session.state == "ended") == (session.due_at is None)
            if session.state == "queued":
                assert not routing.free_reps(self.now).exclude(pk__in=session.rung).exists()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps)
def test_whatever_happens(store, steps):
    world = World()
    for step in steps:
        world.do(*step)
        world.check()


def test_state_at_of_each_state(store):
    session, owner = talking()
    assert overdue.state_at(session, later(1799)) == "active"
    assert overdue.state_at(session, later(1800)) == "ended"
    actions.end(session_id=session.pk, actor=by(owner), now=NOW)
    assert overdue.state_at(Session.objects.get(), later(9999)) == "ended"
    with pytest.raises(NotFound):
        actions.end(session_id=uuid7(), actor=by(owner), now=NOW)
    with pytest.raises(gates.NobodyAvailable):
        start(now=later(46))
    assert state(session) == "ended"
