import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0002_pages"),
        ("scoring", "0001_first"),
    ]

    operations = [
        migrations.AlterField(
            model_name="score",
            name="version",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to="scoring.modelversion"
            ),
        ),
        migrations.AlterField(
            model_name="crossing",
            name="score",
            field=models.OneToOneField(
                db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name="crossing", to="scoring.score"
            ),
        ),
        migrations.AlterField(
            model_name="crossing",
            name="lead",
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="crm.lead"),
        ),
        migrations.AddIndex(
            model_name="crossing",
            index=models.Index(fields=["-at", "-id"], name="crossing_changed", condition=models.Q(("rating_before__isnull", False))),
        ),
    ]
