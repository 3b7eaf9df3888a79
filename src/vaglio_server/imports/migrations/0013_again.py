"""Rows that name somebody again, and why rows could not be taken, counted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0012_new_fields"),
    ]

    operations = [
        migrations.AddField(model_name="import", name="rows_again", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="import", name="reasons", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="importedcontact", name="line", field=models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="RowAgain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.BigIntegerField()),
                ("first_line", models.BigIntegerField()),
                ("of", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="again", to="imports.import")),
            ],
        ),
        migrations.AddConstraint(
            model_name="rowagain",
            constraint=models.UniqueConstraint(fields=("of", "line"), name="row_again_once"),
        ),
    ]
