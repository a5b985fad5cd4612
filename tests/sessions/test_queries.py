"""Reading many sessions at once, in a constant number of queries."""

from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, queries
from saleor_livesales.visitors.models import Visitor

from .build import later, online, start, visitor_of


def had(visitor_id, count, *, first=0):
    """Sessions of this visitor, all but the last one ended."""
    for number in range(count):
        session = start(visitor_id, now=later(first + number))
        actions.end(session_id=session.pk, actor=visitor_of(session), now=later(first + number))
    return session


def test_earlier_sessions_are_those_of_the_account_too(store, django_assert_num_queries):
    online()
    phone, laptop, stranger = uuid7(), uuid7(), uuid7()
    first = had(phone, 1)
    had(laptop, 2, first=10)
    last = had(phone, 1, first=20)
    alone = had(stranger, 1, first=30)
    with django_assert_num_queries(2):
        assert queries.earlier_counts([first, last, alone]) == {first.pk: 0, last.pk: 1, alone.pk: 0}

    Visitor.objects.filter(pk__in=[phone, laptop]).update(user_id="VXNlcjox")

    with django_assert_num_queries(2):
        assert queries.earlier_counts([first, last, alone]) == {first.pk: 0, last.pk: 3, alone.pk: 0}


def test_open_sessions_by_visitor(store, django_assert_num_queries):
    online()
    gone, here, never = uuid7(), uuid7(), uuid7()
    had(gone, 2)
    session = start(here)
    with django_assert_num_queries(1):
        assert queries.open_by_visitor([gone, here, never]) == {here: session}


def test_reps_by_account_and_by_name(store):
    rita, adam = online("Rita"), online("Adam")
    assert queries.rep_of_user(rita.user_id) == rita
    assert queries.rep_of_user("VXNlcjo5OTk=") is None
    assert list(queries.all_reps()) == [adam, rita]
