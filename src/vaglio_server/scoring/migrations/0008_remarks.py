from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from vaglio.document import loads
from vaglio.errors import DocumentError


def read_titles(apps: Any, _schema_editor: Any) -> None:
    """Write down what versions are called, as their texts say; one that an earlier Vaglio took and this one does not keeps its name."""
    for version in apps.get_model("scoring", "ModelVersion").objects.filter(title=""):
        try:
            version.title = loads(version.text).title or ""
        except DocumentError:
            continue
        version.save(update_fields=["title"])


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0007_signatures"),
    ]

    operations = [
        migrations.AddField(model_name="modelversion", name="title", field=models.TextField(default="")),
        migrations.RunPython(read_titles, migrations.RunPython.noop),
        migrations.AddField(model_name="modelversion", name="discarded_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="modelversion", name="discarded_by", field=models.TextField(null=True)),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.CheckConstraint(
                name="only_drafts_are_discarded", condition=models.Q(discarded_at__isnull=True) | models.Q(live_from__isnull=True)
            ),
        ),
        migrations.CreateModel(
            name="ModelRemark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="remarks", to="scoring.modelversion"),
                ),
            ],
        ),
    ]
