"""Pushing models, scoring what is due, writing what changed."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from vaglio.dates import from_microseconds, to_microseconds
from vaglio_server.crm.actions import now_known
from vaglio_server.crm.models import UNRANKED
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import Instants, Scorer, document_of, fingerprint
from vaglio_server.scoring.models import ModelVersion, Score, ScoringModel
from vaglio_server.scoring.queries import last_recheck, versions_at
from vaglio_server.scoring.tables import of_leads, spelled
from vaglio_server.users.actions import audit

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger(__name__)
RECHECK = 730_413  # an advisory lock
NIGHTLY = 1_000  # scores worked out again each day
MOST_NAMED = 100
_COLUMNS = {
    "lead_id": "bigint",
    "version_id": "bigint",
    "as_of": "timestamptz",
    "known_at": "timestamptz",
    "profile_millipoints": "bigint",
    "engagement_millipoints": "bigint",
    "rating": "text",
    "temperature": "text",
    "buying_stage": "text",
    "potential": "float8",
    "coverage": "float8",
    "flags": "text",
    "excluded_by": "text",
    "probability": "float8",
    "lines": "jsonb",
    "next_change_at": "timestamptz",
}
_NAMES = ", ".join(_COLUMNS)
# Between two looks at a lead that are for nothing but the passing of time. The engine's bound errs on the early side: of a score that lies
# exactly on a threshold while anything fades, it says "at once", again and again.
CALM = timedelta(minutes=1)
# What a score says; two that say the same are one row, whenever they were worked out.
_SAYS = [name for name in _COLUMNS if name not in {"lead_id", "version_id", "as_of", "known_at", "next_change_at"}]
# Who is no longer among those whom a version scores gets a row that says so, or the last score would stand for ever.
_LEAVE = """INSERT INTO fresh (lead_id, version_id, as_of, known_at, profile_millipoints, engagement_millipoints, lines, is_outside)
    SELECT last.lead_id, last.version_id, %s, %s, 0, 0, '{}', true FROM (
        SELECT DISTINCT ON (lead_id, version_id) lead_id, version_id, is_outside FROM scoring_score
        WHERE version_id = ANY(%s) AND (%s::bigint[] IS NULL OR lead_id = ANY(%s)) ORDER BY lead_id, version_id, as_of DESC
    ) AS last WHERE NOT is_outside AND (lead_id, version_id) NOT IN (SELECT lead_id, version_id FROM fresh)"""


SLICE = 2_000  # leads of a backlog whose scores are stored together: so long a fact about one of them waits


@dataclass(frozen=True)
class _Said:
    """What each live version said of some leads at an instant; ``driving``: whose ratings are the leads'."""

    at: datetime
    scores: "dict[int, pa.Table]"
    driving: ModelVersion | None


@transaction.atomic
def push_model(*, text: str, by: str, at: datetime) -> ModelVersion:
    """Keep a text as a new version of its model; the same text again is the same version.

    Raises
    ------
    DocumentError
        It is no model; every fault is named with its line.
    """
    document = document_of(text)
    model, _made = ScoringModel.objects.get_or_create(name=document.name)
    ScoringModel.objects.select_for_update().get(pk=model.pk)
    mark = fingerprint(document)
    last = model.versions.order_by("-number").first()
    if last is not None and last.fingerprint == mark:
        return last
    version = ModelVersion.objects.create(
        scoring_model=model, number=last.number + 1 if last else 1, text=text, fingerprint=mark, created_at=at, by=by
    )
    audit(by=by, verb="push_model", subject=f"model:{model.pk}", at=at, version=version.number, fingerprint=mark)
    return version


def activate_version(*, version: ModelVersion, by: str, at: datetime) -> ModelVersion:
    """Make a version live, in place of the one before. All leads become due.

    Its ratings are the leads' ratings if its document says that it drives the lifecycle, or if no other model does. Several transactions:
    nobody may wait for leads while holding the lock on knowledge. Should the later ones be missing, activating again makes up for it.
    """
    _make_all_due(_switch(version, by, at))
    return version


def _make_all_due(live_at: datetime) -> None:
    """Make all leads due since an instant, some at a time so that no fact has to wait for long; who became due after it stays so."""
    last: int | None = 0
    while last is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """SELECT id FROM crm_lead WHERE id > %s AND merged_into_id IS NULL AND taken_back_at IS NULL
                ORDER BY id LIMIT %s FOR NO KEY UPDATE""",
                [last, SLICE],
            )
            ids = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                "UPDATE crm_lead SET due_at = %s WHERE id = ANY(%s) AND (due_at BETWEEN %s AND clock_timestamp()) IS NOT TRUE",
                [live_at, ids, live_at],
            )
        last = ids[-1] if ids else None


