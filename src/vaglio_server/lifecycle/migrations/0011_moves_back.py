from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Whether an answer was undone is asked of the few moves that undo one."""

    dependencies = [("lifecycle", "0010_undone")]

    operations = [
        migrations.AddIndex(
            model_name="stagemove",
            index=models.Index(fields=["lead", "id"], name="move_back_of_lead", condition=Q(verb__in=("unaccept", "unconvert"))),
        ),
    ]
