from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0011_partly"),
    ]

    operations = [
        migrations.AddField(model_name="import", name="proposed", field=models.JSONField(default=list)),
        migrations.AddField(model_name="import", name="as_in", field=models.TextField(default="")),
        migrations.AddField(model_name="import", name="kinds", field=models.JSONField(default=dict)),
    ]
