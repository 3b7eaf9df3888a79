from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0015_member_list"),
    ]

    operations = [
        migrations.AddField(model_name="fieldchange", name="written", field=models.TextField(null=True)),
    ]
