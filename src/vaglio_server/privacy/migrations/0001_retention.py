from django.db import migrations, models


class Migration(migrations.Migration):
    """How long what nobody needs any more is kept."""

    initial = True

    dependencies = [("crm", "0027_erased_by_age")]

    operations = [
        migrations.CreateModel(
            name="Retention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requests_months", models.PositiveSmallIntegerField(null=True)),
                ("people_months", models.PositiveSmallIntegerField(null=True)),
                ("requests_through", models.BigIntegerField(default=0)),
                ("ran_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
