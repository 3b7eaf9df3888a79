from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when the rows of a file that were not taken are gone because they were old."""

    dependencies = [("imports", "0014_parts_gone")]

    operations = [
        migrations.AddField("Import", "rows_forgotten_at", models.DateTimeField(null=True)),
    ]
