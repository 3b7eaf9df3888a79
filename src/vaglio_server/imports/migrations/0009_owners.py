"""Files say whose leads are: whether that goes over an owner whom somebody gave, and which owners are nobody here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0008_company_lists")]

    operations = [
        migrations.AddField("import", "replaces_owners", models.BooleanField(default=False)),
        migrations.AddField("import", "strangers", models.JSONField(default=dict)),
    ]
