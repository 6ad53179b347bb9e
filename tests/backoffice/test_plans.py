"""Staff pages of seating plans: list, picture, editor's questions, files, and the way to what events use."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry
from tests.backoffice.desk import at_work, fields_of
from tests.factories import VenueFactory, event_on_sale, plan_of
from tests.pages import text_of
from venues.layout import document, parse
from venues.models import Seat, SeatingPlan
from venues.queries.plans import layout_of
from venues.services import plans

pytestmark = pytest.mark.django_db(transaction=True)

SQUARE = [[0, 0], [400, 0], [400, 400], [0, 400]]
STALLS = {
    "name": "Stalls",
    "tier": "",
    "kind": "seated",
    "shape": SQUARE,
    "capacity": 0,
    "rows": [{"row": "A", "seats": [["1", 1, 100, 100, "wheelchair"], ["2", 2, 160, 100, "companion", ["A", "1"]]]}],
}
FLOOR = {"name": "Floor", "tier": "", "kind": "standing", "shape": SQUARE, "capacity": 50, "rows": []}
CONCERT = {"name": "Concert", "focal": [200, 0], "sections": [STALLS, FLOOR]}
PATTERN = {
    "name": "Balcony",
    "tier": "Upper",
    "form": "straight",
    "rows": "2",
    "seats": "3",
    "seat_spacing": "50",
    "row_spacing": "90",
    "row_names": "letters",
    "first_row": "H",
    "skipped": "I",
    "numbering": "left_to_right",
    "first_number": "1",
    "towards": "0",
    "x": "500",
    "y": "500",
}


def draft(name: str = "Concert", told: dict[str, Any] | None = None, **facts: Any) -> SeatingPlan:
    """A draft of some venue, with what a document tells."""
    plan = plans.create(venue_id=VenueFactory(**facts).pk, name=name)
    return plans.replace(plan_id=plan.pk, layout=parse(told or CONCERT), revision=0)


def of(name: str, plan: SeatingPlan, *more: Any) -> str:
    return reverse(f"admin:{name}", args=[plan.pk, *more])


def at_desk(plan: SeatingPlan, role: str = "organizer") -> Client:
    return at_work(role, plan.venue.organization)[0]


def ask(client: Client, name: str, plan: SeatingPlan, told: Any) -> HttpResponse:
    """Send JSON, as the editor does; a text goes as it is."""
    body = told if isinstance(told, str | bytes) else json.dumps(told)
    return client.post(of(name, plan), body, content_type="application/json")


def file_of(told: Any, name: str = "plan.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, told if isinstance(told, bytes) else json.dumps(told).encode())


# --- Lists and pages ---------------------------------------------------------------------------------


def test_a_venue_without_plans_says_what_to_do(noon: datetime) -> None:
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    page = text_of(client.get(reverse("admin:plans", args=[venue.pk])))
    assert "This venue has no seating plan yet." in page
    assert "Begin a plan below and draw it, or import one from a file." in page
    assert (
        reverse("admin:plans", args=[venue.pk])
        in client.get(reverse("admin:venues_venue_change", args=[venue.pk])).content.decode()
    )


def test_plans_are_listed_with_what_they_hold_and_who_uses_them(noon: datetime) -> None:
    event = event_on_sale()
    used = plan_of(event.venue, {"Stalls": "sss sss"}, {"Floor": 30})
    event.plan = used
    event.save()
    client = at_desk(used)
    page = text_of(client.get(reverse("admin:plans", args=[event.venue_id])))
    assert f"{used.name} ({used.version}) 1 published 2 6 30 1 event New version" in page
    assert event.title in text_of(client.get(of("plan", used)))


def test_a_list_asks_no_more_for_many_plans(noon: datetime) -> None:
    """One row and ten ask the same."""
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    address, asked = reverse("admin:plans", args=[venue.pk]), []
    for count in (1, 9):
        for _each in range(count):
            plan_of(venue, {"Stalls": "ss ss"}, {"Floor": 10})
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_plan_is_begun_drawn_published_and_goes_on_in_a_new_version(noon: datetime) -> None:
    venue = VenueFactory()
    client, user = at_work("organizer", venue.organization)
    begun = client.post(reverse("admin:plans", args=[venue.pk]), {"name": "Concert"})
    plan = SeatingPlan.objects.get()
    assert (begun.status_code, begun["Location"]) == (303, of("plan-edit", plan))

    missing = client.post(of("plan-publish", plan), follow=True)
    assert "The plan: It has no places yet." in text_of(missing)
    assert ask(client, "plan-save", plan, {"revision": 0, "document": CONCERT}).json() == {"revision": 1}
    offer = text_of(client.get(of("plan-publish", plan)))
    assert ("Missing" in offer, "Stalls: 2 places" in offer) == (False, True)
    client.post(of("plan-publish", plan))
    plan.refresh_from_db()
    assert plan.status == "published"
    assert client.get(of("plan-edit", plan))["Location"] == of("plan", plan)

    client.post(of("plan-version", plan))
    second = SeatingPlan.objects.get(version=2)
    assert layout_of(second) == layout_of(plan)
    client.post(of("plan-retire", plan))
    plan.refresh_from_db()
    assert plan.status == "retired"
    client.post(of("plan-delete", second))
    assert list(SeatingPlan.objects.values_list("version", "status")) == [(1, "retired")]
    assert {entry.by for entry in AuditEntry.objects.all()} == {user}


def test_a_name_that_is_taken_is_said_beside_it(noon: datetime) -> None:
    plan = draft()
    again = at_desk(plan).post(reverse("admin:plans", args=[plan.venue_id]), {"name": "Concert"})
    assert again.status_code == 422
    assert "This venue has a plan called Concert already." in text_of(again)
    assert SeatingPlan.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "status", "sentence"),
    [
        ("plan-delete", "published", "This plan was published, so it never changes."),
        ("plan-retire", "draft", "This plan is a draft, which no event uses: delete it instead."),
    ],
)
def test_what_a_plan_cant_go_through_is_refused_in_words(noon: datetime, act: str, status: str, sentence: str) -> None:
    plan = draft()
    SeatingPlan.objects.update(status=status)
    assert sentence in text_of(at_desk(plan).post(of(act, plan), follow=True))
    plan.refresh_from_db()
    assert plan.status == status


def test_names_from_a_plan_are_text_wherever_they_stand(noon: datetime) -> None:
    """S29"""
    evil = "</script><b>x"
    plan = draft(evil, {**CONCERT, "name": evil, "sections": [{**FLOOR, "name": evil}]})
    client = at_desk(plan)
    for address in (of("plan", plan), of("plan-edit", plan), reverse("admin:plans", args=[plan.venue_id])):
        assert "<b>x" not in client.get(address).content.decode()


@pytest.mark.parametrize("role", ["support", "entry_manager", "analyst"])
def test_who_may_not_manage_events_saves_nothing(noon: datetime, role: str) -> None:
    """S8"""
    plan = draft()
    client = at_desk(plan, role)
    assert ask(client, "plan-save", plan, {"revision": 1, "document": {**CONCERT, "sections": []}}).status_code == 403
    assert document(layout_of(plan)) == CONCERT


def test_plans_of_others_arent_there(noon: datetime) -> None:
    """S9"""
    plan, (client, _user) = draft(), at_work("admin")
    answer = ask(client, "plan-save", plan, {"revision": 1, "document": {**CONCERT, "sections": []}})
    assert (answer.status_code, document(layout_of(plan))) == (404, CONCERT)


@pytest.mark.parametrize("name", ["plan-save", "plan-check", "plan-generate", "plan-version"])
def test_no_link_changes_a_plan(noon: datetime, name: str) -> None:
    """S14"""
    plan = draft()
    assert at_desk(plan).get(of(name, plan)).status_code == 405


# --- What the editor asks ------------------------------------------------------------------------------


def test_the_editor_gets_the_whole_document(noon: datetime) -> None:
    plan = draft()
    page = at_desk(plan).get(of("plan-edit", plan))
    assert page.context["document"] == CONCERT
    assert f'data-revision="{plan.revision}"' in page.content.decode()


def test_the_second_of_two_who_save_is_told_and_loses_nothing(noon: datetime) -> None:
    """The earlier version stays."""
    plan = draft()
    client = at_desk(plan)
    mine, theirs = {**CONCERT, "focal": [10, 10]}, {**CONCERT, "focal": [20, 20]}
    assert ask(client, "plan-save", plan, {"revision": 1, "document": mine}).json() == {"revision": 2}
    answer = ask(client, "plan-save", plan, {"revision": 1, "document": theirs})
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("Somebody else has saved this plan meanwhile.")
    assert document(layout_of(SeatingPlan.objects.get())) == mine


def test_a_published_plan_is_not_saved_over(noon: datetime) -> None:
    plan = draft()
    SeatingPlan.objects.update(status="published")
    answer = ask(at_desk(plan), "plan-save", plan, {"revision": 1, "document": {**CONCERT, "focal": [1, 1]}})
    assert (answer.status_code, document(layout_of(plan))) == (409, CONCERT)


def test_what_contradicts_itself_is_not_saved_and_named(noon: datetime) -> None:
    plan = draft()
    twice = {**CONCERT, "sections": [FLOOR, FLOOR]}
    answer = ask(at_desk(plan), "plan-save", plan, {"revision": 1, "document": twice})
    assert (answer.status_code, answer.json()["problems"]) == (
        422,
        [{"where": "Floor", "text": "Two sections have this name."}],
    )
    assert document(layout_of(plan)) == CONCERT


def test_a_name_that_another_plan_has_is_a_problem_of_this_one(noon: datetime) -> None:
    plan = draft()
    plans.create(venue_id=plan.venue_id, name="Other")
    answer = ask(at_desk(plan), "plan-save", plan, {"revision": 1, "document": {**CONCERT, "name": "Other"}})
    assert (answer.status_code, answer.json()["problems"]) == (
        422,
        [{"where": "The plan", "text": "This venue has a plan called Other already."}],
    )


def _with_seat(seat: Any) -> dict[str, Any]:
    return {**CONCERT, "sections": [{**STALLS, "rows": [{"row": "A", "seats": [seat]}]}]}


HOSTILE = [
    (b"", "The plan"),
    (b"{", "The plan"),
    (b"\xff\xfe", "The plan"),
    (b"[" * 100_000, "The plan"),
    (b"[]", "The plan"),
    (b"null", "The plan"),
    (b'{"document": ' + b"9" * 5_000 + b"}", "The plan"),
    (b'"' + b"x" * 4_100_000 + b'"', "The plan"),
    ({}, "The plan"),
    ({"document": CONCERT}, "revision"),
    ({"document": CONCERT, "revision": "1"}, "revision"),
    ({"document": CONCERT, "revision": True}, "revision"),
    ({"document": CONCERT, "revision": 1e3}, "revision"),
    ({"document": CONCERT, "revision": -1}, "revision"),
    ({"document": CONCERT, "revision": 10**30}, "revision"),
    ({"document": {**CONCERT, "focal": [float("nan"), 0]}, "revision": 1}, "The plan"),
    ({"document": {**CONCERT, "focal": [float("inf"), 0]}, "revision": 1}, "The plan"),
    ({"document": {**CONCERT, "sections": "all"}, "revision": 1}, "The plan"),
    ({"document": _with_seat(["1", 1, 10.5, 10]), "revision": 1}, "Stalls, row A, seat 1"),
    ({"document": _with_seat(["1", 1, -1, 10]), "revision": 1}, "Stalls, row A, seat 1"),
    ({"document": _with_seat(["1", 1, 10**40, 10]), "revision": 1}, "Stalls, row A, seat 1"),
    ({"document": _with_seat(["1", 1, 10, 10, "throne"]), "revision": 1}, "Stalls, row A, seat 1"),
    ({"document": _with_seat(["\x00", 1, 10, 10]), "revision": 1}, "Stalls, row A, seat #1"),
    ({"document": _with_seat(["\ud800", 1, 10, 10]), "revision": 1}, "Stalls, row A, seat #1"),
    ({"document": _with_seat({"number": "1"}), "revision": 1}, "Stalls, row A, seat #1"),
]


@pytest.mark.parametrize(("told", "where"), HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_sent_instead_of_a_plan_is_refused_with_where_it_is_wrong(
    noon: datetime, told: Any, where: str
) -> None:
    """Never a 5xx, whatever a browser sends."""
    plan = draft()
    answer = ask(at_desk(plan), "plan-save", plan, told)
    assert (answer.status_code, answer.json()["problems"][0]["where"]) == (422, where)
    assert document(layout_of(plan)) == CONCERT


def test_a_check_tells_problems_and_advice_and_changes_nothing(noon: datetime) -> None:
    plan = draft(capacity=1_000)
    close = _with_seat(["1", 1, 100, 100])
    close["sections"][0]["rows"][0]["seats"].append(["2", 2, 110, 100])
    answer = ask(at_desk(plan), "plan-check", plan, {"document": close})
    assert answer.json() == {
        "problems": [
            {
                "where": "Stalls, row A, seat 2",
                "text": "It is closer than 35 cm to another seat: Stalls, row A, seat 1.",
            }
        ],
        "advice": [{"where": "The plan", "text": "It has no wheelchair place."}],
    }
    assert document(layout_of(plan)) == CONCERT
    assert ask(at_desk(plan), "plan-check", plan, "[").status_code == 422


def test_a_section_is_generated_and_not_saved(noon: datetime) -> None:
    plan = draft()
    section = ask(at_desk(plan), "plan-generate", plan, PATTERN).json()["section"]
    assert (section["name"], section["tier"], section["kind"]) == ("Balcony", "Upper", "seated")
    assert section["rows"] == [
        {"row": "H", "seats": [["1", 1, 450, 500], ["2", 2, 500, 500], ["3", 3, 550, 500]]},
        {"row": "J", "seats": [["1", 1, 450, 590], ["2", 2, 500, 590], ["3", 3, 550, 590]]},
    ]
    assert Seat.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "errors"),
    [
        ({"rows": "0"}, {"rows": "Give a whole number from 1 to 200."}),
        ({"rows": ""}, {"rows": "This field is required."}),
        ({"rows": {"a": [1]}}, {"rows": "Enter a whole number."}),
        ({"seats": "9" * 400}, {"seats": "Give a whole number from 1 to 2000."}),
        ({"aisles": "one"}, {"aisles": "Give numbers of seats, such as 6, 14."}),
        ({"x": "0"}, {"y": "Seats would lie outside of the plan: move the block."}),
        ({"name": ["\x00"]}, None),
    ],
)
def test_a_section_that_cant_be_is_refused_beside_the_field(noon: datetime, facts: Any, errors: Any) -> None:
    plan = draft()
    answer = ask(at_desk(plan), "plan-generate", plan, PATTERN | facts)
    if errors is not None:
        assert (answer.status_code, answer.json()) == (422, {"errors": errors})
    assert answer.status_code < 500


# --- Files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_is_imported_again_after_a_look(noon: datetime, kind: str) -> None:
    """U50"""
    plan = draft()
    client = at_desk(plan)
    exported = client.get(of("plan-export", plan, kind))
    assert exported["Content-Disposition"] == f'attachment; filename="concert-1.{kind}"'
    address = reverse("admin:plans-import", args=[plan.venue_id])
    looked = client.post(address, {"name": "Again", "file": file_of(exported.content, f"a.{kind}")})
    assert "2 sections 2 seats 50 standing places" in text_of(looked)
    assert SeatingPlan.objects.count() == 1
    client.post(address, {"looked_at": fields_of(looked)["looked_at"]})
    made = SeatingPlan.objects.get(name="Again")
    assert document(layout_of(made)) == CONCERT | {"name": "Again"}


def test_an_import_replaces_a_draft_unless_it_was_saved_meanwhile(noon: datetime) -> None:
    plan = draft()
    client, smaller = at_desk(plan), {**CONCERT, "sections": [FLOOR]}
    looked = client.post(of("plan-import", plan), {"file": file_of(smaller)})
    assert f"What is drawn in {plan} now will be replaced." in text_of(looked)
    form = {"looked_at": fields_of(looked)["looked_at"]}
    plans.replace(plan_id=plan.pk, layout=parse({**CONCERT, "focal": [1, 1]}), revision=1)
    late = client.post(of("plan-import", plan), form)
    assert (late.status_code, layout_of(SeatingPlan.objects.get()).focal) == (409, (1, 1))

    looked = client.post(of("plan-import", plan), {"file": file_of(smaller)})
    client.post(of("plan-import", plan), {"looked_at": fields_of(looked)["looked_at"]})
    assert document(layout_of(SeatingPlan.objects.get())) == smaller


def test_errors_of_a_file_are_told_by_line_and_nothing_is_made(noon: datetime) -> None:
    """U50"""
    plan = draft()
    lines = b"section,row,number,position,x,y\nStalls,A,1,1,100,100\nStalls,A,2,two,160,100\nStalls,A,3,3,-5,100\n"
    answer = at_desk(plan).post(of("plan-import", plan), {"file": file_of(lines, "a.csv")})
    assert answer.status_code == 422
    page = text_of(answer)
    assert ("Line 3" in page, "Line 4" in page, "Line 2" in page) == (True, True, False)
    assert "looked_at" not in fields_of(answer)
    assert document(layout_of(plan)) == CONCERT


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff\xd8\xff", b"[[[[", b"{}", b"a,b\n", b"<svg/>", b'{"sections": NaN}']
)
def test_a_file_that_is_no_plan_is_refused(noon: datetime, content: bytes) -> None:
    """S37"""
    plan = draft()
    answer = at_desk(plan).post(of("plan-import", plan), {"file": file_of(content)})
    assert (answer.status_code, document(layout_of(plan))) == (422, CONCERT)


def test_nothing_is_imported_but_what_was_looked_at_there(noon: datetime) -> None:
    """S39: what comes back in the form is signed, and for this plan."""
    plan = draft()
    other = plans.create(venue_id=plan.venue_id, name="Other")
    client = at_desk(plan)
    looked = fields_of(client.post(of("plan-import", other), {"file": file_of({**CONCERT, "sections": []})}))[
        "looked_at"
    ]
    for forged in (looked, looked[:-1], "", "x"):
        assert client.post(of("plan-import", plan), {"looked_at": forged}).status_code == 400
    assert document(layout_of(plan)) == CONCERT


def test_a_published_plan_takes_no_file(noon: datetime) -> None:
    plan = draft()
    SeatingPlan.objects.update(status="published")
    answer = at_desk(plan).post(of("plan-import", plan), {"file": file_of({**CONCERT, "sections": []})})
    assert (answer.status_code, document(layout_of(plan))) == (303, CONCERT)
