from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Who ever was at a company is found by an index."""

    dependencies = [("crm", "0023_ratings_of_owner")]

    operations = [
        migrations.AddIndex(
            model_name="fieldchange",
            index=models.Index(fields=["value"], name="field_change_moved", condition=Q(field="account_id", lead__isnull=False)),
        ),
    ]
