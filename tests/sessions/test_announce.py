"""What is announced after a commit: to the two who take part, to all reps, to the decider, and to nobody else."""

import uuid

import pytest
from django.db import transaction

from saleor_livesales import bus, wire
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.sessions import actions, announce, places, reps
from saleor_livesales.sessions.models import Entry, Session

from .build import CHANNEL, NOW, Listener, by, later, online, say, start, visitor_of


@pytest.fixture
def listen(redis_url, redis):
    opened = []

    def listen(*channels):
        opened.append(Listener(redis_url, *channels))
        return opened[-1]

    yield listen
    for listener in opened:
        listener.close()


def gid(session):
    return to_global_id("LiveSession", session.pk)


def on(frames, channel, kind=None):
    return [frame for name, frame in frames if name == channel and (kind is None or isinstance(frame, kind))]


def test_snapshot_and_entries_are_what_a_refetch_gives(store, listen):
    """Whoever had the session at the start and applies what it hears has the session as it is in the database."""
    rep, visitor_id = online("Rita"), uuid7()
    visitor_channel, rep_channel = bus.visitor_channel(visitor_id), bus.rep_channel(rep.pk)
    heard = listen(visitor_channel, rep_channel)

    session = start(visitor_id)
    actions.accept(session_id=session.pk, actor=by(rep), now=later(1))
    for number in range(10):
        say(session, f"message {number}", actor=by(rep) if number % 2 else None, now=later(2 + number))
    actions.read(session_id=session.pk, actor=by(rep), number=9)
    actions.end(session_id=session.pk, actor=by(rep), now=later(20))

    frames = heard.frames()
    expected = [announce.entry_frame(entry) for entry in Entry.objects.filter(session=session).order_by("number")]
    session.refresh_from_db()
    assert [entry.number for entry in expected] == list(range(1, 15))
    assert on(frames, visitor_channel, wire.Entry) == expected
    assert on(frames, rep_channel, wire.Entry) == expected[1:]  # from the moment it rings there
    for channel in (visitor_channel, rep_channel):
        assert on(frames, channel, wire.SessionChanged)[-1] == announce.session_frame(session, rep=rep, position=None)
        assert on(frames, channel, wire.Read) == [wire.Read(session=gid(session), number=9, sender="rep")]


def test_the_visitor_learns_the_reps_name_when_it_accepts(store, listen):
    rep, visitor_id = online("Rita"), uuid7()
    heard = listen(bus.visitor_channel(visitor_id))
    session = start(visitor_id)
    actions.accept(session_id=session.pk, actor=by(rep), now=later(1))

    changes = on(heard.frames(), bus.visitor_channel(visitor_id), wire.SessionChanged)

    assert [(change.state, change.rep_name, change.last_number) for change in changes] == [
        ("queued", None, 1),
        ("ringing", None, 2),
        ("active", "Rita", 3),
    ]
    assert changes[1].due_at == "2026-11-22T12:00:30Z"


def test_nobody_else_hears_anything(store, listen):
    rep, other = online("Rita", capacity=1), online("Sam", capacity=1)
    first, second = start(), start()
    by_rep = {session.rep_id: session for session in (first, second)}
    theirs = by_rep[other.pk]
    heard = listen(bus.visitor_channel(theirs.visitor_id), bus.rep_channel(other.pk))

    mine = by_rep[rep.pk]
    actions.accept(session_id=mine.pk, actor=by(rep), now=NOW)
    say(mine, "secret")
    actions.read(session_id=mine.pk, actor=by(rep), number=1)
    actions.end(session_id=mine.pk, actor=by(rep), now=NOW)

    assert heard.frames() == []


def test_all_reps_hear_that_the_queue_moved_but_not_of_whom(store, listen):
    rep = online()
    heard = listen(bus.reps_channel())
    session = start()
    actions.accept(session_id=session.pk, actor=by(rep), now=NOW)
    actions.end(session_id=session.pk, actor=by(rep), now=NOW)
    assert [frame for _, frame in heard.frames()] == [
        wire.QueueChanged(id=gid(session), state=state, channel=CHANNEL)
        for state in ("queued", "ringing", "active", "ended")
    ]


def test_presence_is_told_to_all_reps_once_a_change(store, listen):
    heard = listen(bus.reps_channel())
    rep = online()
    online(user_id=rep.user_id, now=later(10))
    reps.presence(user_id=rep.user_id, name="", status="away", capacity=None, now=later(11))
    assert [frame.status for _, frame in heard.frames()] == ["online", "away"]


def test_who_waits_hears_its_place_and_when_it_moves(store, listen):
    online(capacity=1)
    ringing = start()
    visitors = [uuid7() for _ in range(3)]
    channels = [bus.visitor_channel(visitor_id) for visitor_id in visitors]
    heard = listen(*channels)
    _first, second, third = [start(visitor_id, now=later(n)) for n, visitor_id in enumerate(visitors, 1)]
    actions.end(session_id=second.pk, actor=visitor_of(second), now=later(5))
    actions.end(session_id=ringing.pk, actor=visitor_of(ringing), now=later(6))

    frames = heard.frames()

    def told(channel):
        return [(frame.state, frame.position) for frame in on(frames, channel, wire.SessionChanged)]

    assert told(channels[0]) == [("queued", 1), ("ringing", None)]
    assert told(channels[1]) == [("queued", 2), ("ended", None)]
    assert told(channels[2]) == [("queued", 3), ("queued", 2), ("queued", 1)]
    assert places.positions([third.pk], now=later(6)) == {third.pk: 1}


