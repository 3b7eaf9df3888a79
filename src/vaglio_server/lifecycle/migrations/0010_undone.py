from django.db import migrations, models


class Migration(migrations.Migration):
    """Accepting can be undone, and what somebody gave to nobody is kept back."""

    dependencies = [("lifecycle", "0009_turns")]

    operations = [
        migrations.AddField(model_name="leadstage", name="is_kept_back", field=models.BooleanField(default=False, db_default=False)),
        migrations.AddField(model_name="stagemove", name="is_taken", field=models.BooleanField(default=False, db_default=False)),
        migrations.AlterField(
            model_name="happening",
            name="kind",
            field=models.CharField(
                choices=[
                    ("rating.crossed", "Crossed"),
                    ("stage.changed", "Moved"),
                    ("lead.assigned", "Assigned"),
                    ("clock.breached", "Breached"),
                    ("clock.escalated", "Escalated"),
                    ("verdict.given", "Answered"),
                    ("verdict.undone", "Answer Undone"),
                    ("lead.converted", "Converted"),
                    ("conversion.undone", "Conversion Undone"),
                    ("nurture.entered", "Nurture Entered"),
                    ("nurture.left", "Nurture Left"),
                ],
                max_length=30,
            ),
        ),
    ]
