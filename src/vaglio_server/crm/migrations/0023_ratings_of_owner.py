from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """How many leads of a rating somebody has, the index of their leads says by itself."""

    dependencies = [("crm", "0022_company_said"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="lead_of_owner"),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                fields=["owner", "rank", "id"],
                include=("rating",),
                name="lead_of_owner",
                condition=Q(merged_into__isnull=True, taken_back_at__isnull=True) & Q(owner__isnull=False),
            ),
        ),
    ]
