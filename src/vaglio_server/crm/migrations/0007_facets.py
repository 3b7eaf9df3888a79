import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

# As they were when this migration was made: 0005 wrote the same words.
_GAPS = r"'[^[:alnum:]]+', ' ', 'g'"
_FOLD = f"regexp_replace(regexp_replace(lower(normalize(%s, NFKD)), '[\u0300-\u036f]', '', 'g'), {_GAPS})"


def _joined(*names: str) -> str:
    return " || ' ' || ".join(f"COALESCE(NEW.fields ->> '{name}', '')" for name in names)


_WHO = _joined("first_name", "last_name", "name", "email", "company")
_NAMES = _joined("first_name", "last_name", "name", "company")

FUNCTIONS = f"""
CREATE FUNCTION crm_hashes(variants text[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(array_agg(hashtext(variant)), '{{}}') FROM unnest(variants) AS variant
$$;
CREATE FUNCTION crm_near(names text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(array_agg(DISTINCT hashtext(variant)), '{{}}')
    FROM regexp_split_to_table({_FOLD % "names"}, ' ') AS word
    CROSS JOIN LATERAL (
        SELECT word AS variant UNION ALL SELECT overlay(word PLACING '' FROM place FOR 1) FROM generate_series(1, length(word)) AS place
    ) AS left_out WHERE length(word) BETWEEN 4 AND 30 AND word ~ '[^0-9]'
$$;
CREATE FUNCTION crm_facets(fields jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(COALESCE(array_agg(DISTINCT left(lower(key || '=' || btrim(value)), 200)), '{{}}'))
    FROM jsonb_each_text(fields) WHERE btrim(value) <> ''
$$;
"""
TRIGGER = f"""
CREATE OR REPLACE FUNCTION crm_lead_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_leadwords (lead_id, words, facets, near)
    VALUES (NEW.id, to_tsvector('simple', {_FOLD % f"({_WHO})"}), crm_facets(NEW.fields), crm_near({_NAMES}))
    ON CONFLICT (lead_id) DO UPDATE SET words = EXCLUDED.words, facets = EXCLUDED.facets, near = EXCLUDED.near
    WHERE (crm_leadwords.words, crm_leadwords.facets, crm_leadwords.near) IS DISTINCT FROM (EXCLUDED.words, EXCLUDED.facets, EXCLUDED.near);
    RETURN NULL;
END $$;
UPDATE crm_leadwords SET facets = crm_facets(NEW.fields), near = crm_near({_NAMES}) FROM crm_lead AS new WHERE new.id = lead_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_outcomes"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION crm_facets; DROP FUNCTION crm_near; DROP FUNCTION crm_hashes"),
        migrations.AddField(
            model_name="leadwords",
            name="facets",
            field=django.contrib.postgres.search.SearchVectorField(default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="leadwords",
            name="near",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="account",
            name="near",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(models.F("name"), function="crm_near"),
                output_field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
            ),
        ),
        migrations.RunSQL(TRIGGER, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="leadwords",
            index=django.contrib.postgres.indexes.GinIndex(fields=["facets"], name="lead_facets"),
        ),
        migrations.AddIndex(
            model_name="leadwords",
            index=django.contrib.postgres.indexes.GinIndex(fields=["near"], name="lead_near"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=django.contrib.postgres.indexes.GinIndex(fields=["near"], name="account_near"),
        ),
    ]
