"""Which row of a file named a lead first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0011_settled")]

    operations = [
        migrations.AddField("broughtlead", "first_message_id", models.TextField(blank=True, db_default="", default="")),
    ]
