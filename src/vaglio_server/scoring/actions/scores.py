"""Scoring what is due, and writing what changed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio.dates import from_microseconds, to_microseconds
from vaglio.errors import VaglioError
from vaglio_server.crm.models import PRESENT, UNKNOWN_LAST, UNRANKED, Lead
from vaglio_server.refused import Refused
from vaglio_server.scoring.actions.runs import RUNNING, SLICE, end_run
from vaglio_server.scoring.engine import Scorer, document_of
from vaglio_server.scoring.failing import PATIENCE
from vaglio_server.scoring.models import ModelVersion, Run, Score
from vaglio_server.scoring.queries import leads_at_once, open_run, versions_at
from vaglio_server.scoring.snapshots import Snapshot
from vaglio_server.scoring.tables import COLUMNS, Rows
from vaglio_server.users.actions import audit

logger = logging.getLogger(__name__)
_NAMES = ", ".join(COLUMNS)
# Between two looks at a lead that are for nothing but the passing of time. The engine's bound errs on the early side: of a score that lies
# exactly on a threshold while anything fades, it says "at once", again and again.
CALM = timedelta(minutes=1)
# What a score says; two that say the same are one row, whenever they were worked out.
SAYS = [name for name in COLUMNS if name not in {"lead_id", "version_id", "as_of", "known_at", "next_change_at"}]
# Who is no longer among those whom a version scores gets a row that says so, or the last score would stand for ever.
_LEAVE = """INSERT INTO fresh (lead_id, version_id, as_of, known_at, profile_millipoints, engagement_millipoints, lines, is_outside)
    SELECT last.lead_id, last.version_id, %(at)s, %(at)s, 0, 0, '{}', true
    FROM (
        SELECT asked.lead_id, live.version_id FROM unnest(%(versions)s::bigint[]) AS live (version_id)
        CROSS JOIN unnest(%(ids)s::bigint[]) AS asked (lead_id)
        EXCEPT SELECT lead_id, version_id FROM fresh
    ) AS missing CROSS JOIN LATERAL (
        SELECT lead_id, version_id, is_outside FROM scoring_score AS s
        WHERE s.lead_id = missing.lead_id AND s.version_id = missing.version_id ORDER BY s.as_of DESC LIMIT 1
    ) AS last WHERE NOT is_outside"""

_FRESH, _EARLIER = (", ".join(f"{table}.{name}" for name in [*SAYS, "is_outside"]) for table in ("fresh", "earlier"))
# A crossing is written together with the score that it hangs on: whose rating or flags changed.
_HISTORY = f"""WITH stored AS (
        INSERT INTO scoring_score ({_NAMES}, is_outside) SELECT {", ".join(f"fresh.{name}" for name in COLUMNS)}, fresh.is_outside
        FROM fresh LEFT JOIN earlier USING (lead_id, version_id) WHERE earlier.id IS NULL OR ({_FRESH}) IS DISTINCT FROM ({_EARLIER})
        RETURNING id, lead_id, version_id, rating, flags
    )
    INSERT INTO scoring_crossing (score_id, lead_id, at, rating_before, rating_after, flags_before, flags_after)
    SELECT stored.id, stored.lead_id, %s, earlier.rating, stored.rating, earlier.flags, stored.flags
    FROM stored LEFT JOIN earlier USING (lead_id, version_id)
    WHERE stored.version_id = %s AND (stored.rating, stored.flags) IS DISTINCT FROM (earlier.rating, earlier.flags)"""


@dataclass(frozen=True)
class _Said:
    """What each live version said of some leads at an instant; ``driving``: whose ratings are the leads'; ``failed``: some said nothing."""

    at: datetime
    scores: dict[int, Rows]
    driving: ModelVersion | None
    failed: bool = False


@transaction.atomic
def score_due(*, scorer: Scorer, limit: int, since: datetime | None = None) -> int:
    """Score up to ``limit`` leads due after ``since``, with every live version, and return how many there were.

    Their rows are held meanwhile, so that a fact that comes in makes them due again afterwards, never in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            # Not clock_timestamp(): it may differ from row to row, so the index would be walked to its end, through all not due yet.
            """SELECT id FROM crm_lead WHERE due_at <= statement_timestamp() AND due_at > %s
            ORDER BY due_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            [since or "-infinity", limit],
        )
        ids = sorted(row[0] for row in cursor.fetchall())
        if ids:
            _keep(cursor, _said(scorer, ids), ids)
    return len(ids)


