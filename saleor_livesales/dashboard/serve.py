"""Serves the built widget and console: an answer for a path, with no web framework.

``host`` calls it from Saleor's plugin hook, the sandbox from a view. Only files that are in the wheel's two ``static``
folders are ever sent, by names made of letters, digits, dots, dashes and underscores.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

PACKAGE: Final = Path(__file__).resolve().parent.parent
STOREFRONT: Final = PACKAGE / "storefront" / "static"
CONSOLE: Final = PACKAGE / "dashboard" / "static"

TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",  # livesales.d.ts; the registered video/mp2t would mislead
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
PACKED: Final = frozenset({".css", ".js", ".json", ".map", ".svg", ".ts", ".txt"})
MAX_PATH: Final = 200  # characters
MAX_FILE: Final = 8 * 1024 * 1024  # bytes; far above anything that is built
SEGMENT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
HASHED: Final = re.compile(r"-[A-Z0-9]{8}\.[a-z0-9.]+")  # esbuild's [name]-[hash]
ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(:[0-9]{1,5})?")
CONSOLE_PAGES: Final = frozenset({"", "desk", "settings"})  # the desk, and the owner's pages: one document
META: Final = re.compile(r'<meta\s+name="livesales-(?:api|dashboard)"[^>]*>\s*')


@dataclass(frozen=True, kw_only=True)
class Response:
    """Status, headers and body. For HEAD the body is empty and Content-Length is that of GET."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def respond(
    path: str,
    *,
    api_url: str,
    frame_ancestors: Iterable[str],
    method: str = "GET",
    if_none_match: str = "",
    accept_encoding: str = "",
    query: str = "",
) -> Response:
    """The answer for ``path``, which is what follows ``/plugins/saleor.livesales/``, without a leading slash or query.

    ``livesales.js``, ``livesales.d.ts`` and ``assets/<name>`` are the widget's; ``console/``, ``console/desk``,
    ``console/settings`` and ``console/assets/<name>`` the console's. ``api_url`` is the shop's GraphQL address, which
    the console is pinned to; ``frame_ancestors`` are the origins of the Dashboards that may frame it (none: nobody
    may). Never raises.
    """
    if method not in ("GET", "HEAD"):
        return _plain(405, "Only GET and HEAD are answered here.", {"Allow": "GET, HEAD"})
    path = path.removeprefix("/")
    if path == "console":  # without the slash the document's relative addresses would miss
        asked = f"?{query}" if query.isascii() and query.isprintable() and query else ""
        return Response(status=308, headers={"Location": f"console/{asked}", "Content-Length": "0", **_SAFE})
    if path.startswith("console/"):
        inner = path.removeprefix("console/")
        if inner in CONSOLE_PAGES:
            answer = _console(api_url, tuple(frame_ancestors))
        else:
            answer = _file(CONSOLE, inner, if_none_match, accept_encoding)
    else:
        answer = _file(STOREFRONT, path, if_none_match, accept_encoding)
    if method == "HEAD":
        return Response(status=answer.status, headers=answer.headers)
    return answer


def origins(candidates: Iterable[str]) -> list[str]:
    """Those of the candidates that are addresses, each cut down to its origin, in order, once."""
    found: dict[str, None] = {}
    for candidate in candidates:
        parts = urlsplit(candidate.strip())
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        if ORIGIN.fullmatch(origin):
            found[origin] = None
    return list(found)


_SAFE: Final[Mapping[str, str]] = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin"}


def _plain(status: int, text: str, extra: Mapping[str, str] | None = None) -> Response:
    body = text.encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), **_SAFE, **(extra or {})}
    return Response(status=status, headers={**headers, "Cache-Control": "no-store"}, body=body)


@dataclass(frozen=True)
class _Built:
    body: bytes
    packed: bytes | None
    etag: str


@functools.lru_cache(maxsize=128)
def _read(path: Path, changed: int, size: int) -> _Built:
    """The file's bytes, kept for as long as it stays the same file."""
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in PACKED else None
    return _Built(body, packed, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _load(root: Path, name: str) -> _Built | None:
    segments = name.split("/")
    if len(name) > MAX_PATH or len(segments) > 4 or not all(SEGMENT.fullmatch(segment) for segment in segments):
        return None
    try:
        path = root.joinpath(*segments).resolve()
        status = path.stat()
        if not path.is_relative_to(root.resolve()) or not path.is_file() or status.st_size > MAX_FILE:
            return None
        return _read(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return None


def _file(root: Path, name: str, if_none_match: str, accept_encoding: str) -> Response:
    suffix = Path(name).suffix
    built = _load(root, name) if suffix in TYPES else None
    if built is None:
        return _plain(404, "Not found.")
    headers = {
        **_SAFE,
        "Content-Type": TYPES[suffix],
        # Module scripts, fonts and source maps are fetched with CORS; nothing here is secret.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
        "ETag": built.etag,
        "Cache-Control": (
            "public, max-age=31536000, immutable" if HASHED.search(name) else "public, max-age=300, must-revalidate"
        ),
    }
    if built.etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return Response(status=304, headers=headers)
    body = built.body
    if built.packed is not None and "gzip" in accept_encoding.lower():
        body = built.packed
        headers["Content-Encoding"] = "gzip"
    return Response(status=200, headers={**headers, "Content-Length": str(len(body))}, body=body)


def _console(api_url: str, frame_ancestors: tuple[str, ...]) -> Response:
    built = _load(CONSOLE, "index.html")
    if built is None:
        return _plain(404, "The console is not built.")
    dashboards = origins(frame_ancestors)
    pinned = (
        f'<meta name="livesales-api" content="{html.escape(api_url)}">\n'
        f'<meta name="livesales-dashboard" content="{html.escape(" ".join(dashboards))}">\n'
    )
    page = META.sub("", built.body.decode())
    page = re.sub(r"<head[^>]*>", lambda head: head.group() + "\n" + pinned, page, count=1, flags=re.IGNORECASE)
    policy = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:", "https:", *origins([api_url])],
        "media-src": ["'self'", "data:"],
        "connect-src": ["'self'", "ws:", "wss:", *origins([api_url])],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": dashboards or ["'none'"],
    }
    body = page.encode()
    return Response(
        status=200,
        headers={
            **_SAFE,
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Content-Security-Policy": "; ".join(f"{name} {' '.join(values)}" for name, values in policy.items()),
            "Cache-Control": "no-cache",
        },
        body=body,
    )
