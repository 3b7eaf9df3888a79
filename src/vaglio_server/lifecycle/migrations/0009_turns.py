from django.db import migrations, models


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
    ]
