"""The operations of ratings, as ``cases`` has all others."""

from __future__ import annotations

from typing import Any, Final

from .targets import DESK, DOCS, WIDGET, Case, Targets


def _over(targets: Targets) -> dict[str, Any]:
    """A session that has just ended, in which a rep had answered."""
    from saleor_livesales.ids import uuid7
    from saleor_livesales.sessions.models import Entry, Session
    from saleor_livesales.visitors.models import Visitor

    now = targets.now()
    session = Session.objects.create(
        visitor=Visitor.objects.create(id=uuid7(), created_at=now), rep=targets.rep, channel=targets.ended.channel,
        state="ended", end_reason="rep", created_at=now, accepted_at=now, ended_at=now, last_number=1,
    )  # fmt: skip
    Entry.objects.create(session=session, number=1, kind="message", sender="rep", text="Yes", at=now)
    return targets.own(session)


def _rated(targets: Targets) -> dict[str, Any]:
    asked = _over(targets)
    return {"input": {"sessionId": asked["id"], "ticket": asked["ticket"], "score": 4, "comment": "Kind"}}


def _shown(_: Targets, **score: Any) -> dict[str, Any]:
    return {"first": 50, "filter": {"rated": True, **score}}


RATINGS: Final[tuple[Case, ...]] = (
    Case(WIDGET / "RatingAsked.graphql", None, _over, "widget: whether to ask how it was"),
    Case(WIDGET / "SessionRate.graphql", None, _rated, "widget: rate a session"),
    Case(
        WIDGET / "OpenSession.graphql", None, lambda t: {"ticket": _over(t)["ticket"]},
        "widget: session that waits for its rating",
    ),
    Case(DESK / "ratings.graphql", "owner", _shown, "settings: rated sessions"),
    Case(DESK / "ratings.graphql", "owner", lambda t: _shown(t, score=[1, 2]), "settings: badly rated sessions"),
    Case(DESK / "ratingsOfReps.graphql", "owner", lambda _: {"first": 100}, "settings: ratings of reps"),
    Case(DOCS / "liveSessionRate.graphql", None, _rated, "rate a session"),
)  # fmt: skip
