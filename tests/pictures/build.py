"""Files to send, honest and otherwise."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, BLUE = (200, 30, 30), (30, 30, 200)


def image(width: int = 640, height: int = 480, *, mode: str = "RGB", mark: bool = True) -> Image.Image:
    """Red, with a blue upper left corner by which its orientation is seen."""
    made = Image.new(mode, (width, height), (*RED, 255) if mode == "RGBA" else RED)
    if mark:
        made.paste((*BLUE, 255) if mode == "RGBA" else BLUE, (0, 0, width // 2, height // 2))
    return made


def saved(made: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 640, height: int = 480, *, orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it, with its place, camera and a comment."""
    made = image(width, height)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.0), 3: "E", 4: (11.0, 34.0, 31.0)})
    return saved(made, "JPEG", exif=exif, comment=b"a secret comment", quality=90)


def read(data: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(data))
    opened.load()
    return opened


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is this large, with next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def bomb(width: int, height: int) -> bytes:
    """A whole PNG of one colour: some kilobytes that become hundreds of megabytes."""
    return saved(Image.new("L", (width, height)), "PNG")


def webp_header(kind: str, width: int, height: int) -> bytes:
    """A WebP of this kind that says it is this large, with nothing in it."""
    told = {
        "VP8X": bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
        "VP8L": b"\x2f" + (width - 1 | height - 1 << 14).to_bytes(4, "little") + bytes(20),
        "VP8 ": b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(20),
    }[kind]
    body = b"WEBP" + kind.encode() + struct.pack("<I", len(told)) + told
    return b"RIFF" + struct.pack("<I", len(body)) + body


def scans(number: int) -> bytes:
    """A progressive JPEG with its last scan repeated: each costs as much as the whole picture."""
    data = saved(image(64, 64), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    return data[:-2] + data[at:-2] * number + b"\xff\xd9"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.domain)</script>"


def moving(kind: str) -> bytes:
    frames = [image(32, 32), image(32, 32, mark=False)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


class File:
    """What Django makes of an upload. ``size`` may lie."""

    def __init__(self, data: bytes, size: int | None = None) -> None:
        self.data, self.size, self.reads = data, len(data) if size is None else size, 0

    def read(self, num_bytes: int, /) -> bytes:
        self.reads += 1
        return self.data[:num_bytes]
