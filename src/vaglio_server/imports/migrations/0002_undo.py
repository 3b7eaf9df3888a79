"""Files that are taken back. What those that started before brought was not written down, so they cannot be."""

from typing import Any

from django.db import migrations, models

_STATES = ["ready", "running", "done", "failed", "undoing", "undone"]


def _keep_old(apps: Any, editor: Any) -> None:
    apps.get_model("imports", "Import").objects.exclude(state="ready").update(is_undoable=False)


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_first"), ("tracking", "0007_taken_back")]

    operations = [
        migrations.AddField("import", "is_undoable", models.BooleanField(default=True)),
        migrations.AddField("import", "undo_started_at", models.DateTimeField(null=True)),
        migrations.AddField("import", "undo_by", models.TextField(default="")),
        migrations.AddField("import", "undone_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "import",
            "state",
            models.CharField(
                choices=[
                    ("ready", "To be checked"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Broken off"),
                    ("undoing", "Being taken back"),
                    ("undone", "Taken back"),
                ],
                default="ready",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("import", "import_state_is_one"),
        migrations.AddConstraint("import", models.CheckConstraint(name="import_state_is_one", condition=models.Q(("state__in", _STATES)))),
        migrations.AddIndex("import", models.Index(condition=models.Q(("state", "undoing")), fields=["id"], name="import_undoing")),
        migrations.RunPython(_keep_old, migrations.RunPython.noop),
    ]
