"""Presence, the queue and what time does to it."""

import datetime

import pytest
from django.db.models import F

from saleor_livesales.errors import Invalid
from saleor_livesales.sessions import actions, deadlines, overdue, places, reps, routing
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.visitors.models import Visit

from .build import (
    CHANNEL,
    NOW,
    at_once,
    by,
    check_loads,
    later,
    log,
    online,
    say,
    start,
    state,
    stay,
    talking,
    visitor_of,
)


def alive(*sessions, now):
    """The visitors of these sessions are on the site."""
    for session in sessions:
        Visit.objects.update_or_create(
            visitor_id=session.visitor_id,
            current=True,
            defaults={"channel": CHANNEL, "started_at": NOW, "last_seen_at": now, "last_event_id": "0-0"},
        )


def tick(seconds, *, sessions=(), present=()):
    """A second of the decider's work, with these visitors and reps still there."""
    alive(*sessions, now=later(seconds))
    stay(*present, now=later(seconds))
    return deadlines.work_off(now=later(seconds), limit=100)


def rep_of(session):
    return Session.objects.get(pk=session.pk).rep_id


class TestPresence:
    def test_online_takes_the_queue_up_to_capacity_in_order(self, store):
        first = online(capacity=1)
        start()
        waiting = [start(now=later(n)) for n in range(1, 5)]

        rep = online("Sam", capacity=3, now=later(5))

        assert [state(session) for session in waiting] == ["ringing", "ringing", "ringing", "queued"]
        assert {rep_of(session) for session in waiting[:3]} == {rep.pk}
        assert Rep.objects.get(pk=first.pk).load == 1
        check_loads()

    def test_the_lease_is_forty_five_seconds(self, store):
        assert online().lease_until == later(45)

    def test_away_gives_back_what_rings_and_keeps_what_talks(self, store):
        rep = online()
        talks, rings = start(), start()
        actions.accept(session_id=talks.pk, actor=by(rep), now=NOW)

        away = reps.presence(user_id=rep.user_id, name="Rita", status="away", capacity=None, now=later(1))

        assert (state(talks), state(rings)) == ("active", "queued")
        assert log(rings) == ["queued", "ringing", "queued rep_away"]
        assert (away.status, away.load) == ("away", 1)

    def test_offline_gives_everything_back_to_its_place(self, store):
        session, rep = talking()
        say(session)
        later_one = start(now=later(1))
        sam = online("Sam", capacity=1, now=later(2))

        offline = reps.presence(user_id=rep.user_id, name="", status="offline", capacity=None, now=later(3))

        assert (offline.status, offline.load, offline.lease_until, offline.name) == ("offline", 0, None, "Rita")
        # The session that had come first is the first to be asked for again, with its history.
        assert (state(session), rep_of(session)) == ("ringing", sam.pk)
        assert state(later_one) == "queued"
        again = Session.objects.get(pk=session.pk)
        assert again.queued_at == NOW
        assert Entry.objects.filter(session=session, kind="message").count() == 1
        check_loads()

    @pytest.mark.parametrize(
        ("status", "capacity", "field"),
        [("asleep", 3, "status"), ("online", 0, "capacity"), ("online", 13, "capacity"), ("online", -1, "capacity")],
    )
    def test_refused(self, store, status, capacity, field):
        with pytest.raises(Invalid) as error:
            reps.presence(user_id="VXNlcjox", name="", status=status, capacity=capacity, now=NOW)
        assert error.value.field == field
        assert not Rep.objects.exists()

    def test_capacity_does_not_go_below_what_the_rep_has(self, store):
        rep = online(capacity=2)
        start(), start()
        with pytest.raises(Invalid) as error:
            online(capacity=1, user_id=rep.user_id)
        assert error.value.field == "capacity"
        assert Rep.objects.get().capacity == 2
        assert online(capacity=12, user_id=rep.user_id).capacity == 12

    def test_ten_at_once_make_one_rep(self, store):
        results = at_once(*[lambda: online(user_id="VXNlcjox")] * 10)
        assert len({rep.pk for rep in results}) == 1
        assert Rep.objects.count() == 1


