"""Pictures: their files, their addresses, and what becomes of both."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core import pictures
from events.models import EventPicture
from tests.factories import EventFactory, event_picture, photo, venue_picture

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {
    "card": (480, 300),
    "card_large": (960, 600),
    "wide": (800, 400),
    "wide_large": (1600, 800),
    "share": (1200, 630),
    "whole": (640, 400),
}
FILES = {"card.webp", "card_large.webp", "wide.webp", "wide_large.webp", "share.jpg", "whole.webp", "source.jpg"}


def stored() -> dict[str, set[str]]:
    """Which files there are, by key."""
    if not default_storage.exists("pictures"):
        return {}
    keys = default_storage.listdir("pictures")[0]
    return {key: set(default_storage.listdir(f"pictures/{key}")[1]) for key in keys}


def at(client: Client, address: str) -> Image.Image:
    response = client.get(address)
    assert response.status_code == 200, address
    return Image.open(BytesIO(b"".join(response.streaming_content)))


@pytest.mark.parametrize("make", [event_picture, venue_picture])
def test_each_size_is_at_its_address(client: Client, make: Any) -> None:
    picture = make()
    assert stored() == {picture.key: FILES}
    for name, size in SIZES.items():
        address = getattr(picture, name)
        assert address.startswith(f"/media/pictures/{picture.key}/{name}.")
        image = at(client, address)
        assert (image.size, image.format) == (size, "JPEG" if name == "share" else "WEBP")


def test_a_picture_is_kept_for_ever_by_whoever_has_fetched_it(client: Client) -> None:
    picture = event_picture()
    for address, kind in ((picture.card, "image/webp"), (picture.share, "image/jpeg")):
        response = client.get(address)
        assert response.headers["Content-Type"] == kind
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert int(response.headers["Content-Length"]) == len(b"".join(response.streaming_content))
        assert not response.cookies


def test_a_picture_is_only_looked_at(client: Client) -> None:
    picture = event_picture()
    assert client.head(picture.card).status_code == 200
    assert [getattr(client, verb)(picture.card).status_code for verb in ("post", "put", "delete")] == [405, 405, 405]


@pytest.mark.parametrize(
    "end",
    [
        "source.jpg",
        "card",
        "card.jpg",
        "card.webp/",
        "card.webp%0A",
        "../card.webp",
        "%2e%2e/card.webp",
        "..%2f..%2f..%2fetc%2fpasswd",
        "",
    ],
)
def test_nothing_else_is_served(client: Client, end: str) -> None:
    """S37: what we keep to cut from is nobody's business, and there is no way up."""
    picture = event_picture()
    response = client.get(f"/media/pictures/{picture.key}/{end}")
    assert response.status_code == 404
    assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.parametrize("key", ["x" * 32, "x" * 31, "x" * 33, "." * 32, "../" * 10 + "..", "%00" * 32])
def test_an_unknown_key_leads_nowhere(client: Client, key: str) -> None:
    event_picture()
    assert client.get(f"/media/pictures/{key}/card.webp").status_code == 404


@pytest.mark.parametrize("name", ["../../evil.html", "/etc/passwd", "evil.jpg.html", "a\0b.jpg"])
def test_the_name_of_an_upload_is_never_used(name: str) -> None:
    """S37"""
    upload = SimpleUploadedFile("photo.jpg", photo().read(), "text/html")
    upload._name = name
    picture = pictures.add(picture=EventPicture(event=EventFactory(), alt="Red and blue"), upload=upload)
    assert default_storage.listdir("") == (["pictures"], [])
    assert stored() == {picture.key: FILES}


@pytest.mark.parametrize(
    ("fields", "upload"),
    [
        ({}, b"<script>"),
        ({"alt": ""}, None),
        ({"alt": "x" * 201}, None),
        ({"focus_x": 101}, None),
        ({"focus_y": -1}, None),
    ],
)
def test_what_is_refused_leaves_nothing(fields: dict[str, Any], upload: bytes | None) -> None:
    """S37"""
    picture = EventPicture(**{"event": EventFactory(), "alt": "Red"} | fields)
    with pytest.raises(ValidationError):
        pictures.add(picture=picture, upload=BytesIO(upload) if upload else photo())
    assert (stored(), EventPicture.objects.count()) == ({}, 0)


