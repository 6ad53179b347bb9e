"""Who bought at the box office of another system may have left no address there."""

from django.db import migrations, models

from core import online


class Migration(migrations.Migration):
    atomic = False

    dependencies = [('bookings', '0009_reports_online')]

    operations = [
        online.AddConstraintOnline(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'confirmed'), _negated=True), models.Q(('email', ''), _negated=True), ('channel__in', ['box_office', 'import']), _connector='OR'), name='a_booking_by_the_web_has_a_customer'),
        ),
        online.Gently(
            migrations.RemoveConstraint(model_name='booking', name='a_confirmed_booking_has_a_customer'),
        ),
    ]
