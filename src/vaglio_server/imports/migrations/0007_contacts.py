"""Files of contacts, and by which ids of other systems contacts are known through them."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

_RESULTS = [("", "not taken back"), ("gone", "gone"), ("back", "as it was before"), ("left", "left")]
_HOLDS = [
    ("leads", "Leads"),
    ("activities", "Activities"),
    ("companies", "Companies"),
    ("members", "People on lists"),
    ("outcomes", "What became of leads"),
    ("contacts", "Contacts"),
]


class Migration(migrations.Migration):
    dependencies = [("crm", "0014_contacts_back"), ("imports", "0006_facts")]

    operations = [
        migrations.AlterField("import", "holds", models.CharField(choices=_HOLDS, default="leads", max_length=12)),
        migrations.CreateModel(
            name="ImportedContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_made", models.BooleanField()),
                ("known_as", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ("result", models.CharField(blank=True, choices=_RESULTS, default="", max_length=4)),
                ("left", models.JSONField(default=list)),
                ("contact", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.contact")),
                ("of", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="imports.import")),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["known_as"], name="imported_contact_known"),
                    models.Index(condition=models.Q(("result", "")), fields=["of", "id"], name="imported_contact_waits"),
                ],
                "constraints": [models.UniqueConstraint(fields=("of", "contact"), name="imported_contact_once")],
            },
        ),
    ]
