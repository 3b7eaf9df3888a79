from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms", "0001_first")]

    operations = [
        migrations.AddField(model_name="form", name="deleted_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="form", name="deleted_by", field=models.TextField(blank=True, db_default="", default="")),
    ]
