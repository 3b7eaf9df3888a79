from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0010_countries"),
    ]

    operations = [
        migrations.AddField(model_name="import", name="rows_partly", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="refusedrow", name="is_taken", field=models.BooleanField(default=False)),
    ]