def test_a_rep_who_loses_a_session_hears_it(store, listen):
    rep = online()
    session = start()
    heard = listen(bus.rep_channel(rep.pk))
    reps.presence(user_id=rep.user_id, name="", status="offline", capacity=None, now=later(1))
    frames = heard.frames()
    assert [frame.data["reason"] for frame in on(frames, bus.rep_channel(rep.pk), wire.Entry)] == ["rep_offline"]
    assert [frame.state for frame in on(frames, bus.rep_channel(rep.pk), wire.SessionChanged)] == ["queued"]
    assert on(frames, bus.rep_channel(rep.pk), wire.Entry)[0].session == gid(session)


def test_the_decider_is_told_of_each_state(store, redis):
    rep = online()
    session = start()
    actions.accept(session_id=session.pk, actor=by(rep), now=later(1))
    actions.end(session_id=session.pk, actor=visitor_of(session), now=later(2))

    rows = redis.xrange(bus.visitor_stream(session.visitor_id))

    events = [wire.decode_noticed(fields[b"d"]) for _, fields in rows]
    assert {event.kind for event in events} == {"session"}
    assert {event.visitor for event in events} == {session.visitor_id}
    assert [event.data["state"] for event in events] == ["queued", "ringing", "active", "ended"]
    assert events[-1].data == {"session": gid(session), "state": "ended", "reason": "visitor"}
    assert events[-1].at == later(2).timestamp()


def test_a_message_sent_again_is_announced_again_under_its_number(store, listen):
    rep = online()
    session = start()
    heard = listen(bus.visitor_channel(session.visitor_id), bus.rep_channel(rep.pk))
    key = uuid.uuid4()
    say(session, key=key)
    say(session, key=key)
    frames = heard.frames()
    # Whoever wrote it first may have died before announcing it. On each channel, both times, the same line.
    assert [frame.text for _, frame in frames] == ["hello"] * 4
    assert len({(frame.number, frame.key) for _, frame in frames}) == 1
    assert len({channel for channel, _ in frames}) == 2


def test_a_change_asked_for_again_is_announced_again(store, listen):
    """The first answer was lost on its way, and with it perhaps the process that was to announce the change."""
    rep, visitor_id = online("Rita"), uuid7()
    session = start(visitor_id)
    actions.accept(session_id=session.pk, actor=by(rep), now=later(1))
    heard = listen(bus.visitor_channel(visitor_id), bus.rep_channel(rep.pk), bus.reps_channel())

    actions.accept(session_id=session.pk, actor=by(rep), now=later(2))

    accepted = heard.frames()
    for channel in (bus.visitor_channel(visitor_id), bus.rep_channel(rep.pk)):
        assert [entry.number for entry in on(accepted, channel, wire.Entry)] == [3]
        assert [change.state for change in on(accepted, channel, wire.SessionChanged)] == ["active"]
    actions.end(session_id=session.pk, actor=by(rep), now=later(3))
    heard.frames()

    actions.end(session_id=session.pk, actor=by(rep), now=later(4))

    ended = heard.frames()
    for channel in (bus.visitor_channel(visitor_id), bus.rep_channel(rep.pk)):
        assert [entry.number for entry in on(ended, channel, wire.Entry)] == [4]
        session.refresh_from_db()
        assert on(ended, channel, wire.SessionChanged) == [announce.session_frame(session, rep=rep, position=None)]
    assert on(ended, bus.reps_channel()) == [wire.QueueChanged(id=gid(session), state="ended", channel=CHANNEL)]
    assert Entry.objects.filter(session=session).count() == 4


def test_what_is_rolled_back_is_not_announced(store, listen, redis):
    online()
    session = start()
    redis.flushall()
    heard = listen(bus.visitor_channel(session.visitor_id), bus.reps_channel())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        say(session)
        actions.end(session_id=session.pk, actor=visitor_of(session), now=NOW)
        raise ZeroDivisionError
    assert heard.frames() == []
    assert redis.keys("*events*") == []
    assert Session.objects.get().state == "ringing"


def test_without_redis_everything_is_still_done(store, redis_server, monkeypatch):
    from saleor_livesales import conf

    rep = online()
    monkeypatch.setenv("LIVESALES_REDIS_URL", "redis://127.0.0.1:1/0")
    conf.load.cache_clear()
    bus.reset()
    try:
        session = start()
        actions.accept(session_id=session.pk, actor=by(rep), now=NOW)
        assert say(session).number == 4
        assert actions.end(session_id=session.pk, actor=by(rep), now=NOW).state == "ended"
    finally:
        monkeypatch.undo()
        conf.load.cache_clear()
        bus.reset()