class TestRouting:
    def test_least_load_then_longest_idle(self, store):
        idle, busy, rested = online("A"), online("B"), online("C")
        Rep.objects.filter(pk=idle.pk).update(last_assigned_at=later(-10))
        Rep.objects.filter(pk=rested.pk).update(last_assigned_at=later(-20))
        Rep.objects.filter(pk=busy.pk).update(last_assigned_at=later(-99))
        assert rep_of(start()) == busy.pk
        assert rep_of(start()) == rested.pk
        assert rep_of(start()) == idle.pk

    def test_a_rep_away_or_without_lease_is_not_asked(self, store):
        away, gone, there = online("A"), online("B"), online("C", now=later(50))
        reps.presence(user_id=away.user_id, name="", status="away", capacity=None, now=later(49))
        session = start(now=later(50))
        assert rep_of(session) == there.pk
        assert Rep.objects.get(pk=gone.pk).load == 0

    def test_two_sweeps_at_once_ask_for_each_session_once(self, store):
        for name in "ABC":
            online(name, capacity=4)
        sessions = [start() for _ in range(20)]
        Session.objects.update(state="queued", rep=None, last_number=1)
        Entry.objects.filter(number__gt=1).delete()
        Rep.objects.update(load=0)

        results = at_once(*[lambda: routing.assign_waiting(now=NOW)] * 6)

        assert not [result for result in results if isinstance(result, Exception)]
        assert sum(results) == 12
        assert Session.objects.filter(state="ringing").count() == 12
        assert sum(log(session) == ["queued", "ringing"] for session in sessions) == 12
        check_loads()
        assert set(Rep.objects.values_list("load", flat=True)) == {4}

    def test_twenty_starts_at_once_share_three_reps_within_capacity(self, store):
        for name in "ABC":
            online(name, capacity=2)

        results = at_once(*[start] * 20)

        assert not [result for result in results if isinstance(result, Exception)]
        assert routing.assign_waiting(now=NOW) + Session.objects.filter(state="ringing").count() >= 6
        assert Session.objects.filter(state="ringing").count() == 6
        assert Session.objects.filter(state="queued").count() == 14
        check_loads()


