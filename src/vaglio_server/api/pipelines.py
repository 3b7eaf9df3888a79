"""The stages that sales go through, and which fields of a lead go where when it is converted."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from vaglio_server.api.rules import PlaceIn
from vaglio_server.api.seen import found_or_404, marketer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import move_pipeline, remove_pipeline, set_pipeline
from vaglio_server.crm.logic.pipelines import StageSaid
from vaglio_server.crm.logic.standard import SUBJECTS
from vaglio_server.crm.models import Outcome, Pipeline
from vaglio_server.crm.queries import fields_of_each
from vaglio_server.lifecycle.actions import set_mapping
from vaglio_server.lifecycle.logic.mapping import Mapped, mapping_of
from vaglio_server.lifecycle.models import ConversionMapping

router = Router(tags=["pipelines"])


class PipelineStageOut(Schema):
    """A stage: how likely what stands there is won [%], and how a sale ends that comes there."""

    id: int
    name: str
    probability_percent: int
    outcome: Outcome


class PipelineOut(Schema):
    """A pipeline with its stages in order; the first is that of new opportunities."""

    id: int
    name: str
    stages: list[PipelineStageOut]


class PipelineStageIn(Schema):
    """A stage as it is to be; ``id``: one that is there, without it is a new one."""

    id: int | None = None
    name: str
    probability_percent: int
    outcome: Outcome = Outcome.OPEN


class PipelineIn(Schema):
    """A pipeline, whole: its stages are these, in this order; one that is left out is removed, where nothing stands."""

    name: str
    stages: list[PipelineStageIn] = Field(max_length=1_000)


class MappedOut(Schema):
    """A field of the lead that becomes a field of its contact, company or opportunity; ``overwrites``: also where there is a value."""

    source: str
    record: str
    target: str
    overwrites: bool


@router.get("/pipelines", response=list[PipelineOut], operation_id="pipelines_list")
def pipelines_list(request: Any) -> Any:
    """Return the pipelines in their order; everybody sees them. New opportunities stand in the first one."""
    return [_out(each) for each in Pipeline.objects.prefetch_related("stages").order_by("place", "pk")]


@router.post("/pipelines", response={201: PipelineOut}, operation_id="pipelines_make", auth=WRITING)
def pipelines_make(request: Any, body: PipelineIn) -> Any:
    """Make a pipeline, after all others (administrators and marketing)."""
    return Status(201, _put(None, body, marketer(request)))


@router.put("/pipelines/{int:pipeline_id}", response=PipelineOut, operation_id="pipelines_change", auth=WRITING)
def pipelines_change(request: Any, pipeline_id: int, body: PipelineIn) -> Any:
    """Say a pipeline anew. Opportunities follow the name of their stage; 409 says where some stand."""
    by = marketer(request)
    return _put(_pipeline(pipeline_id), body, by)


@router.post("/pipelines/{int:pipeline_id}/move", response=list[PipelineOut], operation_id="pipelines_move", auth=WRITING)
def pipelines_move(request: Any, pipeline_id: int, body: PlaceIn) -> Any:
    """Have a pipeline stand one place earlier, or later, and return all in their order; the first stays the first."""
    by, pipeline = marketer(request), _pipeline(pipeline_id)
    move_pipeline(pipeline=pipeline, up=body.to == "up", by=by, at=datetime.now(UTC))
    return pipelines_list(request)


@router.delete("/pipelines/{int:pipeline_id}", response={204: None}, operation_id="pipelines_remove", auth=WRITING)
def pipelines_remove(request: Any, pipeline_id: int) -> Any:
    """Remove a pipeline in which no opportunity stands."""
    by, pipeline = marketer(request), _pipeline(pipeline_id)
    remove_pipeline(pipeline=pipeline, by=by, at=datetime.now(UTC))
    return Status(204, None)


def _pipeline(number: int) -> Pipeline:
    return found_or_404(Pipeline.objects.all(), number, f"there is no pipeline {number}")


def _put(pipeline: Pipeline | None, body: PipelineIn, by: str) -> PipelineOut:
    stages = [StageSaid(" ".join(each.name.split()), each.probability_percent, each.outcome.value, each.id) for each in body.stages]
    return _out(set_pipeline(pipeline=pipeline, name=body.name, stages=stages, by=by, at=datetime.now(UTC)))


def _out(pipeline: Pipeline) -> PipelineOut:
    stages = sorted(pipeline.stages.all(), key=lambda stage: stage.place)
    return PipelineOut(id=pipeline.pk, name=pipeline.name, stages=[PipelineStageOut.from_orm(each) for each in stages])


@router.get("/conversion-mapping", response=list[MappedOut], operation_id="mapping_get")
def mapping_get(request: Any) -> Any:
    """Return which fields go where when a lead is converted (administrators and marketing)."""
    marketer(request)
    kept = ConversionMapping.objects.order_by("-pk").first()
    return [_mapped(each) for each in mapping_of(kept.rows if kept else None, fields_of_each(*SUBJECTS))]


@router.put("/conversion-mapping", response=list[MappedOut], operation_id="mapping_set", auth=WRITING)
def mapping_set(request: Any, body: list[MappedOut]) -> Any:
    """Say which fields go where from now on, whole; conversions that were made keep what they were made by."""
    by = marketer(request)
    said = [Mapped(each.source, each.record, each.target, each.overwrites) for each in body]
    set_mapping(mapping=said, by=by, at=datetime.now(UTC))
    return mapping_get(request)


def _mapped(each: Mapped) -> MappedOut:
    return MappedOut(source=each.source, record=each.record, target=each.target, overwrites=each.overwrites)
