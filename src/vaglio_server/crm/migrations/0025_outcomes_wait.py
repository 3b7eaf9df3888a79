from django.db import migrations, models
from django.db.models import Q

# What files said before is followed, too.
FILES = "UPDATE crm_leadoutcome SET waits = true WHERE by LIKE 'import:%' AND taken_back_at IS NULL"


class Migration(migrations.Migration):
    """Outcomes wait until where their leads stand follows them."""

    dependencies = [("crm", "0024_moved_leads")]

    operations = [
        migrations.AddField(model_name="leadoutcome", name="waits", field=models.BooleanField(default=False, db_default=False)),
        migrations.RunSQL(FILES, migrations.RunSQL.noop),
        migrations.AddIndex(model_name="leadoutcome", index=models.Index(fields=["lead"], name="outcome_waits", condition=Q(waits=True))),
    ]
