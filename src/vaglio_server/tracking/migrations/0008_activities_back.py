"""Activities that were taken back with the file that brought them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0007_taken_back")]

    operations = [migrations.AddField("activity", "taken_back_at", models.DateTimeField(null=True))]
