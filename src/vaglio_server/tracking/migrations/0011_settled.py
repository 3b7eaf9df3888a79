"""What people did about a call that was refused: mended, or put away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0010_links")]

    operations = [
        migrations.AddField(
            "refusedevent",
            "settled",
            models.CharField(
                blank=True,
                choices=[("", "open"), ("mended", "mended"), ("put_away", "put away")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField("refusedevent", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField("refusedevent", "settled_by", models.TextField(blank=True, db_default="", default="")),
        migrations.AddIndex("refusedevent", models.Index(fields=["settled", "-id"], name="refused_settled")),
    ]
