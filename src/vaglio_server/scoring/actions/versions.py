"""Versions of models: kept, and made live."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import now_known
from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.scoring.actions.runs import end_run
from vaglio_server.scoring.engine import document_of, fingerprint
from vaglio_server.scoring.models import ModelVersion, Run, ScoringModel
from vaglio_server.users.actions import audit

FEW = 2_000  # leads: so many are due at once when a version goes live, more are a run


@transaction.atomic
def push_model(*, text: str, by: str, at: datetime) -> ModelVersion:
    """Keep a text as a new version of its model; the same text again is the same version, unless that one is over or discarded.

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
    # The newest is over where an older draft went live after it: it cannot live again, but what it says can.
    if last is not None and last.fingerprint == mark and last.live_to is None and last.discarded_at is None:
        return last
    version = ModelVersion.objects.create(
        scoring_model=model, number=last.number + 1 if last else 1, text=text, title=document.title or "",
        rank_order=list(document.rank_order()), fingerprint=mark, created_at=at, by=by,
    )  # fmt: skip
    audit(by=by, verb="push_model", subject=f"model:{model.pk}", at=at, version=version.number, fingerprint=mark)
    return version


def activate_version(*, version: ModelVersion, by: str, at: datetime, may_be_unsigned: bool = True) -> ModelVersion:
    """Make a version live, in place of the one before. All leads are scored again: the few there may be are due, many are a run.

    Its ratings are the leads' ratings if its document says that it drives the lifecycle, or if no other model does.

    Raises
    ------
    Refused
        It was live and is over. Its text may be pushed again: a version that lived twice would not say when, and what it said then
        could not be replayed. Or it was discarded, or not both sides have signed it, and that is not meant.
    """
    run = _switch(version, by, at, may_be_unsigned)
    if Lead.objects.present().values("pk")[: FEW + 1].count() <= FEW:
        end_run(run)
    return version


@transaction.atomic
def _switch(version: ModelVersion, by: str, at: datetime, may_be_unsigned: bool) -> Run:
    # All of them, in one order: two who make versions live come one after the other, also where one model takes the driving from another.
    list(ScoringModel.objects.select_for_update().order_by("pk"))
    held = ModelVersion.objects.select_for_update().get(pk=version.pk)  # nobody takes a signature back meanwhile
    version.live_from, version.live_to, version.signed_at = held.live_from, held.live_to, held.signed_at
    if version.live_to is not None:
        raise Refused(_("{version} was live and is over; push its text again").format(version=version))
    if held.discarded_at is not None:
        raise Refused(_("{version} was discarded; take it back first").format(version=version))
    if version.signed_at is None and not may_be_unsigned:
        raise Refused(_("It is not signed by both sides. Tick that it goes live unsigned if that is meant."))
    with connection.cursor() as cursor:
        live_at = now_known(cursor)  # so that every score is by the version that was live at its instant
    version.scoring_model.versions.filter(live_from__isnull=False, live_to__isnull=True).exclude(pk=version.pk).update(live_to=live_at)
    if version.live_from is None:
        version.live_from = live_at
        version.save(update_fields=["live_from"])
    others = ScoringModel.objects.filter(is_driving=True).exclude(pk=version.scoring_model_id)
    if document_of(version.text).drives or not others.exists():
        others.update(is_driving=False)
        ScoringModel.objects.filter(pk=version.scoring_model_id).update(is_driving=True)
    audit(by=by, verb="activate_version", subject=f"model:{version.scoring_model_id}", at=at, version=version.number)
    Run.objects.filter(ended_at=None).update(ended_at=live_at)  # what it had still to do, this one does
    return Run.objects.create(at=live_at)
