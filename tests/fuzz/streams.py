"""Byte streams for a gateway's port: a handshake and frames, most of them right, some wrong in every way we know.

``Stream`` also says what RFC 6455 asks of the other side: go on, or close, with which codes.
"""

from __future__ import annotations

import dataclasses
import struct
from typing import Final

from .grammar import TOKENS, Source, frame

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FRAME_LIMIT: Final = 65536

# What our own protocol closes with, whatever else is wrong: see gateway.actions. 1009 for a frame that is too big.
OWN_CODES: Final = frozenset({1000, 1003, 1007, 1009, 1012, 4400, 4401, 4408, 4409, 4410, 4413, 4429})


@dataclasses.dataclass
class Stream:
    request: bytes
    proper_request: bool
    chunks: list[bytes] = dataclasses.field(default_factory=list)
    must_close: frozenset[int] | None = None  # codes; nothing after this frame may be answered
    known: bool = True  # False: bytes were changed at random, nobody knows what they mean
    farewell: int = 0  # how the client ends: says goodbye, half closes, resets, or just goes


def masked(
    opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, mask: bytes = b"\x11\x22\x33\x44"
) -> bytes:
    """One frame as a browser sends it."""
    return head(opcode, len(payload), fin=fin, reserved=reserved) + mask + _mask(payload, mask)


def head(
    opcode: int, size: int, *, fin: bool = True, reserved: int = 0, has_mask: bool = True, width: int = 0
) -> bytes:
    """``width``: in how many bytes the size stands, where that is not the fewest."""
    first = (0x80 if fin else 0) | (reserved << 4) | opcode
    bit = 0x80 if has_mask else 0
    if width == 8 or size >= 65536:
        return struct.pack("!BBQ", first, bit | 127, size)
    if width == 2 or size >= 126:
        return struct.pack("!BBH", first, bit | 126, size)
    return struct.pack("!BB", first, bit | size)


def _mask(payload: bytes, mask: bytes) -> bytes:
    whole = int.from_bytes(payload, "big")
    pattern = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (whole ^ int.from_bytes(pattern, "big")).to_bytes(len(payload), "big")


def build(data: bytes) -> Stream:
    source = Source(data)
    request, proper = _request(source)
    stream = Stream(request, proper, farewell=source.byte() % 4)
    written = bytearray()
    in_message = False
    hello = b'{"type":"hello","role":"visitor","channel":"eu"}'
    if source.byte() < 230:
        written += masked(TEXT, hello)
    for _ in range(source.byte() % 12):
        made, in_message, stream.must_close = _frame(source, in_message)
        written += made
        if stream.must_close is not None:
            break
    if source.byte() > 210 and written:
        stream.known, stream.must_close = False, None
        for _ in range(1 + source.byte() % 4):
            at = source.number(2) % len(written)
            how = source.byte() % 3
            if how == 0:
                written[at] ^= 1 << (source.byte() % 8)
            elif how == 1:
                written[at:at] = source.some(12)
            else:
                del written[at : at + source.byte() % 9]
            if not written:
                break
    rest = bytes(written)
    while rest:
        size = source.one_of([len(rest), len(rest), 1, 2, 3, 7, 100, 1400, 4000])
        stream.chunks.append(rest[:size])
        rest = rest[size:]
        if len(stream.chunks) > 60:
            stream.chunks.append(rest)
            break
    return stream


