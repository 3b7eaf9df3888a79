"""Asking for studies, and carrying them out."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from vaglio.dates import from_microseconds
from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import ModelDocument, Scorer, document_of
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import about_how_many, backlog_since, live_versions, open_run
from vaglio_server.studies.logic.moves import Moves
from vaglio_server.studies.logic.tally import Tally
from vaglio_server.studies.models import UNFINISHED, Census, Study, StudyState
from vaglio_server.studies.queries import (
    batches,
    by_lead,
    count_by_rating,
    drafts_never_counted,
    draw,
    leads_there,
    newest_score,
    outcomes_by_rating,
    stored_scores,
)
from vaglio_server.users.actions import audit

Clock = Callable[[], datetime]
BACKLOG = 2_000  # leads that are due at once: after them there will be other figures
LEAST_WAIT = timedelta(minutes=1)
REST = 50  # times as long as counting took, nobody counts again by itself: a fiftieth of one core at most
AFTER_FAILURE = timedelta(hours=1)
CENSUS = 730_441  # an advisory lock
MANY = 100_000  # leads: fewer are counted when somebody asks
CENSUS_LEAST, CENSUS_MOST = timedelta(seconds=5), timedelta(seconds=30)  # between two; the second where nothing was scored meanwhile
CENSUS_REST = 20  # times as long as it took
HORIZON_SECONDS = 90 * 86_400  # where a model promises without saying for how long


@transaction.atomic
def count_version(*, version: ModelVersion, by: str, at: datetime) -> Study:
    """Have a worker count what a version says of all leads.

    Raises
    ------
    Refused
        A worker has it to do already.
    """
    study = _ask(version, None, by, at)
    audit(by=by, verb="count_version", subject=f"model:{version.scoring_model_id}", at=at, version=version.number)
    return study


@transaction.atomic
def compare_versions(*, version: ModelVersion, against: ModelVersion, by: str, at: datetime) -> Study:
    """Have a worker find out what changes for leads if one version takes the place of another, which is ``version``.

    Raises
    ------
    Refused
        They are one, or a worker has it to do already.
    """
    if version.pk == against.pk:
        raise Refused(_("a version is not compared with itself; choose another one"))
    study = _ask(version, against, by, at)
    subject = f"model:{against.scoring_model_id}"
    audit(by=by, verb="compare_versions", subject=subject, at=at, before=str(version), after=str(against))
    return study


def _ask(version: ModelVersion, against: ModelVersion | None, by: str, at: datetime) -> Study:
    try:
        with transaction.atomic():
            return Study.objects.create(version=version, against=against, by=by, asked_at=at)
    except IntegrityError as error:
        raise Refused(_("a worker is at it already; the page shows how far it is")) from error


@transaction.atomic
def stop_study(*, study: Study, by: str, at: datetime) -> None:
    """Stop what a worker has to do; what was found before stays."""
    if Study.objects.filter(pk=study.pk, state__in=UNFINISHED).update(state=StudyState.STOPPED, finished_at=at):
        audit(by=by, verb="stop_study", subject=f"model:{study.version.scoring_model_id}", at=at, version=study.version.number)


def begin_study(*, study: Study, at: datetime) -> bool:
    """Say that a worker begins with a study, or begins again; return whether there is still something to do."""
    return Study.objects.filter(pk=study.pk, state__in=UNFINISHED).update(state=StudyState.RUNNING, started_at=at, done_share=0.0) > 0


def fail_study(*, study: Study, at: datetime) -> None:
    """Say that a study broke off."""
    Study.objects.filter(pk=study.pk, state=StudyState.RUNNING).update(state=StudyState.FAILED, finished_at=at)


def ask_due_counts(*, at: datetime) -> int:
    """Have those versions counted whose figures are missing or old; return how many.

    While a run or a backlog is scored nobody counts: the figures would be others a moment later.
    """
    due = [version for version in live_versions() if _is_due(version, at)]
    due += drafts_never_counted()
    if not due or open_run() is not None or backlog_since(BACKLOG) is not None:
        return 0
    for version in due:
        Study.objects.get_or_create(version=version, against=None, state__in=UNFINISHED, defaults={"by": "worker", "asked_at": at})
    return len(due)


def _is_due(version: ModelVersion, at: datetime) -> bool:
    last = Study.objects.filter(version=version, against=None).order_by("-id").first()
    if last is None or last.finished_at is None or last.started_at is None:
        return last is None
    rest = max(LEAST_WAIT, REST * (last.finished_at - last.started_at)) if last.state == StudyState.DONE else AFTER_FAILURE
    return at >= last.finished_at + rest and newest_score() != last.newest_score


@transaction.atomic
def take_census(*, clock: Clock) -> bool:
    """Count leads by rating where there are very many, if that is due; return whether it was done. Of several workers one counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CENSUS])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # the other cores are left to what somebody waits for
    last = Census.objects.first()
    if about_how_many("crm_lead") < MANY:
        if last is not None:
            last.delete()
        return False
    begun, newest = clock(), newest_score()
    if last is not None and begun < last.counted_at + _until_census(last, newest):
        return False
    counted = {rating or "": leads for rating, leads in count_by_rating(Lead.objects.present()).items()}
    Census.objects.all().delete()
    Census.objects.create(leads=counted, counted_at=begun, seconds=(clock() - begun).total_seconds(), newest_score=newest)
    return True


