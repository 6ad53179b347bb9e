"""
Pictures and their files: cut on the server around a focal point, since our pages have no inline styles.

A picture's address never shows anything else: what is cut anew gets a new key. Files are made outside of
any transaction and deleted after the commit; what a crash between leaves behind has a key that no row has.
"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from functools import partial
from io import BytesIO
from typing import IO, Any, ClassVar, Self

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from PIL import Image

from core import audit, clock, codes, images
from core.transactions import outermost

SIZES = {
    "card.webp": (480, 300),
    "card_large.webp": (960, 600),
    "wide.webp": (800, 400),
    "wide_large.webp": (1600, 800),
    "share.jpg": (1200, 630),  # as Open Graph wants it; not all who read that know WebP
}
WHOLE, WHOLE_SIZE = "whole.webp", (1600, 1600)
SOURCE = "source.jpg"
SHOWN = {**dict.fromkeys([*SIZES, WHOLE], "image/webp"), "share.jpg": "image/jpeg"}
"""The files that anybody may fetch, and what they are."""

ADDRESS = rf"pictures/(?P<key>[A-Za-z0-9_-]{{32}})/(?P<file>{'|'.join(map(re.escape, SHOWN))})"
"""The only addresses there are, as a regular expression."""

_percent = partial(models.PositiveSmallIntegerField, default=50, validators=[MaxValueValidator(100)])


class Picture(models.Model):
    """A picture of something: `of` names the field that says of what."""

    of: ClassVar[str]
    key = models.CharField(max_length=32, unique=True, default=codes.secret, editable=False)  # names its files
    alt = models.CharField(
        _("what it shows"),
        max_length=200,
        help_text=_("One sentence for those who can't see it: it is read to them instead."),
    )
    focus_x = _percent(help_text=_("What must not be cut off: how far from the left, in percent."))
    focus_y = _percent(help_text=_("How far from the top, in percent."))
    order = models.PositiveSmallIntegerField(default=0, help_text=_("The first is the cover."))

    class Meta:
        abstract = True
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(focus_x__range=(0, 100), focus_y__range=(0, 100)),
                name="the_focus_of_each_%(class)s_lies_on_it",
            ),
            models.CheckConstraint(condition=~Q(alt=""), name="each_%(class)s_is_put_in_words"),
        ]

    def __str__(self) -> str:
        return self.alt

    def url(self, file: str) -> str:
        """Where one of the SHOWN files is, for ever."""
        return reverse("picture", args=[self.key, file])

    @property
    def card(self) -> str:
        """For lists: 480 × 300."""
        return self.url("card.webp")

    @property
    def card_large(self) -> str:
        """The same for fine screens: 960 × 600."""
        return self.url("card_large.webp")

    @property
    def wide(self) -> str:
        """For the top of a page: 800 × 400."""
        return self.url("wide.webp")

    @property
    def wide_large(self) -> str:
        """The same for fine screens: 1600 × 800."""
        return self.url("wide_large.webp")

    @property
    def share(self) -> str:
        """For those who link to us: 1200 × 630, JPEG."""
        return self.url("share.jpg")

    @property
    def whole(self) -> str:
        """Nothing cut off: within 1600 × 1600."""
        return self.url(WHOLE)

    @property
    def owner(self) -> models.Model:
        """What it is a picture of."""
        return getattr(self, self.of)

    def siblings(self) -> models.QuerySet[Self]:
        """All pictures of the same thing."""
        return type(self)._default_manager.filter(**{self.of: getattr(self, self.of)})


def add[P: Picture](*, picture: P, upload: IO[bytes], by: Any = None) -> P:
    """Give a new picture its files and its row, after those that are there. Raises ValidationError."""
    picture.full_clean()
    image = images.fitted(images.decoded(upload), images.LARGEST)
    with _written(picture, image, images.jpeg(image, quality=92)):
        _append(picture=picture, by=by)
    return picture


def add_again[P: Picture](*, picture: P, owner: models.Model, by: Any = None) -> P:
    """Give something else a picture like this one, after those that it has, with files of its own."""
    again = copy(picture)
    again.pk, again.key = None, codes.secret()
    again._state.adding = True
    setattr(again, picture.of, owner)
    try:
        for name in [*SHOWN, SOURCE]:
            with default_storage.open(path(picture.key, name)) as file:
                default_storage.save(path(again.key, name), file)
        _append(picture=again, by=by)
    except BaseException:
        _delete_files([again.key])
        raise
    return again


def change[P: Picture](*, picture: P, alt: str, focus_x: int, focus_y: int, by: Any = None) -> P:
    """Say anew what the picture shows, and cut it anew if its point moved. Raises ValidationError."""
    picture.alt = alt
    picture.full_clean()
    _describe(picture=picture, by=by)
    if (focus_x, focus_y) == (picture.focus_x, picture.focus_y):
        return picture
    return refocus(picture=picture, focus_x=focus_x, focus_y=focus_y, by=by)


def refocus[P: Picture](*, picture: P, focus_x: int, focus_y: int, by: Any = None) -> P:
    """Return the picture cut anew around another point; its addresses change. Raises ValidationError."""
    moved = copy(picture)
    moved.key, moved.focus_x, moved.focus_y = codes.secret(), focus_x, focus_y
    moved.full_clean()
    with default_storage.open(path(picture.key, SOURCE)) as file:
        source = file.read()
    with Image.open(BytesIO(source), formats=("JPEG",)) as image, _written(moved, image, source):
        _replace(picture=moved, by=by)
    return moved


@outermost
def move(*, picture: Picture, earlier: bool, by: Any = None) -> None:
    """Put the picture one place nearer to the cover, or one further from it; harmless at the end."""
    order = list(picture.siblings().order_by("order", "pk").select_for_update(no_key=True))
    places = [each.pk for each in order]
    if picture.pk not in places:
        return
    here = places.index(picture.pk)
    there = here - 1 if earlier else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for place, each in enumerate(order):
        type(picture)._default_manager.filter(pk=each.pk).update(order=place)
    _record("picture_moved", picture, by, place=[here + 1, there + 1])


def remove(*, picture: Picture, by: Any = None) -> None:
    """Delete the picture and its files. Harmless when repeated."""
    _remove(picture=picture, by=by)


def discard(keys: Iterable[str]) -> None:
    """Delete the files of these keys once the transaction that deletes their rows is committed."""
    transaction.on_commit(partial(_delete_files, list(keys)), robust=True)


@outermost
def _append(*, picture: Picture, by: Any) -> None:
    last = picture.siblings().aggregate(last=Max("order"))["last"]
    picture.order = 0 if last is None else last + 1
    picture.save(force_insert=True)
    _record("picture_added", picture, by)


@outermost
def _describe(*, picture: Picture, by: Any) -> None:
    before = type(picture)._default_manager.select_for_update(no_key=True).get(pk=picture.pk)
    if before.alt != picture.alt:
        picture.save(update_fields=["alt"])
        _record("picture_described", picture, by, alt=[before.alt, picture.alt])


@outermost
def _replace(*, picture: Picture, by: Any) -> None:
    before = type(picture)._default_manager.select_for_update(no_key=True).get(pk=picture.pk)
    picture.save(update_fields=["key", "focus_x", "focus_y"])
    discard([before.key])
    focus = [[each.focus_x, each.focus_y] for each in (before, picture)]
    _record("picture_cut_anew", picture, by, focus=focus)


@outermost
def _remove(*, picture: Picture, by: Any) -> None:
    rows = type(picture)._default_manager.filter(pk=picture.pk)
    # Not the key that we were given: it may have been cut anew meanwhile.
    keys = list(rows.select_for_update(no_key=True).values_list("key", flat=True))
    rows.delete()
    discard(keys)
    if keys:
        _record("picture_removed", picture, by)


def _record(what: str, picture: Picture, by: Any, **facts: Any) -> None:
    """Into the trail of what it is a picture of."""
    audit.record(f"{picture.of}.{what}", picture.owner, at=clock.now(), by=by, **{"alt": picture.alt, **facts})


@contextmanager
def _written(picture: Picture, image: Image.Image, source: bytes) -> Iterator[None]:
    """Write the files for a row that is made inside, and take them away again if it isn't."""
    try:
        for name, content in _files(picture, image):
            default_storage.save(path(picture.key, name), ContentFile(content))
        default_storage.save(path(picture.key, SOURCE), ContentFile(source))
        yield
    except BaseException:
        _delete_files([picture.key])
        raise


def _files(picture: Picture, image: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents; all cores work on them, since Pillow does most of it without Python."""
    image.load()
    with ThreadPoolExecutor() as pool:
        yield from zip(SHOWN, pool.map(partial(_file, picture, image), SHOWN), strict=True)


def _file(picture: Picture, image: Image.Image, name: str) -> bytes:
    if name == WHOLE:
        return images.webp(images.fitted(image, WHOLE_SIZE))
    cut = images.cut(image, SIZES[name], focus_x=picture.focus_x, focus_y=picture.focus_y)
    return images.jpeg(cut, quality=85) if name.endswith(".jpg") else images.webp(cut)


def _delete_files(keys: Iterable[str]) -> None:
    for key in keys:
        for name in [*SHOWN, SOURCE]:
            default_storage.delete(path(key, name))
        default_storage.delete(f"pictures/{key}")  # the folder, where the storage has such a thing


def path(key: str, name: str) -> str:
    """Return what the storage calls one of a picture's files."""
    return f"pictures/{key}/{name}"
