from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0018_pipelines")]

    operations = [
        migrations.AddField(model_name="opportunity", name="key", field=models.TextField(null=True)),
        migrations.AddConstraint(
            model_name="opportunity",
            constraint=models.UniqueConstraint(condition=models.Q(("key__isnull", False)), fields=("key",), name="opportunity_of_key"),
        ),
    ]
