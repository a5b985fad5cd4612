"""What a visitor thinks of a session: when it is asked, what is kept, who is told, and how it is forgotten."""

import pytest
from django.db import IntegrityError, transaction

from saleor_livesales import bus, wire
from saleor_livesales.errors import Invalid, NotFound
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.sessions import actions, ratings
from saleor_livesales.sessions.actors import SystemActor, VisitorActor
from saleor_livesales.sessions.models import Rating, Session
from saleor_livesales.sessions.transitions import NotAllowedNow

from .build import NOW, Listener, at_once, by, later, online, say, start, talking, visitor_of

DAY = 86_400


def over(*, answered=True, rep=None, ended_by=None):
    """A session that ended a minute after it began."""
    session, rep = talking(rep)
    say(session, now=later(10))
    if answered:
        say(session, "Yes", actor=by(rep), now=later(20))
    return actions.end(session_id=session.pk, actor=ended_by or by(rep), now=later(60)), rep


def rate(session, score=4, comment="", *, actor=None, now=None):
    return ratings.rate(
        session_id=session.pk, actor=actor or visitor_of(session), score=score, comment=comment, now=now or later(90)
    )


def is_asked(session, now=None):
    return ratings.asked_of([session.pk], now=now or later(90)) == {session.pk: True}


def test_it_is_kept_and_asked_only_once(store):
    session, rep = over()
    assert is_asked(session)

    rating = rate(session, 5, "  She knew all about it.\n")

    assert (rating.score, rating.comment, rating.rated_at) == (5, "She knew all about it.", later(90))
    assert Rating.objects.get() == rating
    assert rating.rep == rep
    assert not is_asked(session)
    assert ratings.of_sessions([session.pk]) == {session.pk: rating}


def test_the_same_again_changes_nothing_however_late(store):
    session, _ = over()
    first = rate(session, 2, "No")

    again = rate(session, 2, "No", now=later(30 * DAY))

    assert (again.rated_at, again.changed_at) == (first.rated_at, first.rated_at)


def test_it_can_be_changed_for_a_quarter_of_an_hour(store):
    session, _ = over()
    rate(session, 1, "Slow", now=later(100))

    changed = rate(session, 3, now=later(100 + 900))
    assert (changed.score, changed.comment) == (3, "")
    assert (changed.rated_at, changed.changed_at) == (later(100), later(1000))

    with pytest.raises(NotAllowedNow, match="15 minutes") as refused:
        rate(session, 5, now=later(1001))
    assert refused.value.field == "sessionId"
    assert Rating.objects.get().score == 3


def test_what_is_put_away_is_not_asked_again_but_may_be_answered(store):
    session, rep = over()
    put_away = rate(session, None)
    assert (put_away.score, is_asked(session), ratings.of_sessions([session.pk])) == (None, False, {})
    assert ratings.figures([rep.pk]) == {}

    rating = rate(session, 4, now=later(3600))
    assert (rating.score, rating.rated_at) == (4, later(3600))
    assert rate(session, None, now=later(3601)).score == 4  # nothing takes the place of an answer but an answer


def test_not_before_the_end(store):
    session, rep = talking()
    say(session, "Yes", actor=by(rep))
    assert not is_asked(session)
    with pytest.raises(NotAllowedNow):
        rate(session)
    assert Rating.objects.count() == 0


@pytest.mark.parametrize("put", ["silence", "nobody", "erased", "channel", "late"])
def test_not_where_it_is_not_asked(store, put):
    now = later(90)
    if put == "nobody":
        online()
        session = start()
        session = actions.end(session_id=session.pk, actor=visitor_of(session), now=later(60))
    elif put == "erased":
        session, _ = over(ended_by=SystemActor(reason="erased"))
    else:
        session, _ = over(answered=put != "silence")
    if put == "channel":
        store.rating_asked = False
        store.save()
    if put == "late":
        assert is_asked(session, later(60 + 7 * DAY - 1))
        now = later(60 + 7 * DAY)
    assert not is_asked(session, now)
    with pytest.raises(NotAllowedNow):
        rate(session, now=now)
    assert Rating.objects.count() == 0