def _request(source: Source) -> tuple[bytes, bool]:
    lines = [
        b"GET /live HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Upgrade: websocket",
        source.one_of([b"Connection: Upgrade", b"Connection: keep-alive, Upgrade", b"connection:upgrade,keep-alive"]),
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
        b"Origin: http://127.0.0.1",
    ]
    extras = source.byte()
    if extras & 1:
        lines.append(b"Cookie: livesales=" + source.one_of(TOKENS).encode())
    if extras & 2:
        lines.append(b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
    if extras & 4:
        lines.append(b"Sec-Fetch-Site: same-site")
    proper = True
    if extras & 8:
        lines.append(
            b"X-Forwarded-For: " + source.one_of([b"203.0.113.9", b"10.0.0.9", b"x", b"", b"::1, 1.2.3.4", b"1"])
        )
    if extras > 225:
        proper = False
        at = source.byte() % len(lines)
        how = source.byte() % 8
        if how == 0:
            del lines[at]
        elif how == 1:
            lines.insert(at, lines[at])
        elif how == 2:
            lines[at] = lines[at].replace(b" ", source.some(20), 1)
        elif how == 3:
            lines.insert(at, source.some(200))
        elif how == 4:
            lines.insert(1, b"X-Long: " + b"x" * source.number(2))
        elif how == 5:
            lines[1:1] = [b"X-%d: y" % number for number in range(source.byte() * 2)]
        elif how == 6:
            lines[at] = lines[at].swapcase()
        else:
            request = b"\r\n".join(lines) + b"\r\n\r\n"
            return request[: source.number(2) % len(request)], False
    return b"\r\n".join(lines) + b"\r\n\r\n", proper


def _frame(source: Source, in_message: bool) -> tuple[bytes, bool, frozenset[int] | None]:
    """The next frame or two; whether a message is unfinished then; what it must be closed with."""
    how = source.byte()
    if how < 110 and not in_message:
        return masked(TEXT, frame(source), mask=source.bytes(4).ljust(4, b"\0")), False, None
    if how < 130 and not in_message:
        text = frame(source)
        at = source.byte()
        return masked(TEXT, text[:at], fin=False) + masked(CONTINUATION, text[at:]), False, None
    if how < 140 and not in_message:
        return masked(TEXT, frame(source), fin=False), True, None
    if how < 150:
        if in_message:
            fin = source.byte() < 128
            return masked(CONTINUATION, b"", fin=fin), not fin, None
        return masked(PONG, source.some(125)), in_message, None
    if how < 170:
        return masked(source.one_of([PING, PONG]), source.some(125)), in_message, None
    if how < 176:
        code = source.one_of([1000, 1001, 3000, 4999])
        codes = {code, 1002} if in_message else {code}
        return masked(CLOSE, struct.pack("!H", code) + b"bye"), in_message, frozenset(codes)
    if how < 178:
        return masked(CLOSE, b""), in_message, frozenset({1000, 1005, 1002} if in_message else {1000, 1005})
    return _wrong(source, in_message)


def _wrong(source: Source, in_message: bool) -> tuple[bytes, bool, frozenset[int] | None]:
    wrong, big = frozenset({1002}), frozenset({1002, 1009})
    how = source.byte() % 17
    payload = source.some(100)
    opcode = source.one_of([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
    kind = CONTINUATION if in_message else TEXT
    made, codes = {
        0: (masked(opcode, payload), wrong),
        1: (masked(kind, payload, reserved=1 + source.byte() % 7), wrong),
        2: (masked(PING, payload, reserved=1 + source.byte() % 7), wrong),
        3: (head(kind, len(payload), has_mask=False) + payload, wrong),
        4: (masked(source.one_of([PING, PONG, CLOSE]), b"\x03\xe8" + b"x" * (124 + source.byte() % 100)), wrong),
        5: (masked(source.one_of([PING, PONG, CLOSE]), b"\x03\xe8", fin=False), wrong),
        6: (head(kind, 2**63 + source.number(4)) + b"\0\0\0\0", big),
        7: (head(kind, 2**62 + source.number(4)) + b"\0\0\0\0", big),
        8: (head(kind, FRAME_LIMIT + 1 + source.byte()) + b"\0\0\0\0", big),
        9: (masked(TEXT if in_message else CONTINUATION, payload), wrong),
        10: (masked(BINARY, payload), frozenset({1002, 1003})),
        11: (masked(kind, b"\xff\xfe" + payload), frozenset({1002, 1007})),
        12: (masked(CLOSE, b"\x03"), wrong),
        13: (
            masked(CLOSE, struct.pack("!H", source.one_of([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535]))),
            wrong,
        ),
        14: (masked(CLOSE, b"\x03\xe8\xff\xfe"), frozenset({1002, 1007})),
        15: (masked(TEXT, b"x" * 40000, fin=False) + masked(CONTINUATION, b"y" * 40000), big),
        16: (masked(TEXT, b"x", fin=False) + masked(CONTINUATION, b"y", fin=False) * 300, big),
    }[how]
    if how == 11 and in_message:
        codes = codes | {1002}
    return made, in_message, frozenset(codes)


def answers(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Whole frames that a server sent, and what is left. Raises AssertionError for what no server may send."""
    found: list[tuple[int, bytes]] = []
    while len(data) >= 2:
        first, second = data[0], data[1]
        assert not first & 0x70, "reserved bits"
        assert not second & 0x80, "a server masks nothing"
        size, at = second & 0x7F, 2
        opcode = first & 0x0F
        assert opcode in (TEXT, CLOSE, PING, PONG), opcode
        assert first & 0x80, "we send no fragments"
        assert opcode == TEXT or size <= 125
        if size == 126:
            if len(data) < 4:
                break
            size, at = int.from_bytes(data[2:4], "big"), 4
            assert size > 125
        elif size == 127:
            if len(data) < 10:
                break
            size, at = int.from_bytes(data[2:10], "big"), 10
            assert size > 65535
        if len(data) < at + size:
            break
        found.append((opcode, data[at : at + size]))
        data = data[at + size :]
    return found, data
