import django.db.models.deletion
from django.db import migrations, models

# As they were when this migration was made. U+FFFF comes after every letter.
_FOLD = r"regexp_replace(regexp_replace(lower(normalize(%s, NFKD)), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]@.]+', ' ', 'g')"
_KEY = f"COALESCE(NULLIF(left(btrim({_FOLD}), 100), ''), U&'\\FFFF')"
_NAME = """COALESCE(
    NULLIF(btrim(COALESCE(fields ->> 'first_name', '') || ' ' || COALESCE(fields ->> 'last_name', '')), ''),
    NULLIF(fields ->> 'name', ''), fields ->> 'email', '')"""

FUNCTIONS = f"""
CREATE FUNCTION crm_order_key(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT {_KEY % "COALESCE(said, '')"}
$$;
CREATE FUNCTION crm_order_name(fields jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT crm_order_key({_NAME})
$$;
"""
TRIGGERS = """
CREATE FUNCTION crm_lead_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_leadorder (lead_id, name, company, created_at)
    VALUES (NEW.id, crm_order_name(NEW.fields), crm_order_key((SELECT name FROM crm_account WHERE id = NEW.account_id)), NEW.created_at)
    ON CONFLICT (lead_id) DO UPDATE SET name = EXCLUDED.name, company = EXCLUDED.company, created_at = EXCLUDED.created_at
    WHERE (crm_leadorder.name, crm_leadorder.company, crm_leadorder.created_at)
        IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.company, EXCLUDED.created_at);
    RETURN NULL;
END $$;
CREATE TRIGGER lead_order AFTER INSERT OR UPDATE OF fields, account_id, created_at ON crm_lead
    FOR EACH ROW EXECUTE FUNCTION crm_lead_order();
CREATE FUNCTION crm_account_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crm_leadorder SET company = crm_order_key(NEW.name) FROM crm_lead AS lead
    WHERE lead.account_id = NEW.id AND crm_leadorder.lead_id = lead.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_order AFTER UPDATE OF name ON crm_account
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION crm_account_order();
INSERT INTO crm_leadorder (lead_id, name, company, created_at)
    SELECT lead.id, crm_order_name(lead.fields), crm_order_key(account.name), lead.created_at
    FROM crm_lead AS lead LEFT JOIN crm_account AS account ON account.id = lead.account_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
UNDO = """
DROP TRIGGER lead_order ON crm_lead; DROP TRIGGER account_order ON crm_account;
DROP FUNCTION crm_lead_order; DROP FUNCTION crm_account_order;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0009_taken_back"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION crm_order_name; DROP FUNCTION crm_order_key"),
        migrations.CreateModel(
            name="LeadOrder",
            fields=[
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="order",
                        serialize=False,
                        to="crm.lead",
                    ),
                ),
                ("name", models.TextField()),
                ("company", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
        migrations.AddIndex(model_name="leadorder", index=models.Index(fields=["name", "lead"], name="order_name")),
        migrations.AddIndex(model_name="leadorder", index=models.Index(fields=["company", "lead"], name="order_company")),
        migrations.AddIndex(model_name="leadorder", index=models.Index(fields=["created_at", "lead"], name="order_created")),
    ]
