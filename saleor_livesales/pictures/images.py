"""Makes of whatever somebody sends two pictures that are known to be nothing else, or refuses it. No database.

What comes out is drawn anew from the pixels alone: place and camera (EXIF), comments, colour profiles, and whatever
else a file may hide behind its picture stay behind. Sizes are checked before anything is decoded.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms

from ..errors import LiveSalesError

FORMATS: Final = ("JPEG", "PNG", "WEBP")  # no other decoder is ever started
CONTENT_TYPE: Final = "image/webp"
LARGE: Final = 2048  # pixels of the longer side, at most
SMALL: Final = 480
QUALITY: Final = 85
EFFORT: Final = 2  # of 6: each more halves the speed and saves a few per cent
SCANS: Final = 100  # of a JPEG; a photo has about ten, and each costs the time of the whole picture
PROFILE: Final = 1 << 20  # bytes of a colour profile that is looked at

# EXIF 2.32, table 4: how the camera was held, and what undoes it.
ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Each picture of 40 million pixels may take 300 MB for a moment: a bound on what one process has in hand, no more.
AT_ONCE: Final = 2
WAIT: Final = 20  # seconds for a turn
_turns = threading.BoundedSemaphore(AT_ONCE)


class NotAPicture(LiveSalesError):
    """The file is no whole JPEG, PNG or WebP picture, or one that moves."""

    code = "NOT_A_PICTURE"


class TooManyPixels(LiveSalesError):
    """The picture is wider or higher than is allowed."""

    code = "TOO_LARGE"


class Busy(LiveSalesError):
    """Too many pictures are being worked on."""

    code = "UNAVAILABLE"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Two WebP pictures, and the size of the large one in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def prepare(data: bytes, *, pixels: int) -> Prepared:
    """The pictures to keep. ``pixels`` bounds what is decoded. Raises NotAPicture, TooManyPixels, Busy."""
    size = _webp_size(data)  # its decoder takes room for the whole picture when it is opened
    if size is not None:
        _check(size, pixels)
    if data.count(b"\xff\xda") > SCANS and data[:2] == b"\xff\xd8":
        raise _no_picture()
    if not _turns.acquire(timeout=WAIT):
        raise Busy("Many pictures are being sent right now. Try again in a moment.")
    try:
        return _prepare(data, pixels)
    except LiveSalesError:
        raise
    except Exception:  # whatever a decoder makes of a hostile file
        raise _no_picture() from None
    finally:
        _turns.release()


def _no_picture() -> NotAPicture:
    return NotAPicture("This is not a picture that can be shown. Send a JPEG, PNG or WebP.", field="image")


def _check(size: tuple[int, int], pixels: int) -> None:
    if size[0] * size[1] > pixels:
        raise TooManyPixels(
            f"The picture has {size[0]} x {size[1]} pixels. At most {pixels / 1e6:.0f} million are allowed.",
            field="image",
        )


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """What a WebP says of itself: extended (RFC 9649, section 2.7), lossless (3.4), lossy (RFC 6386, section 9.1)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    match data[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _prepare(data: bytes, pixels: int) -> Prepared:
    try:
        opened = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise TooManyPixels("The picture has too many pixels.", field="image") from None
    with opened:
        _check(opened.size, pixels)
        if opened.format != "MPO" and getattr(opened, "is_animated", False):  # MPO: a photo with a second one behind it
            raise NotAPicture("Pictures that move can't be sent.", field="image")
        profile = opened.info.get("icc_profile")
        opened.draft("RGB", (LARGE, LARGE))  # a JPEG is decoded no larger than it is needed
        opened.load()
        seen = opened.mode in ("RGB", "RGBA")
        image: Image.Image = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
        image.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        image = _upright(opened, image)
        if seen and profile:
            image = _in_srgb(image, profile)
    return Prepared(large=_drawn(image), small=_drawn(_smaller(image)), width=image.width, height=image.height)


def _upright(opened: Image.Image, image: Image.Image) -> Image.Image:
    """Turned as the camera was held."""
    try:
        turn = TURNS.get(opened.getexif().get(ORIENTATION, 1))
    except Exception:  # a broken note on a picture does not spoil it
        return image
    return image if turn is None else image.transpose(turn)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """With the colours that the profile means, which the kept picture no longer names."""
    if len(profile) > PROFILE:
        return image
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode=image.mode)
    except Exception:  # a broken profile, or of other colours
        return image
    return made or image


def _smaller(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return small


def _drawn(image: Image.Image) -> bytes:
    """The pixels alone, on a fresh sheet: nothing of the file that they came from."""
    sheet = Image.new(image.mode, image.size)
    sheet.paste(image)
    out = io.BytesIO()
    sheet.save(out, "WEBP", quality=QUALITY, method=EFFORT)
    return out.getvalue()
