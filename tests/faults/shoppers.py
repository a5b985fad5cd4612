"""Sessions that begin, ring, are accepted and end through GraphQL while something is broken."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.client
import json
import random
import time
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from saleor_livesales import wire
from saleor_livesales.ids import uuid7
from saleor_livesales.tokens import Signer

from ..shop.client import CHANNEL, TOKEN
from ..shop.people import ACCEPT, END, PRESENCE, SESSION, SESSIONS, START
from .clients import Habits, Line, Person
from .rig import Rig

ANSWER_WITHIN: Final = 6.0  # seconds; then a browser's patience ends, whatever becomes of the request
AGAIN_AFTER: Final = 0.5
TOKEN_LIFE: Final = 200.0
ENDED: Final = frozenset({"SESSION_ENDED", "NOT_ALLOWED_NOW", "NOT_FOUND"})


class NotNow(Exception):
    """The request failed, or its outcome is unknown: try again."""


class Shop:
    """GraphQL as browsers call it, from threads."""

    def __init__(self, rig: Rig, tokens: dict[str, tuple[float, str]]) -> None:
        self.rig = rig
        self.signing_in = asyncio.Lock()
        self.host = urllib.parse.urlsplit(rig.urls["graphql"]).netloc
        self.origin = rig.urls["storefront"].rstrip("/")
        self.signer = Signer(dict([rig.env["LIVESALES_SIGNING_KEYS"].split(":", 1)]))
        self.pool = ThreadPoolExecutor(16)
        self._tokens = tokens  # with the moment at which each was made

    def _ask(self, query: str, variables: dict[str, Any], token: str | None) -> Any:
        connection = http.client.HTTPConnection(self.host, timeout=ANSWER_WITHIN)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            connection.request("POST", "/graphql/", json.dumps({"query": query, "variables": variables}), headers)
            answer = json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NotNow(type(error).__name__) from None
        finally:
            connection.close()
        if answer.get("errors"):
            raise NotNow(str(answer["errors"][0])[:300])
        (value,) = answer["data"].values()
        return value

    async def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        """The one field of the answer. Raises NotNow; the next request then signs in anew, as the Dashboard does, for a
        token that was made while the shop's clock was wrong is of no use afterwards."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, self._ask, query, variables, token)
        except NotNow as reason:
            if token is not None and "message" in str(reason):
                for name, (_, known) in list(self._tokens.items()):
                    if known == token:
                        self.forget(name)
            raise

    async def token(self, name: str) -> str:
        """Signing in is slow by design, so a token serves several runs."""
        async with self.signing_in:
            made, token = self._tokens.get(name, (0.0, ""))
            if time.monotonic() - made > TOKEN_LIFE or not token:
                answer = await self.ask(TOKEN, email=f"{name}@example.com", password=self.rig.password)
                if answer["errors"]:
                    raise NotNow(str(answer["errors"]))
                self._tokens[name] = made, token = time.monotonic(), answer["token"]
            return token

    def forget(self, name: str) -> None:
        self._tokens.pop(name, None)

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


class ShortLine(Line):
    """One side of a session that ends: what comes too late is refused, and stays unwritten or not."""

    def refused(self, frame: wire.Refused) -> None:
        if frame.code not in ENDED:
            super().refused(frame)
        elif frame.key is not None:
            self.pending.pop(frame.key, None)
        else:
            self.asked_at = 0.0


class Visit:
    """One visitor, one session, from start to end."""

    def __init__(self) -> None:
        self.visitor = uuid7()
        self.session: str | None = None
        self.line: ShortLine | None = None
        self.step = "to start"


