"""Pushing models, scoring what is due, writing what changed."""

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from vaglio.dates import from_microseconds, to_microseconds
from vaglio_server.crm.actions import copy_rows, now_known
from vaglio_server.crm.models import UNRANKED
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import Instants, Scorer, document_of, fingerprint
from vaglio_server.scoring.models import ModelVersion, Score, ScoringModel
from vaglio_server.scoring.queries import last_recheck, versions_at
from vaglio_server.users.actions import audit

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
    "next_change_at": "timestamptz",
}
_NAMES = ", ".join(_COLUMNS)
# Between two looks at a lead that are for nothing but the passing of time. The engine's bound errs on the early side: of a score that lies
# exactly on a threshold while anything fades, it says "at once", again and again.
CALM = timedelta(minutes=1)
# What a score says; two that say the same are one row, whenever they were worked out.
_SAYS = [name for name in _COLUMNS if name not in {"lead_id", "version_id", "as_of", "known_at", "next_change_at"}]


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

    Its ratings are the leads' ratings if its document says that it drives the lifecycle, or if no other model does. Two transactions:
    nobody may wait for leads while holding the lock on knowledge. Should the second be missing, activating again makes up for it.
    """
    _switch(version, by, at)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm_lead SET due_at = clock_timestamp() WHERE merged_into_id IS NULL")
    return version


@transaction.atomic
def _switch(version: ModelVersion, by: str, at: datetime) -> None:
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


@transaction.atomic
def score_due(*, scorer: Scorer, limit: int) -> int:
    """Score up to ``limit`` due leads with every live version, and return how many there were.

    Their rows are held meanwhile, so that a fact that comes in makes them due again afterwards, never in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM crm_lead WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED", [limit]
        )
        ids = sorted(row[0] for row in cursor.fetchall())
        if not ids:
            return 0
        rows: list[dict[str, Any]] = []
        with scorer.snapshot() as snapshot:
            at = from_microseconds(snapshot.at_us)
            versions = list(versions_at(at))
            for version in versions:
                found = scorer.scores(snapshot, document_of(version.text), ids)
                rows += [row | {"version_id": version.pk} for row in found]
        driving = next((version for version in versions if version.scoring_model.is_driving), None)
        _store(cursor, rows)
        _cross(cursor, driving.pk if driving else None, at)
        _show(cursor, ids, driving)
    return len(ids)


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
        for instant, rows in zip(instants, found, strict=True):
            _store(cursor, [row | {"version_id": version.pk} for row in rows])
            _cross(cursor, version.pk, instant)
            cursor.execute("DROP TABLE fresh, earlier")
    audit(by=by, verb="score_past", subject=f"model:{version.scoring_model_id}", at=at, version=version.number, instants=len(instants))


def _store(cursor: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Write scores that say something new into the history; ``fresh`` holds all of them, with what was said before."""
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    cursor.execute(f"CREATE TEMP TABLE fresh ({columns}) ON COMMIT DROP")
    copy_rows(cursor, f"fresh ({_NAMES})", ([row[name] for name in _COLUMNS] for row in rows))
    cursor.execute(
        """CREATE TEMP TABLE earlier ON COMMIT DROP AS SELECT before.* FROM fresh CROSS JOIN LATERAL (
        SELECT * FROM scoring_score AS s WHERE s.lead_id = fresh.lead_id AND s.version_id = fresh.version_id ORDER BY s.as_of DESC LIMIT 1
        ) AS before"""
    )
    says, said = (", ".join(f"{table}.{name}" for name in _SAYS) for table in ("fresh", "earlier"))
    cursor.execute(
        f"""INSERT INTO scoring_score ({_NAMES}) SELECT {", ".join(f"fresh.{name}" for name in _COLUMNS)}
        FROM fresh LEFT JOIN earlier USING (lead_id, version_id)
        WHERE earlier.id IS NULL OR ({says}) IS DISTINCT FROM ({said})"""
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
            due_at = CASE WHEN again.at IS NOT NULL THEN GREATEST(again.at, clock_timestamp() + %s) END, rating = shown.rating,
            profile_millipoints = shown.profile_millipoints, engagement_millipoints = shown.engagement_millipoints,
            rank = CASE WHEN shown.rating IS NULL THEN ARRAY[%s::float8] ELSE ARRAY[
                array_position(%s::text[], shown.rating), -COALESCE(shown.potential, 0),
                -(shown.profile_millipoints + shown.engagement_millipoints)] END
        FROM unnest(%s::bigint[]) AS asked (id)
        LEFT JOIN (SELECT lead_id, min(next_change_at) AS at FROM fresh GROUP BY lead_id) AS again ON again.lead_id = asked.id
        LEFT JOIN (SELECT * FROM fresh WHERE version_id = %s) AS shown ON shown.lead_id = asked.id
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
        if again is None or any(again[name] != getattr(stored, name) for name in _SAYS):
            logger.error("score %s does not come out again from the facts", stored.pk)
            different.append(stored.pk)
    audit(by=by, verb="recheck", subject="scores", at=at, checked=len(rows), different=different[:MOST_NAMED])
    return Rechecked(len(rows), different)


def recheck_nightly(*, scorer: Scorer, at: datetime) -> bool:
    """Recheck a sample if the last time was a day ago, by one worker only; return whether it was done."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RECHECK])
        last = last_recheck()
        if not cursor.fetchone()[0] or (last is not None and last.at > at - timedelta(days=1)):
            return False
        recheck(scorer=scorer, sample=NIGHTLY, by="worker", at=at)
    return True
