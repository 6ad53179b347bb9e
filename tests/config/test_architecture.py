"""What import-linter can't see: who knows whom by a name in a string or by a relation's other end."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models

ROOT = Path(settings.BASE_DIR)
LEFT_TO_RIGHT = ["backoffice", "reports", "bookings", "events", "venues", "accounts", "notifications", "core"]
RANK = {name: place for place, name in enumerate(LEFT_TO_RIGHT)}
BY_NAME = {"accounts.user", "accounts.organization"}  # what core and notifications may point to


def our_models() -> list[type[models.Model]]:
    return [model for name in LEFT_TO_RIGHT for model in apps.get_app_config(name).get_models()]


def test_every_app_of_ours_has_its_place() -> None:
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    assert ours == set(LEFT_TO_RIGHT)


def test_no_foreign_key_points_to_the_left() -> None:
    pointing = {
        (model._meta.app_label, field.related_model._meta.label_lower)
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and field.related_model._meta.app_label in RANK
        and RANK[field.related_model._meta.app_label] < RANK[model._meta.app_label]
    }
    assert pointing <= {(app, target) for app in ("core", "notifications") for target in BY_NAME}


def reverse_names(app: str) -> set[str]:
    """What models of this app and of those to its right are given by the apps to its left."""
    names = set()
    for model in our_models():
        if RANK[model._meta.app_label] < RANK[app]:
            continue
        for relation in model._meta.related_objects:
            if RANK.get(relation.related_model._meta.app_label, 99) < RANK[app]:
                names |= {relation.get_accessor_name(), relation.name}
    return {name for name in names if name and not name.endswith("+")}


def own_names(app: str) -> set[str]:
    """Names that mean something else in this app: fields and relations of its own and to its right."""
    names = set()
    for model in our_models():
        if RANK[model._meta.app_label] >= RANK[app]:
            for field in model._meta.get_fields():
                related = getattr(field, "related_model", None)
                of = related._meta.app_label if field.auto_created and related else model._meta.app_label
                if RANK.get(of, 99) >= RANK[app]:
                    names.add(field.name)
    return names


def sources(app: str) -> Iterator[Path]:
    return (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def names_used(tree: ast.AST) -> Iterator[str]:
    """Attributes, keywords, and strings that look like lookups."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        if isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if "__" in text and re.fullmatch(r"-?[a-z_]+", text):
            yield from text.lstrip("-").split("__")


@pytest.mark.parametrize("app", LEFT_TO_RIGHT)
def test_no_app_uses_a_relation_that_comes_from_its_left(app: str) -> None:
    foreign = reverse_names(app) - own_names(app)
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in sources(app)
        for name in names_used(ast.parse(path.read_text()))
        if name in foreign
    }
    assert found == set()


def test_the_look_for_relations_sees_them() -> None:
    """The test above would be worth nothing if it found nothing to look for, or could not see it."""
    assert {"bookings", "booking", "tickets", "ticket"} & (reverse_names("events") - own_names("events"))
    code = "event.bookings.count(); Event.objects.filter(bookings__status='x').order_by('-tickets__number')"
    assert {"bookings", "tickets"} <= set(names_used(ast.parse(code)))


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_constraint_of_ours_is_tried_by_a_test() -> None:
    """A constraint that no test tries to break may be gone tomorrow."""
    tests = "".join(
        path.read_text() for name in LEFT_TO_RIGHT for path in (ROOT / "tests" / name).glob("test_models.py")
    )
    named = {constraint.name for model in our_models() for constraint in model._meta.constraints}
    assert {name for name in named if name not in tests} == set()


def test_no_log_or_print_stands_where_people_would_not_look() -> None:
    printed = {
        str(path.relative_to(ROOT))
        for app in LEFT_TO_RIGHT
        for path in sources(app)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printed == set()


@pytest.mark.parametrize("app", [name for name in LEFT_TO_RIGHT if name not in ("core", "events")])
def test_only_the_inventory_writes_what_becomes_of_a_place(app: str) -> None:
    """Every path that sells goes through events/services/inventory.py."""
    writing = {
        str(path.relative_to(ROOT))
        for path in sources(app)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword) and node.arg in ("ownership", "was_claimed")
    }
    assert writing == set()
