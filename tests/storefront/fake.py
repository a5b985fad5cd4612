"""A shop page with a small API and gateway that do what a test says: for the widget's own behaviour alone.

Speaks the real frames (``saleor_livesales.wire``) and serves the real built files.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import json
import re
import threading
import time
import uuid
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import picows

from saleor_livesales import wire
from saleor_livesales.dashboard.serve import respond

SESSION = "TGl2ZVNlc3Npb246MQ=="
PREFIX = "/plugins/saleor.livesales/"
FACE = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#f4d9c6"/>
<circle cx="4" cy="3" r="1.6" fill="#8a5a3b"/><path d="M1 8a3 3 0 0 1 6 0z" fill="#3f6c8f"/></svg>"""
OPEN_FOR_HELP = {
    "active": True,
    "requestsAllowed": True,
    "available": True,
    "opensAt": None,
    "turnsIn": None,
    "forms": ["CHAT"],
    "greeting": "",
    "picturesAllowed": True,
}


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGM8ISfHwMDAxMDAwMDAAAANBAEIfXHKZgAAAABJRU5ErkJggg=="
)


def multipart(content_type: str, data: bytes) -> dict[str, bytes]:
    """The parts of a request by name."""
    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + data)
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in message.iter_parts()  # type: ignore[attr-defined]
    }


def moment() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


class _Listener(picows.WSListener):
    def __init__(self, fake: FakeShop) -> None:
        self.fake = fake
        self.transport: picows.WSTransport

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.TEXT:
            self.fake.received(self, frame.get_payload_as_bytes())
        elif frame.msg_type == picows.WSMsgType.CLOSE:
            transport.disconnect()

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self.fake.listeners.discard(self)


