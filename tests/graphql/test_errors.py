"""What a client is told when something is wrong, and what is left behind then."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import socket

import pytest
from django.db import connection

import saleor_livesales
from saleor_livesales import bus, conf
from saleor_livesales.errors import LiveSalesError
from saleor_livesales.graphql.errors import OWN_CODES, error_code_enum
from saleor_livesales.ids import uuid7
from saleor_livesales.sessions import actions, queries
from saleor_livesales.sessions.models import Entry, Session

from .conftest import CHANNEL, OWNER, REP, gid, make_session, ticket
from .test_mutations import CONFIGURE, END, SEND, START

LIST = "{ liveSessions(first: 1) { totalCount edges { node { id } } } }"
MESSAGES = "{ liveSessions(first: 1) { edges { node { messages(first: 1) { totalCount } } } } }"
AWAY = "Live sales is not available right now. Try again in a moment."


def test_every_refusal_of_the_domain_has_its_code(db):
    rooms = (
        "channels",
        "visitors",
        "codes",
        "fees",
        "letters",
        "postings",
        "mails",
        "members",
        "sessions",
        "pictures",
        "offers",
        "inbox",
        "tokens",
        "errors",
        "graphql",
    )
    found = set()
    for module in pkgutil.walk_packages(saleor_livesales.__path__, "saleor_livesales."):
        if module.name.split(".")[1] in rooms:
            for _, value in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(value, LiveSalesError):
                    found.add(value.code)
    codes = set(error_code_enum()._meta.enum.__members__)
    assert codes == found | OWN_CODES.keys()


@pytest.fixture
def no_postgres():
    """The database's address leads nowhere."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT=str(port))
    yield
    connection.close()
    connection.settings_dict.update(before)


@pytest.mark.django_db(transaction=True)
def test_postgres_away_and_back(ask, channel, rep, visitor, request):
    session = make_session(visitor, state="active", rep=rep)
    key = str(uuid7())
    said = {"sessionId": gid(session), "key": key, "text": "Hi", "ticket": ticket(visitor.pk)}
    before = dict(connection.settings_dict)
    request.getfixturevalue("no_postgres")
    for document, variables in (
        (SEND, {"input": said}),
        (END, {"id": gid(session), "ticket": ticket(visitor.pk)}),
        (START, {"input": {"ticket": ticket(visitor.pk), "channel": CHANNEL}}),
    ):
        answer = ask(document, **variables)
        assert answer.data["errors"] == [{"field": None, "message": AWAY, "code": "UNAVAILABLE"}]
    answer = ask(LIST, REP)
    assert (answer.refusals, str(answer.errors[0]), answer.data) == (["Unavailable"], AWAY, None)
    connection.close()
    connection.settings_dict.update(before)
    session.refresh_from_db()
    assert (session.state, Entry.objects.count()) == ("active", 0)
    assert ask(SEND, input=said).codes == []
    assert ask(LIST, REP).data["totalCount"] == 1


@pytest.mark.django_db(transaction=True)
def test_without_redis_everything_is_kept(ask, channel, rep, visitor, monkeypatch):
    """Redis is the bell: what it does not ring is there all the same."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free.getsockname()[1]}/0")
    conf.load.cache_clear()
    bus.reset()
    try:
        started = ask(START, input={"ticket": ticket(visitor.pk), "channel": CHANNEL})
        assert started.codes == []
        Session.objects.update(state="active", rep=rep)
        said = {"sessionId": started.data["session"]["id"], "key": str(uuid7()), "text": "Hi"}
        assert ask(SEND, REP, input=said).codes == []
        assert ask(END, REP, id=said["sessionId"]).codes == []
    finally:
        monkeypatch.undo()
        conf.load.cache_clear()
        bus.reset()
    session = Session.objects.get()
    assert session.state == "ended"
    assert list(Entry.objects.filter(kind="message").values_list("text", flat=True)) == ["Hi"]
    assert list(Entry.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, session.last_number + 1)
    )


SECRET = "password=hunter2"


def test_what_nobody_expected_is_logged_and_not_shown(ask, rep, visitor, monkeypatch, caplog):
    session = make_session(visitor, state="active", rep=rep)

    def broken(**_):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(actions, "end", broken)
    with caplog.at_level(logging.ERROR):
        answer = ask(END, REP, id=gid(session))
    assert answer.data == {
        "session": None,
        "errors": [{"field": None, "message": "Something went wrong on our side.", "code": "GRAPHQL_ERROR"}],
    }
    assert "RuntimeError" in caplog.text


def test_in_a_query_neither(ask, rep, monkeypatch, caplog):
    def broken(**_):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(queries, "visible", broken)
    answer = ask(LIST, REP)
    assert (answer.refusals, str(answer.errors[0])) == (["InternalServerError"], "Internal Server Error")


def test_nor_in_a_batch(ask, rep, visitor, monkeypatch):
    make_session(visitor, state="active", rep=rep)

    def broken(_):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(queries, "positions", broken)
    make_session(type(visitor).objects.create(created_at=visitor.created_at))
    answer = ask("{ liveSessions(first: 5) { edges { node { id position } } } }", REP)
    assert answer.refusals == ["InternalServerError"]
    assert SECRET not in str(answer.result.errors)
    assert [edge["node"]["position"] for edge in answer.data["edges"]] == [None, None]


def test_nor_in_the_shops_part(ask, shop, visitor, rep, monkeypatch):
    make_session(visitor, state="active", rep=rep, checkout_id="x")

    def broken(_):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(shop, "carts", broken)
    answer = ask("{ liveSessions(first: 5) { edges { node { id cart { quantity } } } } }", REP)
    assert answer.refusals == ["InternalServerError"]
    assert SECRET not in str(answer.result.errors)


def test_fields_are_spelled_as_the_api_does(ask, channel):
    answer = ask(CONFIGURE, OWNER, channel=CHANNEL, input={"requestsAllowed": None})
    assert answer.data["errors"] == [
        {
            "field": "requestsAllowed",
            "message": "This setting can't be null. Leave it out to keep its value.",
            "code": "INVALID",
        }
    ]
