"""Pipelines and their stages, as people set them up."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.crm.actions.records import FaultyValues
from vaglio_server.crm.logic.pipelines import LONGEST_NAME, MOST_PIPELINES, USUAL, USUAL_NAME, StageSaid, stage_faults
from vaglio_server.crm.models import Opportunity, Outcome, Pipeline, PipelineStage
from vaglio_server.ordering import moved
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

PIPELINES = 730_451  # an advisory lock: pipelines are written one at a time


def one_at_a_time() -> None:
    """Have nobody else write pipelines, or why sales are lost, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PIPELINES])


@transaction.atomic
def set_pipeline(*, pipeline: Pipeline | None, name: str, stages: Sequence[StageSaid], by: str, at: datetime) -> Pipeline:
    """Make a pipeline, or change it: its stages are those given, in this order. Opportunities follow the name of their stage.

    Opportunities that have no stage of a pipeline, and whose word is the name of a stage, stand there from then on.

    Raises
    ------
    FaultyValues, Refused
        Something does not fit; a stage that would be gone has opportunities.
    """
    one_at_a_time()
    called = " ".join(name.split())
    if faults := [*_name_faults(called, pipeline), *stage_faults(stages)]:
        raise FaultyValues(faults)
    held = pipeline or Pipeline(created_at=at, place=Pipeline.objects.count())
    held.name = called
    held.save()
    kept = _keep(held, stages)
    _place_by_word(kept)
    audit(by=by, verb="set_pipeline", subject=f"pipeline:{held.pk}", at=at, name=called, stages=[each.name for each in kept])
    return held


@transaction.atomic
def move_pipeline(*, pipeline: Pipeline, up: bool, by: str, at: datetime) -> None:
    """Have a pipeline stand one place earlier, or later; the first stays the first. New opportunities stand at the first one.

    Raises
    ------
    Refused
        It is gone.
    """
    found = _in_order()
    place = moved(found, found.index(_held(pipeline, found)), up=up)
    if place is not None:
        _number(found)
        audit(by=by, verb="move_pipeline", subject=f"pipeline:{pipeline.pk}", at=at, place=place + 1)


@transaction.atomic
def remove_pipeline(*, pipeline: Pipeline, by: str, at: datetime) -> None:
    """Remove a pipeline in which no opportunity stands.

    Raises
    ------
    Refused
        Opportunities stand in it, or it is gone.
    """
    found = _in_order()
    held = _held(pipeline, found)
    stages = held.stages.select_for_update().values_list("pk", flat=True)  # nothing comes to stand there meanwhile
    if count := Opportunity.objects.present().filter(pipeline_stage__in=list(stages)).count():
        raise Refused(_("{some} in {pipeline}; move them to another pipeline first").format(some=_some(count), pipeline=held))
    audit(by=by, verb="remove_pipeline", subject=f"pipeline:{held.pk}", at=at, name=held.name)
    _number([each for each in found if each != held])
    held.delete()


def _in_order() -> list[Pipeline]:
    """Return the pipelines, which nobody else changes meanwhile."""
    one_at_a_time()
    return list(Pipeline.objects.order_by("place", "pk"))


def _held(pipeline: Pipeline, found: Sequence[Pipeline]) -> Pipeline:
    """Return a pipeline as it is now."""
    held = next((each for each in found if each.pk == pipeline.pk), None)
    if held is None:
        raise Refused(_("this pipeline is gone; open the page again"))
    return held


def _number(pipelines: Sequence[Pipeline]) -> None:
    for place, each in enumerate(pipelines):
        each.place = place
    Pipeline.objects.bulk_update(pipelines, ["place"])


def first_pipeline(*, at: datetime) -> Pipeline:
    """Return the pipeline of new opportunities; where there is none, the usual one is made."""
    one_at_a_time()
    found = Pipeline.objects.order_by("place", "pk").first()
    return found or set_pipeline(pipeline=None, name=USUAL_NAME, stages=USUAL, by="vaglio", at=at)


