from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0001_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="told_since",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