class TestDeadlines:
    def test_nothing_due_nothing_done(self, store):
        rep = online()
        session = start()
        assert tick(29, sessions=[session], present=[rep]) == 0
        assert state(session) == "ringing"

    def test_rung_out_goes_to_the_next_rep(self, store):
        first = online("A")
        session = start()
        second = online("B")

        assert overdue.state_at(Session.objects.get(), later(30)) == "queued"
        tick(30, sessions=[session], present=[first, second])

        assert (state(session), rep_of(session)) == ("ringing", second.pk)
        assert log(session) == ["queued", "ringing", "queued no_answer", "ringing"]
        assert Session.objects.get().queued_at == NOW
        check_loads()

    def test_after_all_rang_it_waits_for_one_pause_and_then_rings_again(self, store):
        rep = online()
        session = start()

        tick(30, sessions=[session], present=[rep])
        assert (state(session), Session.objects.get().rung) == ("queued", [str(rep.pk)])
        tick(59, sessions=[session], present=[rep])
        assert state(session) == "queued"
        tick(60, sessions=[session], present=[rep])
        assert (state(session), rep_of(session)) == ("ringing", rep.pk)

    def test_while_it_waits_a_rep_who_comes_is_asked_at_once(self, store):
        rep = online()
        session = start()
        tick(30, sessions=[session], present=[rep])
        fresh = online("B", now=later(31))
        assert (state(session), rep_of(session)) == ("ringing", fresh.pk)

    def test_one_that_rang_out_does_not_hold_up_the_next(self, store):
        rep = online(capacity=1)
        first = start()
        second = start(now=later(1))
        tick(30, sessions=[first, second], present=[rep])
        assert (state(first), state(second)) == ("queued", "ringing")

    def test_a_gone_rep_gives_everything_back(self, store):
        rep = online()
        talks, rings = start(), start()
        actions.accept(session_id=talks.pk, actor=by(rep), now=NOW)
        sam = online("Sam", now=later(20))

        tick(44, sessions=[talks, rings], present=[sam])
        assert rep_of(talks) == rep.pk
        tick(45, sessions=[talks, rings], present=[sam])

        assert {rep_of(talks), rep_of(rings)} == {sam.pk}
        assert log(talks) == ["queued", "ringing", "active", "queued rep_gone", "ringing"]
        gone = Rep.objects.get(pk=rep.pk)
        assert (gone.status, gone.load, gone.lease_until) == ("offline", 0, None)
        check_loads()

    def test_once_accepted_it_may_ring_again_at_whoever_let_it_ring_out(self, store):
        first = online("A")
        session = start()
        second = online("B")
        tick(30, sessions=[session], present=[first, second])
        assert rep_of(session) == second.pk
        actions.accept(session_id=session.pk, actor=by(second), now=later(31))

        reps.presence(user_id=second.user_id, name="", status="offline", capacity=None, now=later(32))

        assert (state(session), rep_of(session)) == ("ringing", first.pk)

    def test_a_visitor_who_left_while_waiting(self, store):
        rep = online(capacity=1)
        rings, waits = start(), start()
        alive(rings, now=later(60))
        alive(waits, now=later(5))

        tick(119, present=[rep])
        assert "ended" not in (state(rings), state(waits))
        tick(125, present=[rep])

        assert log(waits)[-1] == "ended abandoned"
        assert state(rings) in ("queued", "ringing")
        check_loads()

    def test_silence_counts_only_while_somebody_listened(self, store):
        """After Redis or the decider was away, the visitors on the site are not taken for gone."""
        rep = online()
        session = start()
        stay(rep, now=later(300))

        deadlines.work_off(now=later(300), since=deadlines.Since(heard=later(181)))
        assert state(session) != "ended"
        deadlines.work_off(now=later(301), since=deadlines.Since(heard=later(181)))
        assert log(session)[-1] == "ended abandoned"

    def test_a_lease_that_nobody_could_extend_has_not_run_out(self, store):
        """PostgreSQL was away for longer than a lease lasts: reps get one lease's time to be heard of again."""
        session, rep = talking()

        deadlines.work_off(now=later(100), since=deadlines.Since(reached=later(56)))
        assert (state(session), Rep.objects.get(pk=rep.pk).status) == ("active", "online")
        deadlines.work_off(now=later(101), since=deadlines.Since(reached=later(56)))
        assert (state(session), Rep.objects.get(pk=rep.pk).status) == ("queued", "offline")

    def test_a_clock_that_jumped_makes_no_conversation_idle(self, store):
        session, rep = talking()
        stay(rep, now=later(5400))

        deadlines.work_off(now=later(5400), since=deadlines.Since(even=later(3601)))
        assert state(session) == "active"
        deadlines.work_off(now=later(5401), since=deadlines.Since(even=later(3601)))
        assert log(session)[-1] == "ended idle"

    def test_what_a_clock_that_was_ahead_has_set_is_pulled_in(self, store):
        """Else a rep that is gone keeps its sessions, and a phone rings, for as long as the clock was wrong."""
        hour = datetime.timedelta(hours=1)
        rep = online(capacity=2)
        talks, rings, waits = start(), start(), start()
        actions.accept(session_id=talks.pk, actor=by(rep), now=NOW)
        for session in (talks, rings, waits):
            Session.objects.filter(pk=session.pk).update(due_at=F("due_at") + hour)
        Rep.objects.update(lease_until=F("lease_until") + hour)

        tick(1, sessions=[talks, rings, waits])

        due = {session.pk: session.due_at for session in Session.objects.all()}
        assert due == {talks.pk: later(1801), rings.pk: later(31), waits.pk: later(31)}
        assert Rep.objects.get(pk=rep.pk).lease_until == later(46)

    def test_a_visitor_who_writes_has_not_left(self, store):
        online(capacity=1)
        start()
        waits = start()
        say(waits, now=later(100))
        stay(*Rep.objects.all(), now=later(130))
        tick(130)
        assert state(waits) != "ended"

    def test_an_open_conversation_is_not_abandoned(self, store):
        session, rep = talking()
        tick(200, present=[rep])
        assert state(session) == "active"

    def test_idle(self, store):
        session, rep = talking()
        say(session, now=later(100))

        tick(1800, present=[rep])
        assert (state(session), Session.objects.get().due_at) == ("active", later(1900))
        assert overdue.state_at(Session.objects.get(), later(1899)) == "active"
        assert overdue.state_at(Session.objects.get(), later(1900)) == "ended"
        tick(1900, present=[rep])

        assert log(session)[-1] == "ended idle"
        check_loads()

    def test_with_nobody_online_for_long_it_ends_unanswered(self, store):
        rep = online()
        session = start()
        reps.presence(user_id=rep.user_id, name="", status="offline", capacity=None, now=later(10))

        for second in range(30, 130, 10):
            tick(second, sessions=[session])
            assert state(session) == "queued"
        tick(130, sessions=[session])
        tick(160, sessions=[session])

        assert log(session)[-1] == "ended nobody"

    def test_the_batch_is_limited(self, store):
        online(capacity=12)
        for _ in range(5):
            start()
        Rep.objects.update(status="away")
        stay(*Rep.objects.all(), now=later(30))
        assert deadlines.work_off(now=later(30), limit=2) == 2
        assert Session.objects.filter(state="queued").count() == 2

    def test_workers_at_once_do_each_thing_once(self, store):
        for name in "ABC":
            online(name, capacity=12)
        sessions = [start() for _ in range(12)]
        alive(*sessions, now=later(30))
        stay(*Rep.objects.all(), now=later(30))

        results = at_once(*[lambda: deadlines.work_off(now=later(30), limit=100)] * 4)

        assert not [result for result in results if isinstance(result, Exception)]
        deadlines.work_off(now=later(30), limit=100)
        for session in sessions:
            assert log(session) == ["queued", "ringing", "queued no_answer", "ringing"]
        check_loads()

    def test_deadlines_accepts_and_ends_at_once_never_lock_up(self, store):
        crew = [online(name, capacity=4) for name in "ABC"]
        sessions = [start() for _ in range(12)]
        alive(*sessions, now=later(30))
        stay(*crew, now=later(30))
        owners = {session.pk: next(rep for rep in crew if rep.pk == rep_of(session)) for session in sessions}

        calls = [lambda: deadlines.work_off(now=later(30), limit=100)] * 3
        for number, session in enumerate(sessions):
            if number % 2:
                calls.append(lambda s=session: actions.accept(session_id=s.pk, actor=by(owners[s.pk]), now=later(30)))
            else:
                calls.append(lambda s=session: actions.end(session_id=s.pk, actor=visitor_of(s), now=later(30)))
        results = at_once(*calls)

        assert {getattr(result, "code", "NOT_FOUND") for result in results if isinstance(result, Exception)} <= {
            "NOT_FOUND",
            "REP_BUSY",
        }
        assert all(state(session) == "ended" for session in sessions[::2])
        check_loads()
        for session in sessions:
            numbers = list(Entry.objects.filter(session=session).order_by("number").values_list("number", flat=True))
            assert numbers == list(range(1, Session.objects.get(pk=session.pk).last_number + 1))


def test_places_are_counted_in_one_query(store, django_assert_num_queries):
    online(capacity=1)
    ringing = start()
    waiting = [start(now=later(n)) for n in (3, 1, 2)]
    with django_assert_num_queries(1):
        found = places.positions([ringing.pk, *[session.pk for session in waiting]], now=later(4))
    assert found == {waiting[0].pk: 3, waiting[1].pk: 1, waiting[2].pk: 2}
    with django_assert_num_queries(0):
        assert places.positions([], now=later(4)) == {}
