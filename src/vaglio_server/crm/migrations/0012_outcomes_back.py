"""What became of leads can be taken back with the file that said so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0011_nobody")]

    operations = [
        migrations.AddField("leadoutcome", "taken_back_at", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("leadoutcome", "outcome_once"),
        migrations.AddConstraint(
            "leadoutcome",
            models.UniqueConstraint(
                fields=("lead", "outcome", "occurred_at"), condition=models.Q(("taken_back_at", None)), name="outcome_once"
            ),
        ),
    ]
