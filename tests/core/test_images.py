"""Pixels: what people upload, also what they shouldn't, and how it is cut."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import images
from tests.factories import photo

UNREADABLE = "This file can't be read as a picture. Please choose a JPEG, PNG or WebP file."


def refused(content: bytes) -> str:
    """Why a file is turned down."""
    with pytest.raises(ValidationError) as caught:
        images.decoded(BytesIO(content))
    return caught.value.messages[0]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int, *more: bytes) -> bytes:
    """A PNG whose header claims a size that its pixels don't have."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def is_red(pixel: Any) -> bool:
    red, green, blue = pixel
    return red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_plain_pixels(format: str) -> None:
    image = images.decoded(photo(format=format))
    assert (image.mode, image.size, image.info, image.format) == ("RGB", (640, 400), {}, None)
    assert is_red(image.getpixel((10, 10)))
    assert not is_red(image.getpixel((630, 10)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><script>alert(1)</script></svg>',
        b"GIF89a<script>",
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    """S37"""
    assert refused(content) == UNREADABLE


@pytest.mark.parametrize("format", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_other_kinds_of_pictures_are_refused(format: str) -> None:
    """S37"""
    assert refused(photo(format=format).read()) == UNREADABLE


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_half_a_file_is_refused(format: str, part: float) -> None:
    """S37"""
    content = photo(format=format, **({} if format == "PNG" else {"quality": 95})).read()
    assert refused(content[: int(len(content) * part)]) == UNREADABLE


@pytest.mark.parametrize("size", [(7_072, 7_072), (9_500, 9_500), (60_000, 60_000), (1, 50_000_001)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    """S37: none of its pixels is looked at; there are none."""
    assert refused(png_of(*size)).startswith("This picture has more than 50 megapixels.")


def test_a_bomb_in_webp_is_refused_by_its_header() -> None:
    """S37: the largest that the format has room for."""
    size = (16_382 | 16_382 << 14).to_bytes(4, "little")
    pixels = b"VP8L" + struct.pack("<I", 40) + b"\x2f" + size + b"\0" * 35
    assert refused(b"RIFF" + struct.pack("<I", len(pixels) + 4) + b"WEBP" + pixels).startswith("This picture has more")


def test_a_text_that_unpacks_to_much_is_refused() -> None:
    """S37: a bomb beside the pixels."""
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
    assert refused(png_of(640, 400, text)) == UNREADABLE


def test_a_file_of_more_than_ten_megabytes_is_refused() -> None:
    """S37"""
    content = photo().read()
    images.decoded(BytesIO(content + b"\0" * (images.MOST_BYTES - len(content))))
    assert refused(content + b"\0" * (images.MOST_BYTES - len(content) + 1)).startswith(
        "This file is larger than 10 MB."
    )


@pytest.mark.parametrize("size", [(319, 200), (320, 199), (1, 1)])
def test_a_picture_too_small_to_show_is_refused(size: tuple[int, int]) -> None:
    expected = f"This picture has {size[0]} × {size[1]} pixels. Please choose one of at least 320 × 200."
    assert refused(photo(size).read()) == expected
    images.decoded(photo((320, 200)))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_survives(format: str) -> None:
    """S37: neither the place where it was taken nor the script behind it."""
    exif = Image.Exif()
    exif[0x010F] = "Cameramaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    content = photo(format=format, exif=exif, icc_profile=b"profile" * 20).read()
    image = images.decoded(BytesIO(content + b"<script>alert(1)</script>"))
    assert b"Cameramaker" in content
    for made in (images.webp(image), images.jpeg(image, quality=92)):
        assert not any(trace in made for trace in (b"Cameramaker", b"profile", b"script", b"Exif", b"EXIF"))
        with Image.open(BytesIO(made)) as again:
            assert (dict(again.getexif()), again.info.get("icc_profile")) == ({}, None)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_stands_upright(format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: what is left belongs on top
    image = images.decoded(photo(format=format, exif=exif))
    assert image.size == (400, 640)
    assert is_red(image.getpixel((200, 20)))
    assert not is_red(image.getpixel((200, 620)))


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
@pytest.mark.parametrize(("mode", "clear"), [("RGBA", (255, 0, 0, 0)), ("LA", (0, 0))])
def test_what_is_transparent_is_white(format: str, mode: str, clear: tuple[int, ...]) -> None:
    file = BytesIO()
    Image.new(mode, (640, 400), clear).save(file, format)
    assert images.decoded(BytesIO(file.getvalue())).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "colour", "grey"), [("1", 1, 255), ("L", 128, 128), ("P", 0, 0), ("I;16", 32_896, 128)]
)
def test_pictures_without_colours_or_with_few_keep_their_brightness(mode: str, colour: int, grey: int) -> None:
    file = BytesIO()
    Image.new(mode, (640, 400), colour).save(file, "PNG")
    assert images.decoded(BytesIO(file.getvalue())).getpixel((5, 5)) == (grey, grey, grey)


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_of_a_film_the_first_picture_is_taken(format: str) -> None:
    file = BytesIO()
    first, second = (Image.new("RGB", (640, 400), colour) for colour in ("red", "blue"))
    first.save(file, format, save_all=True, append_images=[second], lossless=True)
    assert is_red(images.decoded(BytesIO(file.getvalue())).getpixel((5, 5)))


@given(
    width=st.integers(1, 9_000),
    height=st.integers(1, 9_000),
    ratio=st.sampled_from([(480, 300), (800, 400), (1200, 630), (1, 1), (3, 4)]),
    focus_x=st.integers(0, 100),
    focus_y=st.integers(0, 100),
)
def test_a_crop_is_the_largest_of_its_ratio_that_has_the_focal_point(
    width: int, height: int, ratio: tuple[int, int], focus_x: int, focus_y: int
) -> None:
    left, top, right, bottom = images.crop(width, height, ratio=ratio, focus_x=focus_x, focus_y=focus_y)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == width or bottom - top == height  # as large as possible
    across, down = right - left, bottom - top
    assert abs(across - down * ratio[0] / ratio[1]) <= max(1, ratio[0] / ratio[1])  # within a pixel of either side
    assert left - 1 <= width * focus_x / 100 <= right + 1
    assert top - 1 <= height * focus_y / 100 <= bottom + 1


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((50, 50), (200, 0, 1000, 400)),
        ((0, 0), (0, 0, 800, 400)),
        ((100, 100), (400, 0, 1200, 400)),
        ((40, 50), (80, 0, 880, 400)),
    ],
)
def test_the_focal_point_is_in_the_middle_as_far_as_the_borders_allow(
    focus: tuple[int, int], box: tuple[int, ...]
) -> None:
    assert images.crop(1200, 400, ratio=(2, 1), focus_x=focus[0], focus_y=focus[1]) == box


def test_fitting_never_enlarges() -> None:
    image = images.decoded(photo((640, 400)))
    assert images.fitted(image, (1600, 1600)).size == (640, 400)
    assert images.fitted(image, (320, 320)).size == (320, 200)
