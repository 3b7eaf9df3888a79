"""What becomes of rows whose people are leads already."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_holds")]

    operations = [
        migrations.AddField("import", "skips_known", models.BooleanField(default=False)),
        migrations.AddField("import", "skips_alike", models.BooleanField(default=False)),
        migrations.AddField("import", "rows_alike", models.BigIntegerField(default=0)),
    ]
