"""Whom files named, so that what they brought can be taken back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0009_taken_back"), ("tracking", "0006_page_tracking")]

    operations = [
        migrations.AddField("delivery", "bringer", models.TextField(null=True)),
        migrations.CreateModel(
            name="BroughtLead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bringer", models.TextField()),
                ("is_made", models.BooleanField()),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[("", "not taken back"), ("gone", "gone"), ("back", "as it was before"), ("left", "left")],
                        default="",
                        max_length=4,
                    ),
                ),
                ("left", models.JSONField(default=list)),
                (
                    "lead",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="brought_by", to="crm.lead"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("result", "")), fields=["bringer", "lead"], name="brought_open"),
                    models.Index(condition=models.Q(("result", "left")), fields=["bringer", "lead"], name="brought_left"),
                ],
                "constraints": [models.UniqueConstraint(fields=("bringer", "lead"), name="brought_once")],
            },
        ),
    ]
