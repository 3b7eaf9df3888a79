"""Reading scores: what a model says of a lead, what it said, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from vaglio_server.crm.models import Account, Lead, LeadQuerySet
from vaglio_server.cursors import page_by_instant
from vaglio_server.scoring.models import SIGNERS, Crossing, ModelRemark, ModelSignature, ModelVersion, Run, Score, Side
from vaglio_server.users.models import MARKETERS, AuditEntry, User

NEW = 500  # leads, the latest ones: whose first rating is news
DONE_AT_ONCE = 500_000  # activities: so many are read for a batch of a run
LEAST_AT_ONCE, UNKNOWN_AT_ONCE, MOST_AT_ONCE = 2_000, 25_000, 50_000  # leads


def live_versions() -> QuerySet[ModelVersion]:
    """Return the live version of each model, the driving one first."""
    live = ModelVersion.objects.filter(live_from__isnull=False, live_to__isnull=True).select_related("scoring_model")
    return live.order_by("-scoring_model__is_driving", "scoring_model__name")


def driving_version() -> ModelVersion | None:
    """Return the live version whose ratings are the leads'; None where no live model drives."""
    return live_versions().filter(scoring_model__is_driving=True).first()


def newest_drafts() -> list[ModelVersion]:
    """Return the newest version of each model, those discarded left out, where it was never live."""
    newest = ModelVersion.objects.filter(discarded_at=None).order_by("scoring_model_id", "-number").distinct("scoring_model_id")
    drafts = ModelVersion.objects.filter(pk__in=newest.values("pk"), live_from=None)
    return list(drafts.select_related("scoring_model").order_by("scoring_model__name"))


@dataclass(frozen=True)
class Unsigned:
    """A version that one side has signed, and the other side that has not."""

    version: ModelVersion
    side: Side
    signed_by: str


def unsigned_beside(user: User) -> list[Unsigned]:
    """Return the versions that wait for nothing but a signature that a user can give: what is live, and the newest drafts."""
    own = [side for side in Side if user.role in SIGNERS[side]]
    if not own:
        return []
    kept = ModelVersion.objects.filter(scoring_model=OuterRef("version__scoring_model"), discarded_at=None)
    newest = kept.order_by("-number").values("number")[:1]
    is_asked = Q(version__live_to=None, version__signed_at=None) & (
        Q(version__live_from__isnull=False) | Q(version__number=Subquery(newest))
    )
    signed = ModelSignature.objects.filter(is_asked).exclude(by=user.username).select_related("version__scoring_model").order_by("id")
    found = [(each, side) for each in signed for side in Side if side != each.side]
    return [Unsigned(each.version, side, each.by) for each, side in found if side in own]


def remarks_to_answer(user: User, drafts: Sequence[ModelVersion]) -> list[ModelRemark]:
    """Return the last word on each of some drafts where it is somebody else's: to whoever changes models, or has had a say in that one."""
    if not drafts:
        return []
    about = Q(version__in=drafts)
    if user.role not in MARKETERS:
        about &= Q(version__remarks__by=user.username) | Q(version__signatures__by=user.username)
    last = ModelRemark.objects.filter(about).order_by("version_id", "-id").distinct("version_id")
    return [each for each in last.select_related("version__scoring_model") if each.by != user.username]


def versions_at(at: datetime) -> QuerySet[ModelVersion]:
    """Return the version of each model that was live at an instant."""
    lived = Q(live_from__lte=at) & (Q(live_to__isnull=True) | Q(live_to__gt=at))
    return ModelVersion.objects.filter(lived).select_related("scoring_model")


def version_at(name: str | None, at: datetime) -> ModelVersion | None:
    """Return the version of a model (without a name: of the driving one) that was live at an instant."""
    of_model = Q(scoring_model__name=name) if name else Q(scoring_model__is_driving=True)
    return versions_at(at).filter(of_model).order_by("-live_from").first()


