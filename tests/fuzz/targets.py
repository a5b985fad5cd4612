"""What is fuzzed inside one process: functions of bytes that raise where something is wrong.

Each has a corpus in ``corpus/<name>``. A found input that is fixed stays there, and is replayed by the tests.
"""

from __future__ import annotations

import datetime
import json
import uuid
import warnings
from collections.abc import Callable
from typing import Any, Final

import jwt

from saleor_livesales import ids, networks, wire
from saleor_livesales.conf import PRIVATE_NETWORKS
from saleor_livesales.errors import NotFound
from saleor_livesales.gateway import identity, nesting
from saleor_livesales.tokens import LIFETIMES, InvalidToken

from . import pieces
from .grammar import ANYTHING, SESSION_IDS, TOKENS, Source, frame, play
from .world import FOREIGN, SIGNER, START, VISITORS

SECRET: Final = "a" * 48  # of SIGNER


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(inner) for inner in value), default=0)
    return 0


def json_frames(data: bytes) -> None:
    """Frames by themselves: what is decoded comes back the same, and the nesting that is counted is that of JSON."""
    source = Source(data)
    text = frame(source) if source.byte() < 128 else source.rest()
    for limit in (0, 1, 3, 8):
        counted = nesting.exceeds(text, limit)
        try:
            parsed = json.loads(text.decode(), object_pairs_hook=_all_pairs)
        except (ValueError, RecursionError):
            continue
        assert counted == (_depth(parsed) > limit)
    try:
        decoded = wire.decode_from_browser(text)
    except (ValueError, RecursionError):
        return
    assert wire.decode_from_browser(wire.encode(decoded)) == decoded