def score_backlog(*, scorer: Scorer, limit: int, until: datetime) -> int:
    """Score about ``limit`` leads that have been due since ``until`` or longer, oldest first, and return how many there were.

    For when very many are due, as after a large import: nobody may wait for all of them to be scored. Due colleagues come along,
    because their facts are read anyway.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH first AS MATERIALIZED (SELECT id, account_id FROM crm_lead WHERE due_at <= %s ORDER BY due_at LIMIT %s)
            SELECT id FROM first UNION
            SELECT id FROM crm_lead WHERE due_at <= %s AND account_id IN (SELECT account_id FROM first) ORDER BY id""",
            [until, limit, until],
        )
        ids = [row[0] for row in cursor.fetchall()]
    _score_unheld(scorer, ids)
    return len(ids)


def score_run(*, scorer: Scorer, limit: int | None = None) -> int:
    """Score about ``limit`` leads (None: as many as go well together) of the run that is open, if one is; return how many there were.

    Whoever takes leads says so in the run first, so that each of several workers takes others. Those that a worker did not come to store,
    because it was stopped or because somebody was writing to them, are due when the run ends.
    """
    if open_run() is None:  # as mostly: workers ask many times a second
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [RUNNING])
        try:
            run, ids = _claim(limit or leads_at_once())
            _score_unheld(scorer, ids)
        finally:
            if connection.is_usable():
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [RUNNING])
    if run is not None and not ids:
        end_run(run)
    return len(ids)


@transaction.atomic
def _claim(limit: int) -> tuple[Run | None, list[int]]:
    """Take the next leads of the open run: company by company, since colleagues' facts are read together, then those without one."""
    run = open_run(hold=True)
    if run is None:
        return None, []
    waits = f"{PRESENT} AND (scored_at < %s) IS NOT FALSE"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account_id, id FROM crm_lead WHERE account_id > %s AND {waits} ORDER BY account_id FETCH FIRST %s ROWS WITH TIES",
            [run.last_account, run.at, limit],
        )
        rows = cursor.fetchall()
        if rows:
            run.last_account = rows[-1][0]
        else:
            cursor.execute(
                f"SELECT NULL, id FROM crm_lead WHERE id > %s AND account_id IS NULL AND {waits} ORDER BY id LIMIT %s",
                [run.last_lead, run.at, limit],
            )
            rows = cursor.fetchall()
            run.last_lead = rows[-1][1] if rows else Lead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    run.save()
    return run, sorted(lead for _account, lead in rows)


def _score_unheld(scorer: Scorer, ids: list[int]) -> None:
    """Score leads without holding their rows meanwhile, and store that a few at a time.

    A lead's scores are stored only if what made it due, if anything did, did so before the snapshot and is in it, and no later score is
    stored. Who was made due later, was scored by somebody else or is being written to is left as it is.
    """
    if ids:
        said = _said(scorer, ids)
        for start in range(0, len(ids), SLICE):
            _settle(said, ids[start : start + SLICE])


@transaction.atomic
def _settle(said: _Said, ids: list[int]) -> None:
    """Store what was said of leads to whom nothing happened since it was said, and nobody else writes to."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id FROM crm_lead WHERE id = ANY(%s) AND {PRESENT}
            AND (scored_at < %s) IS NOT FALSE AND (due_at > %s AND due_at <= clock_timestamp()) IS NOT TRUE
            ORDER BY id FOR NO KEY UPDATE SKIP LOCKED""",
            [ids, said.at, said.at],
        )
        _keep(cursor, said, [row[0] for row in cursor.fetchall()])


def _said(scorer: Scorer, ids: list[int]) -> _Said:
    """Return what every live version says of leads, from one snapshot; what one cannot be asked is left out, and keeps no other waiting."""
    with scorer.snapshot() as snapshot:
        at = from_microseconds(snapshot.at_us)
        versions = list(versions_at(at))
        found = {version.pk: _scores_of(scorer, snapshot, version, ids) for version in versions}
    scores = {number: rows for number, rows in found.items() if rows is not None}
    return _Said(at, scores, next((each for each in versions if each.scoring_model.is_driving), None), len(scores) < len(versions))


def _scores_of(scorer: Scorer, snapshot: Snapshot, version: ModelVersion, ids: list[int]) -> Rows | None:
    """Return what a version says of leads; None where it cannot be worked out."""
    if scorer.failing.is_left_alone(version.pk):
        return None
    try:
        return Rows(scorer.scores(snapshot, document_of(version.text), ids), version.pk)
    except VaglioError as error:
        scorer.failing.note(version.pk)
        logger.error("%s gives no scores, and is tried again in %s: %s", version, PATIENCE, error)
        return None


def _keep(cursor: Any, said: _Said, ids: list[int]) -> None:
    """Store what was said of leads whose rows are held."""
    _store(cursor, said.scores, ids, said.at, said.driving.pk if said.driving else None)
    if said.driving is None or said.driving.pk in said.scores:  # else leads keep the rating that they had
        _show(cursor, ids, said)
    if said.failed:
        _look_again(cursor, ids, said)


