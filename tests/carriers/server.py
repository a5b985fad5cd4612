"""A server of Lob's API on this machine. It holds every request against Lob's OpenAPI, and fails when it is told to."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openapi_schema_validator import OAS30Validator

from . import spec

KEY = "test_0dc8d51e0acffcb1880e0f19c79b2f5b0cc"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Lob:
    """What it was asked, what it made of it, and how it is to misbehave: one word a request, in ``faults``."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    letters: dict[str, dict[str, Any]] = field(default_factory=dict)  # by idempotency key
    wrong: list[str] = field(default_factory=list)  # what the OpenAPI says against requests
    faults: list[str] = field(default_factory=list)
    deliverability: str | None = None  # instead of the example's
    lock: threading.Lock = field(default_factory=threading.Lock)

    def forget_keys(self) -> None:
        """As Lob does after 24 hours; the letters stay."""
        self.letters = {f"forgotten-{number}": letter for number, letter in enumerate(self.letters.values())}

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def operate(self, request: Request) -> tuple[int, dict[str, Any]]:
        """The answer of a server that works."""
        with self.lock:
            self.requests.append(request)
            found = operation(request)
            if found is None:
                return error(404, "unrecognized_endpoint")
            if wrong := objections(found, request):
                self.wrong += wrong
                return error(422, "invalid")
            expected = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
            if request.headers.get("authorization") != expected:
                return error(401, "invalid_api_key")
            match request.method, request.path:
                case "POST", "/letters":
                    return 200, self._letter(request)
                case "GET", "/letters":
                    wanted = request.query.get("metadata", {}).items()
                    data = [row for row in self.letters.values() if wanted <= row["metadata"].items()]
                    return 200, {
                        "object": "list",
                        "data": data[: int(request.query.get("limit", 10))],
                        "count": len(data),
                    }
                case "POST", _:
                    return 200, self._verification(request)
            name = request.path.rpartition("/")[2]
            if all(letter["id"] != name for letter in self.letters.values()):
                return error(404, "not_found")
            self.letters = {key: letter for key, letter in self.letters.items() if letter["id"] != name}
            return 200, {"id": name, "deleted": True}

    def _letter(self, request: Request) -> dict[str, Any]:
        key = request.headers.get("idempotency-key") or f"none-{len(self.letters)}"
        example = spec.at("components", "mediaTypes", "letter", "application/json", "example")
        return self.letters.setdefault(
            key, {**example, "id": f"ltr_{len(self.letters):016x}", "metadata": request.body["metadata"]}
        )

    def _verification(self, request: Request) -> dict[str, Any]:
        name = "us_verifications" if request.path == "/us_verifications" else "intl_verifications"
        examples = spec.at("components", "responses", name, "content", "application/json", "examples")
        answer = dict(examples["basic" if "basic" in examples else "full"]["value"])
        if self.deliverability is not None:
            answer["deliverability"] = self.deliverability
        return answer


def error(status: int, code: str) -> tuple[int, dict[str, Any]]:
    """An error as Lob words it. Its message quotes what it was asked, as real ones do."""
    return status, {
        "error": {"message": "to.address_line1 '5 Secret Lane' is bad", "status_code": status, "code": code}
    }


def operation(request: Request) -> dict[str, Any] | None:
    for path in spec.OPERATIONS:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.path):
            found: dict[str, Any] | None = spec.load()["paths"][path].get(request.method.lower())
            return found
    return None


def objections(found: dict[str, Any], request: Request) -> list[str]:
    """What the OpenAPI has against the request: unknown and missing parts, and values that its schemas don't take."""
    wrong: list[str] = []
    parameters = [spec.at(*p["$ref"][2:].split("/")) if "$ref" in p else p for p in found.get("parameters", [])]
    known = {(p["in"], p["name"].lower()): p for p in parameters}
    for name, value in request.query.items():
        if ("query", name.lower()) not in known:
            wrong.append(f"unknown query parameter {name}")
        else:
            given = int(value) if known["query", name.lower()]["schema"].get("type") == "integer" else value
            wrong += _invalid(known["query", name.lower()]["schema"], given)
    for name in ("idempotency-key", "lob-version"):
        if name in request.headers and ("header", name) in known:
            wrong += _invalid(known["header", name]["schema"], request.headers[name])
    if "requestBody" not in found:
        return wrong + (["a body"] if request.body else [])
    kind = request.headers.get("content-type", "").partition(";")[0]
    media = found["requestBody"]["content"].get(kind)
    if media is None:
        return [*wrong, f"content type {kind}"]
    wrong += [f"unknown field {name}" for name in request.body if name not in _fields(media["schema"])]
    body = {
        name: {"true": True, "false": False}.get(value, value) if name in ("color", "double_sided") else value
        for name, value in request.body.items()
    }
    return wrong + _invalid(media["schema"], body)


