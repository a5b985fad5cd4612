"""Sending a picture: what is in the log and the storage afterwards, and what is not."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection

from saleor_livesales import bus, conf, wire
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.pictures import actions, queries, vault
from saleor_livesales.pictures.models import Picture
from saleor_livesales.sessions import actions as sessions
from saleor_livesales.sessions import append
from saleor_livesales.sessions.actors import RepActor, VisitorActor
from saleor_livesales.sessions.models import Entry, Session
from tests.sessions.build import NOW, Listener, at_once, by, later, messages, online, say, start, talking, visitor_of

from .build import File, image, photo, read, saved

scan = {"answer": True, "asked": []}


def scanner(data):
    scan["asked"].append(data)
    if isinstance(scan["answer"], Exception):
        raise scan["answer"]
    return scan["answer"]


def send(session, data=None, *, actor=None, key=None, caption="", now=NOW, file=None):
    return actions.send(
        session_id=session.pk,
        actor=actor or visitor_of(session),
        key=key or uuid.uuid4(),
        file=file or File(photo() if data is None else data),
        caption=caption,
        now=now,
    )


def files(shop):
    try:
        return sorted(shop.storage.listdir(vault.FOLDER)[1])
    except FileNotFoundError:
        return []


@pytest.fixture
def limits(monkeypatch):
    """Sets limits for this test."""

    def limit(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"LIVESALES_{name.upper()}", str(value))
        conf.load.cache_clear()

    yield limit
    monkeypatch.undo()
    conf.load.cache_clear()


def nothing_sent(session):
    session.refresh_from_db()
    return not messages(session) and not Picture.objects.filter(number__isnull=False)


def test_a_picture_is_the_next_line_of_the_conversation(store, shop):
    session, _ = talking()
    say(session, "look at this")
    entry = send(session, caption=" my ring ", now=later(1))
    say(session, "nice?", now=later(2))

    numbers = list(Entry.objects.filter(session=session).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert [message.text for message in messages(session)] == ["look at this", "my ring", "nice?"]
    picture = Picture.objects.get()
    assert entry.data == {"picture": {"id": to_global_id("LivePicture", picture.pk), "width": 640, "height": 480}}
    assert (picture.session_id, picture.number, picture.sender, picture.sender_id) == (
        session.pk, entry.number, "visitor", session.visitor_id,
    )  # fmt: skip
    assert (entry.sender, entry.sender_id, entry.at) == ("visitor", session.visitor_id, later(1))
    session.refresh_from_db()
    assert (session.last_number, session.last_message_at, session.awaiting_since) == (entry.number + 1, later(2), NOW)


def test_an_answer_of_the_reps_with_a_picture_is_an_answer(store):
    session, rep = talking()
    say(session)
    send(session, actor=by(rep), now=later(5))
    session.refresh_from_db()
    assert session.awaiting_since is None


def test_both_sides_hear_of_it(store, redis_url):
    session, rep = talking()
    listener = Listener(redis_url, bus.visitor_channel(session.visitor_id), bus.rep_channel(rep.pk))
    entry = send(session, caption="mine")
    heard = listener.frames()
    listener.close()
    assert {channel for channel, _ in heard} == {bus.visitor_channel(session.visitor_id), bus.rep_channel(rep.pk)}
    [frame] = {frame.number: frame for _, frame in heard}.values()
    picture = wire.Picture(id=to_global_id("LivePicture", Picture.objects.get().pk), width=640, height=480)
    assert frame == wire.Entry(
        session=to_global_id("LiveSession", session.pk),
        number=entry.number,
        kind="message",
        sender="visitor",
        at=append.moment(NOW),
        text="mine",
        key=entry.key,
        picture=picture,
    )


def test_whoever_resumes_gets_it_with_the_rest(store):
    session, _ = talking()
    entry = send(session)
    arguments = {"after": 0, "limit": 101, "session_id": session.pk, "sender": "visitor"}
    with connection.cursor() as cursor:
        cursor.execute(append.ENTRIES_SQL, {**arguments, "sender_id": session.visitor_id})
        page = append.entries_page(cursor.fetchall(), session.pk)
    assert page is not None
    last = page.entries[-1]
    assert (last.number, last.data) == (entry.number, {})
    assert last.picture == wire.Picture(id=entry.data["picture"]["id"], width=640, height=480)
    assert page.entries[0].picture is None and page.entries[0].data["to"] == "queued"


def test_the_storage_holds_nothing_that_can_be_read(store, shop):
    session, _ = talking()
    send(session)
    picture = Picture.objects.get()
    assert files(shop) == [f"{picture.name}-large", f"{picture.name}-small"]
    with shop.storage.open(f"{vault.FOLDER}/{picture.name}-large") as file:
        sealed = file.read()
    assert b"WEBP" not in sealed
    assert read(vault.get(picture, "large")).size == (640, 480)
    assert read(vault.get(picture, "small")).size == (480, 360)
    assert str(picture.pk.hex) not in picture.name


def test_a_file_opens_as_what_it_is_alone(store, shop):
    session, _ = talking()
    send(session)
    picture = Picture.objects.get()
    large, small = (f"{vault.FOLDER}/{picture.name}-{size}" for size in vault.SIZES)
    with shop.storage.open(small) as file:
        other = file.read()
    shop.storage.delete(large)
    from django.core.files.base import ContentFile

    shop.storage.save(large, ContentFile(other))
    assert vault.get(picture, "large") is None
    shop.storage.delete(large)
    shop.storage.save(large, ContentFile(b"short"))
    assert vault.get(picture, "large") is None


# Once


def test_sent_again_it_is_not_written_again(store, shop):
    session, _ = talking()
    key = uuid.uuid4()
    first = send(session, key=key, caption="first")
    file = File(b"not even a picture")
    again = send(session, key=key, caption="again", file=file)
    assert (again.number, again.text, again.pk) == (first.number, "first", first.pk)
    assert file.reads == 0
    assert Picture.objects.count() == 1
    assert len(files(shop)) == 2


def test_a_lost_answer_is_had_after_the_end_as_well(store):
    session, rep = talking()
    key = uuid.uuid4()
    first = send(session, key=key)
    sessions.end(session_id=session.pk, actor=by(rep), now=later(5))
    assert send(session, key=key, now=later(6)).number == first.number


def test_the_answer_that_is_asked_for_again_is_announced_again(store, redis_url):
    session, _ = talking()
    key = uuid.uuid4()
    first = send(session, key=key)
    listener = Listener(redis_url, bus.visitor_channel(session.visitor_id))
    send(session, key=key)
    [(_, frame)] = listener.frames()
    listener.close()
    assert (frame.number, frame.picture.width) == (first.number, 640)


def test_sent_twice_at_once_there_is_one(store, shop):
    session, _ = talking()
    key = uuid.uuid4()
    one, other = at_once(lambda: send(session, key=key), lambda: send(session, key=key))
    assert one.number == other.number
    assert len(messages(session)) == 1
    sent = Picture.objects.get(number__isnull=False)
    assert files(shop) == [f"{sent.name}-large", f"{sent.name}-small"]
    assert queries.find(picture_id=sent.pk, actor=visitor_of(session)) == sent


def test_pictures_and_texts_at_once_have_numbers_without_gaps(store):
    session, rep = talking()
    before = session.last_number
    calls = [lambda: send(session), lambda: send(session, actor=by(rep)), lambda: send(session)]
    calls += [lambda: say(session, "text"), lambda: say(session, "text", actor=by(rep))]
    results = at_once(*calls)
    assert sorted(result.number for result in results) == list(range(before + 1, before + 6))


def test_the_key_of_a_text_is_no_key_of_a_picture(store):
    session, _ = talking()
    key = uuid.uuid4()
    say(session, key=key)
    with pytest.raises(actions.Invalid) as refusal:
        send(session, key=key)
    assert refusal.value.field == "key"
    assert not Picture.objects.exists()


# Who may


def refused(session, code, **given):
    file = File(photo())
    with pytest.raises(actions.LiveSalesError) as refusal:
        send(session, file=file, **given)
    assert refusal.value.code == code
    assert file.reads == 0  # before anything is looked at
    assert nothing_sent(session)


def test_nobody_else_sends_pictures_in_a_conversation(store, shop):
    session, rep = talking()
    other = online("Otto")
    refused(session, "NOT_FOUND", actor=VisitorActor(visitor_id=uuid7()))
    refused(session, "NOT_FOUND", actor=by(other))
    refused(session, "NOT_FOUND", actor=by(other, manager=True))
    refused(session, "NOT_FOUND", actor=RepActor(rep_id=None, user_id="boss", manager=True))
    refused(session, "NOT_FOUND", actor=VisitorActor(visitor_id=rep.pk))
    assert files(shop) == []
    assert not Picture.objects.exists()


def test_an_ended_conversation_takes_none(store):
    session, rep = talking()
    sessions.end(session_id=session.pk, actor=visitor_of(session), now=NOW)
    refused(session, "SESSION_ENDED")
    refused(session, "SESSION_ENDED", actor=by(rep))


def test_who_waits_may_send_and_who_only_rings_may_not(store):
    rep = online()
    session = start()
    assert Session.objects.get(pk=session.pk).state == "ringing"
    session.refresh_from_db()
    refused(session, "NOT_ALLOWED_NOW", actor=by(rep))
    assert send(session).number


def test_a_conversation_that_ends_meanwhile_takes_it_no_more(store, shop, monkeypatch):
    session, rep = talking()
    prepare = actions.images.prepare

    def slowly(data, **options):
        sessions.end(session_id=session.pk, actor=by(rep), now=later(1))  # no lock of ours is in its way
        return prepare(data, **options)

    monkeypatch.setattr(actions.images, "prepare", slowly)
    with pytest.raises(sessions.SessionEnded):
        send(session)
    assert nothing_sent(session)
    assert files(shop) == []


def test_a_channel_without_pictures(store):
    session, rep = talking()
    store.pictures_allowed = False
    store.save()
    refused(session, "PICTURES_NOT_ALLOWED")
    refused(session, "PICTURES_NOT_ALLOWED", actor=by(rep))


# How much


def test_a_visitor_sends_six_a_minute_and_a_rep_thirty(store):
    session, rep = talking()
    tiny = saved(image(8, 8), "PNG")
    for second in range(6):
        send(session, tiny, now=later(second))
    with pytest.raises(actions.TooFrequent):
        send(session, tiny, now=later(59))
    assert send(session, tiny, now=later(61)).number
    for second in range(30):
        send(session, tiny, actor=by(rep), now=later(second))
    with pytest.raises(actions.TooFrequent):
        send(session, tiny, actor=by(rep), now=later(31))
    assert len(messages(session)) == 37


def test_what_is_refused_counts(store):
    session, _ = talking()
    for second in range(6):
        with pytest.raises(actions.images.NotAPicture):
            send(session, b"nonsense", now=later(second))
    with pytest.raises(actions.TooFrequent):
        send(session, now=later(10))


def test_many_at_once_are_counted_too(store):
    session, _ = talking()
    tiny = saved(image(8, 8), "PNG")
    results = at_once(*[lambda: send(session, tiny)] * 9)
    assert sum(isinstance(result, actions.TooFrequent) for result in results) == 3
    assert len(messages(session)) == 6


def test_a_conversation_holds_so_many(store, limits):
    limits(pictures_per_session=2)
    session, rep = talking()
    send(session)
    send(session, actor=by(rep))
    with pytest.raises(actions.TooFrequent) as refusal:
        send(session, actor=by(rep))
    assert str(refusal.value) == "This session holds as many pictures as it may."


@pytest.mark.parametrize("lie", [True, False])
def test_eleven_megabytes_are_refused_whatever_the_request_says(store, lie):
    session, _ = talking()
    file = File(b"\0" * 11_000_000, size=100 if lie else None)
    with pytest.raises(actions.TooLarge) as refusal:
        send(session, file=file)
    assert str(refusal.value) == "The file is too large. At most 10 MB are allowed."
    assert file.reads == int(lie)
    assert nothing_sent(session)


@pytest.mark.parametrize(("caption", "code"), [("x" * 501, "TOO_LONG"), ("a\0b", "INVALID"), ("\ud800", "INVALID")])
def test_a_caption_has_its_bounds(store, caption, code):
    session, _ = talking()
    refused(session, code, caption=caption)


# The store's own scan


@pytest.fixture
def scanned(limits):
    limits(picture_scan=f"{__name__}.scanner")
    scan.update(answer=True, asked=[])
    return scan


def test_the_scan_sees_the_bytes_as_they_came(store, scanned):
    session, _ = talking()
    data = photo()
    send(session, data)
    assert scanned["asked"] == [data]


@pytest.mark.parametrize("answer", [False, None, 1, "clean"])
def test_only_true_passes(store, shop, scanned, answer):
    session, _ = talking()
    scanned["answer"] = answer
    with pytest.raises(actions.scanning.RefusedByScan):
        send(session)
    assert nothing_sent(session)
    assert files(shop) == []


def test_a_scan_that_fails_lets_nothing_pass(store, scanned):
    session, _ = talking()
    scanned["answer"] = OSError("no scanner")
    with pytest.raises(actions.scanning.ScanFailed) as refusal:
        send(session)
    assert "no scanner" not in str(refusal.value)
    assert nothing_sent(session)


def test_a_scan_that_is_not_there_lets_nothing_pass(store, limits):
    limits(picture_scan="no.such.function")
    session, _ = talking()
    with pytest.raises(actions.scanning.ScanFailed):
        send(session)
    assert nothing_sent(session)


# The storage fails


def test_a_storage_that_is_away_leaves_nothing_half_done(store, shop, monkeypatch):
    session, _ = talking()
    kept = shop.storage.save
    monkeypatch.setattr(shop.storage, "save", lambda name, content: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(vault.StorageAway) as refusal:
        send(session)
    assert refusal.value.code == "UNAVAILABLE"
    assert nothing_sent(session)

    def only_the_first(name, content):
        return kept(name, content) if name.endswith("large") else (_ for _ in ()).throw(OSError("full"))

    monkeypatch.setattr(shop.storage, "save", only_the_first)
    with pytest.raises(vault.StorageAway):
        send(session)
    assert nothing_sent(session)
    assert files(shop) == []
    monkeypatch.undo()
    assert send(session).number


def test_the_same_key_goes_through_once_the_storage_is_back(store, shop, monkeypatch):
    session, _ = talking()
    key = uuid.uuid4()
    monkeypatch.setattr(shop.storage, "save", lambda name, content: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(vault.StorageAway):
        send(session, key=key)
    monkeypatch.undo()
    assert send(session, key=key).key == key


# Sweeping


HOUR = datetime.timedelta(hours=1, seconds=1)


def test_what_was_never_sent_is_swept_away(store, shop, monkeypatch):
    session, _ = talking()
    sent = send(session)
    monkeypatch.setattr(actions, "_commit", lambda *_, **__: (_ for _ in ()).throw(SystemExit))  # the process dies
    with pytest.raises(SystemExit):
        send(session)
    monkeypatch.undo()
    assert (len(files(shop)), Picture.objects.count()) == (4, 2)
    assert actions.sweep(now=later(60)) == 0  # it may still be at it
    assert (len(files(shop)), Picture.objects.count()) == (4, 2)
    assert actions.sweep(now=NOW + HOUR) == 1
    assert actions.sweep(now=NOW + HOUR) == 0
    assert [picture.number for picture in Picture.objects.all()] == [sent.number]
    assert len(files(shop)) == 2


def test_two_sweeps_at_once(store, shop):
    session, _ = talking()
    for _ in range(5):
        with pytest.raises(actions.images.NotAPicture):
            send(session, b"nonsense")
    one, other = at_once(lambda: actions.sweep(now=NOW + HOUR), lambda: actions.sweep(now=NOW + HOUR))
    assert one + other == 5
    assert not Picture.objects.exists()


def test_a_sweep_that_cannot_reach_the_storage_forgets_nothing(store, shop, monkeypatch):
    session, _ = talking()
    send(session)
    Session.objects.filter(pk=session.pk).delete()
    monkeypatch.setattr(shop.storage, "delete", lambda name: (_ for _ in ()).throw(OSError("away")))
    assert actions.sweep(now=NOW) == 0
    assert Picture.objects.count() == 1
    monkeypatch.undo()
    assert actions.sweep(now=NOW) == 1
    assert files(shop) == []


def test_a_picture_goes_with_its_session(store, shop):
    session, _ = talking()
    send(session)
    picture = Picture.objects.get()
    Session.objects.filter(pk=session.pk).delete()
    with pytest.raises(actions.LiveSalesError):
        queries.find(picture_id=picture.pk, actor=VisitorActor(visitor_id=session.visitor_id))
    assert actions.sweep(now=NOW) == 1
    assert (files(shop), Picture.objects.count()) == ([], 0)


def test_a_request_that_stood_still_for_an_hour_finds_no_row_and_sends_nothing(store, shop, monkeypatch):
    session, _ = talking()
    prepare = actions.images.prepare

    def asleep(data, **options):
        assert actions.sweep(now=NOW + HOUR) == 1
        return prepare(data, **options)

    monkeypatch.setattr(actions.images, "prepare", asleep)
    with pytest.raises(vault.StorageAway):
        send(session)
    assert nothing_sent(session)
    assert files(shop) == []


# Who may see it


def test_those_who_see_the_session_see_its_pictures(store):
    session, rep = talking()
    send(session)
    picture = Picture.objects.get()
    other = online("Otto")
    for actor in (visitor_of(session), by(rep), by(other, manager=True)):
        assert queries.find(picture_id=picture.pk, actor=actor) == picture
    for actor in (by(other), VisitorActor(visitor_id=uuid7()), RepActor(rep_id=None, user_id="x")):
        with pytest.raises(actions.LiveSalesError) as refusal:
            queries.find(picture_id=picture.pk, actor=actor)
        assert refusal.value.code == "NOT_FOUND"
    Picture.objects.update(number=None)
    with pytest.raises(actions.LiveSalesError):
        queries.find(picture_id=picture.pk, actor=visitor_of(session))
