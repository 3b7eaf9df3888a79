import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0008_scored_at"),
        ("scoring", "0003_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("last_account", models.BigIntegerField(default=0)),
                ("last_lead", models.BigIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(models.Value(1), condition=models.Q(("ended_at__isnull", True)), name="one_open_run"),
        ),
        migrations.AlterField(
            model_name="score",
            name="lead",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="scores", to="crm.lead"
            ),
        ),
        migrations.AlterField(
            model_name="crossing",
            name="at",
            field=models.DateTimeField(),
        ),
    ]