def test_without_a_row_there_are_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_picture: Any) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(pictures, "_append", fail)
    with pytest.raises(RuntimeError):
        event_picture()
    assert stored() == {}


def test_a_new_picture_comes_after_those_that_are_there() -> None:
    event = EventFactory()
    first = event_picture(event)
    second = event_picture(event)
    EventPicture.objects.filter(pk=first.pk).update(order=7)
    third, other = event_picture(event), event_picture()
    assert [first.order, second.order, third.order, other.order] == [0, 1, 8, 0]
    assert list(event.pictures.all()) == [second, first, third]


def left_and_right(image: Image.Image) -> str:
    """Which colours stand at the edges: r and b."""
    row = image.convert("RGB")
    pixels = (row.getpixel((x, row.height // 2)) for x in (2, row.width - 3))
    return "".join("r" if pixel[0] > pixel[2] else "b" for pixel in pixels)


def test_a_new_focal_point_cuts_anew_under_new_addresses(client: Client) -> None:
    picture = pictures.add(picture=EventPicture(event=EventFactory(), alt="Wide"), upload=photo((2000, 300)))
    source = default_storage.open(f"pictures/{picture.key}/source.jpg").read()
    assert left_and_right(at(client, picture.card)) == "rb"
    moved = pictures.refocus(picture=picture, focus_x=0, focus_y=100)
    assert moved.key != picture.key
    assert left_and_right(at(client, moved.card)) == "rr"
    assert left_and_right(at(client, moved.whole)) == "rb"
    assert client.get(picture.card).status_code == 404
    assert stored() == {moved.key: FILES}
    row = EventPicture.objects.get()
    assert (row.key, row.focus_x, row.focus_y) == (moved.key, 0, 100)
    # However often it is cut, it is never encoded anew.
    assert default_storage.open(f"pictures/{moved.key}/source.jpg").read() == source


def test_a_focal_point_beside_the_picture_changes_nothing() -> None:
    picture = event_picture()
    with pytest.raises(ValidationError):
        pictures.refocus(picture=picture, focus_x=50, focus_y=101)
    assert stored() == {picture.key: FILES}
    assert EventPicture.objects.get().key == picture.key


def test_two_who_move_the_focal_point_leave_one_set_of_files() -> None:
    """The second has looked before the first has written."""
    picture = event_picture()
    seen_by_both = EventPicture.objects.get()
    source = default_storage.open(f"pictures/{picture.key}/source.jpg").read()
    first = pictures.refocus(picture=picture, focus_x=10, focus_y=50)
    for name in FILES:  # still there when the second read it
        default_storage.save(f"pictures/{seen_by_both.key}/{name}", BytesIO(source))
    second = pictures.refocus(picture=seen_by_both, focus_x=90, focus_y=50)
    assert EventPicture.objects.get().key == second.key
    assert first.key not in stored()


def test_a_picture_goes_with_its_files() -> None:
    picture, other = event_picture(), event_picture()
    pictures.remove(picture=picture)
    pictures.remove(picture=picture)
    assert EventPicture.objects.get() == other
    assert stored() == {other.key: FILES}


def test_a_picture_that_was_cut_anew_meanwhile_goes_too() -> None:
    seen = event_picture()
    pictures.refocus(picture=EventPicture.objects.get(), focus_x=1, focus_y=1)
    pictures.remove(picture=seen)
    assert (stored(), EventPicture.objects.count()) == ({}, 0)


def test_on_a_disk_nothing_is_left_of_a_picture_either(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    picture = event_picture()
    assert {path.name for path in (tmp_path / "pictures" / picture.key).iterdir()} == FILES
    pictures.remove(picture=picture)
    assert list((tmp_path / "pictures").iterdir()) == []


def test_a_large_picture_is_kept_within_2400_pixels(client: Client) -> None:
    picture = pictures.add(picture=EventPicture(event=EventFactory(), alt="Large"), upload=photo((5000, 2500)))
    with default_storage.open(f"pictures/{picture.key}/source.jpg") as file, Image.open(file) as source:
        assert source.size == (2400, 1200)
    assert at(client, picture.whole).size == (1600, 800)
