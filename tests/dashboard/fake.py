"""A Dashboard page, an API and a gateway that do what a test says: for the console's own behaviour, not for the shop's.

Nothing listens: Playwright answers the browser's requests and its WebSocket. The console's document and files come from
``dashboard.serve`` with its real headers, frames are those of ``saleor_livesales.wire``.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from playwright.sync_api import BrowserContext, Frame, Page, Route, WebSocketRoute

from saleor_livesales import wire
from saleor_livesales.dashboard.serve import respond
from tests.storefront.fake import PNG, multipart

from .build import connection, moment, product
from .fake_letters import FakeLetters
from .fake_owner import OwnersPages

SHOP = "https://shop.test"
API = f"{SHOP}/graphql/"
DASHBOARD = "https://dashboard.shop.test"  # same site as the API, as usual: browsers then give the frame its storage
GATEWAY = "wss://gateway.test/live"
PLUGIN = f"{SHOP}/plugins/saleor.livesales/"
REP = "TGl2ZVJlcDox"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#c96"/></svg>'

# What the Dashboard does with a frame: the same sandbox, the same query string, the handshake on load and when ready.
DASHBOARD_PAGE = """<!doctype html><meta charset="utf-8"><style>html,body,iframe{margin:0;border:0;padding:0;
width:100%%;height:100%%;display:block;overflow:hidden}</style><iframe src="%s"
sandbox="allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"></iframe><script>
const frame = document.querySelector("iframe"), origin = new URL(frame.src).origin;
window.actions = []; window.token = "%s"; window.shake = true;
window.post = (type, payload) => frame.contentWindow.postMessage({type, payload}, origin);
const handshake = () => window.shake && post("handshake", {token: window.token, version: 1});
frame.addEventListener("load", handshake);
addEventListener("message", (event) => {
  if (event.origin !== origin || !event.data?.payload?.actionId) return;
  window.actions.push(event.data);
  if (event.data.type === "notifyReady") handshake();
  post("response", {actionId: event.data.payload.actionId, ok: true});
});
</script>"""


class FakeShop(OwnersPages):
    """The state of a shop; tests change it and push frames."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__()
        self.rep: dict[str, Any] = {
            "id": REP,
            "name": "Rita Rep",
            "status": "ONLINE",
            "capacity": 3,
            "load": 0,
            "mayManage": True,
        }
        self.queue: list[str] = []
        self.sessions: dict[str, dict[str, Any]] = {}
        self.entries: dict[str, list[wire.Entry]] = {}
        self.visitors: list[dict[str, Any]] = []
        self.blocks: list[dict[str, Any]] = []
        self.more_visitors = 0  # beyond those that are listed
        self.inquiries: list[dict[str, Any]] = []
        self.letters = FakeLetters()
        self.asked: list[tuple[str, dict[str, Any], str]] = []  # operation, variables, Authorization
        self.elsewhere: list[str] = []  # requests to any other host
        self.frames: list[wire.Frame] = []
        self.stale: set[str] = set()  # tokens that the API no longer takes
        self.hang: set[str] = set()  # operations that get no answer
        self.fail: dict[str, str] = {}  # operation -> error code of the API, or "network"
        self.refuse: dict[str, dict[str, Any]] = {}  # operation -> one error of its payload
        self.acking = True
        self.files: list[bytes] = []  # pictures that were sent, as they came
        self.served: list[str] = []  # what was asked for below pictures/
        self.missing: set[str] = set()  # of it what is no longer there
        self.open = True  # whether the gateway takes connections
        self.query = ""
        self.token = "token-1"
        self.page_path = "console/"
        self.hash = ""  # of the frame's address
        self.ancestors: list[str] = [DASHBOARD]
        self.dashboard = DASHBOARD
        self.sockets: list[WebSocketRoute] = []
        context.route("**/*", self._request)
        context.route_web_socket(GATEWAY, self._connect)

    # The pages

    def visit(self, page: Page) -> Frame:
        """Opens the Dashboard's page; the console's frame."""
        page.goto(f"{self.dashboard}/")
        frame = page.frames[1]
        frame.wait_for_selector("#console > *")
        return frame

    def _request(self, route: Route) -> None:
        url, method = route.request.url, route.request.method
        if url == f"{self.dashboard}/":
            given = f"domain=shop.test&saleorApiUrl=https%3A%2F%2Fshop.test%2Fgraphql%2F&id=1&theme=light{self.query}"
            src = f"{PLUGIN}{self.page_path}?{given}{self.hash}"
            route.fulfill(body=DASHBOARD_PAGE % (src.replace("&", "&amp;"), self.token), content_type="text/html")
        elif url.startswith(f"{PLUGIN}pictures/"):
            self.served.append(url.removeprefix(f"{PLUGIN}pictures/"))
            gone = url.removeprefix(f"{PLUGIN}pictures/") in self.missing
            # Of a picture that comes with a 404 a browser would show it all the same.
            if gone:
                route.fulfill(status=404, body="Not found.", content_type="text/plain")
            else:
                route.fulfill(body=PNG, content_type="image/png")
        elif url.startswith(PLUGIN):
            path = url.removeprefix(PLUGIN).partition("?")[0]
            answer = respond(path, api_url=API, frame_ancestors=self.ancestors)
            route.fulfill(status=answer.status, headers=dict(answer.headers), body=answer.body)
        elif url == API and method == "POST":
            self._graphql(route)
        elif url.startswith("https://cdn.test/"):
            route.fulfill(body=PICTURE, content_type="image/svg+xml")
        else:
            if not url.endswith("/favicon.ico"):
                self.elsewhere.append(url)
            route.abort()

    # The API

    def _graphql(self, route: Route) -> None:
        kind = route.request.headers["content-type"]
        if kind.startswith("multipart/form-data"):
            parts = multipart(kind, route.request.post_data_buffer or b"")
            body: dict[str, Any] = json.loads(parts["operations"])
            self.files.append(parts["0"])
        else:
            body = route.request.post_data_json or {}
        found = re.match(r"\s*(?:query|mutation)\s+(\w+)", body["query"])
        assert found, body["query"]
        operation, variables = found[1], body["variables"]
        authorization = route.request.headers.get("authorization", "")
        self.asked.append((operation, variables, authorization))
        if operation in self.hang:
            return
        failure = self.fail.get(operation)
        if authorization.removeprefix("Bearer ") in self.stale:
            failure = "ExpiredSignatureError"
        if failure == "network":
            route.abort()
            return
        if failure:
            error = {"message": f"Refused: {failure}", "extensions": {"exception": {"code": failure}}}
            route.fulfill(json={"errors": [error], "data": None})
            return
        route.fulfill(json={"data": self._answer(operation, variables)})

    def _answer(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        refused = [self.refuse[operation]] if operation in self.refuse else []
        for answers in (self.letters.answer, self.owner_answer):
            if (found := answers(operation, variables, refused)) is not None:
                return found
        match operation:
            case "ConsoleRep":
                return {"liveRep": self.rep}
            case "ConsolePresence":
                if refused:
                    return {
                        "liveRepPresenceUpdate": {
                            "rep": None,
                            "ticket": None,
                            "expiresAt": None,
                            "gatewayUrl": None,
                            "errors": refused,
                        }
                    }
                self.rep = {**self.rep, **variables["input"]}
                ticket = f"ticket-{len(self.asked)}"
                known = {"ticket": ticket, "expiresAt": moment(-300), "gatewayUrl": GATEWAY}
                return {"liveRepPresenceUpdate": {"rep": self.rep, **known, "errors": []}}
            case "ConsoleSessions":
                mine = [s for s in self.sessions.values() if s["rep"] == {"id": REP} and s["state"] != "ENDED"]
                return {
                    "rep": self.rep,
                    "queue": connection([self.sessions[i] for i in self.queue]),
                    "mine": connection(mine),
                }
            case "ConsoleSession":
                return {"liveSession": self.sessions.get(variables["id"])}
            case "ConsolePicture":
                number = len(self.operations("ConsolePicture"))
                known = {size: f"{PLUGIN}pictures/{variables['id']}-{number}/{size}" for size in ("small", "large")}
                gone = variables["id"] in self.missing
                return {"livePicture": None if gone else {**known, "expiresAt": moment(-300)}}
            case "ConsolePictureSend":
                if refused:
                    return {"livePictureSend": {"message": None, "errors": refused}}
                return {"livePictureSend": {"message": self._taken(variables["input"]), "errors": []}}
            case "ConsoleVisitors":
                listed = connection(self.visitors)
                return {"liveVisitors": listed | {"totalCount": len(self.visitors) + self.more_visitors}}
            case "ConsoleOfferMake":
                made = None if refused else {"id": "offer-1", "expiresAt": moment(-60)}
                for each in self.visitors:
                    if made and each["id"] == variables["input"]["visitorId"]:
                        each["offer"] = made
                return {"liveOfferMake": {"offer": made, "errors": refused}}
            case "ConsoleBlocks":
                return {"liveVisitorBlocks": connection(self.blocks)}
            case "ConsoleBlock":
                made = None if refused else self.block(**variables["input"])
                return {"liveVisitorBlock": {"block": made, "errors": refused}}
            case "ConsoleUnblock":
                if not refused:
                    self.unblock(variables["visitorId"])
                return {"liveVisitorUnblock": {"visitor": None, "errors": refused}}
            case "ConsoleVisitor":
                found = [each for each in self.visitors if each["id"] == variables["id"]]
                return {"liveVisitor": found[0] if found else None}
            case "ConsoleInquiries":
                return {"liveInquiries": connection(self.inquiries)}
            case "ConsoleAccept":
                if not refused:
                    self.accept(variables["id"])
                return {"liveSessionAccept": {"session": None, "errors": refused}}
            case "ConsoleEnd":
                if not refused:
                    self.end(variables["id"], "rep")
                return {"liveSessionEnd": {"session": self.sessions[variables["id"]], "errors": refused}}
        raise AssertionError(operation)

    def _taken(self, given: dict[str, Any]) -> dict[str, Any]:
        key, session = uuid.UUID(given["key"]), given["sessionId"]
        entry = next((entry for entry in self.entries[session] if entry.key == key), None)
        if entry is None:
            picture = wire.Picture(id=f"picture-{len(self.files)}", width=400, height=300)
            entry = self._add(session, kind="message", sender="rep", text=given["caption"], key=key, picture=picture)
        shown = {"id": entry.picture.id, "width": 400, "height": 300}  # type: ignore[union-attr]
        return {"number": entry.number, "at": entry.at, "text": entry.text, "picture": shown}

    def operations(self, name: str) -> list[dict[str, Any]]:
        return [variables for operation, variables, _ in self.asked if operation == name]

    # The gateway

    def _connect(self, socket: WebSocketRoute) -> None:
        if not self.open:
            socket.close(code=1013)
            return
        self.sockets.append(socket)
        socket.on_message(lambda data: self._frame(socket, str(data)))
        socket.on_close(lambda code, reason: self.sockets.remove(socket) if socket in self.sockets else None)

    def _frame(self, socket: WebSocketRoute, data: str) -> None:
        frame = wire.decode_from_browser(data.encode())
        self.frames.append(frame)
        match frame:
            case wire.Hello():
                self._send(socket, wire.Welcome(id=REP, expires_at=moment(-300)))
            case wire.Renew():
                self._send(socket, wire.Renewed(expires_at=moment(-300)))
            case wire.Resume(session=session, after=after):
                known = self.entries.get(session, [])
                later = [entry for entry in known if entry.number > after]
                self._send(socket, wire.Resumed(session=session, entries=later, last_number=len(known)))
            case wire.SendMessage(session=session, key=key, text=text) if self.acking:
                if self.sessions[session]["state"] == "ENDED":
                    refusal = wire.Refused(
                        code="SESSION_ENDED", message="This session has ended.", session=session, key=key
                    )
                    self._send(socket, refusal)
                    return
                sent = next((entry for entry in self.entries[session] if entry.key == key), None)
                entry = sent or self.write(session, "rep", text, key=key)
                self._send(socket, wire.Ack(session=session, key=key, number=entry.number, at=entry.at))
                self._send(socket, entry)

    def _send(self, socket: WebSocketRoute, frame: wire.Frame) -> None:
        socket.send(wire.encode(frame).decode())

    def push(self, frame: wire.Frame) -> None:
        for socket in self.sockets:
            self._send(socket, frame)

    def drop(self) -> None:
        for socket in list(self.sockets):
            self.sockets.remove(socket)
            socket.close(code=1012)

    def sent(self, kind: type) -> list[Any]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    # What happens in the shop

    def session(self, name: str = "", *, state: str = "QUEUED", waited: float = 30, **more: Any) -> str:
        """A session that waits, rings at the rep, or is the rep's own."""
        number = len(self.sessions) + 1
        pk = f"session-{number}"
        person = {
            "id": f"visitor-{number}",
            "name": name,
            "assurance": "ANONYMOUS",
            "online": True,
            "pageUrl": "https://store.test/products/watch",
            "pageTitle": "Watch",
            "profile": None,
        } | more.pop("visitor", {})
        self.sessions[pk] = {
            "id": pk,
            "channel": "default-channel",
            "form": "CHAT",
            "state": state,
            "endReason": None,
            "lastNumber": 0,
            "visitorRead": 0,
            "repRead": 0,
            "createdAt": moment(waited),
            "queuedAt": moment(waited),
            "acceptedAt": None if state in ("QUEUED", "RINGING") else moment(10),
            "endedAt": None,
            "awaitingSince": None,
            "dueAt": moment(-25) if state == "RINGING" else None,
            "repName": None,
            "earlierSessions": 0,
            "rating": None,
            "rep": None if state == "QUEUED" else {"id": REP},
            "visitor": person,
            "product": product("Watch", 250.0),
            "variant": None,
            "cart": None,
        } | more
        self.entries[pk] = []
        self.log(pk, "requested", "queued")
        if state == "QUEUED":
            self.queue.append(pk)
        if state == "ACTIVE":
            self.log(pk, "queued", "active", repName="Rita Rep")
        return pk

    def known(self, visitor_id: str) -> list[dict[str, Any]]:
        """All that is shown of a visitor."""
        people = [*self.visitors, *(session["visitor"] for session in self.sessions.values())]
        return [person for person in people if person["id"] == visitor_id]

    def block(self, *, visitorId: str, duration: str, reason: str) -> dict[str, Any]:
        until = None if duration == "FOR_GOOD" else "2026-12-24T12:00:00Z"
        made = {"id": f"block-{len(self.blocks)}", "at": moment(), "until": until, "reason": reason, "byName": "Rita"}
        for person in self.known(visitorId):
            person["block"] = made
        names = [person["name"] for person in self.known(visitorId)] or [""]
        self.blocks = [{**made, "visitor": {"id": visitorId, "name": names[0]}}, *self.blocks]
        return made

    def unblock(self, visitor_id: str) -> None:
        self.blocks = [each for each in self.blocks if each["visitor"]["id"] != visitor_id]
        for person in self.known(visitor_id):
            person["block"] = None

    def log(self, pk: str, before: str, after: str, **data: str) -> wire.Entry:
        line = {"from": before, "to": after, "form": "chat", **data}
        return self._add(pk, kind="state", sender="system", data=line)

    def notice(self, pk: str, **data: str) -> None:
        self.push(self._add(pk, kind="notice", sender="system", data=data))

    def write(self, pk: str, sender: Any, text: str, *, key: uuid.UUID | None = None, ago: float = 0) -> wire.Entry:
        return self._add(pk, kind="message", sender=sender, text=text, key=key, ago=ago)

    def _add(self, pk: str, *, ago: float = 0, **values: Any) -> wire.Entry:
        number = len(self.entries[pk]) + 1
        entry = wire.Entry(session=pk, number=number, at=moment(ago), **values)
        self.entries[pk].append(entry)
        self.sessions[pk]["lastNumber"] = number
        return entry

    def changed(self, pk: str, *, reason: str | None = None) -> None:
        session = self.sessions[pk]
        self.push(
            wire.SessionChanged(
                id=pk,
                state=session["state"].lower(),
                form="chat",
                last_number=session["lastNumber"],
                reason=reason,
                due_at=session["dueAt"],
            )
        )

    def rate(self, pk: str, score: int, comment: str = "") -> None:
        self.sessions[pk]["rating"] = {"score": score, "comment": comment}
        self.push(wire.Rated(session=pk, score=score, comment=comment))

    def accept(self, pk: str) -> None:
        self.sessions[pk].update(state="ACTIVE", rep={"id": REP}, acceptedAt=moment(), dueAt=None)
        self.queue = [other for other in self.queue if other != pk]
        self.rep = {**self.rep, "load": self.rep["load"] + 1}
        self.push(self.log(pk, "queued", "active", repName="Rita Rep"))
        self.changed(pk)

    def end(self, pk: str, reason: str) -> None:
        self.sessions[pk].update(state="ENDED", endReason=reason.upper(), endedAt=moment())
        self.push(self.log(pk, "active", "ended", reason=reason))
        self.changed(pk, reason=reason)
