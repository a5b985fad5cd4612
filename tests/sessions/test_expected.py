"""How long somebody in the queue has to expect to wait: near the truth where it can be told, and else nothing."""

import datetime
import heapq
import random

import pytest
from django.db import connection, transaction

from saleor_livesales import bus, wire
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, deadlines, expected, reps
from saleor_livesales.sessions.expected import Pace, wait
from saleor_livesales.sessions.models import Rep, Session
from saleor_livesales.visitors.models import Visitor

from .build import CHANNEL, NOW, Listener, by, later, online, start, stay, visitor_of

FULL = Pace(conversations=100, length=300.0, places=6, taken=6)


def served(count, *, length=300, ended=NOW, **values):
    """Conversations that ended, a second apart from each other."""
    rep = Rep.objects.filter(user_id="VXNlcjo0MA==").first() or Rep.objects.create(user_id="VXNlcjo0MA==", name="Ada")
    for number in range(count):
        at = ended - datetime.timedelta(seconds=number)
        given = {
            "state": "ended",
            "rep": rep,
            "created_at": at - datetime.timedelta(seconds=length),
            "accepted_at": at - datetime.timedelta(seconds=length),
            "ended_at": at,
            **values,
        }
        visitor = Visitor.objects.create(created_at=NOW)
        Session.objects.create(visitor=visitor, channel=CHANNEL, **given)


@pytest.mark.parametrize(
    ("position", "pace", "seconds"),
    [
        (1, FULL, 50),
        (2, FULL, 100),
        (3, Pace(conversations=20, length=300.0, places=2, taken=2), 450),
        (1, Pace(conversations=100, length=326.0, places=6, taken=6), 50),  # 54.3
        (1, Pace(conversations=100, length=2.0, places=6, taken=6), 10),
        (72, FULL, 3600),
        (73, FULL, None),  # more than an hour
        (1, Pace(conversations=19, length=300.0, places=6, taken=6), None),  # too few
        (1, Pace(conversations=100, length=300.0, places=0, taken=0), None),  # nobody online
        (1, Pace(conversations=100, length=300.0, places=6, taken=5), None),  # a place is free: somebody is asked now
    ],
)
def test_place_times_length_by_places(position, pace, seconds):
    assert wait(position=position, pace=pace) == seconds


def simulated(*, places, length, patience=None, seed=1, hours=400):
    """What was told to each who had to wait, and how long it really waited: by place."""
    chance = random.Random(seed)
    busy, queue, told = [], [], {}
    lengths = []
    now = arrives = 0.0
    gap = 300.0 / places / 0.95  # busy most of the time
    while now < hours * 3600:
        now = min(arrives, busy[0] if busy else arrives)
        if busy and busy[0] == now:
            heapq.heappop(busy)
        else:
            arrives = now + chance.expovariate(1 / gap)
            queue.append((now, len(queue) + 1, sum(lengths[-100:]) / max(1, len(lengths[-100:])), len(lengths)))
        while queue and len(busy) < places:
            came, position, mean, known = queue.pop(0)
            took = length(chance)
            heapq.heappush(busy, now + took)
            lengths.append(took)
            pace = Pace(conversations=known, length=mean, places=places, taken=places)
            estimate = wait(position=position, pace=pace)
            if now > came and estimate is not None:
                told.setdefault(position, []).append((estimate, now - came))
    return told


@pytest.mark.parametrize("places", [3, 12])
@pytest.mark.parametrize(
    "length",
    [lambda chance: chance.expovariate(1 / 300), lambda chance: chance.lognormvariate(5.38, 0.8)],
    ids=["memoryless", "lognormal"],
)
def test_what_is_told_is_what_comes_on_average(places, length):
    told = simulated(places=places, length=length)
    for position in (1, 2, 3, 5):
        cases = told[position]
        assert len(cases) > 200
        estimate = sum(told for told, _ in cases) / len(cases)
        truth = sum(waited for _, waited in cases) / len(cases)
        assert estimate == pytest.approx(truth, rel=0.25), position


