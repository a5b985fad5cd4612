"""What is made of a file that somebody sends, and what is refused."""

from __future__ import annotations

import pytest
from PIL import Image, ImageCms

from saleor_livesales.pictures.images import NotAPicture, TooManyPixels, prepare

from .build import (
    BLUE,
    HTML,
    RED,
    SVG,
    bomb,
    image,
    moving,
    photo,
    png_header,
    read,
    saved,
    scans,
    webp_header,
)

PIXELS = 40_000_000


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 24 for one, other in zip(pixel[:3], colour, strict=True))  # type: ignore[index]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_two_webp(kind: str) -> None:
    made = prepare(saved(image(3000, 1500), kind), pixels=PIXELS)
    large, small = read(made.large), read(made.small)
    assert (large.format, large.size, small.format, small.size) == ("WEBP", (2048, 1024), "WEBP", (480, 240))
    assert (made.width, made.height) == (2048, 1024)
    for drawn in (large, small):
        assert near(drawn.getpixel((5, 5)), BLUE)
        assert near(drawn.getpixel((drawn.width - 5, drawn.height - 5)), RED)


def test_a_small_picture_is_not_blown_up() -> None:
    made = prepare(saved(image(30, 20), "PNG"), pixels=PIXELS)
    assert (made.width, made.height) == read(made.large).size == read(made.small).size == (30, 20)


def test_a_line_of_pixels_stays_one() -> None:
    made = prepare(saved(image(6000, 1, mark=False), "PNG"), pixels=PIXELS)
    assert (made.width, made.height) == (2048, 1)


def test_place_camera_and_comment_are_gone() -> None:
    sent = photo()
    assert b"Secret Camera" in sent
    assert read(sent).getexif().get_ifd(0x8825)[2] == (48.0, 8.0, 14.0)
    made = prepare(sent, pixels=PIXELS)
    for data in (made.large, made.small):
        opened = read(data)
        assert dict(opened.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment"} & opened.info.keys()
        assert b"ecret" not in data
        assert {data[at : at + 4] for at in (12,)} == {b"VP8 "}  # the simple kind of WebP: it holds pixels alone


@pytest.mark.parametrize(
    ("orientation", "corner"),
    list(enumerate(2 * ["upper left", "upper right", "lower right", "lower left"], 1)),
)
def test_it_stands_as_the_camera_was_held(orientation: int, corner: str) -> None:
    made = prepare(photo(3000, 2000, orientation=orientation), pixels=PIXELS)
    assert (made.width, made.height) == ((1365, 2048) if orientation > 4 else (2048, 1365))
    drawn = read(made.large)
    x = 5 if "left" in corner else drawn.width - 5
    y = 5 if "upper" in corner else drawn.height - 5
    assert near(drawn.getpixel((x, y)), BLUE)
    assert near(drawn.getpixel((drawn.width - x, drawn.height - y)), RED)


def test_what_can_be_seen_through_stays_so() -> None:
    see_through = image(100, 100, mode="RGBA")
    see_through.putalpha(0)
    drawn = read(prepare(saved(see_through, "PNG"), pixels=PIXELS).large)
    assert drawn.mode == "RGBA"
    assert drawn.getpixel((50, 50))[3] == 0


def test_other_kinds_of_colour_are_taken() -> None:
    for mode in ("L", "P", "1", "LA"):
        made = read(prepare(saved(image(40, 40).convert(mode), "PNG"), pixels=PIXELS).large)
        assert made.size == (40, 40), mode
    inks = saved(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG")
    red, green, blue = read(prepare(inks, pixels=PIXELS).large).getpixel((20, 20))[:3]
    assert red > 180 and green < 80 and blue < 80


def test_the_meaning_of_colours_is_kept_and_their_profile_is_not() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = read(prepare(saved(image(), "PNG", icc_profile=lab), pixels=PIXELS).large)
    assert near(plain.getpixel((600, 400)), RED)
    broken = read(prepare(saved(image(), "PNG", icc_profile=b"nonsense" * 40), pixels=PIXELS).large)
    assert near(broken.getpixel((600, 400)), RED)
    assert "icc_profile" not in plain.info and "icc_profile" not in broken.info


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", b""),
        ("an SVG", SVG),
        ("a page", HTML),
        ("a GIF", saved(image(), "GIF")),
        ("a GIF that moves", moving("GIF")),
        ("a TIFF", saved(image(), "TIFF")),
        ("a BMP", saved(image(), "BMP")),
        ("a PDF", saved(image(), "PDF")),
        ("a script with a picture's first bytes", b"GIF89a/*" + HTML),
        ("the start of a JPEG", b"\xff\xd8\xff\xe0" + b"\0" * 500),
        ("half a JPEG", photo(1600, 1200)[:4000]),
        ("half a PNG", saved(image().resize((300, 300)), "PNG")[:-200]),
        ("half a WebP", saved(image(900, 900), "WEBP")[:300]),
        ("a PNG that moves", moving("PNG")),
        ("a WebP that moves", moving("WEBP")),
        ("a JPEG with a thousand scans", scans(1000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_whole_still_picture_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(NotAPicture) as refusal:
        prepare(data, pixels=PIXELS)
    assert refusal.value.field == "image"


def test_a_progressive_photo_is_taken() -> None:
    assert prepare(saved(image(), "JPEG", progressive=True), pixels=PIXELS).width == 640
    assert prepare(scans(3), pixels=PIXELS).width == 64


@pytest.mark.parametrize(
    "data",
    [png_header(6400, 6251), png_header(60_000, 60_000), bomb(7000, 7000)]
    + [webp_header(kind, 16_000, 16_000) for kind in ("VP8X", "VP8L", "VP8 ")],
    ids=["just above", "far above", "whole", "extended", "lossless", "lossy"],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile._open", lambda self: pytest.fail("opened"))
    with pytest.raises(TooManyPixels):
        prepare(data, pixels=PIXELS)


def test_what_hides_behind_a_picture_stays_behind() -> None:
    both = saved(image(), "PNG") + b"PK\x03\x04" + HTML
    made = prepare(both, pixels=PIXELS)
    assert b"script" not in made.large + made.small
    assert made.width == 640
    jpeg = photo()
    hidden = jpeg[:2] + b"\xff\xfe" + (len(HTML) + 2).to_bytes(2, "big") + HTML + jpeg[2:]
    assert b"script" not in prepare(hidden, pixels=PIXELS).large


def test_what_breaks_a_decoder_is_refused_like_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RecursionError("deep")

    monkeypatch.setattr("PIL.Image.open", breaks)
    with pytest.raises(NotAPicture):
        prepare(photo(), pixels=PIXELS)