def first_open_stage(*, at: datetime) -> PipelineStage:
    """Return where new opportunities stand: every pipeline has a stage in which sales are open."""
    return first_pipeline(at=at).stages.filter(is_won=False, is_lost=False).order_by("place")[0]


def first_ending_stage(outcome: str, *, at: datetime) -> PipelineStage | None:
    """Return where new opportunities stand that ended so; None where the first pipeline has no such stage."""
    return first_pipeline(at=at).stages.filter(is_won=outcome == Outcome.WON, is_lost=outcome == Outcome.LOST).first()


def _name_faults(name: str, pipeline: Pipeline | None) -> list[str]:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return [_("a pipeline needs a name of at most {n} characters").format(n=LONGEST_NAME)]
    others = Pipeline.objects.exclude(pk=pipeline.pk) if pipeline else Pipeline.objects.all()
    if others.filter(name__iexact=name).exists():
        return [_("there is a pipeline {name} already; choose another name").format(name=name)]
    return [_("{n} pipelines are enough").format(n=MOST_PIPELINES)] if pipeline is None and len(others) >= MOST_PIPELINES else []


def _keep(pipeline: Pipeline, stages: Sequence[StageSaid]) -> list[PipelineStage]:
    """Write the stages, and return them in order."""
    there = {each.pk: each for each in pipeline.stages.all()}
    asked = {each.number for each in stages if each.number is not None}
    if strangers := asked - there.keys():
        raise Refused(_("stage {number} is none of this pipeline; open the page again").format(number=min(strangers)))
    _remove([stage for number, stage in there.items() if number not in asked])
    # Names and ends may change places: nothing may be in the way of the next one meanwhile.
    for stage in there.values():
        PipelineStage.objects.filter(pk=stage.pk).update(name=f"{stage.pk}\u0001", is_won=False, is_lost=False)
    kept = []
    for place, said in enumerate(stages):
        stage = there.get(said.number or 0) or PipelineStage(pipeline=pipeline)
        _check_end(stage, said)
        was = stage.name
        stage.name, stage.place, stage.probability_percent = said.name, place, said.probability_percent
        stage.is_won, stage.is_lost = said.outcome == "won", said.outcome == "lost"
        stage.save()
        if was and was != said.name:
            Opportunity.objects.filter(pipeline_stage=stage).update(stage=said.name)
        kept.append(stage)
    return kept


def _check_end(stage: PipelineStage, said: StageSaid) -> None:
    """Refuse that opportunities are won, lost or open again by a stage that means something else from now on."""
    if stage.pk is not None and stage.outcome != said.outcome and (count := _standing(stage)):
        text = _("{some} at {stage}, which is {outcome}; move them before it means {other}")
        meant = {value: str(label).lower() for value, label in Outcome.choices}
        raise Refused(text.format(some=_some(count), stage=stage.name, outcome=meant[stage.outcome], other=meant[said.outcome]))


def _some(count: int) -> str:
    return ngettext("{n} opportunity stands", "{n} opportunities stand", count).format(n=count)


def _standing(stage: PipelineStage) -> int:
    return stage.opportunities.filter(taken_back_at=None).count()


def _remove(stages: Sequence[PipelineStage]) -> None:
    for stage in stages:
        if count := _standing(stage):
            text = _("{some} at {stage}; move them first, or call the stage otherwise")
            raise Refused(text.format(some=_some(count), stage=stage.name))
        stage.delete()


def _place_by_word(stages: Sequence[PipelineStage]) -> None:
    if not Opportunity.objects.filter(pipeline_stage=None, stage__isnull=False).exists():
        return
    for stage in stages:  # a word that says something else than how the sale ended stays a word
        called = Opportunity.objects.filter(pipeline_stage=None, stage__iexact=stage.name, outcome=stage.outcome)
        called.update(pipeline_stage=stage, stage=stage.name)
