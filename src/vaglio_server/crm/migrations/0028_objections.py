import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who is not to be rated, because they objected to it."""

    dependencies = [("crm", "0027_erased_by_age")]

    operations = [
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("by", models.TextField()),
                ("until", models.DateTimeField(null=True)),
                ("until_by", models.TextField(null=True)),
                ("lead", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="objections", to="crm.lead")),
            ],
            options={
                "constraints": [models.UniqueConstraint(condition=models.Q(("until__isnull", True)), fields=("lead",), name="objects_once")]
            },
        ),
    ]
