import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from vaglio_server.crm.models import Words

_WHO = " || ' ' || ".join(f"COALESCE(%s ->> '{name}', '')" for name in ("first_name", "last_name", "name", "email", "company"))


def _words(fields: str) -> str:
    return Words.template % {"text": _WHO.replace("%s", fields)}


TRIGGER = f"""
CREATE FUNCTION crm_lead_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_leadwords (lead_id, words) VALUES (NEW.id, {_words("NEW.fields")})
    ON CONFLICT (lead_id) DO UPDATE SET words = EXCLUDED.words WHERE crm_leadwords.words IS DISTINCT FROM EXCLUDED.words;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_words AFTER INSERT OR UPDATE OF fields ON crm_lead FOR EACH ROW EXECUTE FUNCTION crm_lead_words();
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO crm_leadwords (lead_id, words) SELECT id, {_words("fields")} FROM crm_lead;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_records"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="lead_words"),
        migrations.RemoveField(model_name="lead", name="words"),
        migrations.CreateModel(
            name="LeadWords",
            fields=[
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="found_by",
                        serialize=False,
                        to="crm.lead",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER lead_words ON crm_lead; DROP FUNCTION crm_lead_words"),
        migrations.AddIndex(
            model_name="leadwords",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="lead_words"),
        ),
        # Each was there twice: alone, and as the beginning of another index.
        migrations.AlterField(
            model_name="lead",
            name="account",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="leads", to="crm.account"
            ),
        ),
        migrations.AlterField(
            model_name="lead",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="leads",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
