"""Accepting, writing, reading and ending: by whom, when, and what a refusal leaves untouched."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from saleor_livesales.errors import Invalid, NotFound
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, capacity, queries
from saleor_livesales.sessions.actors import RepActor, SystemActor, VisitorActor
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.sessions.transitions import NotAllowedNow, SessionEnded

from .build import NOW, at_once, by, check_loads, later, log, messages, online, say, start, state, talking, visitor_of


def stranger(kind):
    if kind == "visitor":
        return VisitorActor(visitor_id=uuid7())
    if kind == "no rep":
        return RepActor(rep_id=None, user_id="VXNlcjo5OQ==")
    return by(online(f"Other {kind}"), manager=kind == "manager")


class TestAccept:
    def test_a_ringing_session_becomes_active(self, store):
        rep = online("Rita")
        session = start()

        accepted = actions.accept(session_id=session.pk, actor=by(rep), now=later(3))

        assert (accepted.state, accepted.rep_id, accepted.accepted_at) == ("active", rep.pk, later(3))
        assert accepted.due_at == later(3 + 1800)
        entry = Entry.objects.get(session=session, number=3)
        assert (entry.kind, entry.sender, entry.sender_id) == ("state", "rep", rep.pk)
        assert entry.data == {"from": "ringing", "to": "active", "form": "chat", "repName": "Rita"}
        assert Rep.objects.get().load == 1

    def test_from_the_queue(self, store):
        rep = online(capacity=1)
        busy = start()
        waiting = start()
        actions.end(session_id=busy.pk, actor=SystemActor(reason="erased"), now=NOW)
        assert state(waiting) == "ringing"
        Session.objects.filter(pk=waiting.pk).update(state="queued", rep=None)
        Rep.objects.update(load=0)

        accepted = actions.accept(session_id=waiting.pk, actor=by(rep), now=later(1))

        assert (accepted.state, accepted.rep_id) == ("active", rep.pk)
        assert Rep.objects.get().load == 1

    def test_again_changes_nothing(self, store):
        session, rep = talking()

        again = actions.accept(session_id=session.pk, actor=by(rep), now=later(9))

        assert (again.state, again.accepted_at, again.last_number) == ("active", NOW, 3)
        assert Entry.objects.count() == 3
        check_loads()

    @pytest.mark.parametrize("kind", ["visitor", "no rep", "rep", "manager"])
    def test_what_rings_at_another_is_not_found(self, store, kind):
        online(capacity=12)
        session = start()
        other = stranger(kind)
        with pytest.raises(NotFound):
            actions.accept(session_id=session.pk, actor=other, now=NOW)
        assert (state(session), Entry.objects.count()) == ("ringing", 2)
        check_loads()

    def test_ones_own_visitor_actor_cannot_accept(self, store):
        online()
        session = start()
        with pytest.raises(NotFound):
            actions.accept(session_id=session.pk, actor=visitor_of(session), now=NOW)
        assert state(session) == "ringing"

    def test_without_a_free_place_it_is_refused(self, store):
        rep = online(capacity=1)
        start()
        waiting = start()
        with pytest.raises(capacity.RepBusy):
            actions.accept(session_id=waiting.pk, actor=by(rep), now=NOW)
        assert (state(waiting), log(waiting)) == ("queued", ["queued"])
        check_loads()

    def test_without_a_lease_it_is_refused(self, store):
        rep = online()
        session = start()
        with pytest.raises(capacity.RepOffline):
            actions.accept(session_id=session.pk, actor=by(rep), now=later(45))
        assert state(session) == "ringing"

    def test_an_ended_session_is_refused(self, store):
        session, rep = talking()
        actions.end(session_id=session.pk, actor=by(rep), now=NOW)
        with pytest.raises(SessionEnded):
            actions.accept(session_id=session.pk, actor=by(rep), now=NOW)

    def test_an_unknown_session_is_not_found(self, store):
        with pytest.raises(NotFound):
            actions.accept(session_id=uuid7(), actor=by(online()), now=NOW)

    def test_twenty_accepts_at_once_stay_within_capacity(self, store):
        rep = online(capacity=3)
        sessions = [start() for _ in range(20)]
        # All twenty wait, the rep has three places and nothing rings: the race is for the places alone.
        Session.objects.update(state="queued", rep=None)
        Rep.objects.update(load=0)

        results = at_once(*[lambda pk=s.pk: actions.accept(session_id=pk, actor=by(rep), now=NOW) for s in sessions])

        assert sum(isinstance(result, Session) for result in results) == 3
        assert sum(isinstance(result, capacity.RepBusy) for result in results) == 17
        assert Session.objects.filter(state="active", rep=rep).count() == 3
        assert Rep.objects.get().load == 3

    def test_two_reps_at_once_one_gets_it(self, store):
        first = online()
        session = start()
        second = online("Sam")
        Session.objects.update(state="queued", rep=None)
        Rep.objects.update(load=0)

        results = at_once(
            *[lambda r=r: actions.accept(session_id=session.pk, actor=by(r), now=NOW) for r in (first, second) * 4]
        )

        winner = Session.objects.get().rep_id
        assert {result.rep_id for result in results if isinstance(result, Session)} == {winner}
        assert sum(isinstance(result, NotFound) for result in results) == 4
        assert log(session) == ["queued", "ringing", "active"]
        check_loads()


class TestEnd:
    def test_by_the_visitor(self, store):
        session, _ = talking()

        ended = actions.end(session_id=session.pk, actor=visitor_of(session), now=later(5))

        assert (ended.state, ended.end_reason, ended.ended_at, ended.due_at) == ("ended", "visitor", later(5), None)
        assert log(session)[-1] == "ended visitor"
        assert Rep.objects.get().load == 0

    def test_by_the_rep(self, store):
        session, rep = talking()

        ended = actions.end(session_id=session.pk, actor=by(rep), now=NOW)

        assert (ended.end_reason, ended.rep_id) == ("rep", rep.pk)

    def test_by_a_manager(self, store):
        session, _ = talking()
        actions.end(session_id=session.pk, actor=stranger("manager"), now=NOW)
        assert state(session) == "ended"

    def test_a_manager_without_a_rep(self, store):
        session, _ = talking()
        actor = RepActor(rep_id=None, user_id="VXNlcjo5OQ==", manager=True)
        assert actions.end(session_id=session.pk, actor=actor, now=NOW).end_reason == "rep"

    def test_while_waiting_and_while_ringing(self, store):
        online(capacity=1)
        ringing, waiting = start(), start()

        actions.end(session_id=waiting.pk, actor=visitor_of(waiting), now=NOW)
        ended = actions.end(session_id=ringing.pk, actor=visitor_of(ringing), now=NOW)

        assert (state(waiting), ended.state, ended.rep_id) == ("ended", "ended", None)
        assert Rep.objects.get().load == 0

    def test_again_changes_nothing(self, store):
        session, rep = talking()
        actions.end(session_id=session.pk, actor=visitor_of(session), now=NOW)

        again = actions.end(session_id=session.pk, actor=by(rep), now=later(9))

        assert (again.end_reason, again.ended_at) == ("visitor", NOW)
        assert log(session) == ["queued", "ringing", "active", "ended visitor"]

    @pytest.mark.parametrize("kind", ["visitor", "no rep", "rep"])
    def test_anothers_is_not_found(self, store, kind):
        session, _ = talking()
        actor = stranger(kind)
        with pytest.raises(NotFound):
            actions.end(session_id=session.pk, actor=actor, now=NOW)
        assert (state(session), Entry.objects.count()) == ("active", 3)

    def test_a_rep_cannot_end_what_only_waits(self, store):
        rep = online(capacity=1)
        start()
        waiting = start()
        with pytest.raises(NotFound):
            actions.end(session_id=waiting.pk, actor=by(rep), now=NOW)
        assert state(waiting) == "queued"

    def test_the_freed_place_goes_to_the_first_who_waits(self, store):
        rep = online(capacity=1)
        first = start()
        second, third = start(now=later(1)), start(now=later(2))

        actions.end(session_id=first.pk, actor=visitor_of(first), now=later(3))

        assert (state(second), state(third)) == ("ringing", "queued")
        assert Session.objects.get(pk=second.pk).rep_id == rep.pk
        check_loads()

    @pytest.mark.parametrize("attempt", range(5))
    def test_accept_and_end_at_once(self, store, attempt):
        rep = online()
        session = start()

        accepted, ended = at_once(
            lambda: actions.accept(session_id=session.pk, actor=by(rep), now=NOW),
            lambda: actions.end(session_id=session.pk, actor=visitor_of(session), now=NOW),
        )

        assert ended.state == "ended"
        assert state(session) == "ended"
        if isinstance(accepted, Session):
            assert log(session) == ["queued", "ringing", "active", "ended visitor"]
        else:
            assert isinstance(accepted, SessionEnded | NotFound)
            assert log(session) == ["queued", "ringing", "ended visitor"]
        assert Rep.objects.get().load == 0


class TestSend:
    def test_both_ways(self, store):
        session, rep = talking()

        first = say(session, "Is it blue?", now=later(1))
        second = say(session, "It is.", actor=by(rep), now=later(2))

        assert (first.number, second.number) == (4, 5)
        rows = list(messages(session).values_list("number", "sender", "text", "at"))
        assert rows == [(4, "visitor", "Is it blue?", later(1)), (5, "rep", "It is.", later(2))]
        session.refresh_from_db()
        assert (session.last_number, session.last_message_at, session.awaiting_since) == (5, later(2), None)

    def test_the_visitor_may_write_while_waiting(self, store):
        online(capacity=1)
        start()
        waiting = start()
        assert say(waiting).number == 2
        assert state(waiting) == "queued"

    def test_the_rep_may_not_write_before_it_accepted(self, store):
        rep = online()
        session = start()
        with pytest.raises(NotAllowedNow):
            say(session, actor=by(rep))
        assert not messages(session).exists()

    def test_the_same_key_is_the_same_message(self, store):
        session, _ = talking()
        key = uuid.uuid4()

        first = say(session, key=key)
        again = say(session, "something else", key=key, now=later(9))

        assert (first.existed, again.existed, again.number, again.at) == (False, True, first.number, NOW)
        assert [row.text for row in messages(session)] == ["hello"]

    def test_the_same_key_twenty_times_at_once(self, store):
        session, _ = talking()
        key = uuid.uuid4()

        results = at_once(*[lambda: say(session, key=key)] * 20)

        assert {result.number for result in results} == {4}
        assert sum(not result.existed for result in results) == 1

    def test_after_the_end_nothing_is_taken(self, store):
        session, rep = talking()
        actions.end(session_id=session.pk, actor=by(rep), now=NOW)

        for actor in (visitor_of(session), by(rep)):
            with pytest.raises(SessionEnded) as error:
                say(session, actor=actor)
            assert (error.value.code, error.value.field) == ("SESSION_ENDED", "sessionId")
        assert not messages(session).exists()

    @pytest.mark.parametrize("kind", ["visitor", "no rep", "rep", "manager"])
    def test_in_anothers_session_is_not_found(self, store, kind):
        session, _ = talking()
        actor = stranger(kind)
        with pytest.raises(NotFound):
            say(session, actor=actor)
        assert not messages(session).exists()
        session.refresh_from_db()
        assert session.last_number == 3

    def test_four_thousand_characters_fit_and_one_more_does_not(self, store):
        session, _ = talking()
        text = "ü" * 3999 + "😀"

        say(session, text)
        with pytest.raises(actions.TooLong) as error:
            say(session, text + "x")

        assert (error.value.code, error.value.field) == ("TOO_LONG", "text")
        assert [row.text for row in messages(session)] == [text]

    @pytest.mark.parametrize("text", ["", "  \n\t ", "a\0b", "a\ud800b"])
    def test_empty_and_unstorable_texts_are_refused(self, store, text):
        session, _ = talking()
        with pytest.raises(Invalid) as error:
            say(session, text)
        assert error.value.field == "text"
        assert not messages(session).exists()

    def test_markup_is_kept_as_it_is(self, store):
        session, _ = talking()
        text = "<script>alert('x')</script> & <b>bold</b> \n  \u202eabc"
        say(session, text)
        assert messages(session).get().text == text

    def test_changes_and_messages_at_once_leave_no_gap(self, store):
        session, rep = talking()
        calls = [lambda n=n: say(session, f"{n}", actor=by(rep) if n % 2 else None) for n in range(12)]

        results = at_once(*calls, lambda: actions.end(session_id=session.pk, actor=by(rep), now=NOW))

        session.refresh_from_db()
        numbers = list(Entry.objects.filter(session=session).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, session.last_number + 1))
        taken = [result for result in results[:-1] if not isinstance(result, Exception)]
        assert all(isinstance(result, SessionEnded) for result in results[:-1] if isinstance(result, Exception))
        assert len(taken) == messages(session).count()
        ended = Entry.objects.get(session=session, data__to="ended")
        assert all(result.number < ended.number for result in taken)

    def test_inside_a_transaction_it_lives_and_dies_with_it(self, store):
        session, _ = talking()

        with pytest.raises(ZeroDivisionError), transaction.atomic():
            say(session, "lost")
            raise ZeroDivisionError
        with transaction.atomic():
            say(session, "kept")

        assert [row.text for row in messages(session)] == ["kept"]


class TestRead:
    def test_it_only_goes_forward_and_never_beyond_the_last(self, store):
        session, rep = talking()
        say(session)

        assert actions.read(session_id=session.pk, actor=visitor_of(session), number=2) == 2
        assert actions.read(session_id=session.pk, actor=visitor_of(session), number=1) == 2
        assert actions.read(session_id=session.pk, actor=by(rep), number=99) == 4
        assert actions.read(session_id=session.pk, actor=by(rep), number=-5) == 4

        session.refresh_from_db()
        assert (session.visitor_read, session.rep_read) == (2, 4)

    @pytest.mark.parametrize("kind", ["visitor", "no rep", "rep", "manager"])
    def test_anothers_is_not_found(self, store, kind):
        session, _ = talking()
        actor = stranger(kind)
        with pytest.raises(NotFound):
            actions.read(session_id=session.pk, actor=actor, number=1)
        session.refresh_from_db()
        assert (session.visitor_read, session.rep_read) == (0, 0)


def test_a_rep_sees_its_own_and_the_queue_a_visitor_its_own_a_manager_all(store):
    session, rep = talking(online(capacity=1))
    waiting = start()
    other = RepActor(rep_id=uuid7(), user_id="VXNlcjo5OQ==")
    everything = {session.pk, waiting.pk}

    def seen(actor):
        found = {found.pk for found in queries.visible(actor=actor)}
        for pk in everything:
            if pk in found:
                assert queries.get(session_id=pk, actor=actor).pk == pk
            else:
                with pytest.raises(NotFound):
                    queries.get(session_id=pk, actor=actor)
        return found

    assert seen(by(rep)) == everything
    assert seen(other) == {waiting.pk}
    assert seen(by(rep, manager=True)) == everything
    assert seen(visitor_of(session)) == {session.pk}
    assert seen(visitor_of(waiting)) == {waiting.pk}
    assert seen(VisitorActor(visitor_id=uuid7())) == set()
    with pytest.raises(NotFound):
        queries.get(session_id=uuid7(), actor=by(rep, manager=True))


def test_a_change_waits_for_a_message_that_is_being_written(store):
    """Messages and changes take the same lock, so that their numbers never collide."""
    session, rep = talking()
    done = threading.Event()

    def end():
        try:
            actions.end(session_id=session.pk, actor=by(rep), now=NOW)
        finally:
            done.set()
            connection.close()

    with transaction.atomic():
        appended = say(session)
        thread = threading.Thread(target=end)
        thread.start()
        assert not done.wait(0.3)
    thread.join(20)

    assert appended.number == 4
    assert Entry.objects.get(session=session, data__to="ended").number == 5