class Market:
    """Two reps at their desks and a few shoppers, round after round until ``finish``."""

    def __init__(self, rig: Rig, *, seed: int, shoppers: int, habits: Habits, counts: Counter[str]) -> None:
        self.shop, self.rig, self.habits, self.counts = Shop(rig, rig.tokens), rig, habits, counts
        self.random = random.Random(seed)
        self.visits: list[Visit] = []
        self.lines: dict[str, list[Line]] = {}
        self.rounds: list[float] = []  # moments at which a session had come to its end
        self.people: list[Person] = []
        self.finishing = False
        self.leaving = False
        self._names = ["rep", "rep2"]
        self._desks: dict[str, Person] = {}
        self._seeds = [self.random.getrandbits(32) for _ in range(shoppers)]
        self._shoppers: list[asyncio.Task[None]] = []
        self._keepers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        for name in self._names:
            self._desks[name] = self._person(name, "rep", lambda name=name: self._rep_hello(name))
            self._desks[name].start()
            self._keepers.append(asyncio.create_task(self._keep_desk(name)))
        self._shoppers = [asyncio.create_task(self._shop(seed)) for seed in self._seeds]

    def _person(self, name: str, role: str, hello: Any) -> Person:
        person = Person(
            name=name, role=role, gateways=self.rig.gateway_urls, origin=self.shop.origin, hello=hello,
            seed=self.random.getrandbits(32), habits=self.habits, pause=0.4, counts=self.counts,
        )  # fmt: skip
        self.people.append(person)
        return person

    @property
    def open(self) -> bool:
        """Whether both reps are at their desks."""
        return all(desk.ws is not None for desk in self._desks.values())

    async def finish(self, patience: float) -> list[str]:
        """No new rounds; those that run come to their end. What is stuck, in words."""
        self.finishing = True
        _, late = await asyncio.wait(self._shoppers, timeout=patience)
        for task in late:
            task.cancel()
        stuck = [f"a session is stuck: {visit.step}, {visit.session}" for visit in self.visits if visit.step != "done"]
        for task in self._shoppers:
            if task.done() and not task.cancelled() and task.exception() is not None:
                stuck.append(f"a shopper failed: {task.exception()!r}")
        return stuck

    async def leave(self) -> None:
        self.leaving = True
        for task in (*self._keepers, *self._shoppers):
            task.cancel()
        for person in self.people:
            await person.stop()
        for name in self._names:
            with contextlib.suppress(NotNow):
                await self.shop.ask(PRESENCE, await self.shop.token(name), input={"status": "OFFLINE"})
        self.shop.close()

    # Reps

    async def _rep_hello(self, name: str) -> wire.Hello:
        """As the console: each connection says that the rep is there, and gets a ticket for that."""
        try:
            answer = await self.shop.ask(
                PRESENCE, await self.shop.token(name), input={"status": "ONLINE", "capacity": 6}
            )
        except NotNow as reason:
            self.shop.forget(name)
            raise ConnectionError(str(reason)) from None
        if answer["errors"]:
            raise ConnectionError(str(answer["errors"]))
        return wire.Hello(role="rep", ticket=answer["ticket"])

    async def _keep_desk(self, name: str) -> None:
        """Accepts what rings or waits, as soon as it is seen, and says again that it is there."""
        desk = self._desks[name]
        news = asyncio.Event()

        def hear(frame: Any) -> None:
            if isinstance(frame, wire.SessionChanged | wire.QueueChanged):
                news.set()
                if frame.state == "ended" and frame.id in desk.lines:
                    desk.lines[frame.id].over = True

        desk.others = hear
        while True:
            with contextlib.suppress(NotNow):
                token = await self.shop.token(name)
                found = await self.shop.ask(SESSIONS, token, filter={"state": ["RINGING", "QUEUED"]})
                for edge in found["edges"]:
                    await self._accept(name, token, edge["node"]["id"])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await news.wait()
            news.clear()
            await asyncio.sleep(0.05)

    async def _accept(self, name: str, token: str, session: str) -> None:
        answer = await self.shop.ask(ACCEPT, token, id=session)
        codes = [error["code"] for error in answer["errors"]]
        if "REP_OFFLINE" in codes:
            if self._desks[name].ws is not None:
                self.counts["a rep was sent home"] += 1
            await self.shop.ask(PRESENCE, token, input={"status": "ONLINE", "capacity": 6})
        if not codes and answer["session"]["state"] == "ACTIVE":
            desk = self._desks[name]
            if session not in desk.lines:
                self._join(desk, session)

    def _join(self, person: Person, session: str) -> ShortLine:
        line = ShortLine(session, person.role, person)
        person.lines[session] = line
        self.lines.setdefault(session, []).append(line)
        if person.ws is not None:
            line.connected()
        return line

    # Shoppers

    async def _shop(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self.finishing:
            visit = Visit()
            self.visits.append(visit)
            token = self.shop.signer.sign(
                kind="visitor", subject=visit.visitor, now=datetime.datetime.now(datetime.UTC)
            )

            async def hello(token: str = token) -> wire.Hello:
                return wire.Hello(role="visitor", channel=CHANNEL, token=token)

            person = self._person(f"shopper {len(self.visits)}", "visitor", hello)
            person.start()
            try:
                await self._go_through(visit, person, chance)
            finally:
                person.quiet = True
                await person.stop()
            self.rounds.append(time.monotonic())
            await asyncio.sleep(chance.uniform(0.1, 0.6))

    async def _go_through(self, visit: Visit, person: Person, chance: random.Random) -> None:
        while person.ticket is None:
            await asyncio.sleep(0.05)
        while visit.session is None:
            with contextlib.suppress(NotNow):
                answer = await self._ask(person, START, input={"ticket": person.ticket, "channel": CHANNEL})
                if answer["errors"]:
                    visit.step = f"to start: {answer['errors']}"
                else:
                    visit.session = answer["session"]["id"]
                    break
            await asyncio.sleep(AGAIN_AFTER)
        visit.step = "to be accepted"
        await self._until(visit, person, {"ACTIVE", "ENDED"})
        visit.step = "to talk"
        visit.line = line = self._join(person, visit.session)
        await asyncio.sleep(chance.uniform(0.5, 2.0))
        visit.step = "to end"
        by_rep = chance.random() < 0.3
        while True:
            with contextlib.suppress(NotNow):
                if by_rep:
                    await self.shop.ask(END, await self.shop.token(self._names[0]), id=visit.session)
                answer = await self._ask(person, END, id=visit.session, ticket=person.ticket)
                if not answer["errors"] and answer["session"]["state"] == "ENDED":
                    break
                visit.step = f"to end: {answer['errors']}"
            await asyncio.sleep(AGAIN_AFTER)
        person.quiet = True
        visit.step = "to hear the end"
        last = 0
        while not last:
            with contextlib.suppress(NotNow):
                found = await self._ask(person, SESSION, id=visit.session, ticket=person.ticket)
                last = found["lastNumber"]
            await asyncio.sleep(0 if last else AGAIN_AFTER)
        while line.pending or line.whole < last:
            await asyncio.sleep(0.05)
            state = f"{line.whole} of {last}, {len(line.pending)} pending, resume asked {line.asked_at:.1f}"
            visit.step = f"to hear the end: {state}, at {person.at}, connected {person.ws is not None}"
        visit.step = "done"

    async def _ask(self, person: Person, query: str, **variables: Any) -> Any:
        """A visitor's request. A ticket that is not valid is replaced as the widget does it: by connecting again."""
        try:
            answer = await self.shop.ask(query, **variables)
        except NotNow as reason:
            if "INVALID_TICKET" in str(reason):
                person.reconnect("ticket")
            raise
        if "INVALID_TICKET" in str((answer or {}).get("errors")):
            person.reconnect("ticket")
        return answer

    async def _until(self, visit: Visit, person: Person, states: set[str]) -> None:
        """Told by the socket, or asked for every second."""
        news = asyncio.Event()
        person.others = lambda frame: news.set() if isinstance(frame, wire.SessionChanged) else None
        while True:
            with contextlib.suppress(NotNow):
                found = await self._ask(person, SESSION, id=visit.session, ticket=person.ticket)
                if found is not None and found["state"] in states:
                    return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await news.wait()
            news.clear()
