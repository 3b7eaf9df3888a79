"""Leads: the list, one lead, its score over time, at a past instant, and why."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from vaglio.dates import from_microseconds, to_microseconds
from vaglio_server.api.exact import Moment
from vaglio_server.api.records import owner_name
from vaglio_server.api.seen import lead_now, lead_once, seller_named, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import page_of_leads
from vaglio_server.lifecycle.actions import assign_by_hand, put_lead
from vaglio_server.lifecycle.models import Stage
from vaglio_server.scoring.engine import Instants, document_of
from vaglio_server.scoring.logic.colleagues import colleagues_shown
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import latest_scores, page_of_history, version_at, with_ratings
from vaglio_server.scoring.scorers import a_scorer
from vaglio_server.tracking.actions import edit_lead
from vaglio_server.tracking.queries import merge_in_force

router = Router(tags=["leads"])
Instant = Annotated[Moment | None, Query()]


class LeadOut(Schema):
    """A lead with the rating of the driving model, whose it is (a user's name, None: nobody's), and at which stage it is."""

    id: int
    name: str
    fields: dict[str, Any]
    rating: str | None
    profile_millipoints: int | None
    engagement_millipoints: int | None
    owner: str | None
    stage: str
    created_at: datetime

    @staticmethod
    def resolve_owner(lead: Any) -> str | None:
        """Return the owner by name."""
        return lead.owner if isinstance(lead, LeadOut) else owner_name(lead)

    @staticmethod
    def resolve_stage(lead: Any) -> str:
        """Return where it stands; a lead that never moved is an inquiry."""
        if isinstance(lead, Lead):
            standing = getattr(lead, "standing", None)
            return standing.stage if standing is not None else Stage.INQUIRY.value
        told: str = lead["stage"] if isinstance(lead, dict) else lead.stage
        return told


class ScoreOut(Schema):
    """What a version of a model said of a lead, as of an instant."""

    model: str
    version: int
    as_of: datetime
    known_at: datetime
    profile_millipoints: int
    engagement_millipoints: int
    rating: str | None
    temperature: str | None = None
    buying_stage: str | None = None
    potential: float | None = None
    coverage: float | None = None
    flags: str | None = None
    excluded_by: str | None = None
    probability: float | None = None


class PastScoreOut(ScoreOut):
    """A score as it was stored: ``lines`` are what each rule and bound gave, from ``axis.rule.part`` to millipoints."""

    is_outside: bool
    lines: dict[str, int]


class PastScorePage(Schema):
    """Some scores, newest first; ``next_cursor`` asks for those before them, None before the first."""

    scores: list[PastScoreOut]
    next_cursor: str | None


class LeadDetail(LeadOut):
    """A lead with what each live model says of it."""

    scores: list[ScoreOut]


class LeadPage(Schema):
    """Some leads, the best first; ``next_cursor`` asks for those after them."""

    leads: list[LeadOut]
    next_cursor: str | None


class LineOut(Schema):
    """One line of an explanation; the lines of an axis sum exactly to its score."""

    axis: str
    rule_id: str
    part: str
    millipoints: int
    sentence: str
    activities: list[dict[str, Any]]
    counted: list["CountedOut"]


class CountedOut(Schema):
    """What a rule that counts read: a count, distinct_days, colleagues, the age of the latest, a moment or a silence, and the activities
    behind it, newest first; those of a colleague have its ``lead_id``, null where the caller may not see that lead.
    """

    stat: str
    number: int | None
    activities: list[dict[str, Any]]


class ExplanationOut(Schema):
    """Why a lead has its score."""

    score: ScoreOut
    lines: list[LineOut]


def leads_out(leads: Sequence[Lead]) -> list[LeadOut]:
    """Return leads as they are told; whose they are and where they stand is read for all of them at once."""
    prefetch_related_objects(leads, "owner", "standing")
    return [LeadOut.from_orm(each) for each in leads]


def _score(version: ModelVersion, row: Any) -> ScoreOut:
    names = set(ScoreOut.model_fields) - {"model", "version"}
    found = {name: row[name] if isinstance(row, dict) else getattr(row, name) for name in names}
    return ScoreOut(model=version.scoring_model.name, version=version.number, **found)


def _version(name: str | None, at: datetime) -> ModelVersion:
    version = version_at(name, at)
    if version is None:
        raise Http404(f"no version of {name or 'a driving model'} was live at {at.isoformat()}")
    return version


def _instants(lead: Lead, as_of: datetime | None, known_at: datetime | None) -> tuple[datetime, Instants]:
    at = as_of or datetime.now(UTC)
    if (known_at or at) > datetime.now(UTC) + timedelta(minutes=1):
        raise HttpError(422, "known_at lies in the future: nobody knows yet what will be known then")
    merge = merge_in_force(lead.pk, known_at or at)
    if merge is not None:
        raise Http404(f"lead {lead.pk} was merged into lead {merge.lead_id}; ask for an instant before {merge.known_at.isoformat()}")
    if lead.taken_back_at is not None and lead.taken_back_at <= (known_at or at):
        raise Http404(f"lead {lead.pk} was taken back; ask for an instant before {lead.taken_back_at.isoformat()}")
    return at, Instants(to_microseconds(at), to_microseconds(known_at or at))


@router.get("", response=LeadPage, operation_id="leads_list")
def leads_list(request: Any, rating: str | None = None, cursor: str | None = None, limit: int = 50) -> LeadPage:
    """Return leads, the first to call first."""
    found = Lead.objects.visible_to(request.auth.user)
    found, parts = with_ratings(found, [rating]) if rating else (found, (Q(),))
    try:
        page = page_of_leads(found, cursor=cursor, limit=max(1, min(limit, 500)), parts=parts)
    except ValueError as error:
        raise HttpError(422, str(error)) from error
    return LeadPage(leads=leads_out(page.leads), next_cursor=page.next_cursor)


class LeadIn(Schema):
    """A lead to make or to write to: by user id, by ``email`` among the fields, or both."""

    user_id: str | None = None
    fields: dict[str, str | int | float | bool | None] = Field(default_factory=dict)


@router.post("", response={201: LeadOut}, operation_id="leads_put", auth=WRITING)
def leads_put(request: Any, body: LeadIn) -> Any:
    """Make a lead, or write to the one with this user id or mail address. Its rating follows within a moment.

    Sellers own what they make, and write to leads that they see: 409 where it is another's.
    """
    fields = {name: value for name, value in body.fields.items() if value is not None}
    lead = Lead.objects.get(
        pk=put_lead(user_id=body.user_id, fields=fields, by=writer(request), at=datetime.now(UTC), seller=request.auth.user.as_seller)
    )
    return Status(201, LeadOut.from_orm(lead))


class LeadEdit(Schema):
    """What is known of a lead; null takes a value away, a field that is not named stays."""

    fields: dict[str, str | int | float | bool | None]


@router.patch("/{int:lead_id}", response=LeadOut, operation_id="leads_edit", auth=WRITING)
def leads_edit(request: Any, lead_id: int, body: LeadEdit) -> Any:
    """Write fields of one lead. Its rating follows within a moment; a new mail address is one more by which it is known."""
    lead = lead_now(request, lead_id)
    edit_lead(lead=lead, fields=body.fields, by=writer(request), at=datetime.now(UTC), seller=request.auth.user.as_seller)
    lead.refresh_from_db()
    return LeadOut.from_orm(lead)


class OwnerIn(Schema):
    """Whom a lead is given to: a seller's name, or null for nobody."""

    owner: str | None


