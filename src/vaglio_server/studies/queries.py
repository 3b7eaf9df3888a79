"""Reading studies, and the scores and leads they are made of."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, QuerySet

from vaglio.dates import to_microseconds
from vaglio_server.crm.models import PRESENT, Lead, LeadOutcome
from vaglio_server.crm.queries import fields_of_each
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.models import ModelVersion, Score
from vaglio_server.scoring.proving import Memory
from vaglio_server.scoring.queries import newest_drafts
from vaglio_server.studies.logic.tally import Scored
from vaglio_server.studies.models import UNFINISHED, Census, Study, StudyState, Trial
from vaglio_server.tracking.queries import types_lately
from vaglio_server.users.models import Role, User

if TYPE_CHECKING:
    import pyarrow as pa

DRAWN = 100_000  # leads that a version is tried on where there are more
BATCH = 20_000
FRESH = timedelta(minutes=2)  # a census that is older is not believed: no worker seems to live
_READ = ("rating", "excluded_by", "profile_millipoints", "engagement_millipoints", "lines")


@dataclass(frozen=True)
class Standing:
    """The study that is there (None: none yet), and the one that waits, runs or broke off after it."""

    done: Study | None
    later: Study | None

    @property
    def is_coming(self) -> bool:
        """Whether a worker has still to do with it."""
        return self.later is not None and self.later.is_unfinished


def standing(version: ModelVersion, against: ModelVersion | None = None) -> Standing:
    """Return what is known of a version's count, or of what changes if another takes its place."""
    found = list(Study.objects.filter(version=version, against=against).order_by("-id")[:20])
    done = next((study for study in found if study.state == StudyState.DONE), None)
    return Standing(done, found[0] if found and found[0] != done else None)


def unfinished() -> QuerySet[Study]:
    """Return the studies that workers have still to do with, the oldest first."""
    return Study.objects.filter(state__in=UNFINISHED).select_related("version__scoring_model", "against__scoring_model").order_by("id")


@dataclass(frozen=True)
class Tried:
    """The trial that is there (None: none yet), and the one that waits, runs or broke off after it."""

    done: Trial | None
    later: Trial | None

    @property
    def is_coming(self) -> bool:
        """Whether a worker has still to do with it."""
        return self.later is not None and self.later.is_unfinished


def tried(version: ModelVersion, method: str = "") -> Tried:
    """Return what is known of a version on history, or of a model learned beside it."""
    found = list(Trial.objects.filter(version=version, method=method).select_related("kept__scoring_model").order_by("-id")[:20])
    done = next((trial for trial in found if trial.state == StudyState.DONE), None)
    return Tried(done, found[0] if found and found[0] != done else None)


def learned_as(version: ModelVersion) -> Trial | None:
    """Return the trial that a version was learned in, which held it against history, too; None where somebody wrote it."""
    found = Trial.objects.filter(kept=version, state=StudyState.DONE).select_related("version__scoring_model")
    return found.order_by("-id").first()


def trials_to_do() -> QuerySet[Trial]:
    """Return the trials that workers have still to do with, the oldest first."""
    return Trial.objects.filter(state__in=UNFINISHED).select_related("version__scoring_model").order_by("id")


REMEMBERED = 20_000  # leads that a version is proved on where there are more: their whole history is read


def memory_of(good: str, horizon_days: int) -> Memory:
    """Return what is remembered of the leads that versions are proved on. Who is won was accepted."""
    ids = draw(REMEMBERED)
    created = Lead.objects.filter(pk__in=ids).values_list("pk", "created_at")
    fates = LeadOutcome.objects.present().filter(lead__in=ids).values_list("lead", "outcome", "occurred_at").order_by("occurred_at", "pk")
    kinds = {"won": good} if good == "accepted" else {}
    return Memory(
        ids,
        {str(lead): to_microseconds(at) for lead, at in created},
        [(str(lead), kinds.get(outcome, outcome), to_microseconds(at)) for lead, outcome, at in fates],
        good,
        horizon_days * 86_400_000_000,
    )


READ_AS = {"choice": "string", "text": "string", "domain": "string", "country": "string", "amount": "number"}


def readable(document: ModelDocument) -> dict[str, Any]:
    """Return everything that a model may learn from, as the ``inputs`` of a document: all fields, and what people did lately."""
    fields = fields_of_each("lead", "account")

    def kinds(subject: str) -> dict[str, str]:
        return {name: READ_AS.get(each.kind, each.kind) for name, each in fields[subject].items() if not each.is_retired}

    declared = {name: dict(properties) for name, properties in document.inputs.activities.items()}
    return {
        "fields": kinds("lead"),
        "account_fields": kinds("account"),
        "activities": {name: {} for name in types_lately()} | declared,
        "no_value": list(document.inputs.no_value),
    }


def all_versions() -> list[ModelVersion]:
    """Return the versions of all models but those discarded, the newest of each model first."""
    return list(ModelVersion.objects.filter(discarded_at=None).select_related("scoring_model").order_by("scoring_model__name", "-number"))


def newest_score() -> int:
    """Return the number of the newest score that is stored."""
    return Score.objects.order_by("-id").values_list("id", flat=True).first() or 0