@transaction.atomic
def score_past(*, version: ModelVersion, instants: Sequence[datetime], scorer: Scorer, by: str, at: datetime) -> None:
    """Give the scores a version would have given, had it been live since the first of these past instants, oldest first.

    Raises
    ------
    Refused
        It has given scores already: what it said then is not to be changed.
    """
    if Score.objects.filter(version=version).exists():
        raise Refused(_("{version} has given scores already").format(version=version))
    ModelVersion.objects.filter(pk=version.pk).update(live_from=instants[0])
    found = scorer.course(document_of(version.text), [to_microseconds(each) for each in instants])
    with connection.cursor() as cursor:
        for instant, scores in zip(instants, found, strict=True):
            _store(cursor, {version.pk: Rows(scores, version.pk)}, None, instant, version.pk)
    audit(by=by, verb="score_past", subject=f"model:{version.scoring_model_id}", at=at, version=version.number, instants=len(instants))


def _store(cursor: Any, scores: dict[int, Rows], ids: list[int] | None, at: datetime, driving: int | None) -> None:
    """Write scores by version that say something new into the history, with crossings of the ``driving`` one's.

    ``fresh`` holds all of them, ``earlier`` what was said before.

    ``ids`` are the leads that were asked about (None: all): those among them that a version scored before and no more are outside now.

    The two tables are made once a connection: making them for each batch would leave the database's catalogue full of dead rows.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items()) + ", is_outside boolean NOT NULL DEFAULT false"
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS fresh ({columns}) ON COMMIT DELETE ROWS")
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS earlier (LIKE scoring_score) ON COMMIT DELETE ROWS; TRUNCATE fresh, earlier")
    with cursor.copy(f"COPY fresh ({_NAMES}) FROM STDIN") as copy:
        for found in scores.values():
            copy.write(found.of(ids))
    if ids is None or cursor.rowcount < len(ids) * len(scores):
        cursor.execute(_LEAVE, {"at": at, "versions": list(scores), "ids": ids if ids is not None else _ever_scored(list(scores))})
    cursor.execute(
        """INSERT INTO earlier SELECT before.* FROM fresh CROSS JOIN LATERAL (
        SELECT * FROM scoring_score AS s WHERE s.lead_id = fresh.lead_id AND s.version_id = fresh.version_id ORDER BY s.as_of DESC LIMIT 1
        ) AS before"""
    )
    cursor.execute(_HISTORY, [at, driving])


def _ever_scored(versions: list[int]) -> list[int]:
    """Return the leads that some versions ever scored."""
    return list(Score.objects.filter(version__in=versions).order_by().values_list("lead_id", flat=True).distinct())


def _look_again(cursor: Any, ids: list[int], said: _Said) -> None:
    """Say when leads are to be scored again that some version said nothing of: not at once, for it would say nothing again."""
    cursor.execute(
        """UPDATE crm_lead SET scored_at = %s, due_at = CASE WHEN due_at > clock_timestamp() THEN LEAST(due_at, clock_timestamp() + %s)
        ELSE clock_timestamp() + %s END WHERE id = ANY(%s)""",
        [said.at, PATIENCE, PATIENCE, ids],
    )


def _show(cursor: Any, ids: list[int], said: _Said) -> None:
    """Write the driving model's rating onto the leads, their rank, when they were scored, and when they are to be looked at again."""
    order = said.driving.rank_order if said.driving else []
    unknown = UNKNOWN_LAST if said.driving and document_of(said.driving.text).potential else 0.0
    cursor.execute(
        """UPDATE crm_lead AS lead SET
            scored_at = %s, due_at = CASE WHEN said.again_at IS NOT NULL THEN GREATEST(said.again_at, clock_timestamp() + %s) END,
            rating = said.rating, profile_millipoints = said.profile, engagement_millipoints = said.engagement,
            rank = CASE WHEN said.rating IS NULL THEN ARRAY[%s::float8] ELSE ARRAY[
                array_position(%s::text[], said.rating), COALESCE(-said.potential, %s), -(said.profile + said.engagement)] END
        FROM unnest(%s::bigint[]) AS asked (id)
        LEFT JOIN (
            -- One row of the driving version for each lead at most. Joined twice, a table without statistics would be compared row by row.
            SELECT lead_id, min(next_change_at) AS again_at, max(rating) FILTER (WHERE is_driving) AS rating,
                max(potential) FILTER (WHERE is_driving) AS potential, max(profile_millipoints) FILTER (WHERE is_driving) AS profile,
                max(engagement_millipoints) FILTER (WHERE is_driving) AS engagement
            FROM (SELECT *, version_id = %s AS is_driving FROM fresh WHERE NOT is_outside) AS each GROUP BY lead_id
        ) AS said ON said.lead_id = asked.id
        WHERE lead.id = asked.id""",
        [said.at, CALM, UNRANKED, order, unknown, ids, said.driving.pk if said.driving else None],
    )