@router.put("/{int:lead_id}/owner", response=LeadOut, operation_id="leads_assign", auth=WRITING)
def leads_assign(request: Any, lead_id: int, body: OwnerIn) -> Any:
    """Give a lead to a seller, or to nobody; sellers give to themselves and to their team."""
    by, lead = writer(request), lead_now(request, lead_id)
    owner = seller_named(request, body.owner) if body.owner is not None else None
    assign_by_hand(leads=[lead.pk], owner=owner, by=by, at=datetime.now(UTC))
    return LeadOut.from_orm(Lead.objects.get(pk=lead.pk))


@router.get("/{int:lead_id}", response=LeadDetail, operation_id="leads_get")
def leads_get(request: HttpRequest, lead_id: int) -> LeadDetail:
    """Return one lead and what each live model says of it."""
    lead = lead_now(request, lead_id)
    scores = [_score(each.version, each.score) for each in latest_scores(lead)]
    return LeadDetail(**LeadOut.from_orm(lead).model_dump(), scores=scores)


@router.get("/{int:lead_id}/history", response=PastScorePage, operation_id="leads_history")
def leads_history(
    request: HttpRequest, lead_id: int, model: str | None = None, cursor: str | None = None, limit: int = 50
) -> PastScorePage:
    """Return the scores a lead had, newest first; a row stands until the next. Outside: the model scored it no more."""
    try:
        page = page_of_history(lead_once(request, lead_id), model, cursor=cursor, limit=max(1, min(limit, 500)))
    except ValueError as error:
        raise HttpError(422, str(error)) from error
    scores = [PastScoreOut(**_score(each.version, each).model_dump(), is_outside=each.is_outside, lines=each.lines) for each in page.scores]
    return PastScorePage(scores=scores, next_cursor=page.next_cursor)


