from django.db import migrations, models

# Whoever has a late lead that was given away once already begins a turn now: else all steps would be due to them at once.
BEGIN = """INSERT INTO lifecycle_escalation (clock_id, turn, step, at, owner_id, to_id)
    SELECT clock.id, 1, 'again', now(), lead.owner_id, lead.owner_id
    FROM lifecycle_slaclock AS clock JOIN crm_lead AS lead ON lead.id = clock.lead_id
    WHERE clock.ended_at IS NULL AND lead.owner_id IS NOT NULL
        AND EXISTS (SELECT FROM lifecycle_escalation WHERE clock_id = clock.id AND step = 'queue')"""


class Migration(migrations.Migration):
    """Whoever gets a late lead has a turn of their own, with all steps anew."""

    dependencies = [("lifecycle", "0008_conversions")]

    operations = [
        migrations.AddField(model_name="escalation", name="turn", field=models.IntegerField(default=0)),
        migrations.AlterField(
            model_name="escalation",
            name="step",
            field=models.CharField(
                max_length=10,
                choices=[
                    ("owner", "Its owner was told"),
                    ("leader", "The leader of the team was told"),
                    ("queue", "It was given to somebody else"),
                    ("again", "Somebody has it again who answers for it from now on"),
                ],
            ),
        ),
        migrations.RemoveConstraint(model_name="escalation", name="escalated_once"),
        migrations.AddConstraint(
            model_name="escalation", constraint=models.UniqueConstraint(fields=["clock", "turn", "step"], name="escalated_once")
        ),
        migrations.RunSQL(BEGIN, "DELETE FROM lifecycle_escalation WHERE step = 'again'"),
    ]
