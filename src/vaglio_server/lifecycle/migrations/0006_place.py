from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0005_opinions")]

    operations = [
        migrations.AddField(model_name="happening", name="place", field=models.BigIntegerField(null=True, unique=True)),
        migrations.RunSQL("CREATE SEQUENCE lifecycle_happening_place", "DROP SEQUENCE lifecycle_happening_place"),
        migrations.AddIndex(
            model_name="happening",
            index=models.Index(condition=models.Q(("place__isnull", False)), fields=["kind", "place"], name="happening_of_kind"),
        ),
    ]
