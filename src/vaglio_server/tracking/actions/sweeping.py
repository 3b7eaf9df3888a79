"""A worker's looks back: bursts over what came in one after the other, waves once they are over, and leads that are new or changed.

Each look takes the rows since the last one by their numbers, so that everything is looked at once, also all that was there before.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from vaglio_server.crm.models import FieldChange, Lead
from vaglio_server.tracking.actions.marks import mark_bursts
from vaglio_server.tracking.actions.suspecting import suspect
from vaglio_server.tracking.logic.bursts import SETTLED, Act, Burst, act, find, waves
from vaglio_server.tracking.logic.copies import READ
from vaglio_server.tracking.models import Sweep

BY = "machines"
SWEEPING = 730_462  # an advisory lock for each kind of look
ROWS = 4_000  # activities looked at together
LEADS = 500
WAVES_EVERY = timedelta(minutes=2)
VISIT = "30 minutes"
_LOOKED_AT = "'mail|newsletter|link_click|clicked_link|^page_viewed$|^screen_viewed$'"
_MAIL = "'(mail|newsletter).*(click|open|view|read)'"
_COLUMNS = """act.id, COALESCE(link.lead_id, -act.identity_id), EXTRACT(EPOCH FROM act.occurred_at)::float8, act.activity_type,
    act.properties, act.is_machine"""
# Of everybody who did something new: what they did about then, under whatever they are known by. What was restored is a person's.
_NEAR = f"""WITH new AS MATERIALIZED (
        SELECT COALESCE(link.lead_id, -act.identity_id) AS lead, min(act.identity_id) AS identity,
            min(occurred_at) AS a, max(occurred_at) AS b
        FROM tracking_activity AS act
        LEFT JOIN tracking_identitylink AS link ON link.identity_id = act.identity_id AND link.ended_at IS NULL
        WHERE act.id > %s AND act.id <= %s AND NOT is_machine AND activity_type ~ {_LOOKED_AT} GROUP BY 1
    ), known AS MATERIALIZED (
        SELECT new.*, link.identity_id FROM new JOIN tracking_identitylink AS link ON link.lead_id = new.lead AND link.ended_at IS NULL
        UNION ALL SELECT new.*, new.identity FROM new WHERE lead < 0
    ) SELECT act.id, lead, EXTRACT(EPOCH FROM occurred_at)::float8, activity_type, properties, is_machine FROM known
    JOIN tracking_activity AS act ON act.identity_id = known.identity_id
        AND occurred_at >= a - INTERVAL '15 seconds' AND occurred_at <= b + INTERVAL '15 seconds'
    WHERE activity_type ~ {_LOOKED_AT} AND NOT EXISTS (SELECT FROM tracking_markedactivity WHERE restored_id = act.id)"""
_MAILS = f"""SELECT {_COLUMNS} FROM tracking_activity AS act
    LEFT JOIN tracking_identitylink AS link ON link.identity_id = act.identity_id AND link.ended_at IS NULL
    WHERE act.known_at >= %s AND act.known_at <= %s AND activity_type ~ {_MAIL}
        AND NOT EXISTS (SELECT FROM tracking_markedactivity WHERE restored_id = act.id)"""
# A page at the very instant of the form says nothing: a batch without instants of its own has them all at once.
_FORMS = """SELECT whose.lead_id, min(EXTRACT(EPOCH FROM act.occurred_at - first.at))::float8 FROM tracking_activity AS act
    JOIN tracking_identitylink AS whose ON whose.identity_id = act.identity_id AND whose.ended_at IS NULL
    CROSS JOIN LATERAL (
        SELECT min(seen.occurred_at) AS at FROM tracking_identitylink AS mine JOIN tracking_activity AS seen USING (identity_id)
        WHERE mine.lead_id = whose.lead_id AND mine.ended_at IS NULL AND seen.activity_type = 'page_viewed'
            AND seen.occurred_at < act.occurred_at AND seen.occurred_at > act.occurred_at - %s::interval
    ) AS first
    WHERE act.id > %s AND act.id <= %s AND act.activity_type = 'form_submitted' AND first.at IS NOT NULL GROUP BY 1"""


class Sweeper:
    """Looks back some rows at a time; used by one thread."""

    def __init__(self) -> None:
        self._waved: datetime | None = None

    def step(self, at: datetime) -> int:
        """Look at the next rows of each kind, and return how many those were."""
        looked = sweep_activities(at=at) + sweep_leads(at=at) + sweep_changes(at=at)
        if self._waved is None or at - self._waved >= WAVES_EVERY:
            waved = sweep_waves(at=at)
            self._waved = None if waved else at
            looked += waved
        return looked


def _next(name: str, start: int = 0) -> Sweep | None:
    """Return how far a look has come; None: another worker is at it. Looking back leaves the other cores to what somebody waits for.

    A lock on the row would be written down, and wake everybody who waits for something to be written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [SWEEPING, name])
        if not cursor.fetchone()[0]:
            return None
    return Sweep.objects.get_or_create(name=name, defaults={"through": start})[0]