class FakeShop:
    """``url`` is a product page that embeds the widget. Everything below is read at the moment it matters."""

    def __init__(self) -> None:
        self.head = ""  # more in the page's head
        self.html_attributes = 'lang="en"'
        self.script_attributes = ""
        self.csp = ""
        self.member: dict[str, Any] | None = None  # as what the visitor is known; a code makes it `joins`
        self.joins: dict[str, Any] | None = None
        self.opened: dict[str, Any] = {"product": {"id": "UHJvZHVjdDo5"}, "variant": None}  # by a code
        self.arrangement: str | None = None  # of the visitor's plan
        self.widget_too = ""  # on the badge's page: "before" or "after" the badge's script
        self.badge = ""  # attributes of the badge
        self.served_from = ""  # the origin of widget and API, where it is not the page's
        self.storefront: dict[str, Any] = dict(OPEN_FOR_HELP)
        self.refuse: dict[str, str] = {}  # operation -> error code
        self.visitor = "TGl2ZVZpc2l0b3I6MQ=="
        self.token: str | None = None  # what the browser is to keep, where no cookie does
        self.down = False  # whether the API answers with a failure of its own
        self.accepting = True  # whether sockets are welcomed
        self.acking = True
        self.delivering = True
        self.resuming = True  # whether Resume is answered with entries, or refused for now
        self.page_size = 1000  # entries that one answer to Resume holds
        self.files: list[bytes] = []  # pictures that were sent, as they came
        self.pictures: dict[str, bytes] = {}  # what is shown of them, by id
        self.taking = threading.Event()  # whether a picture that is sent gets its answer
        self.taking.set()
        self.session: dict[str, Any] | None = None
        self.rating_asked = False  # whether the visitor is asked what it thinks of a session that is over
        self.ratings: list[dict[str, Any]] = []  # what it answered, or put away
        self.entries: list[wire.Entry] = []
        self.faces_asked: list[str | None] = []  # the Referer with which each picture was asked for
        self.frames: list[Any] = []
        self.operations: list[tuple[str, dict[str, Any], str | None]] = []
        self.listeners: set[_Listener] = set()
        self._lock = threading.RLock()
        self._loop = asyncio.new_event_loop()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        ready = threading.Event()

        def run_loop() -> None:
            asyncio.set_event_loop(self._loop)
            server = self._loop.run_until_complete(
                picows.ws_create_server(lambda _request: _Listener(self), "127.0.0.1", 0)
            )
            self.gateway = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/live"
            ready.set()
            self._loop.run_forever()
            server.close()

        self._threads = [
            threading.Thread(target=run_loop, daemon=True),
            threading.Thread(target=self._http.serve_forever, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        ready.wait(5)
        self.origin = f"http://127.0.0.1:{self._http.server_port}"
        self.url = f"{self.origin}/product?token=secret#fragment"

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        for thread in self._threads:
            thread.join(5)

    # Gateway

    def received(self, listener: _Listener, data: bytes) -> None:
        frame = wire.decode_from_browser(data)
        with self._lock:
            self.frames.append(frame)
            match frame:
                case wire.Hello():
                    if not self.accepting:
                        listener.transport.disconnect()
                        return
                    self.listeners.add(listener)
                    welcome = wire.Welcome(id=self.visitor, expires_at=moment(), ticket="ticket-1", token=self.token)
                    self._send(listener, welcome)
                case wire.SendMessage(session=session, key=key, text=text):
                    known = next((entry for entry in self.entries if entry.key == key), None)
                    entry = known or self.add(sender="visitor", text=text, key=key, tell=False)
                    if self.acking:
                        self._send(listener, wire.Ack(session=session, key=key, number=entry.number, at=entry.at))
                        self._send(listener, entry)
                case wire.Read(session=session, number=number):
                    if self.session:
                        self.session["visitorRead"] = max(self.session["visitorRead"], number)
                    self.push(wire.Read(session=session, number=number, sender="visitor"))
                case wire.Resume(session=session) if not self.resuming:
                    refused = wire.Refused(code="UNAVAILABLE", message="Try again.", session=session)
                    self._send(listener, refused)
                case wire.Resume(session=session, after=after):
                    entries = [entry for entry in self.entries if entry.number > after]
                    page, more = entries[: self.page_size], len(entries) > self.page_size
                    last = len(self.entries)
                    self._send(listener, wire.Resumed(session=session, entries=page, last_number=last, more=more))

    def _send(self, listener: _Listener, frame: wire.Frame) -> None:
        with contextlib.suppress(Exception):  # a socket that is just closing
            listener.transport.send(picows.WSMsgType.TEXT, wire.encode(frame))

    def push(self, frame: wire.Frame) -> None:
        """To every connected page."""

        def tell() -> None:
            for listener in list(self.listeners):
                self._send(listener, frame)

        self._loop.call_soon_threadsafe(tell)

    def drop(self, code: int = 0) -> None:
        """Cuts every connection, with a close code where one is given."""

        def cut() -> None:
            for listener in list(self.listeners):
                if code:
                    listener.transport.send_close(picows.WSCloseCode(code))
                listener.transport.disconnect()

        self._loop.call_soon_threadsafe(cut)

    def add(
        self,
        *,
        sender: wire.Sender,
        text: str = "",
        key: uuid.UUID | None = None,
        tell: bool = True,
        at: str = "",
        picture: wire.Picture | None = None,
        **data: Any,
    ) -> wire.Entry:
        """One more entry of the session; with data it is a change of state, or a notice."""
        with self._lock:
            entry = wire.Entry(
                session=SESSION,
                number=len(self.entries) + 1,
                kind="notice" if "notice" in data else "state" if data else "message",
                sender=sender,
                at=at or moment(),
                text=text,
                key=key,
                data=data,
                picture=picture,
            )
            self.entries.append(entry)
            if tell and self.delivering:
                self.push(entry)
            return entry

    def show(self, image: bytes, width: int, height: int, *, sender: wire.Sender = "rep", **given: Any) -> wire.Entry:
        """A picture of this size, for which these bytes are served."""
        picture = wire.Picture(id=f"picture-{len(self.pictures) + 1}", width=width, height=height)
        self.pictures[picture.id] = image
        return self.add(sender=sender, picture=picture, **given)

    def state(self, to: wire.SessionState, **changes: Any) -> None:
        """The session changes its state: entry and frame, as the product announces it."""
        before = self.session["state"].lower() if self.session else "requested"
        assert self.session is not None
        self.session.update({"state": to.upper(), "position": None, "expectedWait": None, **changes})
        data: dict[str, Any] = {"from": before, "to": to}
        if name := self.session["repName"]:
            data["repName"] = name
        self.add(sender="system", **data)
        reason = self.session["endReason"]
        self.push(
            wire.SessionChanged(
                id=SESSION,
                state=to,
                form="chat",
                last_number=len(self.entries),
                rep_name=self.session["repName"],
                rep_avatar_url=self.session["repAvatarUrl"],
                position=self.session["position"],
                expected_wait=self.session["expectedWait"],
                reason=reason.lower() if reason else None,
            )
        )

    def notice(self, **data: str) -> None:
        self.add(sender="system", **data)

    def place(self, position: int, expected_wait: int | None) -> None:
        """The visitor moves in the queue, or has to expect another wait than before."""
        assert self.session is not None
        self.session.update({"position": position, "expectedWait": expected_wait})
        self.push(
            wire.SessionChanged(
                id=SESSION,
                state="queued",
                form="chat",
                last_number=len(self.entries),
                position=position,
                expected_wait=expected_wait,
            )
        )

    def offer(self, greeting: str = "Can I help you with the bracelet?", **rep: str) -> None:
        self.wait(lambda: self.listeners)
        expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=2)
        offer = wire.OfferMade(
            id="T2ZmZXI6MQ==", forms=["chat"], greeting=greeting, expires_at=expires.isoformat(), **rep
        )
        self.push(offer)

    def of(self, kind: type) -> list[Any]:
        with self._lock:
            return [frame for frame in self.frames if isinstance(frame, kind)]

    def wait(self, condition: Callable[[], Any], *, seconds: float = 8) -> Any:
        """What the condition gives as soon as it is true."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)
        return value

    # API and pages

    def begin(self, **changes: Any) -> dict[str, Any]:
        self.session = {
            "id": SESSION,
            "state": "QUEUED",
            "form": "CHAT",
            "lastNumber": 0,
            "visitorRead": 0,
            "repRead": 0,
            "repName": None,
            "repAvatarUrl": None,
            "position": 2,
            "expectedWait": None,
            "queuedAt": moment(),
            "endReason": None,
            **changes,
        }
        if not self.entries:
            self.add(sender="system", tell=False, **dict[str, Any]({"from": "requested", "to": "queued"}))
        return self._node()

    def _node(self) -> dict[str, Any]:
        assert self.session is not None
        return {**self.session, "lastNumber": len(self.entries)}

    def answer(self, operation: str, variables: dict[str, Any]) -> dict[str, Any]:
        if code := self.refuse.get(operation):
            name = operation[0].lower() + operation[1:]
            return {name: {"session": None, "errors": [{"field": None, "message": code, "code": code}]}}
        match operation:
            case "LiveStorefront":
                return {"liveStorefront": {"gatewayUrl": self.gateway, **self.storefront}}
            case "LiveOpenSession":
                going = self.session is not None and (self.session["state"] != "ENDED" or self.asks)
                return {"liveSessions": {"edges": [{"node": self._node()}] if going else []}}
            case "LiveSession":
                return {"liveSession": self.session and self._node()}
            case "LiveRatingAsked":
                return {"liveSession": {"ratingAsked": self.asks}}
            case "LiveSessionRate":
                given = variables["input"]
                self.ratings.append({name: given[name] for name in ("score", "comment")})
                self.push(wire.Rated(session=given["sessionId"], score=given["score"], comment=given["comment"]))
                return {"liveSessionRate": {"errors": []}}
            case "LiveSessionStart":
                return {"liveSessionStart": {"session": self.begin(), "errors": []}}
            case "LiveOfferAccept":
                return {"liveOfferAccept": {"session": self.begin(), "errors": []}}
            case "LiveSignInCodeRedeem":
                self.member = self.joins or self.member
                return {"liveSignInCodeRedeem": {"opened": self.opened, "errors": []}}
            case "LiveArrangement":
                plan = self.arrangement and {"plan": {"arrangement": self.arrangement}}
                return {"liveMemberBadge": plan}
            case "LiveMemberBadge":
                return {"liveMemberBadge": self.member}
            case "LivePicture":
                known = variables["id"] in self.pictures
                url = f"{self.served_from or self.origin}{PREFIX}pictures/{variables['id']}/{variables['size'].lower()}"
                return {"livePicture": {"url": url} if known else None}
            case "LivePictureSend":
                return {"livePictureSend": {"message": self._taken(variables["input"]), "errors": []}}
            case "LiveSessionEnd":
                self.state("ended", endReason="VISITOR")
                return {"liveSessionEnd": {"session": self._node(), "errors": []}}
        return {operation[0].lower() + operation[1:]: {"errors": []}}

    @property
    def asks(self) -> bool:
        return self.rating_asked and not self.ratings

    def _taken(self, given: dict[str, Any]) -> dict[str, Any]:
        key = uuid.UUID(given["key"])
        entry = next((entry for entry in self.entries if entry.key == key), None)
        if entry is None:
            entry = self.show(PNG, 400, 300, sender="visitor", key=key, text=given["caption"], tell=False)
        assert entry.picture is not None
        shown = {"id": entry.picture.id, "width": entry.picture.width, "height": entry.picture.height}
        return {"number": entry.number, "at": entry.at, "text": entry.text, "picture": shown}

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [variables for name, variables, _ in self.operations if name == operation]

    def page(self) -> str:
        return (
            f"<!doctype html><html {self.html_attributes}><head><meta charset=utf-8><title>Gold bracelet</title>"
            f'<meta name=viewport content="width=device-width, initial-scale=1">{self.head}'
            f'<script type="module" src="{self.served_from}{PREFIX}livesales.js" data-channel="default-channel" '
            f'data-api="{self.served_from}/graphql/" data-product="UHJvZHVjdDox" '
            f"{self.script_attributes}></script></head>"
            "<body><h1>Gold bracelet</h1><p>EUR 500.01</p><button>Add to cart</button></body></html>"
        )

    def members_page(self) -> str:
        """A page with the badge in its text."""
        widget = (
            f'<script type="module" src="{self.served_from}{PREFIX}livesales.js" data-channel="default-channel" '
            f'data-api="{self.served_from}/graphql/"></script>'
        )
        badge = f'<script type="module" src="{self.served_from}{PREFIX}livesales-member.js"></script>'
        scripts = {"": badge, "before": widget + badge, "after": badge + widget}[self.widget_too]
        return (
            f"<!doctype html><html {self.html_attributes}><head><meta charset=utf-8><title>Your account</title>"
            f'<meta name=viewport content="width=device-width, initial-scale=1">{self.head}{scripts}</head>'
            f'<body><main><h1>Your account</h1><live-sales-member channel="default-channel" '
            f'api="{self.served_from}/graphql/" {self.badge}></live-sales-member><p>Orders</p></main></body></html>'
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
                for name, value in {**allowed, **headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path.startswith(f"{PREFIX}pictures/"):
                    image = fake.pictures.get(path.split("/")[-2])
                    self.reply(200 if image else 404, {"Content-Type": "image/png"}, image or b"")
                elif path.startswith(PREFIX):
                    made = respond(path.removeprefix(PREFIX), api_url=fake.origin, frame_ancestors=[])
                    self.reply(made.status, dict(made.headers), made.body)
                elif path in ("/product", "/other", "/members"):
                    headers = {"Content-Type": "text/html; charset=utf-8"}
                    if fake.csp:
                        headers["Content-Security-Policy"] = fake.csp
                    self.reply(200, headers, (fake.members_page() if path == "/members" else fake.page()).encode())
                elif path == "/media/anna.svg":
                    fake.faces_asked.append(self.headers.get("Referer"))
                    self.reply(200, {"Content-Type": "image/svg+xml"}, FACE)
                elif path == "/frame":  # the shop within a page of another site
                    headers = {"Content-Type": "text/html; charset=utf-8"}
                    body = f'<!doctype html><title>Elsewhere</title><iframe src="{fake.url}" width=900 height=650>'
                    self.reply(200, headers, body.encode())
                elif path == "/plain":
                    headers = {"Content-Type": "text/html; charset=utf-8"}
                    self.reply(200, headers, b"<!doctype html><title>Shop</title><body></body>")
                else:
                    self.reply(404, {}, b"")

            def do_OPTIONS(self) -> None:
                self.reply(204, {}, b"")

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                kind = self.headers["Content-Type"]
                if kind.startswith("multipart/form-data"):
                    parts = multipart(kind, data)
                    body = json.loads(parts["operations"])
                    assert json.loads(parts["map"]) == {"0": ["variables.input.image"]}
                    assert body["variables"]["input"].pop("image") is None
                    fake.files.append(parts["0"])
                    fake.taking.wait(20)
                else:
                    body = json.loads(data)
                found = re.match(r"(?:query|mutation) (\w+)", body["query"])
                assert found
                with fake._lock:
                    fake.operations.append((found[1], body["variables"], self.headers.get("Authorization")))
                    data = fake.answer(found[1], body["variables"])
                if fake.down:
                    self.reply(503, {"Content-Type": "text/html"}, b"<h1>Service unavailable</h1>")
                    return
                self.reply(200, {"Content-Type": "application/json"}, msgspec.json.encode({"data": data}))

            def log_message(self, *_args: Any) -> None:
                pass

        return Handler
