"""The queue's order: by priority, then by waiting time, and nobody waits too long behind who came later."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_livesales import bus, conf, wire
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, deadlines, places, queries, routing
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.sessions.privileges import Privilege
from saleor_livesales.visitors.models import Visitor

from .build import CHANNEL, NOW, Listener, at_once, by, later, online, start, stay, visitor_of

FAIR = 600  # seconds, as in conf


def claiming(priority, membership_id=None):
    return lambda **_: Privilege(priority=priority, membership_id=membership_id)


def waiting(priority, seconds):
    visitor = Visitor.objects.create(created_at=NOW)
    moment = later(seconds)
    return Session.objects.create(
        visitor=visitor, channel=CHANNEL, state="queued", turn=-priority, created_at=moment, queued_at=moment
    )


def in_line(now):
    """The waiting sessions as the three readers of the order give them."""
    by_place = [place.session_id for place in places.from_front(limit=1000, now=now)]
    parts = [row.pk for rows, order in queries.in_order(Session.objects.all(), now) for row in rows.order_by(*order)]
    told = places.positions(by_place, now=now)
    assert by_place == parts == sorted(told, key=told.__getitem__)
    assert sorted(told.values()) == list(range(1, len(told) + 1))
    return by_place


def test_a_session_keeps_the_priority_and_the_membership_of_its_start(store):
    online()
    membership = uuid7()
    seen = {}

    def claim(**given):
        seen.update(given)
        return Privilege(priority=7, membership_id=membership)

    visitor_id = uuid7()
    session = start(visitor_id, claim=claim)
    assert (session.priority, session.membership_id) == (7, membership)
    assert seen == {"visitor_id": visitor_id, "form": "chat", "invited": False, "now": NOW}
    other = start()
    assert (other.priority, other.membership_id) == (0, None)


def test_what_the_claim_refuses_starts_nothing(store):
    online()

    def claim(**_):
        raise actions.NotFound("no")

    with pytest.raises(actions.NotFound):
        start(claim=claim)
    assert Session.objects.count() == 0


def test_a_higher_priority_is_asked_for_first(store):
    rep = online(capacity=1)
    busy = start()
    plain, gold, silver = (
        start(now=later(1)),
        start(now=later(2), claim=claiming(5)),
        start(now=later(3), claim=claiming(2)),
    )
    assert in_line(later(4)) == [gold.pk, silver.pk, plain.pk]
    asked = []
    for turn in range(3):
        current = Session.objects.get(state="ringing")
        actions.end(session_id=current.pk, actor=by(Rep.objects.get(pk=rep.pk)), now=later(4 + turn))
        asked.append(Session.objects.get(state="ringing").pk)
    assert asked == [gold.pk, silver.pk, plain.pk]
    assert Session.objects.get(pk=busy.pk).state == "ended"


def test_who_waited_long_enough_is_asked_for_before_who_came_later(store):
    plain = waiting(0, 0)
    gold = waiting(10, 1)
    assert in_line(later(FAIR - 1)) == [gold.pk, plain.pk]
    assert in_line(later(FAIR)) == [plain.pk, gold.pk]
    rep = online(capacity=1, now=later(FAIR - 1))
    assert Session.objects.get(state="ringing").pk == gold.pk
    Session.objects.filter(pk=gold.pk).update(state="queued", rep=None)
    Rep.objects.filter(pk=rep.pk).update(load=0, lease_until=later(FAIR + 60))
    routing.assign_waiting(now=later(FAIR))
    assert Session.objects.get(state="ringing").pk == plain.pk


def test_what_another_worker_has_locked_is_passed_over_in_each_part_of_the_queue(store):
    plain, gold, silver = waiting(0, 0), waiting(10, 1), waiting(2, 2)
    now = later(FAIR)

    def first():
        with transaction.atomic():
            found = routing._first([], now)
        return found and found.pk

    locked = []
    for expected in (plain, gold, silver, None):
        with transaction.atomic():
            list(Session.objects.select_for_update().filter(pk__in=locked))
            [found] = at_once(first)
        assert found == (expected and expected.pk)
        locked += [expected.pk] if expected else []


arrivals = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 2000)), min_size=1, max_size=14)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=arrivals, after=st.integers(0, 3000))
def test_nobody_waits_behind_a_later_comer_for_longer_than_the_bound(db, arrivals, after):
    Session.objects.all().delete()
    rows = {row.pk: row for row in (waiting(*arrival) for arrival in arrivals)}
    now = later(max(seconds for _, seconds in arrivals) + after)
    line = [rows[pk] for pk in in_line(now)]
    for place, row in enumerate(line):
        passed_by = [other for other in line[:place] if other.queued_at > row.queued_at]
        if (now - row.queued_at).total_seconds() >= FAIR:
            assert passed_by == []
        assert all(other.priority > row.priority for other in passed_by)
        earlier = [other for other in line[place:] if other.queued_at < row.queued_at]
        assert all(other.priority < row.priority for other in earlier)
    # From any place on, the same line.
    for place, row in enumerate(line):
        rest = places.from_place(queued_at=row.queued_at, turn=row.turn, session_id=row.pk, limit=1000, now=now)
        assert [each.session_id for each in rest] == [each.pk for each in line[place:]]
        assert [each.position for each in rest] == list(range(place + 1, len(line) + 1))


def test_the_bound_is_a_setting(db, monkeypatch):
    plain, gold = waiting(0, 0), waiting(1, 1)
    monkeypatch.setenv("LIVESALES_QUEUE_FAIR_AFTER", "30")
    conf.load.cache_clear()
    try:
        assert in_line(later(29)) == [gold.pk, plain.pk]
        assert in_line(later(30)) == [plain.pk, gold.pk]
    finally:
        monkeypatch.undo()
        conf.load.cache_clear()


@pytest.fixture
def listen(redis_url, redis):
    made = []

    def listen(*channels):
        made.append(Listener(redis_url, *channels))
        return made[-1]

    yield listen
    for listener in made:
        listener.close()


def test_visitors_hear_their_true_places_when_a_member_comes_and_when_time_moves_them(store, listen):
    rep = online(capacity=1)
    start()  # has the rep
    plain, gold = uuid7(), uuid7()
    heard = {name: listen(bus.visitor_channel(pk)) for name, pk in (("plain", plain), ("gold", gold))}

    def told(name):
        return [frame.position for _, frame in heard[name].frames() if isinstance(frame, wire.SessionChanged)]

    first = start(plain, now=later(1))
    assert told("plain") == [1]
    start(gold, now=later(2), claim=claiming(3))
    assert (told("plain"), told("gold")) == ([2], [1])

    def look(seconds):
        stay(rep, now=later(seconds))
        Session.objects.filter(state="ringing").update(due_at=later(seconds + 30))
        deadlines.work_off(now=later(seconds), since=deadlines.Since(heard=later(seconds)))

    for seconds in range(20, FAIR, 30):
        look(seconds)
    told("plain"), told("gold")
    assert Session.objects.get(pk=first.pk).due_at == later(1 + FAIR)  # a round is cut short for it
    look(FAIR + 1)
    assert (told("plain"), told("gold")) == ([1], [2])
    look(FAIR + 32)
    assert (told("plain"), told("gold")) == ([], [])  # told once


def test_leaving_tells_those_behind_and_nobody_before(store, listen):
    online(capacity=1)
    start()
    plain = start(now=later(1))
    gold = start(now=later(2), claim=claiming(3))
    heard = {pk: listen(bus.visitor_channel(pk)) for pk in (plain.visitor_id, gold.visitor_id)}
    actions.end(session_id=plain.pk, actor=visitor_of(plain), now=later(3))

    def places_told(visitor_id: uuid.UUID):
        return [f.position for _, f in heard[visitor_id].frames() if isinstance(f, wire.SessionChanged)]

    assert places_told(gold.visitor_id) == []
    assert Session.objects.get(pk=plain.pk).state == "ended"
