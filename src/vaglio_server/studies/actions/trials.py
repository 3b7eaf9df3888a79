"""Asking for trials, carrying them out, and keeping what was learned as a draft."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from vaglio.quantities import short_name
from vaglio_server.refused import Refused
from vaglio_server.scoring.actions import push_model
from vaglio_server.scoring.engine import Scorer, document_of
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.proving import Asked, Found, NotProved, prove
from vaglio_server.studies.models import UNFINISHED, StudyState, Trial
from vaglio_server.studies.queries import memory_of, readable
from vaglio_server.users.actions import audit

Clock = Callable[[], datetime]
METHODS = ("", "logistic", "predictive")
GOOD = ("accepted", "won")
SHORTEST, LONGEST = 1, 730  # days of a horizon


@transaction.atomic
def ask_trial(*, version: ModelVersion, method: str, good: str, horizon_days: int, by: str, at: datetime) -> Trial:
    """Have a worker prove a version on history, and with a ``method`` learn a model beside it.

    Raises
    ------
    Refused
        There is no such method, outcome or horizon, or a worker has it to do already.
    """
    if method not in METHODS or good not in GOOD:
        raise Refused(_("there is no such method or outcome"))
    if not SHORTEST <= horizon_days <= LONGEST:
        raise Refused(_("outcomes are waited for 1 to 730 days"))
    try:
        with transaction.atomic():
            trial = Trial.objects.create(version=version, method=method, good=good, horizon_days=horizon_days, by=by, asked_at=at)
    except IntegrityError as error:
        raise Refused(_("a worker is at it already; the page shows how far it is")) from error
    subject = f"model:{version.scoring_model_id}"
    audit(by=by, verb="prove_version", subject=subject, at=at, version=version.number, method=method, good=good, days=horizon_days)
    return trial


@transaction.atomic
def stop_trial(*, trial: Trial, by: str, at: datetime) -> None:
    """Stop what a worker has to do; what was found before stays."""
    if Trial.objects.filter(pk=trial.pk, state__in=UNFINISHED).update(state=StudyState.STOPPED, finished_at=at):
        audit(by=by, verb="stop_proof", subject=f"model:{trial.version.scoring_model_id}", at=at, version=trial.version.number)


def begin_trial(*, trial: Trial, at: datetime) -> bool:
    """Say that a worker begins with a trial, or begins again; return whether there is still something to do."""
    begun = {"state": StudyState.RUNNING, "started_at": at, "done_share": 0.0, "stage": ""}
    return Trial.objects.filter(pk=trial.pk, state__in=UNFINISHED).update(**begun) > 0


def fail_trial(*, trial: Trial, at: datetime, why: str = "") -> None:
    """Say that a trial broke off, or could not be made, and why."""
    Trial.objects.filter(pk=trial.pk, state=StudyState.RUNNING).update(state=StudyState.FAILED, finished_at=at, stage=why)


def carry_out_trial(*, trial: Trial, scorer: Scorer, clock: Clock) -> bool:
    """Carry a trial out and store what is found as a whole; return whether it is there. One that was stopped stores nothing."""
    document = document_of(trial.version.text)
    memory = memory_of(trial.good, trial.horizon_days)
    asked = Asked(
        document, memory, trial.method, readable(document) if trial.method else {}, learned_name(document.name, trial.method)
    )  # fmt: skip
    try:
        found = prove(scorer, asked, lambda stage, share: _progress(trial, stage, share))
    except NotProved as error:
        fail_trial(trial=trial, at=clock(), why=str(error))
        return False
    return _store(trial, found, clock())


def learned_name(name: str, method: str) -> str:
    """Return what a model is called that is learned beside one of some name; nothing without a method."""
    return short_name(f"{name}_{method}") if method else ""


@transaction.atomic
def _store(trial: Trial, found: Found, at: datetime) -> bool:
    if not Trial.objects.select_for_update().filter(pk=trial.pk, state=StudyState.RUNNING).exists():
        return False
    Trial.objects.filter(version=trial.version, method=trial.method, state=StudyState.DONE, kept=None).delete()
    done = {"state": StudyState.DONE, "finished_at": at, "done_share": 1.0, "stage": ""}
    Trial.objects.filter(pk=trial.pk).update(**done, told=found.study, figures=found.figures, text=found.text)
    return True


def _progress(trial: Trial, stage: str, share: float) -> None:
    Trial.objects.filter(pk=trial.pk, state=StudyState.RUNNING).update(stage=stage, done_share=share)


@transaction.atomic
def keep_learned(*, trial: Trial, by: str, at: datetime) -> ModelVersion:
    """Keep what a trial learned as a draft of a model of its own; nothing is rated by it until somebody makes it live.

    Raises
    ------
    Refused
        Nothing was learned.
    """
    held = Trial.objects.select_for_update().get(pk=trial.pk)
    if held.state != StudyState.DONE or not held.text:
        raise Refused(_("nothing was learned that could be kept"))
    version = push_model(text=held.text, by=by, at=at)
    held.kept = version
    held.save(update_fields=["kept"])
    audit(by=by, verb="keep_learned", subject=f"model:{version.scoring_model_id}", at=at, version=version.number, method=held.method)
    return version
