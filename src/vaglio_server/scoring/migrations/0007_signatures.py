import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0006_waiting"),
    ]

    operations = [
        migrations.AddField(model_name="modelversion", name="signed_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="ModelSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("side", models.CharField(choices=[("marketing", "marketing"), ("sales", "sales")], max_length=10)),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="scoring.modelversion"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "side"), name="one_signature_a_side"),
                    models.UniqueConstraint(fields=("version", "by"), name="one_side_a_signer"),
                ],
            },
        ),
    ]