def _end(cursor: Any, query: str, *values: int) -> tuple[int, ...]:
    """Return the last of the next numbers, and how many there are."""
    cursor.execute(f"SELECT COALESCE(max(id), 0), count(*) FROM ({query}) AS next", values)
    return tuple(cursor.fetchone())


def _through(sweep: Sweep, end: int) -> None:
    Sweep.objects.filter(pk=sweep.pk).update(through=end)


@transaction.atomic
def sweep_activities(*, at: datetime) -> int:
    """Look for bursts among activities that are new, and for forms that nobody can have filled in; return how many were looked at."""
    sweep = _next("activities")
    if sweep is None:
        return 0
    with connection.cursor() as cursor:
        end, count = _end(cursor, "SELECT id FROM tracking_activity WHERE id > %s ORDER BY id LIMIT %s", sweep.through, ROWS)
        if not count:
            return 0
        cursor.execute(_NEAR, [sweep.through, end])
        machines: dict[int, bool] = {}
        bursts = find(_acts(machines, cursor.fetchall()), {})
        cursor.execute(_FORMS, [VISIT, sweep.through, end])
        forms = {lead: seconds for lead, seconds in cursor.fetchall() if seconds is not None}
    if forms:
        suspect(leads=list(forms), fastest=forms, at=at)
    _mark(bursts, machines, at)  # last: it holds the lock on knowledge until the end
    _through(sweep, end)
    return count


@transaction.atomic
def sweep_waves(*, at: datetime) -> int:
    """Look for waves among mails' activities that are old enough to be compared with what came after; return how many were looked at."""
    sweep = _next("waves")
    if sweep is None:
        return 0
    with connection.cursor() as cursor:
        new = f"""SELECT id, known_at FROM tracking_activity WHERE id > %s AND known_at <= %s AND activity_type ~ {_MAIL}
            ORDER BY id LIMIT %s"""
        cursor.execute(f"SELECT max(id), count(*), min(known_at), max(known_at) FROM ({new}) AS next",
                       [sweep.through, at - timedelta(seconds=SETTLED), 5 * ROWS])  # fmt: skip
        end, count, first, last = cursor.fetchone()
        if not count:
            return 0
        around = timedelta(seconds=SETTLED)
        cursor.execute(_MAILS, [first - around, last + around])
        machines: dict[int, bool] = {}
        acts = _acts(machines, cursor.fetchall())
    _mark([burst for burst in find(acts, waves(acts)) if burst.reason == "wave"], machines, at)
    _through(sweep, end)
    return int(count)


def _acts(machines: dict[int, bool], rows: Iterable[tuple[Any, ...]]) -> list[Act]:
    """Return rows as they are judged; ``machines`` learns which of them are known for a machine's."""
    found = []
    for number, lead, seconds, activity_type, properties, is_machine in rows:
        machines[number] = is_machine
        found.append(act(number, lead, seconds, activity_type, _plain(properties)))
    return found


def _plain(properties: Any) -> dict[str, Any]:
    return json.loads(properties) if isinstance(properties, str) else dict(properties)


def _mark(bursts: list[Burst], machines: dict[int, bool], at: datetime) -> None:
    fresh = [burst for burst in bursts if not all(machines[int(str(key))] for key in burst.keys)]
    if fresh:
        mark_bursts(bursts=fresh, by=BY, at=at)


@transaction.atomic
def sweep_leads(*, at: datetime) -> int:
    """Look at leads that are new."""
    sweep = _next("leads")
    if sweep is None:
        return 0
    _next("changes", FieldChange.objects.aggregate(last=Max("id"))["last"] or 0)
    leads = list(Lead.objects.filter(pk__gt=sweep.through).order_by("pk").values_list("pk", flat=True)[:LEADS])
    if leads:
        suspect(leads=leads, fastest={}, at=at)
        _through(sweep, leads[-1])
    return len(leads)


@transaction.atomic
def sweep_changes(*, at: datetime) -> int:
    """Look again at leads who now say something else of themselves."""
    sweep = _next("changes")
    if sweep is None:
        return 0
    with connection.cursor() as cursor:
        end, count = _end(cursor, "SELECT id FROM crm_fieldchange WHERE id > %s ORDER BY id LIMIT %s", sweep.through, ROWS)
    if not count:
        return 0
    seen = Sweep.objects.get(pk="leads").through if Sweep.objects.filter(pk="leads").exists() else 0
    changed = FieldChange.objects.filter(pk__gt=sweep.through, pk__lte=end, lead__isnull=False, lead__lte=seen, field__in=READ)
    leads = list(changed.order_by("lead").values_list("lead", flat=True).distinct())
    for start in range(0, len(leads), LEADS):
        suspect(leads=leads[start : start + LEADS], fastest={}, at=at)
    _through(sweep, end)
    return count
