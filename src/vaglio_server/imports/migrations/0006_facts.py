"""Files of people on lists and of what became of leads."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_RESULTS = [("", "not taken back"), ("gone", "gone"), ("back", "as it was before"), ("left", "left")]
_HOLDS = [
    ("leads", "Leads"),
    ("activities", "Activities"),
    ("companies", "Companies"),
    ("members", "People on lists"),
    ("outcomes", "What became of leads"),
]
_ONE = models.Q(("member__isnull", False), ("outcome__isnull", False), _connector="XOR")


def _belongs(to: str, name: str = "+", *, null: bool = True) -> Any:
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=name, to=to, null=null)


class Migration(migrations.Migration):
    dependencies = [("crm", "0012_outcomes_back"), ("imports", "0005_companies")]

    operations = [
        migrations.AlterField("import", "holds", models.CharField(choices=_HOLDS, default="leads", max_length=12)),
        migrations.CreateModel(
            name="ImportedFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_made", models.BooleanField()),
                ("result", models.CharField(blank=True, choices=_RESULTS, default="", max_length=4)),
                ("left", models.JSONField(default=list)),
                ("member", _belongs("crm.listmember")),
                ("of", _belongs("imports.import", "facts", null=False)),
                ("outcome", _belongs("crm.leadoutcome")),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("result", "")), fields=["of", "id"], name="imported_fact_waits")],
                "constraints": [
                    models.UniqueConstraint(fields=("of", "member"), name="imported_member_once"),
                    models.UniqueConstraint(fields=("of", "outcome"), name="imported_outcome_once"),
                    models.CheckConstraint(condition=_ONE, name="imported_fact_is_one"),
                ],
            },
        ),
    ]
