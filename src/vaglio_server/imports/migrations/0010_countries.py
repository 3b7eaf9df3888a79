from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0009_owners"),
    ]

    operations = [
        migrations.AddField(model_name="import", name="countries", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="import", name="unknown_countries", field=models.JSONField(default=dict)),
    ]
