from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0014_contacts_back"),
    ]

    operations = [
        migrations.AddIndex(model_name="listmember", index=models.Index(fields=["list", "account"], name="member_list")),
    ]
