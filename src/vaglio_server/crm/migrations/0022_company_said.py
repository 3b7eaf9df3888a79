"""Who belongs to no company is sorted by the company they say themselves, as lists show it."""

from django.db import migrations

_LEAD_ORDER = """
CREATE OR REPLACE FUNCTION crm_lead_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_leadorder (lead_id, name, company, created_at)
    VALUES (NEW.id, crm_order_name(NEW.fields), crm_order_key({company}), NEW.created_at)
    ON CONFLICT (lead_id) DO UPDATE SET name = EXCLUDED.name, company = EXCLUDED.company, created_at = EXCLUDED.created_at
    WHERE (crm_leadorder.name, crm_leadorder.company, crm_leadorder.created_at)
        IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.company, EXCLUDED.created_at);
    RETURN NULL;
END $$;
UPDATE crm_leadorder SET company = crm_order_key({written}) FROM crm_lead AS lead
    WHERE lead.id = crm_leadorder.lead_id AND lead.account_id IS NULL AND btrim(lead.fields ->> 'company') <> '';
"""
_OF_ACCOUNT = "(SELECT name FROM crm_account WHERE id = NEW.account_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0021_owner_changes"),
    ]

    operations = [
        migrations.RunSQL(
            _LEAD_ORDER.format(company=f"COALESCE({_OF_ACCOUNT}, NEW.fields ->> 'company')", written="lead.fields ->> 'company'"),
            _LEAD_ORDER.format(company=_OF_ACCOUNT, written="NULL"),
        ),
    ]
