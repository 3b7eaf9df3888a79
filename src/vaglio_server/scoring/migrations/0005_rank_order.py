from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models


def write_orders(apps: Any, schema_editor: Any) -> None:
    """Write the order that each version's text asks for."""
    from vaglio_server.scoring.engine import document_of

    for version in apps.get_model("scoring", "ModelVersion").objects.all():
        version.rank_order = list(document_of(version.text).rank_order())
        version.save(update_fields=["rank_order"])


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0004_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="rank_order",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
            preserve_default=False,
        ),
        migrations.RunPython(write_orders, migrations.RunPython.noop),
    ]
