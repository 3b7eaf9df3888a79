"""A large store in minutes: leads with companies, scores and what they did, written by the database itself.

Straight into the tables, without triggers and with indexes built afterwards, which no part of the product does; what the rows say is what
the product would have written.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MODEL = Path(__file__).parents[1] / "models/b2b_software.yaml"
COLLEAGUES = 4  # leads of a company
SPREAD = 7919  # a prime, to scatter what a counter gives


@dataclass(frozen=True)
class Size:
    """How much is stored; ``scored``: leads have ratings, scores and first crossings, as after a model went live; else all are due."""

    leads: int
    activities: int
    scored: bool


_PEOPLE = (
    """INSERT INTO crm_account (id, name, domain, fields, created_at)
    SELECT n, 'Company ' || n, 'company' || n || '.example', '{"industry": "software"}', now() - INTERVAL '400 days'
    FROM generate_series(1, %(accounts)s) AS n""",
    """INSERT INTO crm_lead
        (id, account_id, owner_id, fields, created_at, due_at, rating, profile_millipoints, engagement_millipoints, rank)
    SELECT n, 1 + n %% %(accounts)s, CASE WHEN n %% 50 = 0 THEN (SELECT id FROM users_user WHERE username = 'seller') END,
        jsonb_build_object(
            'first_name', (ARRAY['Anna', 'Bruno', 'Carla', 'Dario', 'Elena', 'Ștefan'])[1 + n %% 6], 'last_name', 'Name' || n %% 9973,
            'email', 'p' || n || '@company' || (1 + n %% %(accounts)s) || '.example',
            'job_title', (ARRAY['CTO', 'Head of sales', 'Developer', 'CFO', 'Buyer', 'Student', 'VP sales', 'Analyst'])[1 + n * 31 %% 8],
            'country', (ARRAY['IT', 'RO', 'DE', 'IT', 'DE', 'FR'])[1 + n * 17 %% 6],
            'industry', (ARRAY['software', 'finance', 'manufacturing', 'retail'])[1 + n * 13 %% 4], 'employees', n * 7 %% 6000),
        now() - n %% 31536000 * INTERVAL '1 second',
        CASE WHEN %(scored)s THEN now() + n * 7919 %% 5184000 * INTERVAL '1 second' ELSE now() END,
        CASE WHEN %(scored)s THEN rating END,
        CASE WHEN %(scored)s THEN (n * 7919) %% 100000 END, CASE WHEN %(scored)s THEN (n * 104729) %% 100000 END,
        CASE WHEN %(scored)s THEN
            ARRAY[array_position(%(ratings)s::text[], rating), -((n * 31) %% 120000), -((n * 7919) %% 100000)] ELSE ARRAY[99.0::float8] END
    FROM (
        SELECT n, (%(ratings)s::text[])[1 + floor(15.99 * power((n * 7919 %% 10007) / 10007.0, 0.4))::int] AS rating
        FROM generate_series(1, %(leads)s::bigint) AS n
    ) AS drawn""",
    """INSERT INTO crm_leadwords (lead_id, words, facets, near)
    SELECT id, to_tsvector('simple', concat_ws(' ', fields ->> 'first_name', fields ->> 'last_name',
        translate(fields ->> 'email', '@.', '  '))), crm_facets(fields),
        crm_near(concat_ws(' ', fields ->> 'first_name', fields ->> 'last_name'))
    FROM crm_lead""",
    """INSERT INTO crm_leadorder (lead_id, name, company, created_at)
    SELECT id, crm_order_name(fields), crm_order_key('Company ' || account_id), created_at FROM crm_lead""",
    """INSERT INTO tracking_identity (id, kind, value) SELECT n, 'user_id', 'u' || n FROM generate_series(1, %(leads)s::bigint) AS n""",
    """INSERT INTO tracking_identitylink (id, identity_id, lead_id, known_at, by)
    SELECT n, n, n, now() - INTERVAL '400 days', 'benchmark' FROM generate_series(1, %(leads)s::bigint) AS n""",
)
# In the order in which they came in over a year, so that what one lead did lies far apart, as it would.
_DONE = (
    """INSERT INTO tracking_delivery (id, source_id, kind, body, received_at, is_open)
    VALUES (1, %(source)s, 'import', '', now(), false)""",
    """INSERT INTO tracking_event (id, delivery_id, place, source_id, message_id)
    SELECT n, 1, n, %(source)s, 'm-' || md5(n::text) FROM generate_series(1, %(activities)s::bigint) AS n""",
    """INSERT INTO tracking_activity (id, identity_id, event_id, activity_type, occurred_at, known_at, is_machine, properties)
    SELECT n, 1 + (n * 7919 + n / %(leads)s) %% %(leads)s, n,
        (ARRAY['page_viewed', 'page_viewed', 'email_clicked', 'page_viewed', 'form_submitted', 'content_downloaded', 'page_viewed',
            'webinar_attended'])[1 + drawn %% 8], at, at, false,
        (ARRAY['{"path": "/pricing/teams", "title": "Pricing"}', '{"path": "/blog/lead-scoring"}', '{}', '{"path": "/"}',
            '{"form": "demo"}', '{"content_type": "case_study"}', '{"path": "/docs/start"}', '{"minutes": 40}'])[1 + drawn %% 8]::jsonb
    FROM (
        SELECT n, n * 31 / 7 AS drawn, now() - (%(activities)s - n + 1) * (31536000.0::float8 / %(activities)s) * INTERVAL '1 second' AS at
        FROM generate_series(1, %(activities)s::bigint) AS n
    ) AS each""",
)
_SCORED = (
    """INSERT INTO scoring_score (id, lead_id, version_id, as_of, known_at, profile_millipoints, engagement_millipoints, rating,
        temperature, buying_stage, potential, coverage, lines)
    SELECT id, id, (SELECT id FROM scoring_modelversion WHERE live_to IS NULL), now(), now(), profile_millipoints, engagement_millipoints,
        rating, 'cold', 'awareness', 25000, 1, '{}' FROM crm_lead WHERE %(scored)s""",
    """INSERT INTO scoring_crossing (id, score_id, lead_id, at, rating_after)
    SELECT id, id, lead_id, as_of, rating FROM scoring_score WHERE %(scored)s""",
)
# What lists show beside leads: contacts, who is on lists (a few companies, some leads, a tenth of them), a date that 40 leads of a million
# have, the trail. The usual way, triggers and indexes and all.
_BESIDE = (
    """INSERT INTO crm_contact (account_id, lead_id, owner_id, fields, created_at)
    SELECT account_id, id, owner_id, fields, created_at FROM crm_lead WHERE id %% 5 = 0""",
    """INSERT INTO crm_listmember (list, account_id, known_at)
    SELECT 'priority_accounts', id, now() FROM crm_account WHERE id %% 1000 = 0""",
    """INSERT INTO crm_listmember (list, lead_id, known_at) SELECT 'fair', id, now() FROM crm_lead WHERE id %% 400 = 0
    UNION ALL SELECT 'newsletter', id, now() FROM crm_lead WHERE id %% 10 = 3""",
    """UPDATE crm_lead SET fields = fields || '{"renewal_on": "2027-01-31"}' WHERE id %% 25000 = 0""",
    """INSERT INTO users_auditentry (at, by, verb, subject, detail)
    SELECT now() - n * INTERVAL '2 minutes', CASE WHEN n %% 7 = 0 THEN 'boss' ELSE 'seller' END,
        CASE WHEN n %% 5000 = 0 THEN 'merge_leads' ELSE 'assign_leads' END, 'lead:' || n %% 99991, '{}'
    FROM generate_series(1, %(leads)s::bigint / 5) AS n""",
)
# A twentieth came to sales within a year: a fifth of it waits, and the rest was answered, each way; what waits has its clock. The others
# are on nurture lists, as the model says, and a ninth was on one before.
_STAGES = ("marketing_qualified", "marketing_qualified", "sales_accepted", "sales_accepted", "sales_qualified", "opportunity", "customer",
           "recycled", "recycled", "disqualified")  # fmt: skip
_HANDED = (
    """INSERT INTO lifecycle_stagemove (lead_id, verb, before, after, at, by, rating, note)
    SELECT id, 'qualify', 'inquiry', 'marketing_qualified', now() - (id %% 365) * INTERVAL '1 day', 'lifecycle', rating, ''
    FROM crm_lead WHERE id %% 20 = 0 ORDER BY id %% 365 DESC""",
    """INSERT INTO lifecycle_stagemove (lead_id, verb, before, after, at, by, rating, reason, note)
    SELECT id, CASE WHEN id / 20 %% 10 < 7 THEN 'accept' ELSE 'reject' END, 'marketing_qualified',
        CASE WHEN id / 20 %% 10 < 7 THEN 'sales_accepted' ELSE 'recycled' END, now() - (id %% 365) * INTERVAL '1 day' + INTERVAL '3 hours',
        'seller', rating, CASE WHEN id / 20 %% 10 < 7 THEN NULL ELSE 'no_need' END, ''
    FROM crm_lead WHERE id %% 20 = 0 AND id / 20 %% 10 > 1 ORDER BY id %% 365 DESC""",
    """INSERT INTO lifecycle_leadstage (lead_id, stage, since, next_step)
    SELECT id, (%(stages)s::text[])[1 + id / 20 %% 10], now() - (id %% 365) * INTERVAL '1 day', '' FROM crm_lead WHERE id %% 20 = 0""",
    """INSERT INTO lifecycle_slaclock (lead_id, rating, promised_seconds, started_at)
    SELECT id, COALESCE(rating, 'A1'), 14400, now() - (id %% 365) * INTERVAL '10 minutes'
    FROM crm_lead WHERE id %% 20 = 0 AND id / 20 %% 10 < 2""",
    "UPDATE scoring_crossing SET waits = false WHERE waits",
    """INSERT INTO lifecycle_nurtureenrollment (lead_id, track, rating, entered_at, why)
    SELECT id, CASE WHEN rating IN ('A3', 'B2', 'C1') THEN 'hot_start' ELSE 'long_term' END, rating, created_at, 'rating' FROM crm_lead
    WHERE rating = ANY(%(nurtured)s) AND id %% 20 <> 0""",
    """INSERT INTO lifecycle_nurtureenrollment (lead_id, track, rating, entered_at, why, left_at, why_left)
    SELECT id, 'long_term', 'C4', created_at, 'rating', created_at + INTERVAL '1 day', 'rating' FROM crm_lead WHERE id %% 9 = 0""",
)
_NURTURED = ("A3", "B2", "C1", "A4", "B3", "B4", "C2", "C3", "C4", "D1", "D2")  # as the model says
# Workers have looked back at all of it.
_SWEPT = """INSERT INTO tracking_sweep (name, through)
    VALUES ('activities', %(activities)s), ('waves', %(activities)s), ('leads', %(leads)s), ('changes', 0)
    ON CONFLICT (name) DO UPDATE SET through = EXCLUDED.through"""
_FILLED = (
    "crm_account", "crm_lead", "crm_leadwords", "crm_leadorder", "tracking_identity", "tracking_identitylink", "tracking_delivery",
    "tracking_event", "tracking_activity", "scoring_score", "scoring_crossing",
)  # fmt: skip


def fill(size: Size, model: Path = MODEL) -> dict[str, float]:
    """Fill empty tables, with a live model, a marketer ``boss``, a ``seller`` who owns every fiftieth lead; return the seconds it took.

    An installation that was kept and is of this size already is left as it is.
    """
    from django.db import connection, transaction

    from vaglio.terms import RANK_ORDER
    from vaglio_server.crm.models import Lead

    if Lead.objects.count() >= size.leads:
        return {}

    source = _first_rows(model)
    asked = {"leads": size.leads, "activities": size.activities, "accounts": max(1, size.leads // COLLEAGUES), "source": source.pk,
             "ratings": list(RANK_ORDER), "scored": size.scored}  # fmt: skip
    took: dict[str, float] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        # No triggers of foreign keys: that is what filling row by row spends its time on.
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '1GB'; SET LOCAL work_mem = '256MB'")
        # Without the log of a table that is new in its transaction.
        cursor.execute(f"SET LOCAL synchronous_commit = off; TRUNCATE {', '.join(_FILLED)} CASCADE")
        indexes = _drop_indexes(cursor)
        for name, statements in (("people", _PEOPLE), ("activities", _DONE), ("scores", (*_SCORED, _SWEPT))):
            start = time.perf_counter()
            for statement in statements:
                cursor.execute(statement, asked)
            took[name] = time.perf_counter() - start
        start = time.perf_counter()
        for definition in indexes:
            cursor.execute(definition)
        for table in _FILLED:
            if table in ("crm_leadwords", "crm_leadorder"):
                continue
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        took["indexes"] = time.perf_counter() - start
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return {name: round(seconds, 1) for name, seconds in (took | {"vacuum": time.perf_counter() - start}).items()}


def beside(size: Size) -> dict[str, float]:
    """Fill what lists show beside leads, with a field that hardly anybody has, where it is not there yet; return the seconds it took."""
    from django.db import connection, transaction

    from vaglio_server.crm.actions.fields import NewField, define_field
    from vaglio_server.crm.models import Contact

    if Contact.objects.exists():
        return {}
    start = time.perf_counter()
    field = NewField("lead", "renewal_on", "Renewal", "date", [])
    define_field(field=field, by="benchmark", at=datetime.now(UTC))  # noqa: TID251
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _BESIDE:
            cursor.execute(statement, {"leads": size.leads})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE crm_contact, crm_listmember, users_auditentry")
    return {"beside": round(time.perf_counter() - start, 1)}


def handed() -> dict[str, float]:
    """Have some leads handed to sales, where none were yet; return the seconds it took."""
    from django.db import connection, transaction

    from vaglio_server.lifecycle.models import LeadStage

    if LeadStage.objects.exists():
        return {}
    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _HANDED:
            cursor.execute(statement, {"stages": list(_STAGES), "nurtured": list(_NURTURED)})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE lifecycle_leadstage, lifecycle_stagemove, lifecycle_slaclock, scoring_crossing")
        cursor.execute("VACUUM ANALYZE lifecycle_nurtureenrollment")
    return {"handed": round(time.perf_counter() - start, 1)}


def _first_rows(model: Path) -> Any:
    """Make users, a source and a live model the usual way."""
    from vaglio_server.scoring.actions import activate_version, push_model
    from vaglio_server.tracking.actions import create_source
    from vaglio_server.users.actions import create_user

    now = datetime.now(UTC)  # noqa: TID251
    for name, role in (("boss", "marketing"), ("seller", "sales")):
        create_user(name=name, email="", password=None, role=role, by="benchmark", at=now)
    activate_version(version=push_model(text=model.read_text(encoding="utf-8"), by="benchmark", at=now), by="benchmark", at=now)
    return create_source(name="filling", by="benchmark", at=now)


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop every index and unique constraint of the tables to be filled but their primary keys, and return how to make them again."""
    cursor.execute(
        """SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint AS c
        WHERE c.contype = 'u' AND c.conrelid = ANY(%s::regclass[])""",
        [list(_FILLED)],
    )
    unique = cursor.fetchall()
    for name, table, _definition in unique:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i
        WHERE NOT i.indisprimary AND i.indrelid = ANY(%s::regclass[])""",
        [list(_FILLED)],
    )
    plain = cursor.fetchall()
    for name, _definition in plain:
        cursor.execute(f"DROP INDEX {name}")
    return [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for name, table, definition in unique] + [
        definition for _name, definition in plain
    ]
