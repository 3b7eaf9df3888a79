"""Whose an identity is, and which identities a lead has, are read from indexes alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0013_rank"), ("tracking", "0009_named")]

    operations = [
        migrations.RemoveIndex("identitylink", "link_identity"),
        migrations.AlterField(
            "identitylink",
            "lead",
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="links", to="crm.lead"),
        ),
        migrations.AddIndex("identitylink", models.Index(fields=["identity"], include=("lead", "ended_at"), name="link_identity")),
        migrations.AddIndex("identitylink", models.Index(fields=["lead"], include=("identity", "ended_at"), name="link_lead")),
    ]
