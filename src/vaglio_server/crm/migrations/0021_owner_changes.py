import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Of leads that get an owner by a file or a merge others are told later."""

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("crm", "0020_loss_reasons")]

    operations = [
        migrations.CreateModel(
            name="OwnerChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.TextField()),
                ("lead", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.lead")),
                (
                    "owner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