def test_what_is_not_ones_own_does_not_exist(store):
    session, rep = over()
    for actor in (VisitorActor(visitor_id=uuid7()), by(rep), by(rep, manager=True)):
        with pytest.raises(NotFound):
            rate(session, actor=actor)
    with pytest.raises(NotFound):
        ratings.rate(session_id=uuid7(), actor=visitor_of(session), score=1, comment="", now=later(90))
    assert Rating.objects.count() == 0


@pytest.mark.parametrize(
    ("score", "comment", "error", "field"),
    [
        (0, "", Invalid, "score"),
        (6, "", Invalid, "score"),
        (-1, "", Invalid, "score"),
        (None, "Hm", Invalid, "score"),
        (3, "x" * 501, actions.TooLong, "comment"),
        (3, "a\0b", Invalid, "comment"),
        (3, "a\ud800b", Invalid, "comment"),
    ],
)
def test_arguments_are_checked(store, score, comment, error, field):
    session, _ = over()
    with pytest.raises(error) as refused:
        rate(session, score, comment)
    assert refused.value.field == field
    assert Rating.objects.count() == 0


def test_five_hundred_characters_fit(store):
    session, _ = over()
    assert rate(session, 3, "ä" * 500).comment == "ä" * 500


def test_the_database_keeps_nothing_else(store):
    session, rep = over()
    given = {"session": session, "rep": rep, "rated_at": NOW, "changed_at": NOW}
    for wrong in ({"score": 6}, {"score": None, "comment": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rating.objects.create(**given, **wrong)


def test_many_at_once_leave_one_rating(store):
    session, _ = over()
    results = at_once(*[lambda score=score: rate(session, score) for score in (1, 2, 3, 4, 5)])
    assert all(isinstance(result, Rating) for result in results)
    assert Rating.objects.get().score in {1, 2, 3, 4, 5}


def test_both_sides_are_told_and_told_again(store, redis_url):
    session, rep = over()
    channels = [bus.visitor_channel(session.visitor_id), bus.rep_channel(rep.pk)]
    listener = Listener(redis_url, *channels)
    try:
        rate(session, 4, "Fine")
        rate(session, 4, "Fine")
        frames = listener.frames()
    finally:
        listener.close()
    frame = wire.Rated(session=to_global_id("LiveSession", session.pk), score=4, comment="Fine")
    assert sorted(frames, key=lambda told: told[0]) == sorted(
        [(channel, frame) for channel in channels] * 2, key=lambda told: told[0]
    )


def test_figures_of_reps(store):
    rita = online("Rita", capacity=9)
    for score in (5, 4, 4, None):
        session, _ = over(rep=rita)
        rate(session, score)
    robin = online("Robin")
    assert ratings.figures([rita.pk, robin.pk]) == {rita.pk: ratings.Figures(average=4.33, count=3)}


def test_the_window_goes_back_to_the_question_for_ten_minutes(store):
    session, _ = over()
    sessions = Session.objects.filter(visitor_id=session.visitor_id)

    def current(seconds):
        return list(ratings.current(sessions, now=later(seconds)))

    assert current(60 + 599) == [session]
    assert current(60 + 600) == []
    rate(session, None)
    assert current(100) == []
    online(now=later(120))
    going = start(session.visitor_id, now=later(120))
    assert current(130) == [going]


def test_comments_are_forgotten_and_scores_stay(store):
    session, rep = over()
    rate(session, 2, "I am Ada of 1 Long Lane")
    kept, _ = over(rep=rep)
    rate(kept, 3, "mine")

    assert ratings.forget_comments(visitor_ids=[session.visitor_id]) == 1
    assert ratings.forget_comments(visitor_ids=[session.visitor_id]) == 0

    assert {row.session_id: (row.score, row.comment) for row in Rating.objects.all()} == {
        session.pk: (2, ""),
        kept.pk: (3, "mine"),
    }
    assert ratings.figures([rep.pk])[rep.pk].count == 2
    session.visitor.delete()
    assert Rating.objects.count() == 1