def _invalid(schema: dict[str, Any], value: Any) -> list[str]:
    validator = OAS30Validator({"allOf": [schema], "components": spec.load()["components"]})
    return [f"{list(found.absolute_path)}: {found.message[:300]}" for found in validator.iter_errors(value)]


def _fields(schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(spec.at(*schema["$ref"][2:].split("/")))
    parts = [part for kind in ("allOf", "oneOf", "anyOf") for part in schema.get(kind, [])]
    return set(schema.get("properties", {})).union(*(_fields(part) for part in parts))


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Fields with OpenAPI's style deepObject: ``to[name]``."""
    body: dict[str, Any] = {}
    for name, value in pairs:
        outer, bracket, inner = name.partition("[")
        if bracket:
            body.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            assert name not in body, name
            body[name] = value
    return body


def _parsed(kind: str, raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return _nested(parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw))), {}
    if not kind.startswith("multipart/form-data"):
        return {}, {}
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw
    )
    pairs, files = [], {}
    for part in message.iter_parts():  # type: ignore[attr-defined]
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename():
            files[name] = content
            pairs.append((name, part.get_filename()))  # as the OpenAPI describes an uploaded file: by its name
        else:
            pairs.append((name, content.decode()))
    return _nested(pairs), files


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lob: Lob

    def log_message(self, *args: Any) -> None:
        pass

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body, files = _parsed(headers.get("content-type", ""), raw)
        request = Request(
            self.command, parts.path.removeprefix("/v1"), _nested(parse_qsl(parts.query)), headers, body, files
        )
        with self.lob.lock:
            fault = self.lob.faults.pop(0) if self.lob.faults else ""
        self.close_connection = True
        match fault:
            case "cut before":
                pass
            case "silent before":
                time.sleep(1.5)
            case "429":
                self._send(*error(429, "rate_limit_exceeded"), {"Ratelimit-Reset": str(int(time.time()) + 7)})
            case "redirect":
                self._send(302, {}, {"Location": f"{self.lob.url}/elsewhere"})
            case "html":
                self._send(200, b"<html>maintenance</html>")
            case "large":
                self._send(200, b" " * 1_200_000)
            case str() if re.fullmatch(r"\d{3} \w+", fault):
                self._send(*error(int(fault[:3]), fault[4:]))
            case _:
                self._after(fault, *self.lob.operate(request))

    do_GET = do_POST = do_DELETE = _any

    def _after(self, fault: str, status: int, answer: dict[str, Any]) -> None:
        """What becomes of an answer that Lob has: it counts what it did, whether we hear of it or not."""
        match fault:
            case "cut after":
                self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"id": ')
            case "silent after":
                time.sleep(1.5)
            case "twice":
                self._send(status, answer)
                self._send(status, {**answer, "id": "ltr_ffffffffffffffff"})
            case "slow after":  # until whoever asked is gone
                time.sleep(30)
            case "502 after":
                self._send(502, b"<html>Bad Gateway</html>")
            case "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
                for _ in range(40):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
            case _:
                self._send(status, answer)

    def _send(self, status: int, answer: dict[str, Any] | bytes, headers: dict[str, str] | None = None) -> None:
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def serving() -> Iterator[Lob]:
    """A Lob that serves until the block ends. Fails the test whose requests its OpenAPI does not allow."""
    lob = Lob()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"lob": lob}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that is gone is part of the tests
    lob.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield lob
    finally:
        server.shutdown()
        server.server_close()
    assert lob.wrong == []
