from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0019_opportunity_key")]

    operations = [
        migrations.CreateModel(
            name="LossReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40, unique=True)),
                ("label", models.TextField()),
                ("place", models.IntegerField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AlterField(model_name="opportunity", name="loss_reason", field=models.CharField(max_length=40, null=True)),
    ]
