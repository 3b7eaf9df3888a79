"""Contacts can be taken back with the file that brought them, and are found by their mail address."""

from django.db import migrations, models
from django.db.models.fields.json import KT
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("crm", "0013_rank")]

    operations = [
        migrations.AddField("contact", "taken_back_at", models.DateTimeField(null=True)),
        migrations.AddIndex("contact", models.Index(Lower(KT("fields__email")), name="contact_email")),
    ]
