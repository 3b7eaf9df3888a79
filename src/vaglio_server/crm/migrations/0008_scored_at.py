import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_facets"),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="scored_at",
            field=models.DateTimeField(null=True),
        ),
        # Hardly any lead was merged into another or is without a company in the long run; those need no entry.
        migrations.AlterField(
            model_name="lead",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="merged", to="crm.lead"
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="lead_merged"),
        ),
        migrations.RemoveIndex(model_name="lead", name="lead_account"),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(condition=models.Q(("account__isnull", False)), fields=["account"], name="lead_account"),
        ),
    ]