def _until_census(last: Census, newest: int) -> timedelta:
    return max(CENSUS_LEAST if newest != last.newest_score else CENSUS_MOST, CENSUS_REST * timedelta(seconds=last.seconds))


def carry_out(*, study: Study, scorer: Scorer, clock: Clock) -> bool:
    """Carry a study out, store what is found as a whole, and return whether it is there. One that was stopped stores nothing."""
    there, newest = leads_there(), newest_score()
    found = _compared(study, scorer) if study.against else _counted(study, scorer, clock)
    with transaction.atomic():
        if not Study.objects.select_for_update().filter(pk=study.pk, state=StudyState.RUNNING).exists():
            return False
        Study.objects.filter(version=study.version, against=study.against, state=StudyState.DONE).delete()
        done = {"state": StudyState.DONE, "finished_at": clock(), "done_share": 1.0, "newest_score": newest}
        Study.objects.filter(pk=study.pk).update(**done, **found | {"leads_there": max(there, found["leads"])})
    return True


def _progress(study: Study, share: float) -> None:
    Study.objects.filter(pk=study.pk, state=StudyState.RUNNING).update(done_share=min(1.0, share))


def _counted(study: Study, scorer: Scorer, clock: Clock) -> dict[str, Any]:
    """Count a version that is live by what is stored, all of it; another by scoring leads."""
    document, at = document_of(study.version.text), clock()
    tally, read = Tally(document), 0
    if study.version.is_live:
        there = leads_there()
        for number, scores in stored_scores(study.version):
            tally.add(scores)
            read += number
            _progress(study, read / max(1, there))
    else:
        for instant, ids, (found,) in _scored(study, scorer, document):
            at = instant
            tally.add(found.values())
            read += len(ids)
    told = tally.told()
    if study.version.is_live and study.version.scoring_model.is_driving:
        told["kept"] = _kept(document, at)
    return {"told": told, "as_of": at, "leads": read}


def _compared(study: Study, scorer: Scorer) -> dict[str, Any]:
    assert study.against is not None
    documents = document_of(study.version.text), document_of(study.against.text)
    moves, read, at = Moves(*documents), 0, study.asked_at
    for instant, ids, (before, after) in _scored(study, scorer, *documents):
        at = instant
        moves.add(ids, before, after)
        read += len(ids)
    return {"told": moves.told(), "as_of": at, "leads": read}


def _scored(study: Study, scorer: Scorer, *documents: ModelDocument) -> Iterator[tuple[datetime, list[int], list[Any]]]:
    """Yield what documents say of leads, all from one snapshot: its instant, some of the leads, and of each document scores by lead."""
    ids = draw()
    done = 0
    with scorer.snapshot() as snapshot:
        at = from_microseconds(snapshot.at_us)
        for batch in batches(ids):
            yield at, batch, [by_lead(scorer.scores(snapshot, document, batch)) for document in documents]
            done += len(batch)
            _progress(study, done / len(ids))


def horizon_seconds(document: ModelDocument) -> int:
    """Return over how long it is looked at what became of what a model promises."""
    return (document.promises and document.promises.horizon) or HORIZON_SECONDS


def _kept(document: ModelDocument, at: datetime) -> dict[str, Any]:
    """Return what became of the leads that got a rating which promises something, as far as it is known."""
    promises = document.promises
    if promises is None or not promises.expect:
        return {}
    horizon = horizon_seconds(document)
    found = outcomes_by_rating(list(promises.expect), at - timedelta(seconds=horizon), at, horizon)
    return {rating: {"leads": each.leads, "accepted": each.accepted, "won": each.won} for rating, each in found.items()}