@router.get("/{int:lead_id}/replay", response=ScoreOut, operation_id="leads_replay")
def leads_replay(request: HttpRequest, lead_id: int, as_of: Instant = None, known_at: Instant = None, model: str | None = None) -> ScoreOut:
    """Return the score a lead had at a past instant, worked out again from the facts as they were known."""
    lead = lead_once(request, lead_id)
    at, instants = _instants(lead, as_of, known_at)
    version = _version(model, at)
    with a_scorer() as scorer:
        row = scorer.replay(document_of(version.text), lead.pk, instants)
    if row is None:
        raise Http404(f"lead {lead_id} had no score by {version} at {at.isoformat()}")
    return _score(version, row)


@router.get("/{int:lead_id}/explanation", response=ExplanationOut, operation_id="leads_explanation")
def leads_explanation(
    request: Any, lead_id: int, as_of: Instant = None, known_at: Instant = None, model: str | None = None
) -> ExplanationOut:
    """Return why a lead has its score, a line per rule and bound, down to the single activity."""
    lead = lead_once(request, lead_id)
    at, instants = _instants(lead, as_of, known_at)
    version = _version(model, at)
    with a_scorer() as scorer:
        found = scorer.explanation(document_of(version.text), lead.pk, instants)
    if found is None:
        raise Http404(f"lead {lead_id} had no score by {version} at {at.isoformat()}")
    own = found.row["lead_id"]
    others = colleagues_shown(found)
    seen = set(Lead.objects.visible_to(request.auth.user).filter(pk__in=others).values_list("pk", flat=True)) if others else set()
    return ExplanationOut(score=_score(version, found.row), lines=[line_out(line, own, seen) for line in found.lines])


def line_out(line: Any, lead_id: str, seen: Collection[int] = ()) -> LineOut:
    """Return a line of a lead's explanation as it is told; of colleagues only those are named whom the caller has ``seen``."""
    names = ("axis", "rule_id", "part", "millipoints", "sentence")
    return LineOut(**{name: getattr(line, name) for name in names}, activities=[_activity(each) for each in line.activities],
                   counted=[_counted(each, lead_id, seen) for each in line.counted])  # fmt: skip


def _counted(counted: Any, lead_id: str, seen: Collection[int]) -> CountedOut:
    did = []
    for each in counted.activities:
        whose = int(each["lead_id"])
        by = {"lead_id": whose if whose in seen else None} if each["lead_id"] != lead_id else {}
        did.append({"activity_type": each["activity_type"], "occurred_at": from_microseconds(each["occurred_us"]), **by})
    return CountedOut(stat=counted.stat, number=counted.number, activities=did)


def _activity(row: dict[str, Any]) -> dict[str, Any]:
    occurred = from_microseconds(row["occurred_us"]) if row["occurred_us"] is not None else None
    return {"activity_type": row["activity_type"], "occurred_at": occurred, "millipoints": row["millipoints"]}
