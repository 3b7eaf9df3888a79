"""Scoring what a caller gives, without storing anything."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from vaglio.dates import to_microseconds
from vaglio_server.api.exact import Moment
from vaglio_server.api.leads import LineOut, ScoreOut, line_out
from vaglio_server.api.problems import problem
from vaglio_server.scoring.engine import Instants, ModelDocument, document_of, read_document
from vaglio_server.scoring.logic.given import Given, GivenActivity, Misfit
from vaglio_server.scoring.logic.size import too_much
from vaglio_server.scoring.queries import version_at, versions_of
from vaglio_server.scoring.scorers import a_scorer

router = Router(tags=["score"])
LONGEST = 64_000  # characters of a text: its plan is written for this one answer, while nobody else is served
Scalar = str | int | float | bool | None


class ActivityIn(Schema):
    """Something the lead did; without a time, now."""

    activity_type: str
    occurred_at: Moment | None = None
    properties: dict[str, Scalar] = Field(default_factory=dict)
    is_machine: bool = False


class ScoreIn(Schema):
    """One lead's facts. ``model`` names another than the model that drives, ``version`` one of its versions; ``text`` is a model itself,
    of at most 64,000 characters, 50 fields and properties, 100 rules (10 of kind engaged_colleagues) and 600 conditions: a band counts,
    and each number of a list.
    """

    fields: dict[str, Scalar] = Field(default_factory=dict)
    account_fields: dict[str, Scalar] = Field(default_factory=dict)
    activities: list[ActivityIn] = Field(default_factory=list, max_length=3000)
    lists: list[str] = Field(default_factory=list, max_length=100)
    account_lists: list[str] = Field(default_factory=list, max_length=100)
    created_at: Moment | None = None
    as_of: Moment | None = None
    model: str | None = None
    version: int | None = Field(default=None, ge=1)
    text: str | None = Field(default=None, max_length=LONGEST)


class ScoredOut(Schema):
    """What the model says of the lead, and why; None: it does not score such leads. ``ignored`` counts what the model does not read."""

    score: ScoreOut | None
    lines: list[LineOut]
    ignored: dict[str, int]


@router.post("", response=ScoredOut, operation_id="score_body")
def score_body(request: HttpRequest, body: ScoreIn) -> Any:
    """Score one lead from the body alone; nothing is stored. 422 names every value that is not of its declared type."""
    at = body.as_of or datetime.now(UTC)
    document, name, number = _document(body, at)
    given = Given(
        fields=body.fields,
        account_fields=body.account_fields,
        activities=[
            GivenActivity(each.activity_type, each.occurred_at or at, each.properties, each.is_machine) for each in body.activities
        ],
        lists=body.lists,
        account_lists=body.account_lists,
        created_at=body.created_at,
    )
    try:
        with a_scorer() as scorer:
            found, ignored = scorer.given(document, given, Instants(to_microseconds(at), to_microseconds(at)))
    except Misfit as misfit:
        return _unfit(misfit)
    if found is None:
        return ScoredOut(score=None, lines=[], ignored=ignored)
    names = set(ScoreOut.model_fields) - {"model", "version"}
    score = ScoreOut(model=name, version=number, **{each: found.row[each] for each in names})
    return ScoredOut(score=score, lines=[line_out(line, found.row["lead_id"]) for line in found.lines], ignored=ignored)


def _document(body: ScoreIn, at: datetime) -> tuple[ModelDocument, str, int]:
    if body.text is not None:
        document = read_document(body.text)
        if found := too_much(document):
            said = ", ".join(f"{number} {what}, and {most} are the most" for what, number, most in found)
            raise HttpError(422, f"the text has {said}; upload it as a version, and name that")
        return document, document.name, 0
    if body.version and not body.model:
        raise HttpError(422, "version needs model: say whose version it is")
    version = versions_of(body.model).filter(number=body.version).first() if body.model and body.version else version_at(body.model, at)
    if version is None:
        raise Http404(f"there is no version {body.version or 'live'} of {body.model or 'a driving model'}")
    return document_of(version.text), version.scoring_model.name, version.number


def _unfit(misfit: Misfit) -> HttpResponse:
    return problem(422, "values do not fit what the model reads", errors=misfit.faults)
