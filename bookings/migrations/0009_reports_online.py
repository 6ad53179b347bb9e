"""What takes long at a million bookings, beside people who buy."""

import django.db.models.expressions
from django.db import migrations, models

from core import online
from core.search import folded


def find_words(apps, schema_editor):
    """
    Whoever wrote the version before goes on until it is stopped, and knows nothing of them. So this is done once more
    in the end; and pending ones, whose customers are about to say who they are, are left to housekeeping.
    """
    bookings = apps.get_model("bookings", "Booking").objects.using(schema_editor.connection.alias)
    online.fill(
        bookings.exclude(status="pending").only("code", "customer_name", "email", "phone", "search_text"),
        "search_text",
        lambda booking: folded(f"{booking.code} {booking.customer_name} {booking.email} {booking.phone}"),
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [('bookings', '0008_reports')]

    operations = [
        migrations.RunPython(find_words, migrations.RunPython.noop, atomic=False),
        online.add_trigram_index("bookings_by_words", "bookings_booking", "search_text"),
        online.AddIndexOnline(
            model_name='booking',
            index=models.Index(condition=models.Q(('search_text', '')), fields=['status'], name='bookings_without_words'),
        ),
        online.AddIndexOnline(
            model_name='booking',
            index=models.Index(fields=['organization', 'reserved_at'], name='bookings_by_reservation'),
        ),
        online.AddIndexOnline(
            model_name='booking',
            index=models.Index(fields=['organization', 'total'], name='bookings_by_total'),
        ),
        online.AddIndexOnline(
            model_name='booking',
            index=models.Index(condition=models.Q(('confirmed_at__isnull', False)), fields=['organization', 'confirmed_at'], include=('email_key', 'total', 'currency'), name='bookings_by_sale'),
        ),
        online.AddIndexOnline(
            model_name='booking',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['organization', 'ended_at'], name='bookings_by_end'),
        ),
        online.AddIndexOnline(
            model_name='document',
            index=models.Index(condition=models.Q(('kind', 'credit_note')), fields=['organization', 'created_at'], name='credit_notes_by_time'),
        ),
        online.AddIndexOnline(
            model_name='payment',
            index=models.Index(condition=models.Q(('status', 'succeeded')), fields=['succeeded_at'], name='payments_by_time'),
        ),
        online.AddIndexOnline(
            model_name='payment',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['created_at'], name='failed_payments'),
        ),
        online.AddIndexOnline(
            model_name='refund',
            index=models.Index(fields=['created_at'], name='refunds_by_time'),
        ),
        online.AddIndexOnline(
            model_name='ticket',
            index=models.Index(condition=models.Q(('void_reason__in', ['cancelled', 'exchanged'])), fields=['voided_at'], name='tickets_by_return'),
        ),
        online.AddConstraintOnline(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event', None), ('kind', 'act')), models.Q(models.Q(('kind', 'act'), _negated=True), ('event__isnull', False)), _connector='OR'), name='only_acts_are_of_no_event'),
        ),
        online.AddConstraintOnline(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('external_code', ''), _negated=True), fields=('organization', 'external_code'), name='a_booking_is_brought_in_once'),
        ),
        online.AddConstraintOnline(
            model_name='ticket',
            constraint=models.CheckConstraint(condition=models.Q(('credited__lte', django.db.models.expressions.CombinedExpression(models.F('price'), '+', models.F('fee'))), ('credited_tax__gte', 0), ('credited_tax__lte', models.F('credited'))), name='no_more_of_a_ticket_is_taken_back_than_it_cost'),
        ),
        migrations.RunPython(find_words, migrations.RunPython.noop, atomic=False),
    ]
