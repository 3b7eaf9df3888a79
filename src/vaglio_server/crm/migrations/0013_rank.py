from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0012_outcomes_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="lead_rank"),
        migrations.RemoveIndex(model_name="lead", name="lead_rating"),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", True), ("taken_back_at__isnull", True)),
                fields=["rank", "id"],
                include=("rating",),
                name="lead_rank",
            ),
        ),
    ]
