from django.db import migrations, models


class Migration(migrations.Migration):
    """What was deleted because it was old is written down where erasures are."""

    dependencies = [("crm", "0026_erased")]

    operations = [
        migrations.AddField("Erasure", "is_by_age", models.BooleanField(default=False, db_default=False)),
    ]
