"""Requests to a provider: bounded in time and size, and silent about what they carry."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests
import urllib3

from . import Unreachable

CONNECT_TIMEOUT: Final = 5.0  # seconds
READ_TIMEOUT: Final = 30.0  # seconds without a byte
DEADLINE: Final = 60.0  # seconds for the whole answer
ANSWER_LIMIT: Final = 1_000_000  # bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # any case
    body: dict[str, Any]  # empty where it is no JSON object


def call(
    method: str,
    url: str,
    *,
    key: str,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    deadline: float = DEADLINE,
) -> Answer:
    """One request with ``key`` as the user of HTTP Basic, redirects not followed. Raises Unreachable."""
    until = time.monotonic() + deadline
    try:
        with requests.request(
            method,
            url,
            params=params,
            data=data,
            files=files,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})},
            auth=(key, ""),
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            return Answer(
                status=response.status_code, headers=response.headers, body=_object(_read(response.raw, until))
            )
    except requests.ConnectTimeout:
        raise Unreachable("connect_timeout") from None
    except requests.Timeout:
        raise Unreachable("timeout") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        timed_out = isinstance(error, (urllib3.exceptions.TimeoutError, TimeoutError))
        raise Unreachable("timeout" if timed_out else "connection") from None  # its text names the URL


def _read(raw: Any, until: float) -> bytes:
    """The body, piece by piece as it comes: a server that sends a byte now and then doesn't hold us."""
    whole = b""
    while piece := raw.read1(65536):
        whole += piece
        if len(whole) > ANSWER_LIMIT:
            raise Unreachable("answer_too_large")
        if time.monotonic() > until:
            raise Unreachable("timeout")
    return whole


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
