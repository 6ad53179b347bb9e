"""The page of pictures, for events and venues alike."""

from datetime import datetime
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import AuditEntry
from events.models import EventPicture
from tests.backoffice.desk import at_work
from tests.factories import EventFactory, VenueFactory, event_picture, photo, venue_picture
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)


def gallery(kind: str, thing: Any) -> str:
    return reverse("admin:pictures", args=[kind, thing.pk])


def of(picture: Any) -> str:
    return reverse("admin:change-picture", args=[picture.of, picture.owner.pk, picture.pk])


def upload(content: bytes | None = None, name: str = "a.jpg", **fields: Any) -> dict[str, Any]:
    file = SimpleUploadedFile(name, photo().read() if content is None else content)
    return {"file": file, "alt": "Red and blue", "focus_x": 25, "focus_y": 50} | fields


def files() -> set[str]:
    return set(default_storage.listdir("pictures")[0]) if default_storage.exists("pictures") else set()


def saved(picture: Any, **fields: Any) -> dict[str, Any]:
    typed = {"alt": picture.alt, "focus_x": picture.focus_x, "focus_y": picture.focus_y} | fields
    return {"act": "save"} | {f"picture-{picture.pk}-{name}": value for name, value in typed.items()}


@pytest.mark.parametrize(("kind", "factory"), [("event", EventFactory), ("venue", VenueFactory)])
def test_a_picture_is_added(noon: datetime, kind: str, factory: Any) -> None:
    """S51"""
    thing = factory()
    client, user = at_work("organizer", thing.organization)
    assert "There is no picture yet." in text_of(client.get(gallery(kind, thing)))
    done = client.post(gallery(kind, thing), upload(), follow=True)
    assert done.redirect_chain == [(gallery(kind, thing), 303)]
    picture = thing.pictures.get()
    assert (picture.alt, picture.focus_x, files()) == ("Red and blue", 25, {picture.key})
    assert picture.card in done.content.decode()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.by) == (f"{kind}.picture_added", thing.pk, user)


@pytest.mark.parametrize(
    ("bad", "field", "sentence"),
    [
        (upload(b"<script>alert(1)</script>", "a.html"), "file", "can't be read as a picture"),
        (upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"), "file", "can't be read as a picture"),
        (upload(b"", "empty.jpg"), "file", "empty"),
        (upload(photo((100, 100)).read()), "file", "100 × 100 pixels"),
        (upload(b"x" * 10_500_000), "file", "larger than 10 MB"),
        (upload(alt=""), "alt", "required"),
        (upload(focus_x=101), "focus_x", "less than or equal to 100"),
    ],
    ids=["html", "svg", "empty", "small", "large", "no words", "off the picture"],
)
def test_what_is_no_picture_is_an_error_beside_the_field(
    noon: datetime, bad: dict[str, Any], field: str, sentence: str
) -> None:
    """S37"""
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    if "file" in bad:
        bad["file"].seek(0)
    page = client.post(gallery("event", event), bad)
    assert page.status_code == 200
    assert sentence in " ".join(page.context["form"].errors[field])
    assert (EventPicture.objects.count(), files(), AuditEntry.objects.count()) == (0, set(), 0)


def test_a_picture_is_described_turned_moved_and_removed(noon: datetime) -> None:
    """S51"""
    event = EventFactory()
    first, second = event_picture(event, alt="First"), event_picture(event, alt="Second")
    client, user = at_work("organizer", event.organization)
    AuditEntry.objects.all().delete()
    assert client.post(of(first), saved(first)).status_code == 303
    assert not AuditEntry.objects.exists()
    assert client.post(of(first), saved(first, alt="New words", focus_x=80)).status_code == 303
    key = first.key
    first.refresh_from_db()
    assert (first.alt, first.focus_x, first.key == key) == ("New words", 80, False)
    assert client.post(of(second), {"act": "earlier"}).status_code == 303
    assert list(event.pictures.all()) == [second, first]
    assert client.post(of(second), {"act": "earlier"}).status_code == 303
    assert list(event.pictures.all()) == [second, first]
    assert client.post(of(second), {"act": "later"}).status_code == 303
    assert list(event.pictures.all()) == [first, second]
    assert client.post(of(second), {"act": "remove"}).status_code == 303
    assert (list(event.pictures.all()), files()) == ([first], {first.key})
    assert [(entry.action, entry.by) for entry in AuditEntry.objects.order_by("pk")] == [
        (f"event.picture_{what}", user) for what in ("described", "cut_anew", "moved", "moved", "removed")
    ]


def test_words_that_are_missing_are_asked_for_beside_their_field(noon: datetime) -> None:
    picture = event_picture()
    client, _user = at_work("organizer", picture.event.organization)
    page = client.post(of(picture), saved(picture, alt=""))
    assert page.status_code == 200
    assert "This field is required" in text_of(page)
    picture.refresh_from_db()
    assert picture.alt == "Red and blue"


def test_pictures_of_others_arent_there(noon: datetime) -> None:
    """S8, S11: another house's, and another thing's of one's own."""
    theirs, own, own_venue = event_picture(), event_picture(), venue_picture()
    client, _user = at_work("admin", own.event.organization)
    for address in (gallery("event", theirs.event), of(theirs), gallery("place", own.event)):
        assert client.post(address, upload() | {"act": "remove"}).status_code == 404
    mixed = reverse("admin:change-picture", args=["event", own.event.pk, theirs.pk])
    assert client.post(mixed, {"act": "remove"}).status_code == 404
    assert files() == {theirs.key, own.key, own_venue.key}


def test_who_may_not_manage_events_changes_no_picture(noon: datetime) -> None:
    """S8, S14"""
    picture = event_picture()
    for role in ("support", "analyst", "entry_manager"):
        client, _user = at_work(role, picture.event.organization)
        assert client.get(gallery("event", picture.event)).status_code == 403
        assert client.post(of(picture), {"act": "remove"}).status_code == 403
    client, _user = at_work("organizer", picture.event.organization)
    assert client.get(of(picture)).status_code == 405
    assert files() == {picture.key}
