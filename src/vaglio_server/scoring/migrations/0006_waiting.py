from django.db import migrations, models

# What was written before leads had stages is looked at once more: the newest of each lead, for nothing else can act.
NEWEST = """UPDATE scoring_crossing SET waits = true
    WHERE id IN (SELECT DISTINCT ON (lead_id) id FROM scoring_crossing ORDER BY lead_id, id DESC)"""


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0005_rank_order"),
    ]

    operations = [
        # False at first, which writes no row of the past anew; then true for those to come.
        migrations.AddField(model_name="crossing", name="waits", field=models.BooleanField(default=True, db_default=False)),
        migrations.AlterField(model_name="crossing", name="waits", field=models.BooleanField(default=True, db_default=True)),
        migrations.RunSQL(NEWEST, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="crossing", index=models.Index(fields=["id"], name="crossing_waits", condition=models.Q(("waits", True)))
        ),
    ]
