"""What the tests of sessions have in common."""

import datetime
import itertools
import threading
import uuid

import redis as redis_client
from django.db import connection

from saleor_livesales import wire
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, reps
from saleor_livesales.sessions.actors import RepActor, VisitorActor
from saleor_livesales.sessions.models import Entry, Rep, Session
from saleor_livesales.sessions.transitions import CLAIMED_STATES

NOW = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
CHANNEL = "default-channel"
_users = itertools.count(1)


def later(seconds):
    return NOW + datetime.timedelta(seconds=seconds)


def online(name="Rita", *, capacity=3, now=NOW, user_id=None):
    user_id = user_id or f"VXNlcjo{next(_users)}"
    return reps.presence(user_id=user_id, name=name, status="online", capacity=capacity, now=now)


def start(visitor_id=None, *, now=NOW, **values):
    arguments = {
        "channel": CHANNEL,
        "form": "chat",
        "product_id": None,
        "variant_id": None,
        "checkout_id": None,
        "offer_id": None,
        **values,
    }
    return actions.start(visitor_id=visitor_id or uuid7(), now=now, **arguments)


def by(rep, *, manager=False):
    return RepActor(rep_id=rep.pk, user_id=rep.user_id, manager=manager)


def visitor_of(session):
    return VisitorActor(visitor_id=session.visitor_id)


def talking(rep=None, *, now=NOW):
    """An open conversation: (session, rep)."""
    rep = rep or online(now=now)
    session = start(now=now)
    session = actions.accept(session_id=session.pk, actor=by(rep), now=now)
    return session, Rep.objects.get(pk=rep.pk)


def say(session, text="hello", *, actor=None, key=None, now=NOW):
    return actions.send(
        session_id=session.pk, actor=actor or visitor_of(session), key=key or uuid.uuid4(), text=text, now=now
    )


def log(session):
    """The states that a session went through, with the reason of each change where there is one."""
    rows = Entry.objects.filter(session=session, kind="state").order_by("number")
    return [" ".join(filter(None, (row.data["to"], row.data.get("reason")))) for row in rows]


def state(session):
    return Session.objects.get(pk=session.pk).state


def check_loads():
    """Each rep's load is the number of its claimed sessions, and within its capacity."""
    for rep in Rep.objects.all():
        assert rep.load == Session.objects.filter(rep=rep, state__in=CLAIMED_STATES).count()
        assert rep.load <= rep.capacity


def at_once(*calls):
    """Run the calls in threads that start together; their results or exceptions, in order."""
    barrier = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(index, call):
        try:
            barrier.wait(20)
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def messages(session):
    return Entry.objects.filter(session=session, kind="message").order_by("number")


def stay(*present, now):
    """A sign of life of these reps, as the gateway gives it while their sockets are open."""
    online = Rep.objects.filter(pk__in=[rep.pk for rep in present]).exclude(status="offline")
    online.update(lease_until=now + datetime.timedelta(seconds=45))


class Listener:
    """What is announced on channels, as frames."""

    def __init__(self, redis_url, *channels):
        self.client = redis_client.Redis.from_url(redis_url)
        self.pubsub = self.client.pubsub()
        self.pubsub.subscribe(*channels)
        for _ in channels:
            assert self.pubsub.get_message(timeout=5)["type"] == "subscribe"

    def frames(self):
        """(channel, frame) of everything so far."""
        found = []
        while (message := self.pubsub.get_message(timeout=0.2)) is not None:
            found.append((message["channel"].decode(), wire.decode_from_server(message["data"])))
        return found

    def close(self):
        self.pubsub.close()
        self.client.close()
