"""The stages that sales go through, and which fields of a lead go where when it is converted, to be read."""

from typing import Any

from ninja import Router, Schema

from vaglio_server.api.seen import marketer
from vaglio_server.crm.logic.standard import SUBJECTS
from vaglio_server.crm.models import Outcome, Pipeline
from vaglio_server.crm.queries import fields_of_each
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


class MappedOut(Schema):
    """A field of the lead that becomes a field of its contact, company or opportunity; ``overwrites``: also where there is a value."""

    source: str
    record: str
    target: str
    overwrites: bool


@router.get("/pipelines", response=list[PipelineOut], operation_id="pipelines_list")
def pipelines_list(request: Any) -> Any:
    """Return the pipelines; everybody sees them."""
    found = Pipeline.objects.prefetch_related("stages").order_by("place", "pk")
    return [PipelineOut(id=each.pk, name=each.name, stages=_stages(each)) for each in found]


def _stages(pipeline: Pipeline) -> list[PipelineStageOut]:
    return [PipelineStageOut.from_orm(each) for each in sorted(pipeline.stages.all(), key=lambda stage: stage.place)]


@router.get("/conversion-mapping", response=list[MappedOut], operation_id="mapping_get")
def mapping_get(request: Any) -> Any:
    """Return which fields go where when a lead is converted (administrators and marketing)."""
    marketer(request)
    kept = ConversionMapping.objects.order_by("-pk").first()
    return [_mapped(each) for each in mapping_of(kept.rows if kept else None, fields_of_each(*SUBJECTS))]


def _mapped(each: Mapped) -> MappedOut:
    return MappedOut(source=each.source, record=each.record, target=each.target, overwrites=each.overwrites)