@transaction.atomic
def _switch(version: ModelVersion, by: str, at: datetime) -> datetime:
    with connection.cursor() as cursor:
        live_at = now_known(cursor)  # so that every score is by the version that was live at its instant
    version.scoring_model.versions.filter(live_from__isnull=False, live_to__isnull=True).exclude(pk=version.pk).update(live_to=live_at)
    if version.live_from is None or version.live_to is not None:
        version.live_from, version.live_to = live_at, None
        version.save()
    others = ScoringModel.objects.filter(is_driving=True).exclude(pk=version.scoring_model_id)
    if document_of(version.text).drives or not others.exists():
        others.update(is_driving=False)
        ScoringModel.objects.filter(pk=version.scoring_model_id).update(is_driving=True)
    audit(by=by, verb="activate_version", subject=f"model:{version.scoring_model_id}", at=at, version=version.number)
    return live_at


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

    For when very many are due, as after a model went live: nobody may wait for all of them to be scored. So no row is held meanwhile.
    When all scores are there, they are stored a few at a time, each lead's only if it is due and has been since before the snapshot:
    what made it due is in the snapshot then. Who was made due later, scored by somebody else or is being written to is left as it is.
    Colleagues who are due come along, because their facts are read anyway.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH first AS MATERIALIZED (SELECT id, account_id FROM crm_lead WHERE due_at <= %s ORDER BY due_at LIMIT %s)
            SELECT id FROM first UNION
            SELECT id FROM crm_lead WHERE due_at <= %s AND account_id IN (SELECT account_id FROM first) ORDER BY id""",
            [until, limit, until],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if ids:
        said = _said(scorer, ids)
        for start in range(0, len(ids), SLICE):
            _settle(said, ids[start : start + SLICE])
    return len(ids)


@transaction.atomic
def _settle(said: _Said, ids: list[int]) -> None:
    """Store what was said of leads that have been due since before it was said, and nobody else writes to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM crm_lead WHERE id = ANY(%s) AND due_at <= %s ORDER BY id FOR NO KEY UPDATE SKIP LOCKED", [ids, said.at]
        )
        _keep(cursor, said, [row[0] for row in cursor.fetchall()])


def _said(scorer: Scorer, ids: list[int]) -> _Said:
    """Return what every live version says of leads, from one snapshot."""
    with scorer.snapshot() as snapshot:
        at = from_microseconds(snapshot.at_us)
        versions = list(versions_at(at))
        scores = {version.pk: scorer.scores(snapshot, document_of(version.text), ids) for version in versions}
    return _Said(at, scores, next((version for version in versions if version.scoring_model.is_driving), None))


def _keep(cursor: Any, said: _Said, ids: list[int]) -> None:
    """Store what was said of leads whose rows are held."""
    _store(cursor, {version: of_leads(found, ids) for version, found in said.scores.items()}, ids, said.at)
    _cross(cursor, said.driving.pk if said.driving else None, said.at)
    _show(cursor, ids, said.driving)


@transaction.atomic
def score_past(*, version: ModelVersion, instants: Sequence[datetime], scorer: Scorer, by: str, at: datetime) -> None:
    """Give the scores a version would have given, had it been live since the first of these past instants, oldest first.

    Raises
    ------
    Refused
        It has given scores already: what it said then is not to be changed.
    """
    if Score.objects.filter(version=version).exists():
        raise Refused(f"{version} has given scores already")
    ModelVersion.objects.filter(pk=version.pk).update(live_from=instants[0])
    found = scorer.course(document_of(version.text), [to_microseconds(each) for each in instants])
    with connection.cursor() as cursor:
        for instant, scores in zip(instants, found, strict=True):
            _store(cursor, {version.pk: scores}, None, instant)
            _cross(cursor, version.pk, instant)
    audit(by=by, verb="score_past", subject=f"model:{version.scoring_model_id}", at=at, version=version.number, instants=len(instants))


