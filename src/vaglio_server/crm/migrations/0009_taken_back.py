"""Leads and companies that were taken back; lists of leads leave them out, so their indexes do."""

from django.db import migrations, models

_PRESENT = models.Q(("merged_into__isnull", True), ("taken_back_at__isnull", True))
_LISTS = (("lead_rank", ["rank", "id"]), ("lead_rating", ["rating", "rank", "id"]), ("lead_owner", ["owner", "rank", "id"]))


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_scored_at")]

    operations = [
        migrations.AddField("account", "taken_back_at", models.DateTimeField(null=True)),
        migrations.AddField("lead", "taken_back_at", models.DateTimeField(null=True)),
        *(migrations.RemoveIndex("lead", name) for name, _fields in _LISTS),
        *(migrations.AddIndex("lead", models.Index(fields=fields, name=name, condition=_PRESENT)) for name, fields in _LISTS),
    ]