def with_ratings(leads: LeadQuerySet, ratings: Sequence[str]) -> tuple[LeadQuerySet, tuple[Q, ...]]:
    """Return those of some leads that have one of some ratings, and where they lie among all by rank, one part after the other.

    By their ranks an index finds them: a rank begins with the rating's place in its version's order. Leads may be ranked by any version
    that was ever live, so these are all places that the ratings have in any of them; neighboring ones are one part.
    """
    lived = ModelVersion.objects.filter(live_from__isnull=False).order_by()
    orders = list(lived.values_list("rank_order", flat=True).distinct())
    places = sorted({order.index(rating) + 1 for order in orders for rating in ratings if rating in order})
    firsts = [place for place in places if place - 1 not in places]
    lasts = [place for place in places if place + 1 not in places]
    parts = tuple(Q(rank__gte=[first], rank__lt=[last + 1]) for first, last in zip(firsts, lasts, strict=True))
    return (leads.filter(rating__in=ratings) if places else leads.none()), parts or (Q(),)


@dataclass(frozen=True)
class LatestScore:
    """The newest score of a lead by one version."""

    version: ModelVersion
    score: Score


def latest_scores(lead: Lead) -> list[LatestScore]:
    """Return what each live version says of a lead now; versions that say nothing are left out."""
    found = []
    for version in live_versions():
        score = Score.objects.filter(lead=lead, version=version).order_by("-as_of").first()
        if score is not None and not score.is_outside:
            found.append(LatestScore(version, score))
    return found


def newest_scores(leads: list[Lead], version: ModelVersion) -> dict[int, Score]:
    """Return what a version says of leads now, by lead; of whom it says nothing is left out."""
    found = Score.objects.filter(lead__in=leads, version=version).order_by("lead_id", "-as_of").distinct("lead_id")
    return {score.lead_id: score for score in found if not score.is_outside}


def history(lead: Lead, name: str | None) -> QuerySet[Score]:
    """Return every score of a lead by a model (without a name: by the driving one), newest first."""
    of_model = Q(version__scoring_model__name=name) if name else Q(version__scoring_model__is_driving=True)
    return Score.objects.filter(of_model, lead=lead).select_related("version__scoring_model").order_by("-as_of", "-id")


@dataclass(frozen=True)
class PastPage:
    """Some scores, newest first; ``next_cursor`` asks for those before them, None before the first."""

    scores: list[Score]
    next_cursor: str | None


def page_of_history(lead: Lead, name: str | None, *, cursor: str | None, limit: int) -> PastPage:
    """Return a page of the scores of a lead by a model (without a name: by the driving one), from where the page before ended.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    return PastPage(*page_by_instant(history(lead, name), "as_of", cursor=cursor, limit=limit))


def newest_crossings(user: User, limit: int) -> list[Crossing]:
    """Return the newest changes of rating among the leads a user may see.

    A first rating counts where the lead is new: a model that goes live rates everybody at once, which is no news of anybody.
    """
    # Two questions: asked together, all first ratings since a model went live would be read before the first that is news.
    changed = Crossing.objects.filter(rating_before__isnull=False).exclude(rating_before=F("rating_after"))
    made = list(Lead.objects.order_by("-pk").values_list("pk", flat=True)[:NEW])
    first = Crossing.objects.filter(rating_before__isnull=True, lead__in=made, lead__created_at__gte=F("at") - timedelta(days=1))
    seen = Lead.objects.visible_to(user)
    found = [*_newest(changed, seen, limit), *_newest(first, seen, limit)]
    return sorted(found, key=lambda crossing: (crossing.at, crossing.pk), reverse=True)[:limit]


def _newest(found: QuerySet[Crossing], seen: QuerySet[Lead], limit: int) -> list[Crossing]:
    return list(found.filter(lead__in=seen).select_related("lead__account").order_by("-at", "-id")[:limit])


def crossings_of(lead: Lead, *, before: datetime | None = None) -> QuerySet[Crossing]:
    """Return the changes of a lead's rating, newest first."""
    return Crossing.objects.filter(Q(at__lt=before) if before else Q(), lead=lead).order_by("-at")


def versions_of(name: str) -> QuerySet[ModelVersion]:
    """Return the versions of a model, newest first."""
    return ModelVersion.objects.filter(scoring_model__name=name).select_related("scoring_model").order_by("-number")