def _store(cursor: Any, scores: dict[int, "pa.Table"], ids: list[int] | None, at: datetime) -> None:
    """Write scores by version that say something new into the history; ``fresh`` holds all of them, ``earlier`` what was said before.

    ``ids`` are the leads that were asked about (None: all): those among them that a version scored before and no more are outside now.

    The two tables are made once a connection: making them for each batch would leave the database's catalogue full of dead rows.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items()) + ", is_outside boolean NOT NULL DEFAULT false"
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS fresh ({columns}) ON COMMIT DELETE ROWS")
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS earlier (LIKE scoring_score) ON COMMIT DELETE ROWS; TRUNCATE fresh, earlier")
    with cursor.copy(f"COPY fresh ({_NAMES}) FROM STDIN (FORMAT csv)") as copy:
        for version, found in scores.items():
            copy.write(spelled(found, list(_COLUMNS), version_id=version))
    cursor.execute(_LEAVE, [at, at, list(scores), ids, ids])
    cursor.execute(
        """INSERT INTO earlier SELECT before.* FROM fresh CROSS JOIN LATERAL (
        SELECT * FROM scoring_score AS s WHERE s.lead_id = fresh.lead_id AND s.version_id = fresh.version_id ORDER BY s.as_of DESC LIMIT 1
        ) AS before"""
    )
    says, said = (", ".join(f"{table}.{name}" for name in _SAYS) for table in ("fresh", "earlier"))
    cursor.execute(
        f"""INSERT INTO scoring_score ({_NAMES}, is_outside) SELECT {", ".join(f"fresh.{name}" for name in _COLUMNS)}, fresh.is_outside
        FROM fresh LEFT JOIN earlier USING (lead_id, version_id)
        WHERE earlier.id IS NULL OR ({says}) IS DISTINCT FROM ({said}) OR fresh.is_outside IS DISTINCT FROM earlier.is_outside"""
    )


def _cross(cursor: Any, driving: int | None, at: datetime) -> None:
    """Write down whose rating or flags changed; a crossing hangs on its score, so it cannot be written twice."""
    cursor.execute(
        """INSERT INTO scoring_crossing (score_id, lead_id, at, rating_before, rating_after, flags_before, flags_after)
        SELECT s.id, s.lead_id, %s, earlier.rating, s.rating, earlier.flags, s.flags
        FROM fresh JOIN scoring_score AS s USING (lead_id, version_id, as_of) LEFT JOIN earlier USING (lead_id, version_id)
        WHERE fresh.version_id = %s AND (s.rating, s.flags) IS DISTINCT FROM (earlier.rating, earlier.flags)
        ORDER BY s.lead_id ON CONFLICT DO NOTHING""",
        [at, driving],
    )


def _show(cursor: Any, ids: list[int], driving: ModelVersion | None) -> None:
    """Write the driving model's rating onto the leads, their rank, and when they are to be looked at again."""
    order = document_of(driving.text).rank_order() if driving else ()
    cursor.execute(
        """UPDATE crm_lead AS lead SET
            due_at = CASE WHEN said.again_at IS NOT NULL THEN GREATEST(said.again_at, clock_timestamp() + %s) END, rating = said.rating,
            profile_millipoints = said.profile, engagement_millipoints = said.engagement,
            rank = CASE WHEN said.rating IS NULL THEN ARRAY[%s::float8] ELSE ARRAY[
                array_position(%s::text[], said.rating), -COALESCE(said.potential, 0), -(said.profile + said.engagement)] END
        FROM unnest(%s::bigint[]) AS asked (id)
        LEFT JOIN (
            -- One row of the driving version for each lead at most. Joined twice, a table without statistics would be compared row by row.
            SELECT lead_id, min(next_change_at) AS again_at, max(rating) FILTER (WHERE is_driving) AS rating,
                max(potential) FILTER (WHERE is_driving) AS potential, max(profile_millipoints) FILTER (WHERE is_driving) AS profile,
                max(engagement_millipoints) FILTER (WHERE is_driving) AS engagement
            FROM (SELECT *, version_id = %s AS is_driving FROM fresh WHERE NOT is_outside) AS each GROUP BY lead_id
        ) AS said ON said.lead_id = asked.id
        WHERE lead.id = asked.id""",
        [CALM, UNRANKED, list(order), ids, driving.pk if driving else None],
    )


@dataclass(frozen=True)
class Rechecked:
    """How many stored scores were worked out again from the facts, and the ids of those that came out otherwise."""

    checked: int
    different: list[int]


def recheck(*, scorer: Scorer, sample: int, by: str, at: datetime) -> Rechecked:
    """Work out a sample of all stored scores again, each from the facts as they were known; every one must come out as it was stored."""
    newest = Score.objects.order_by("-id").values_list("id", flat=True).first() or 0
    drawn = random.sample(range(1, newest + 1), min(sample, newest))
    different = []
    rows = list(Score.objects.filter(id__in=drawn).select_related("version"))
    for stored in rows:
        again = scorer.replay(
            document_of(stored.version.text), stored.lead_id, Instants(to_microseconds(stored.as_of), to_microseconds(stored.known_at))
        )
        if not _is_as_stored(stored, again):
            logger.error("score %s does not come out again from the facts", stored.pk)
            different.append(stored.pk)
    audit(by=by, verb="recheck", subject="scores", at=at, checked=len(rows), different=different[:MOST_NAMED])
    return Rechecked(len(rows), different)


def _is_as_stored(stored: Score, again: dict[str, Any] | None) -> bool:
    if again is None or stored.is_outside:
        return again is None and stored.is_outside
    return all(again[name] == getattr(stored, name) for name in _SAYS)


def recheck_nightly(*, scorer: Scorer, at: datetime) -> bool:
    """Recheck a sample if the last time was a day ago, by one worker only; return whether it was done."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RECHECK])
        last = last_recheck()
        if not cursor.fetchone()[0] or (last is not None and last.at > at - timedelta(days=1)):
            return False
        recheck(scorer=scorer, sample=NIGHTLY, by="worker", at=at)
    return True
