"""Files hold leads or activities, and their days are read in an order that the page says."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_undo"), ("tracking", "0008_activities_back")]

    operations = [
        migrations.AddField(
            "import",
            "holds",
            models.CharField(choices=[("leads", "Leads"), ("activities", "Activities")], default="leads", max_length=12),
        ),
        migrations.AddField("import", "orders", models.JSONField(default=dict)),
        migrations.AddField("import", "activities_back", models.BigIntegerField(default=0)),
    ]
