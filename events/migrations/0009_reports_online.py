from django.db import migrations, models

from core import online


class Migration(migrations.Migration):
    atomic = False

    dependencies = [('events', '0008_reports')]

    operations = [
        online.AddIndexOnline(
            model_name='eventseat',
            index=models.Index(condition=models.Q(('status__in', ['held', 'blocked']), models.Q(('ownership', 'owned'), _negated=True), _connector='OR'), fields=['event'], name='places_not_for_sale'),
        ),
        online.AddConstraintOnline(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('is_template', False), models.Q(('series', None), ('status', 'draft')), _connector='OR'), name='a_template_is_never_sold'),
        ),
    ]
