"""Pages, cursors, and how many SQL queries a page costs."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales.graphql.connection import encode_cursor
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.offers.models import Decision
from saleor_livesales.sessions.models import Rep

from .conftest import (
    CHANNEL,
    OWNER,
    PRODUCT,
    REP,
    VARIANT,
    gid,
    make_message,
    make_session,
    make_visit,
    make_visitor,
    now,
    ticket,
)

PAGE = """
query($first: Int, $after: String, $last: Int, $before: String, $sortBy: LiveSessionSortingInput) {
  liveSessions(first: $first, after: $after, last: $last, before: $before, sortBy: $sortBy) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id } }
  }
}
"""


def walk(ask, *, size: int, backwards: bool = False, sort: dict | None = None) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        args = {"last": size, "before": cursor} if backwards else {"first": size, "after": cursor}
        answer = ask(PAGE, OWNER, sortBy=sort, **args)
        page = [node["id"] for node in answer.nodes]
        found = page + found if backwards else found + page
        info = answer.data["pageInfo"]
        cursor = info["startCursor"] if backwards else info["endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("sort", [None, {"field": "AWAITING_SINCE"}, {"field": "QUEUED_AT", "direction": "DESC"}])
def test_every_row_once_and_in_order(ask, size, backwards, sort):
    moment = now()
    sessions = [
        make_session(
            make_visitor(), at=moment - datetime.timedelta(seconds=n // 3), awaiting_since=moment if n % 2 else None
        )
        for n in range(7)
    ]
    found = walk(ask, size=size, backwards=backwards, sort=sort)
    assert sorted(found) == sorted(gid(session) for session in sessions)
    assert found == walk(ask, size=100, sort=sort)


def test_a_page_does_not_move_when_rows_arrive(ask):
    base = now()
    old = [make_session(make_visitor(), at=base - datetime.timedelta(minutes=n)) for n in range(3)]
    first = ask(PAGE, OWNER, first=1)
    make_session(make_visitor(), at=base + datetime.timedelta(minutes=1))
    second = ask(PAGE, OWNER, first=2, after=first.data["pageInfo"]["endCursor"])
    assert [node["id"] for node in second.nodes] == [gid(old[1]), gid(old[2])]
    assert second.data["pageInfo"]["hasPreviousPage"] is True
    assert second.data["pageInfo"]["hasNextPage"] is False
    assert second.data["totalCount"] == 4


def test_an_empty_page(ask):
    assert ask(PAGE, OWNER, first=3).data == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        "edges": [],
    }


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {},
            "You must provide a `first` or `last` value to properly paginate the `liveSessions` connection.",
        ),
        (
            {"first": None, "last": None},
            "You must provide a `first` or `last` value to properly paginate the `liveSessions` connection.",
        ),
        ({"first": 0}, "Argument `first` must be a positive integer."),
        ({"last": -1}, "Argument `last` must be a positive integer."),
        (
            {"first": 101},
            "Requesting 101 records on the `liveSessions` connection exceeds the `first` limit of 100 records.",
        ),
        (
            {"last": 101},
            "Requesting 101 records on the `liveSessions` connection exceeds the `last` limit of 100 records.",
        ),
        ({"first": 1, "last": 1}, "Argument `last` cannot be combined with `first`."),
        ({"first": 1, "before": "x"}, "Argument `first` cannot be combined with `before`."),
        ({"last": 1, "after": "x"}, "Argument `last` cannot be combined with `after`."),
    ],
)
def test_wrong_arguments(ask, args, message):
    answer = ask(PAGE, OWNER, **args)
    assert [str(error) for error in answer.errors] == [message]
    assert answer.data is None


BAD = [
    "nonsense",
    "é",
    encode_cursor([]),
    encode_cursor(["x"]),
    encode_cursor(["2026-01-01T00:00:00", str(uuid.UUID(int=1))]),  # without a zone
    encode_cursor(["2026-01-01T00:00:00+00:00", "no uuid"]),
    encode_cursor(["yesterday", str(uuid.UUID(int=1))]),
    encode_cursor([None, str(uuid.UUID(int=1))]),
    encode_cursor([["2026-01-01T00:00:00+00:00"], str(uuid.UUID(int=1))]),
    encode_cursor(["2026-01-01T00:00:00+00:00", str(uuid.UUID(int=1)), "more"]),
    encode_cursor([10**30, 1]),
]


@pytest.mark.parametrize("cursor", BAD)
def test_a_broken_cursor_is_refused(ask, cursor):
    for args in ({"first": 1, "after": cursor}, {"last": 1, "before": cursor}):
        assert [str(error) for error in ask(PAGE, OWNER, **args).errors] == ["Received cursor is invalid."]


MESSAGES = """
query($id: ID!, $ticket: String, $first: Int, $after: String, $last: Int, $before: String) {
  liveSession(id: $id, ticket: $ticket) {
    messages(first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { number text } }
    }
  }
}
"""


def test_messages_of_a_session(ask, rep):
    session = make_session(make_visitor(), state="active", rep=rep, last_number=2)  # two changes of state before
    for n in range(5):
        make_message(session, f"m{n}")

    def page(**args):
        data = ask(MESSAGES, id=gid(session), ticket=ticket(session.visitor_id), **args).data["messages"]
        return [edge["node"]["number"] for edge in data["edges"]], data

    numbers, data = page(first=2)
    assert numbers == [3, 4]
    assert data["totalCount"] == 5
    assert (data["pageInfo"]["hasNextPage"], data["pageInfo"]["hasPreviousPage"]) == (True, False)
    numbers, data = page(first=10, after=data["pageInfo"]["endCursor"])
    assert numbers == [5, 6, 7]
    assert data["pageInfo"]["hasNextPage"] is False
    numbers, data = page(last=2)
    assert numbers == [6, 7]
    assert (data["pageInfo"]["hasNextPage"], data["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert page(last=9, before=data["pageInfo"]["startCursor"])[0] == [3, 4, 5]


@pytest.mark.parametrize(
    "cursor", ["x", encode_cursor(["3"]), encode_cursor([-1]), encode_cursor([2**40]), encode_cursor([1, 2])]
)
def test_a_broken_cursor_of_messages(ask, rep, cursor):
    session = make_session(make_visitor(), state="active", rep=rep)
    answer = ask(MESSAGES, OWNER, id=gid(session), first=1, after=cursor)
    assert [str(error) for error in answer.errors] == ["Received cursor is invalid."]


@pytest.mark.parametrize("args", [{}, {"first": 101}, {"first": 1, "last": 1}])
def test_wrong_arguments_of_messages(ask, rep, args):
    session = make_session(make_visitor(), state="active", rep=rep)
    assert len(ask(MESSAGES, OWNER, id=gid(session), **args).errors) == 1


def make_world(shop, count: int) -> None:
    """``count`` visitors on the site, each with an account, a cart, a session and a decision."""
    base = now()
    for n in range(count):
        rep = Rep.objects.create(user_id=to_global_id("User", 1000 + n), name=f"Rep {n}")
        visitor = make_visitor(name=f"V{n}", user_id=to_global_id("User", 2000 + n))
        shop.add_customer(visitor.user_id)
        shop.add_cart(to_global_id("Checkout", uuid.UUID(int=n)), "10")
        visit = make_visit(
            visitor,
            product_id=to_global_id("Product", n),
            variant_id=VARIANT,
            checkout_id=to_global_id("Checkout", uuid.UUID(int=n)),
            facts={"trail": [{"url": f"/{p}", "product": to_global_id("Product", p)} for p in range(5)]},
        )
        make_session(visitor, state="ended", at=base - datetime.timedelta(days=1))
        state = "active" if n % 2 else "queued"
        session = make_session(
            visitor,
            state=state,
            rep=rep if n % 2 else None,
            product_id=PRODUCT,
            checkout_id=to_global_id("Checkout", uuid.UUID(int=n)),
        )
        for text in ("one", "two", "three"):
            make_message(session, text)
        Decision.objects.create(
            at=base,
            visitor_id=visitor.pk,
            visit_id=visit.pk,
            channel=CHANNEL,
            event_id=str(uuid7())[:32],
            outcome="silence",
            rule="price",
            reason="below",
        )


ALL_OF_A_SESSION = """
id state position expectedWait repName repAvatarUrl earlierSessions lastNumber
rep { id name online user { email } }
product { id } variant { id } checkout { id } cart { total { amount } lines { product { id } } }
messages(first: 2) { totalCount pageInfo { hasNextPage } edges { node { id number text } } }
"""
SESSIONS = f"""
query($first: Int!) {{ liveSessions(first: $first, filter: {{state: [ACTIVE, QUEUED]}}) {{ totalCount edges {{ node {{
  {ALL_OF_A_SESSION}
  visitor {{ id name user {{ email }} profile {{ name sessions }} online pageUrl product {{ id }} cart {{ quantity }}
    reason
    session {{ id }} }}
}} }} }} }}
"""
VISITORS = f"""
query($first: Int!) {{ liveVisitors(first: $first) {{ totalCount edges {{ node {{
  id name channel online lastSeenAt trail {{ url product {{ id }} variant {{ id }} }}
  product {{ id }} variant {{ id }} user {{ email }} profile {{ name sessions }}
  reason
  cart {{ total {{ amount }} }}
  session {{ {ALL_OF_A_SESSION} }}
}} }} }} }}
"""
REPS = (
    "query($first: Int!) { liveReps(first: $first) { totalCount edges { node { name load online user { email } } } } }"
)


# Sessions: who is asking, the page, its count; positions, the pace, reps, earlier sessions (2), messages, their counts,
# visitors, current visits, reasons, open sessions, sessions of the accounts.
# Visitors: who is asking, the page, its count; visits, reasons, open sessions, sessions of the accounts; of the
# sessions: positions, the pace, reps, earlier sessions (2), messages, their counts.
# Reps: the page, its count.
@pytest.mark.parametrize(("document", "expected"), [(SESSIONS, 15), (VISITORS, 14), (REPS, 2)])
def test_a_page_costs_the_same_whatever_its_size(ask, shop, document, expected):
    make_world(shop, 50)
    counts = {}
    for size in (2, 50):
        shop.calls.clear()
        shop.batches.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = ask(document, OWNER, first=size)
        assert len(answer.nodes) == size
        counts[size] = (len(queries), dict(shop.calls), dict(shop.batches))
    assert counts[2] == counts[50]
    assert counts[50][0] == expected
    if document != REPS:
        assert counts[50][1] == {"carts": 1, "customers": 1}
        assert set(counts[50][2].values()) <= {1, 2}  # of the rep and of the visitor, of the page and of the cart


def test_the_total_is_counted_only_when_asked_for(ask, shop):
    make_world(shop, 2)
    with CaptureQueriesContext(connection) as queries:
        ask("{ liveReps(first: 1) { edges { node { name } } } }", REP)
    assert len(queries) == 1