def open_run(*, hold: bool = False) -> Run | None:
    """Return the run that is going on, if one is; ``hold``: nobody else does until the transaction ends."""
    found = Run.objects.filter(ended_at=None)
    return (found.select_for_update(no_key=True) if hold else found).first()


def about_how_many(table: str) -> int:
    """Return how many rows PostgreSQL believes a table has, at once; 0 where it never looked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT GREATEST(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        return int(cursor.fetchone()[0])


def leads_at_once() -> int:
    """Return how many leads a run takes at once: many, since a batch costs some tenths of a second by itself, unless they do much.

    How much they do is by what PostgreSQL last counted of its tables.
    """
    leads, activities = about_how_many("crm_lead"), about_how_many("tracking_activity")
    if not leads or not activities:
        return UNKNOWN_AT_ONCE
    return max(LEAST_AT_ONCE, min(MOST_AT_ONCE, int(DONE_AT_ONCE * leads / activities)))


@dataclass(frozen=True)
class Due:
    """How many leads are to be scored now, and for how long the first of them has been waiting."""

    leads: int
    since: datetime | None


def due_now(now: datetime) -> Due:
    """Return what is to be scored: what is due, by its index alone, and what a run that is going on did not come to yet."""
    due, run = Lead.objects.filter(due_at__lte=now), open_run()
    waiting = Q(due_at=None) | Q(due_at__gt=now)
    rest = Lead.objects.present().filter(waiting, ~Q(scored_at__gte=run.at)).count() if run else 0
    since = [due.order_by("due_at").values_list("due_at", flat=True).first(), run.at if run and rest else None]
    return Due(due.count() + rest, min((each for each in since if each), default=None))


@dataclass(frozen=True)
class Backlog:
    """What is to be scored, and what was."""

    due: Due
    scores: int
    crossings: int


def backlog(now: datetime) -> Backlog:
    """Return how the scoring is doing; what was stored is counted by its numbers, of which a stopped transaction may have taken some."""
    return Backlog(
        due=due_now(now),
        scores=Score.objects.order_by("-id").values_list("id", flat=True).first() or 0,
        crossings=Crossing.objects.order_by("-id").values_list("id", flat=True).first() or 0,
    )


WORKER = "vaglio worker"  # how connections of workers are called, with where they run


@dataclass(frozen=True)
class Worker:
    """A worker that lives: where it runs, and since when it has been connected."""

    name: str
    since: datetime


def workers() -> list[Worker]:
    """Return the workers that live: those that hold a connection to the database, which ends with them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT application_name, min(backend_start) FROM pg_stat_activity
            WHERE application_name LIKE %s AND datname = current_database() GROUP BY application_name ORDER BY min(backend_start)""",
            [f"{WORKER} %"],
        )
        return [Worker(name.removeprefix(f"{WORKER} "), since) for name, since in cursor.fetchall()]


def backlog_since(many: int) -> datetime | None:
    """Return the database's instant if at least so many leads are due at it, else None."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT statement_timestamp(), count(*) FROM (SELECT FROM crm_lead WHERE due_at <= statement_timestamp() LIMIT %s) AS due""",
            [many],
        )
        now, due = cursor.fetchone()
    return now if due >= many else None


def last_recheck() -> AuditEntry | None:
    """Return when stored scores were last worked out again, and with what result."""
    return AuditEntry.objects.filter(verb="recheck", subject="scores").order_by("-at").first()


HELD_LATELY = 5_000  # records whose values are offered


def values_often(subject: str, field: str, most: int) -> list[str]:
    """Return the commonest values of a field among the newest leads or accounts, those that several hold."""
    table = {"lead": Lead, "account": Account}[subject]._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT fields ->> %s FROM {table} WHERE id > (SELECT max(id) FROM {table}) - %s AND fields ->> %s <> ''
            GROUP BY 1 HAVING count(*) > 1 ORDER BY count(*) DESC, 1 LIMIT %s""",
            [field, HELD_LATELY, field, most],
        )
        return [row[0] for row in cursor.fetchall()]
