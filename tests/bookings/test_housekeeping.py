"""What has to be done every few seconds, and the commands that do it."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from backoffice.management.commands import worker
from bookings.models import Booking, CustomerQuota
from bookings.queries.promises import violations
from bookings.services import cancellations, housekeeping, reservations
from core import clock, idempotency, throttles
from core.models import IdempotentCall, ThrottleWindow
from events.models import EventSeat
from notifications import outbox
from notifications.models import Message
from tests.bookings.test_refunds import really_paid
from tests.factories import event_on_sale, paid, reserve, with_details

pytestmark = pytest.mark.django_db


def run(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue().strip()


def test_a_round_does_all_that_is_due_and_the_next_finds_nothing(noon: datetime) -> None:
    """R13, R43"""
    event = event_on_sale(levels={"Standing": 9})
    with_details(reserve(event, 2))
    cancellations.cancel(booking_id=really_paid(event).pk, reason="test")
    clock.advance(timedelta(minutes=16))
    done = housekeeping.tick()
    assert done == housekeeping.Done(
        expired=1, holds=0, batches=0, refunds=1, numbered=1, events=0, messages=3, requeued=0, worded=0, forgotten=0
    )
    assert housekeeping.tick() == housekeeping.Done(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert set(Message.objects.values_list("kind", "status")) == {
        ("booking-confirmed", "sent"),
        ("booking-cancelled", "sent"),
        ("booking-expired", "sent"),
    }
    assert list(violations()) == []


def test_the_command_tells_what_it_did(noon: datetime) -> None:
    with_details(reserve(event_on_sale()))
    clock.advance(timedelta(minutes=16))
    assert run("tick") == (
        "1 reservations and 0 holds ended, 0 bookings of batches dealt with, 0 providers' messages handled, "
        "0 refunds and 1 messages sent, 0 papers numbered, 0 tasks requeued, 0 bookings made findable, "
        "0 lines of imports dealt with, 0 old rows forgotten, 0 days added up, 1 events sampled."
    )


def test_what_the_version_before_wrote_is_found_by_words_too(noon: datetime) -> None:
    """R48"""
    event = event_on_sale(levels={"Standing": 9})
    sold, pending = paid(event), reserve(event)
    Booking.objects.update(search_text="")
    assert housekeeping.tick().worded == 1
    assert dict(Booking.objects.values_list("pk", "search_text")) == {sold.pk: sold.text_to_search(), pending.pk: ""}
    assert housekeeping.tick().worded == 0


def test_reservations_that_ran_out_are_ended_by_command_and_no_others(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 20})
    kept = paid(event)
    for _number in range(3):
        reserve(event, 2)
    clock.advance(timedelta(minutes=16))
    fresh = reserve(event)
    assert run("release_expired") == "3 reservations ended."
    assert run("release_expired") == "0 reservations ended."
    assert set(Booking.objects.exclude(status="expired")) == {kept, fresh}
    assert list(violations()) == []


def task(status: str, **moments: timedelta) -> DBTaskResult:
    fields = {name: timezone.now() - ago for name, ago in moments.items()}
    return DBTaskResult.objects.create(
        task_path="notifications.tasks.deliver_message",
        args_kwargs={"args": [1], "kwargs": {}},
        backend_name="default",
        run_after=timezone.now(),
        exception_class_path="",
        traceback="",
        status=status,
        **fields,
    )


def test_the_task_of_a_killed_worker_is_done_again(noon: datetime) -> None:
    """R37"""
    killed = task(TaskResultStatus.RUNNING, started_at=timedelta(minutes=11))
    busy = task(TaskResultStatus.RUNNING, started_at=timedelta(minutes=9))
    assert housekeeping.tick().requeued == 1
    statuses = dict(DBTaskResult.objects.values_list("pk", "status"))
    assert statuses == {killed.pk: TaskResultStatus.READY, busy.pk: TaskResultStatus.RUNNING}


@pytest.mark.parametrize("status", [TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED])
def test_finished_tasks_are_kept_for_a_week(noon: datetime, status: str) -> None:
    task(status, finished_at=timedelta(days=7, seconds=9))
    kept = task(status, finished_at=timedelta(days=6))
    waiting = task(TaskResultStatus.READY)
    assert housekeeping.tick().forgotten == 1
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == {kept.pk, waiting.pk}


def test_calls_are_kept_for_a_week_and_counts_for_a_day(noon: datetime) -> None:
    for number, age in enumerate((timedelta(days=7, seconds=1), timedelta(days=6, hours=23))):
        idempotency.remember("reserve", str(number), 1, result="r")
        IdempotentCall.objects.filter(key=str(number)).update(created_at=noon - age)
    for age in (timedelta(days=1, minutes=1), timedelta(hours=23)):
        with clock.at(noon - age):
            throttles.hit("find", "somebody", limit=9, per=timedelta(minutes=1))
    assert housekeeping.tick().forgotten == 2
    assert IdempotentCall.objects.get().key == "1"
    assert ThrottleWindow.objects.get().starts_at == noon - timedelta(hours=23)


def test_sessions_that_are_over_are_forgotten() -> None:
    for key, age in (("over", timedelta(seconds=1)), ("open", -timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() - age)
    assert housekeeping.tick().forgotten == 1
    assert Session.objects.get().session_key == "open"


def spoilt(event_places: int = 9) -> Booking:
    """A lapsed reservation whose places are not as they should be, and after it two sound ones."""
    event = event_on_sale(levels={"Standing": event_places})
    first = reserve(event, 1)
    EventSeat.objects.filter(tickets__booking=first).update(status="blocked", reserved_until=None)
    reserve(event, 1)
    reserve(event, 1)
    clock.advance(timedelta(minutes=16))
    return first


def test_one_spoilt_booking_does_not_keep_the_others_from_ending(noon: datetime) -> None:
    """R13: its row is loud in the log, and everything else goes on."""
    first = spoilt()
    try:
        reservations.expire_due()
    except RuntimeError:
        pass
    assert not Booking.objects.exclude(pk=first.pk).filter(status="pending").exists()


class Stop(BaseException):
    """Leaves the endless loop."""


def test_housekeeping_goes_on_after_an_error_that_nobody_expected(
    noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R13, R43: a thread that died in silence would send no mail until the next restart."""
    spoilt()

    def stop() -> None:
        raise Stop

    monkeypatch.setattr(worker, "close_old_connections", stop)  # Django's own, called after each round
    with pytest.raises(Stop):
        worker.Command()._tick_on(0)


def test_what_old_mails_said_is_forgotten_and_that_they_were_sent_is_not(noon: datetime) -> None:
    """S52"""
    paid(event_on_sale(starts_at=noon + timedelta(days=10)))
    housekeeping.tick()
    clock.advance(outbox.BODIES_KEPT)
    housekeeping.tick()
    assert Message.objects.get().text
    clock.advance(timedelta(seconds=1))
    assert housekeeping.tick().forgotten == 1
    message = Message.objects.get()
    assert (message.text, message.html, message.to, message.status) == ("", "", "ada@example.com", "sent")
    assert message.subject
    assert housekeeping.tick().forgotten == 0


def test_rows_that_count_are_forgotten_with_the_event(noon: datetime) -> None:
    paid(event_on_sale(max_per_customer=4, starts_at=noon + timedelta(days=10)))
    row = CustomerQuota.objects.get()
    assert "ada" not in row.email_key
    clock.advance(timedelta(days=11))
    housekeeping.tick()
    assert not CustomerQuota.objects.exists()
