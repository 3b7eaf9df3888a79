"""Files of companies, and the lists they are put on."""

import django.db.models.deletion
from django.db import migrations, models

_RESULTS = [("", "not taken back"), ("gone", "gone"), ("back", "as it was before"), ("left", "left")]
_HOLDS = [("leads", "Leads"), ("activities", "Activities"), ("companies", "Companies")]


class Migration(migrations.Migration):
    dependencies = [("imports", "0004_known"), ("crm", "0009_taken_back")]

    operations = [
        migrations.AddField("import", "list_name", models.TextField(default="")),
        migrations.AlterField("import", "holds", models.CharField(choices=_HOLDS, default="leads", max_length=12)),
        migrations.CreateModel(
            name="ImportedCompany",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_made", models.BooleanField()),
                ("lists", models.JSONField(default=list)),
                ("result", models.CharField(blank=True, choices=_RESULTS, default="", max_length=4)),
                ("left", models.JSONField(default=list)),
                (
                    "account",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.account"),
                ),
                (
                    "of",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="companies", to="imports.import"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("of", "account"), name="imported_company_once")]},
        ),
    ]
