from django.db import migrations, models

import core.codes


class Migration(migrations.Migration):
    dependencies = [("bookings", "0006_what_was_before")]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="link",
            field=models.CharField(default=core.codes.secret, max_length=32, unique=True),
        ),
        migrations.RemoveField(model_name="sandboxcharge", name="refund_key"),
    ]
