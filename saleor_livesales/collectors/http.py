"""One request to a provider's HTTP interface: bounded in time and size, never redirected, quoted nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests

from . import Unreachable

TIMEOUTS: Final = (5.0, 40.0)  # seconds to connect, and between two bytes: banks take long
BODY_LIMIT: Final = 4_000_000  # bytes


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, Any]


def ask(method: str, url: str, *, headers: Mapping[str, str], form: list[tuple[str, str]], secret: str) -> Answer:
    """Send ``form`` in the address (GET) or the body. Raises Unreachable: no whole JSON object came."""
    reading = method == "GET"
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc: the key goes to this address alone
            with session.request(
                method, url, headers=dict(headers), auth=_Bearer(secret), timeout=TIMEOUTS, allow_redirects=False,
                stream=True, params=form if reading else None, data=None if reading else form,
            ) as got:  # fmt: skip
                raw = got.raw.read(BODY_LIMIT + 1, decode_content=True)
                status, text = got.status_code, raw
    except Exception as error:  # of requests, urllib3 or the socket: its text may quote the request
        raise Unreachable(type(error).__name__) from None
    if len(text) > BODY_LIMIT:
        raise Unreachable("answer too long")
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Unreachable(f"{status} without an object")
    return Answer(status, body)


class _Bearer(requests.auth.AuthBase):
    """Keeps the key out of every object that somebody may print."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._secret}"
        return request

    def __repr__(self) -> str:
        return "_Bearer(…)"
