"""`manage.py add_picture`: a picture for an event or a venue, from a file."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from events.models import EventPicture
from tests.factories import EventFactory, VenueFactory, photo
from venues.models import VenuePicture

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo().read())
    return path


def add(*arguments: object) -> str:
    out = StringIO()
    call_command("add_picture", *map(str, arguments), stdout=out)
    return out.getvalue().strip()


def test_an_event_gets_a_picture(file: Path) -> None:
    event = EventFactory(slug="gala")
    said = add("event", "gala", file, "--alt", "Red and blue", "--focus", 20, 80)
    picture = EventPicture.objects.get()
    assert said == picture.whole
    assert (picture.event, picture.alt, picture.focus_x, picture.focus_y) == (event, "Red and blue", 20, 80)


def test_a_venue_gets_a_picture(file: Path) -> None:
    venue = VenueFactory(slug="hall")
    add("venue", "hall", file, "--alt", "Red and blue")
    picture = VenuePicture.objects.get()
    assert (picture.venue, picture.focus_x, picture.focus_y) == (venue, 50, 50)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["event", "none", "photo.jpg", "--alt", "Red"], "There is no event with the address none."),
        (["venue", "gala", "photo.jpg", "--alt", "Red"], "There is no venue with the address gala."),
        (["event", "gala", "none.jpg", "--alt", "Red"], "none.jpg can't be opened: No such file or directory."),
        (["event", "gala", ".", "--alt", "Red"], ". can't be opened: Is a directory."),
        (["event", "gala", "page.jpg", "--alt", "Red"], "This file can't be read as a picture."),
        (["event", "gala", "photo.jpg", "--alt", ""], "alt: This field cannot be blank."),
        (["event", "gala", "photo.jpg", "--alt", "Red", "--focus", "101", "5"], "focus_x: Ensure this value is less"),
        (["event", "gala", "photo.jpg"], "the following arguments are required: --alt"),
        (["house", "gala", "photo.jpg", "--alt", "Red"], "invalid choice: 'house'"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    file: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(file.parent)
    Path("page.jpg").write_text("<html>")
    EventFactory(slug="gala")
    with pytest.raises(CommandError) as caught:
        add(*arguments)
    assert sentence in str(caught.value)
    assert not EventPicture.objects.exists()
