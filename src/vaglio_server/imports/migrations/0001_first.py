import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_name", models.TextField()),
                ("bytes", models.BigIntegerField()),
                ("kind", models.CharField(max_length=4)),
                ("encoding", models.CharField(max_length=20)),
                ("delimiter", models.CharField(max_length=1)),
                ("system", models.TextField()),
                ("heading", models.JSONField()),
                ("columns", models.JSONField()),
                ("created_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("ready", "To be checked"), ("running", "Running"), ("done", "Done"), ("failed", "Broken off")],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("error", models.TextField(default="")),
                ("rows", models.BigIntegerField()),
                ("rows_read", models.BigIntegerField(default=0)),
                ("rows_new", models.BigIntegerField(default=0)),
                ("rows_known", models.BigIntegerField(default=0)),
                ("rows_refused", models.BigIntegerField(default=0)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="ImportPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("body", models.BinaryField()),
                ("of", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="imports.import")),
            ],
        ),
        migrations.CreateModel(
            name="RefusedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("cells", models.JSONField()),
                ("of", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="refused", to="imports.import")),
            ],
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(condition=models.Q(("state", "running")), fields=["id"], name="import_running"),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["ready", "running", "done", "failed"])), name="import_state_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="importpart",
            constraint=models.UniqueConstraint(fields=("of", "number"), name="import_part_once"),
        ),
        migrations.AddConstraint(
            model_name="refusedrow",
            constraint=models.UniqueConstraint(fields=("of", "line"), name="refused_row_once"),
        ),
    ]