def test_the_last_hundred_of_a_day_that_a_rep_had_to_the_end(store, django_assert_num_queries):
    served(60, length=100)
    served(60, length=200, ended=later(-100))
    served(30, length=9999, ended=later(-100 - 60))
    served(5, length=9999, ended=later(5), accepted_at=None)  # nobody took them
    served(5, length=9999, ended=later(5), rep=None)  # back in the queue when they ended
    with django_assert_num_queries(1):
        found = expected.pace(now=NOW)
    assert found == Pace(conversations=100, length=140.0, places=0, taken=0)

    assert expected.pace(now=NOW + expected.LATELY - datetime.timedelta(seconds=30)).conversations == 30
    assert expected.pace(now=NOW + expected.LATELY) == Pace(conversations=0, length=0.0, places=0, taken=0)


def test_the_places_of_reps_who_are_online_now(store):
    online("Rita", capacity=3)
    away, gone = online("Adam", capacity=5), online("Gus", capacity=7, now=later(-46))
    reps.presence(user_id=away.user_id, name="", status="away", capacity=None, now=NOW)
    assert gone.lease_until < NOW
    start()
    found = expected.pace(now=NOW)
    assert (found.places, found.taken) == (3, 1)


def test_it_reads_by_an_index(store):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {expected._PACE_SQL}", [NOW, 100, NOW])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "livesales_session_served" in plan
    assert "Sort" not in plan


@pytest.fixture
def listen(redis_url, redis):
    opened = []

    def listen(*channels):
        opened.append(Listener(redis_url, *channels))
        return opened[-1]

    yield listen
    for listener in opened:
        listener.close()


def heard(listener):
    """(state, place, wait) of each change of a session."""
    frames = [frame for _, frame in listener.frames() if isinstance(frame, wire.SessionChanged)]
    return [(frame.state, frame.position, frame.expected_wait) for frame in frames]


def test_who_waits_hears_it_with_each_place_and_when_other_reps_are_there(store, listen):
    served(50, length=300)
    rita = online("Rita", capacity=1)
    first, second = start(now=later(1)), start(now=later(2))
    visitor_id = uuid7()
    listener = listen(bus.visitor_channel(visitor_id))
    start(visitor_id, now=later(3))
    assert heard(listener) == [("queued", 2, 600)]

    adam = online("Adam", capacity=1, now=later(4))  # who is asked for the second one at once
    assert heard(listener) == [("queued", 2, None), ("queued", 1, 150)]

    reps.presence(user_id=adam.user_id, name="", status="away", capacity=None, now=later(5))
    assert heard(listener)[-1] == ("queued", 2, 600)

    actions.end(session_id=second.pk, actor=visitor_of(second), now=later(6))
    assert heard(listener) == [("queued", 1, 300)]

    actions.accept(session_id=first.pk, actor=by(rita), now=later(7))
    stay(rita, now=later(-60))
    deadlines.work_off(now=later(8))
    assert heard(listener)[-1] == ("queued", 2, None)  # nobody is online, and the first one waits again


def test_more_places_make_the_wait_shorter(store, listen):
    served(50, length=300)
    rita = online("Rita", capacity=1)
    start(now=later(1))
    visitor_id = uuid7()
    start(visitor_id, now=later(2))
    listener = listen(bus.visitor_channel(visitor_id))
    reps.presence(user_id=rita.user_id, name="", status="online", capacity=1, now=later(3))
    assert heard(listener) == []
    reps.presence(user_id=rita.user_id, name="", status="online", capacity=2, now=later(4))
    assert heard(listener) == [("queued", 1, None), ("ringing", None, None)]


def test_nobody_who_waits_costs_no_look_at_the_pace(store, django_assert_num_queries):
    from saleor_livesales.sessions import announce, places

    with django_assert_num_queries(1):
        assert announce._place_frames(places.from_front(limit=200, now=NOW), NOW) == []