def drafts_never_counted() -> list[ModelVersion]:
    """Return the newest version of each model where it was never live and nobody asked what it says of leads."""
    counted = set(Study.objects.filter(against=None).values_list("version", flat=True).distinct())
    return [version for version in newest_drafts() if version.pk not in counted]


@dataclass(frozen=True)
class Kept:
    """Outcomes of the leads that got a rating: how many got it, and how many of these had each outcome within the horizon after it."""

    leads: int
    accepted: int
    won: int


@dataclass(frozen=True)
class Counts:
    """How many leads have each rating (None: those without), and when they were counted, if that was not just now."""

    leads: dict[str | None, int]
    counted_at: datetime | None = None


def leads_by_rating(now: datetime, user: User | None = None) -> Counts:
    """Return how many leads have each rating, of those a user may see (None: of all): where that takes long, as a worker counted them."""
    if user is None or user.role != Role.SALES:
        census = Census.objects.first()
        if census is not None and census.counted_at > now - FRESH:
            return Counts({rating or None: leads for rating, leads in census.leads.items()}, census.counted_at)
    return Counts(count_by_rating(Lead.objects.visible_to(user) if user else Lead.objects.present()))


def count_by_rating(leads: QuerySet[Lead]) -> dict[str | None, int]:
    """Return how many of some leads have each rating."""
    counted = leads.values("rating").order_by().annotate(leads=Count("id"))
    return {row["rating"]: row["leads"] for row in counted}


def leads_there() -> int:
    """Return how many leads there are."""
    return Lead.objects.present().count()


def draw(most: int = DRAWN) -> list[int]:
    """Return the leads a version is tried on: all or, where there are more, so many that are drawn; the same ones again and again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id FROM (
                SELECT id FROM crm_lead WHERE {PRESENT} ORDER BY hashint8extended(id, 7), id LIMIT %s
            ) AS drawn ORDER BY id""",
            [most],
        )
        return [row[0] for row in cursor.fetchall()]


def batches(ids: list[int], size: int = BATCH) -> Iterator[list[int]]:
    """Yield leads some at a time."""
    rest = iter(ids)
    while batch := list(islice(rest, size)):
        yield batch


def stored_scores(version: ModelVersion, size: int = BATCH) -> Iterator[tuple[int, list[Scored]]]:
    """Yield how many leads were looked at, and what a version says of them by what is stored; some at a time, until all were."""
    last: int | None = 0
    while last is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT lead.id, score.is_outside, score.rating, score.excluded_by, score.profile_millipoints,
                    score.engagement_millipoints, score.lines::text
                FROM (
                    SELECT id FROM crm_lead WHERE {PRESENT} AND id > %s ORDER BY id LIMIT %s
                ) AS lead
                LEFT JOIN LATERAL (
                    SELECT * FROM scoring_score WHERE lead_id = lead.id AND version_id = %s ORDER BY as_of DESC LIMIT 1
                ) AS score ON true ORDER BY lead.id""",
                [last, size, version.pk],
            )
            rows = cursor.fetchall()
        yield len(rows), [_scored(row[2:]) for row in rows if row[1] is False]
        last = rows[-1][0] if len(rows) == size else None


def by_lead(scores: "pa.Table") -> dict[int, Scored]:
    """Return scores of the engine by lead."""
    columns: list[list[Any]] = [scores.column(name).to_pylist() for name in ("lead_id", *_READ)]
    return {int(row[0]): _scored(row[1:]) for row in zip(*columns, strict=True)}


def _scored(row: Sequence[Any]) -> Scored:
    rating, excluded_by, profile, engagement, lines = row
    return Scored(rating, excluded_by, profile, engagement, json.loads(lines))


def outcomes_by_rating(ratings: list[str], since: datetime, until: datetime, within_seconds: int) -> dict[str, Kept]:
    """Return what became of the leads that got some ratings in a time, each outcome within so long after."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT rating, count(*), count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE won) FROM (
                SELECT first.rating, first.lead_id,
                    EXISTS (SELECT FROM crm_leadoutcome AS o WHERE o.lead_id = first.lead_id AND o.outcome IN ('accepted', 'won')
                        AND o.taken_back_at IS NULL AND o.occurred_at >= first.at
                        AND o.occurred_at < first.at + %(within)s * INTERVAL '1 second') AS accepted,
                    EXISTS (SELECT FROM crm_leadoutcome AS o WHERE o.lead_id = first.lead_id AND o.outcome = 'won'
                        AND o.taken_back_at IS NULL AND o.occurred_at >= first.at
                        AND o.occurred_at < first.at + %(within)s * INTERVAL '1 second') AS won
                FROM (SELECT rating_after AS rating, lead_id, min(at) AS at FROM scoring_crossing
                    WHERE at >= %(since)s AND at < %(until)s AND rating_after = ANY(%(ratings)s)
                        AND rating_before IS DISTINCT FROM rating_after GROUP BY rating_after, lead_id) AS first
            ) AS each GROUP BY rating""",
            {"ratings": ratings, "since": since, "until": until, "within": within_seconds},
        )
        return {rating: Kept(*counts) for rating, *counts in cursor.fetchall()}
