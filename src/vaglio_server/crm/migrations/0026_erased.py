from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who was erased: that it was done, and hashes of their keys."""

    dependencies = [("crm", "0025_outcomes_wait")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.TextField()),
                ("person", models.UUIDField()),
                ("accounts", ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ("rows", models.JSONField(default=dict)),
            ],
            options={"indexes": [models.Index(fields=["-at", "-id"], name="erasure_at")]},
        ),
        migrations.CreateModel(
            name="ErasedKey",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("person", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                ("let_in_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
