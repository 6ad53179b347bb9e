from itertools import batched

from django.db import migrations
from django.db.models import F, OuterRef, Subquery, Sum

from core import codes

AT_ONCE = 2_000


def give_links(apps, schema_editor):
    Ticket = apps.get_model("bookings", "Ticket")
    tickets = Ticket.objects.filter(link=None).only("pk").order_by("pk")
    for some in batched(tickets.iterator(chunk_size=AT_ONCE), AT_ONCE):
        for ticket in some:
            ticket.link = codes.secret()
        Ticket.objects.bulk_update(some, ["link"])


def say_why_void(apps, schema_editor):
    """What became void with its cancelled booking was cancelled; everything else so far ran out."""
    Ticket = apps.get_model("bookings", "Ticket")
    void = Ticket.objects.filter(status="void", void_reason="")
    cancelled = Ticket.objects.filter(booking__status="cancelled", voided_at=F("booking__ended_at"))
    void.filter(pk__in=cancelled.values("pk")).update(void_reason="cancelled")
    void.update(void_reason="expired")


def credit(apps, schema_editor):
    """A confirmed booking that was cancelled gave everything back."""
    Booking, Document = (apps.get_model("bookings", name) for name in ("Booking", "Document"))
    back = apps.get_model("bookings", "Refund").objects.filter(payment__booking=OuterRef("pk"), reason="cancelled")
    total = back.order_by().values("payment__booking").annotate(total=Sum("amount")).values("total")
    ended = Booking.objects.filter(status="cancelled", confirmed_at__isnull=False).annotate(credited=Subquery(total))
    bookings = ended.exclude(credited=None).select_related("event").order_by("pk")
    for some in batched(bookings.iterator(chunk_size=AT_ONCE), AT_ONCE):
        Document.objects.bulk_create(
            Document(
                organization_id=booking.organization_id,
                booking=booking,
                kind="credit_note",
                amount=booking.credited,
                tax=booking.tax,
                currency=booking.currency,
                lines=[{"text": booking.event.title, "amount": booking.credited, "tax": booking.tax}],
                created_at=booking.ended_at,
            )
            for booking in some
        )


def count_refunds(apps, schema_editor):
    """Until now a payment went back as a whole or not at all."""
    Payment = apps.get_model("bookings", "Payment")
    Payment.objects.filter(refunds__isnull=False).update(refunded=F("amount"))


def move_sandbox_refunds(apps, schema_editor):
    Charge, Refund = (apps.get_model("bookings", name) for name in ("SandboxCharge", "SandboxRefund"))
    charges = Charge.objects.exclude(refund_key=None).select_related("checkout").order_by("pk")
    for some in batched(charges.iterator(chunk_size=AT_ONCE), AT_ONCE):
        Refund.objects.bulk_create(
            Refund(
                charge=charge,
                key=charge.refund_key,
                amount=charge.checkout.amount,
                reference=f"refund-{charge.reference}"[:32],
            )
            for charge in some
        )


class Migration(migrations.Migration):
    dependencies = [("bookings", "0005_money_and_tickets")]

    operations = [
        migrations.RunPython(step, migrations.RunPython.noop)
        for step in (give_links, say_why_void, credit, count_refunds, move_sandbox_refunds)
    ]
