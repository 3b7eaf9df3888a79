"""Pipelines: the stages that sales go through, set up in a page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.actions import FaultyValues, move_pipeline, remove_pipeline, set_loss_reasons, set_pipeline
from vaglio_server.crm.logic.loss import MOST_REASONS, ReasonSaid
from vaglio_server.crm.logic.pipelines import MOST_STAGES, USUAL, USUAL_NAME, StageSaid
from vaglio_server.crm.models import Outcome, Pipeline
from vaglio_server.crm.queries import loss_reasons
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.tried import tried
from vaglio_server.web.whole_number import whole_number

LIST = "pipeline-list"
BLANK = 2  # rows for further stages


@dataclass(frozen=True)
class Row:
    """A stage as the form has it: ``place`` is where it is to stand; ``count`` how many opportunities do."""

    place: int
    number: int | None
    name: str
    percent: str
    outcome: str
    count: int = 0


@allowed(*MARKETERS)
def pipeline_list(request: Signed) -> HttpResponse:
    """Show the pipelines, and make another; where there is none, the usual one stands there to be kept."""
    if request.method == "POST":
        return _put(request, None)
    found = list(Pipeline.objects.prefetch_related("stages").order_by("place", "pk"))
    shown = [(each, sorted(each.stages.all(), key=lambda stage: stage.place)) for each in found]
    context = {"pipelines": shown, "reasons": _reasons(), **_form(None, USUAL_NAME if not found else "", _usual())}
    return render(request, "pipelines/pipeline_list.html", context)


@allowed(*MARKETERS)
def pipeline_detail(request: Signed, pipeline_id: int) -> HttpResponse:
    """Show a pipeline's stages, and change them."""
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id)
    if request.method == "POST":
        return _put(request, pipeline)
    return render(request, "pipelines/pipeline_detail.html", _form(pipeline, pipeline.name, _rows(pipeline)))


@allowed(*MARKETERS)
@require_POST
def loss_reason_list(request: Signed) -> HttpResponse:
    """Keep the list of why sales are lost."""
    words, labels, retired = (request.POST.getlist(each) for each in ("word", "label", "retired"))
    rows = [(word, " ".join(label.split())) for word, label in list(zip(words, labels, strict=False))[: 2 * MOST_REASONS]]
    said = [ReasonSaid(label, word or None, bool(word) and word in retired) for word, label in rows if word or label]
    keeping = partial(set_loss_reasons, reasons=said, by=request.user.username, at=datetime.now(UTC))
    return tried(request, keeping, _("The reasons are kept."), to=LIST)


def _reasons() -> list[ReasonSaid]:
    """Return the reasons as the form has them, and blank rows for further ones."""
    return [ReasonSaid(each.title, each.word, each.retired_at is not None) for each in loss_reasons()] + [ReasonSaid("")] * BLANK


@allowed(*MARKETERS)
@require_POST
def pipeline_move(request: Signed, pipeline_id: int) -> HttpResponse:
    """Have a pipeline stand earlier or later."""
    pipeline, up = get_object_or_404(Pipeline, pk=pipeline_id), request.POST.get("to") == "up"
    return tried(request, lambda: move_pipeline(pipeline=pipeline, up=up, by=request.user.username, at=datetime.now(UTC)), to=LIST)


@allowed(*MARKETERS)
@require_POST
def pipeline_remove(request: Signed, pipeline_id: int) -> HttpResponse:
    """Remove a pipeline in which nothing stands."""
    pipeline, said = get_object_or_404(Pipeline, pk=pipeline_id), _("The pipeline is gone.")
    return tried(request, lambda: remove_pipeline(pipeline=pipeline, by=request.user.username, at=datetime.now(UTC)), said, to=LIST)


def _usual() -> list[Row]:
    return [Row(place, None, _(each.name), str(each.probability_percent), each.outcome) for place, each in enumerate(USUAL, 1)]


def _rows(pipeline: Pipeline) -> list[Row]:
    present = Count("opportunities", filter=Q(opportunities__taken_back_at=None))
    stages = pipeline.stages.annotate(count=present).order_by("place")
    return [Row(place, each.pk, each.name, str(each.probability_percent), each.outcome, each.count) for place, each in enumerate(stages, 1)]


def _form(pipeline: Pipeline | None, name: str, rows: list[Row]) -> dict[str, object]:
    """Return what the form shows: the stages, and blank rows for further ones."""
    blank = [Row(len(rows) + each, None, "", "", "open") for each in range(1, 1 + min(BLANK, MOST_STAGES - len(rows)))]
    return {"pipeline": pipeline, "name": name, "rows": [*rows, *blank], "outcomes": Outcome.choices}


def _put(request: Signed, pipeline: Pipeline | None) -> HttpResponse:
    name, rows = request.POST.get("name", ""), _sent(request)
    try:
        stages = [_said(each) for each in sorted((each for each in rows if each.name), key=lambda each: each.place)]
        made = set_pipeline(pipeline=pipeline, name=name, stages=stages, by=request.user.username, at=datetime.now(UTC))
        messages.success(request, _("{name} is kept.").format(name=made))
        return redirect("pipeline-detail", made.pk)
    except Refused as refused:
        faults = refused.faults if isinstance(refused, FaultyValues) else (str(refused),)
    context = _form(pipeline, name, [each for each in rows if each.name or each.number]) | {"faults": faults}
    return render(request, "pipelines/pipeline_detail.html", context, status=422)


def _sent(request: Signed) -> list[Row]:
    """Return the rows that a form sent."""
    columns = [request.POST.getlist(each) for each in ("place", "number", "stage", "percent", "outcome")]
    rows = list(zip(*columns, strict=False))[: 2 * MOST_STAGES]
    return [
        Row(whole_number(place) if whole_number(place) is not None else at, whole_number(number), name.strip(), percent.strip(), outcome)  # type: ignore[arg-type]
        for at, (place, number, name, percent, outcome) in enumerate(rows, 1)
    ]


def _said(row: Row) -> StageSaid:
    percent = whole_number(row.percent)
    if percent is None:
        ends = {Outcome.WON.value: 100, Outcome.LOST.value: 0}
        if row.percent or row.outcome not in ends:
            raise Refused(_("{name}: give a probability from 0 to 100%.").format(name=row.name[:60]))
        percent = ends[row.outcome]
    return StageSaid(" ".join(row.name.split()), percent, row.outcome, row.number)
