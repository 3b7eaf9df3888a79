"""Programs known for machines by their own names that are people's after all."""

from django.db import migrations, models

KINDS = [
    ("links", "all links at once"), ("sent", "clicked as it was sent"), ("wave", "a wave over many leads"), ("pages", "many pages at once"),
    ("agent", "the program's name"), ("network", "the network"), ("name", "its own name"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("tracking", "0008_activities_back")]

    operations = [
        migrations.AlterField("machinemark", "kind", models.CharField(choices=KINDS, max_length=10)),
        migrations.AddIndex("machinemark", models.Index(condition=models.Q(("kind", "name")), fields=["value"], name="mark_named")),
    ]