def _all_pairs(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """With names that occur twice: those before are nested as well."""
    return dict(enumerate(value for _, value in pairs))


def global_ids(data: bytes) -> None:
    source = Source(data)
    kind = source.one_of(["LiveSession", "LiveVisitor", "Product"])
    value = (
        source.one_of(SESSION_IDS) if source.byte() < 128 else ids.to_global_id(kind, source.some().decode("latin-1"))
    )
    at = source.byte()
    if at < 200:
        value = value[:at] + source.some(8).decode("latin-1") + value[at + source.byte() % 4 :]
    try:
        pk = ids.from_global_id(kind, value)
    except NotFound:
        pk = None
    else:
        assert ids.from_global_id(kind, ids.to_global_id(kind, pk)) == pk
    try:
        found = ids.uuid_from_global_id(kind, value)
    except NotFound:
        return
    assert pk is not None
    assert ids.to_global_id(kind, found) == value, "one object, two ids"


def tokens(data: bytes) -> None:
    """Changed tokens are worth nothing; those that are signed, but say nonsense, are refused all the same."""
    source = Source(data)
    how = source.byte() % 3
    forged = True
    if how == 0:
        token = source.rest().decode("latin-1")
    elif how == 1:
        token = source.one_of(TOKENS)
        at = source.number(2) % (len(token) + 1)
        token = token[:at] + source.some(8).decode("latin-1") + token[at + source.byte() % 6 :]
    else:
        token, forged = _odd_token(source), False
    for kind in LIFETIMES:
        try:
            subject, expires = SIGNER.verify(token, kind=kind, now=START)
        except InvalidToken:
            continue
        assert isinstance(subject, uuid.UUID)
        assert expires > START
        if forged:  # base64 may spell the same signature in another way, never another content
            assert any(token.rpartition(".")[0] == known.rpartition(".")[0] for known in TOKENS if known)
        assert jwt.decode(token, options={"verify_signature": False})["aud"] in (kind, [kind]) or not forged


def _odd_token(source: Source) -> str:
    """A token that our key signed, and our code never would."""
    moments = [
        START.timestamp() + 60,
        START.timestamp(),
        0,
        -1,
        1e18,
        -1e18,
        10**17,
        10**400,
        1e308,
        float("nan"),
        "60",
    ]
    subjects = [str(VISITORS[0]), VISITORS[0].hex, "x", 7, None, [], {}]
    claims: dict[str, Any] = {}
    for name, values in (
        ("exp", [*moments, *ANYTHING]),
        ("sub", [*subjects, *ANYTHING]),
        ("aud", ["visitor", "visitor-ticket", "rep-ticket", ["visitor"], [["visitor"]], "", *ANYTHING]),
        ("iat", moments),
        ("nbf", moments),
        ("jti", ANYTHING),
    ):
        if source.byte() < (220 if name in ("exp", "sub", "aud") else 30):
            claims[name] = source.one_of(values)
    header = source.one_of([{"kid": "k1"}, {"kid": "k2"}, {"kid": ""}, {}, {"kid": "k1", "crit": ["x"]}, {"typ": None}])
    payload = json.dumps(claims).encode() if source.byte() < 220 else source.rest()
    algorithm = source.one_of(["HS256", "HS256", "HS512", "none"])
    with warnings.catch_warnings(action="ignore"):  # of a key that is short for HS512
        return jwt.api_jws.encode(payload, "" if algorithm == "none" else SECRET, algorithm, headers=header)


def handshakes(data: bytes) -> None:
    """Any headers: a visitor is only who shows a valid token, and nothing strange gets into Set-Cookie."""
    source = Source(data)
    words = [*TOKENS, "livesales=", "livesales", "=", ";", "; ", '"', ",", " ", "a=b", "__Host-x=y", "\t", "\xff"]
    hosts = ["shop.example", "shop.example:8400", "[::1]", "[", "a@shop.example", "", ":", "shop.example.evil"]
    origins = [*(f"https://{host}" for host in hosts), "null", "", "https://SHOP.example/", "http://shop.example"]
    headers: dict[str, str] = {}
    if source.byte() < 220:
        headers["Cookie"] = _sentence(source, words)
        if source.byte() < 100:
            headers["Cookie"] = f"livesales={source.one_of(TOKENS)}; {headers['Cookie']}"
    if source.byte() < 200:
        headers["Origin"] = _sentence(source, origins, 2)
    if source.byte() < 200:
        headers["Host"] = _sentence(source, hosts, 2)
    if source.byte() < 100:
        headers["Sec-Fetch-Site"] = source.one_of(["same-origin", "same-site", "cross-site", "none", "", "SAME-SITE"])
    now = START + datetime.timedelta(days=source.byte() * 2)
    if source.byte() & 1:  # as picows hands them over; uvicorn has Latin-1
        headers = {name: value.encode("latin-1").decode("ascii", "surrogateescape") for name, value in headers.items()}
    shaken = identity.shake_hands(headers, signer=SIGNER, cookie_name="livesales", secure=True, now=now)
    if shaken.known == "cookie":
        assert shaken.visitor_id in VISITORS
        assert any(token and token in headers["Cookie"] for token in TOKENS[2:4])
    else:
        assert shaken.visitor_id not in VISITORS
    if shaken.cookie is not None:
        assert shaken.same_site
        name, _, rest = shaken.cookie.partition("=")
        assert name == "livesales"
        assert shaken.cookie.isascii()
        assert shaken.cookie.isprintable()
        assert rest.count(";") == 5
        assert SIGNER.verify(rest.partition(";")[0], kind="visitor", now=now)[0] == shaken.visitor_id
    token = source.one_of([None, *TOKENS])
    who = identity.identify(shaken, token=token, cookies=source.byte() < 128, signer=SIGNER, now=now)
    if who.known == "token":
        assert token in TOKENS[2:4]
        assert who.visitor_id in VISITORS
    else:
        assert (who.visitor_id, who.known) == (shaken.visitor_id, shaken.known)
    kept = who.token is None
    assert not kept or shaken.same_site
    origin = headers.get("Origin")
    allowed = identity.origin_allowed(origin, ["https://shop.example"])
    assert allowed == (origin is not None and origin.lower().rstrip("/") == "https://shop.example")


def _sentence(source: Source, words: list[str], limit: int = 8) -> str:
    made = []
    for _ in range(1 + source.byte() % limit):
        made.append(source.one_of(words) if source.byte() < 230 else source.some(16).decode("latin-1"))
    return "".join(made)


PROXIES: Final = networks.Proxies(PRIVATE_NETWORKS)
HOPS: Final = [
    "203.0.113.9", "198.51.100.7:4431", "10.1.2.3", "127.0.0.1", "192.168.0.9:80", "::1", "[::1]:80", "fc00::1%eth0",
    "2001:db8:1:2:3:4:5:6", "[2001:db8::9]:443", "::ffff:203.0.113.9", "::ffff:10.0.0.1", "unknown", "_hidden", "",
    "1.2.3", "0x7f.1", "010.0.0.1", "1.2.3.4, 5.6.7.8", "\u0661.2.3.4", "1" * 5000,
]  # fmt: skip


def forwarded(data: bytes) -> None:
    """X-Forwarded-For: what stands before the last untrusted address was written by anybody, and changes nothing."""
    source = Source(data)
    peer = source.one_of(["10.0.0.5", "127.0.0.1", "::1", "203.0.113.1", "2001:db8::1", "::ffff:10.0.0.5", "x"])
    hops = [_sentence(source, HOPS, 1) for _ in range(source.byte() % 24)]
    values = []  # the header may come in several pieces
    while hops:
        size = 1 + source.byte() % 5
        values.append(source.one_of([",", ", ", " ,\t"]).join(hops[:size]))
        hops = hops[size:]
    client = PROXIES.client(peer, values)
    own = networks.parse(peer)
    if own is None or not PROXIES._contains(own):
        assert client == own, "a header of nobody's counts"
        return
    expected = None
    for hop in [hop for value in values for hop in value.split(",")][::-1][: networks.HOPS_LIMIT]:
        expected = networks.parse(hop)
        if expected is None or not PROXIES._contains(expected):
            assert PROXIES.client(peer, ["198.51.100.66, 10.9.9.9", *values]) == client, "anybody may choose"
            break
    assert client == expected
    if client is not None:
        assert len(networks.network(client)) == (4 if client.version == 4 else 8)
        assert networks.parse(str(client)) == client


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "connections": play,
    "frames": json_frames,
    "ids": global_ids,
    "tokens": tokens,
    "handshakes": handshakes,
    "forwarded": forwarded,
    "fragments": pieces.fragments,
    "replies": pieces.replies,
}
assert FOREIGN
