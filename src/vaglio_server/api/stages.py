"""Where leads stand with sales: seen, moved along, accepted, handed back; and what waits for an answer."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from vaglio_server.api.exact import Moment
from vaglio_server.api.leads import LeadOut, leads_out
from vaglio_server.api.seen import answerer, lead_now, lead_once
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import LARGEST_ID, page_by_id
from vaglio_server.lifecycle.actions import (
    Why,
    accept_lead,
    move_lead,
    pause_clock,
    postpone_lead,
    reject_lead,
    resume_clock,
    say_next_step,
    show_again,
    undo_accept,
)
from vaglio_server.lifecycle.models import Stage
from vaglio_server.lifecycle.queries import Waiting, due_for, inbox, moves_of, queue, stage_of, waits_for
from vaglio_server.users.models import User

router = Router(tags=["stages"])
Verb = Literal["sales_qualify", "recycle", "disqualify", "reopen"]
Answered = Literal["accept", "reject"]


class MoveOut(Schema):
    """A move from one stage to another: when, by whom, with which rating, and why."""

    id: int
    verb: str
    before: str
    after: str
    at: datetime
    by: str
    rating: str | None
    reason: str | None
    note: str


class StageOut(Schema):
    """Where a lead stands, since when (None: since ever), and until when sales promised to answer; its newest moves first.

    ``paused_since``: since when that clock stands, as we wait for the lead. ``postponed_until``: when it comes again to be answered.
    ``next_step``: what sales does next, and ``next_step_at`` when.
    """

    lead_id: int
    stage: str
    since: datetime | None
    due_at: datetime | None
    paused_since: datetime | None
    postponed_until: datetime | None
    next_step: str
    next_step_at: datetime | None
    moves: list[MoveOut]
    next_cursor: int | None


class WhyIn(Schema):
    """Why: a reason of the list, and a note."""

    reason: str | None = None
    note: str = Field(default="", max_length=2_000)


class MoveIn(WhyIn):
    """A move that somebody makes by hand."""

    verb: Verb


class WaitingOut(Schema):
    """A lead that waits for an answer: until when it was promised, and how much working time is left [s], below 0 where it is late.

    ``paused_since``: since when the clock stands, as we wait for the lead.
    """

    lead: LeadOut
    since: datetime
    due_at: datetime | None
    left_seconds: float | None
    paused_since: datetime | None
    is_nobodys: bool


@router.get("/leads/{int:lead_id}/stage", response=StageOut, operation_id="stages_get")
def stages_get(request: Any, lead_id: int, cursor: int | None = None, limit: int = 50) -> Any:
    """Return where a lead stands, and how it came there."""
    return _standing(lead_once(request, lead_id), cursor, max(1, min(limit, 200)))


def _standing(lead: Lead, cursor: int | None = None, limit: int = 50) -> StageOut:
    its, due = stage_of(lead), due_for(lead, datetime.now(UTC))
    page = page_by_id(moves_of(lead), cursor=cursor, limit=limit, newest_first=True)
    return StageOut(
        lead_id=lead.pk,
        stage=its.stage if its else Stage.INQUIRY.value,
        since=its.since if its else None,
        due_at=due.due_at if due else None,
        paused_since=due.paused_since if due else None,
        postponed_until=its.postponed_until if its else None,
        next_step=its.next_step if its else "",
        next_step_at=its.next_step_at if its else None,
        moves=[MoveOut.from_orm(each) for each in page.rows],
        next_cursor=page.next_cursor,
    )


@router.post("/leads/{int:lead_id}/stage", response=StageOut, operation_id="stages_move", auth=WRITING)
def stages_move(request: Any, lead_id: int, body: MoveIn) -> Any:
    """Move a lead along: sales_qualify, recycle, disqualify (with a reason each, but the first) or reopen."""
    user = answerer(request, or_marketing=body.verb in ("disqualify", "reopen"))
    lead = lead_now(request, lead_id)
    move_lead(lead=lead, verb=body.verb, why=Why(body.reason, body.note), by=user.username, at=datetime.now(UTC))
    return _standing(lead)


@router.post("/leads/{int:lead_id}/accept", response=StageOut, operation_id="stages_accept", auth=WRITING)
def stages_accept(request: Any, lead_id: int) -> Any:
    """Take a lead on for sales; one that is nobody's is the caller's then. Said again it is the same."""
    lead, user = _answered(request, lead_id)
    accept_lead(lead=lead, seller=user, at=datetime.now(UTC))
    return _standing(lead)


@router.post("/leads/{int:lead_id}/unaccept", response=StageOut, operation_id="stages_unaccept", auth=WRITING)
def stages_unaccept(request: Any, lead_id: int) -> Any:
    """Take back that the caller accepted a lead in the last ten minutes: it is whose it was, and its clock runs as if nobody had answered.

    Said again it is the same.
    """
    lead, user = _answered(request, lead_id)
    undo_accept(lead=lead, seller=user, at=datetime.now(UTC))
    return _standing(lead)


@router.post("/leads/{int:lead_id}/reject", response=StageOut, operation_id="stages_reject", auth=WRITING)
def stages_reject(request: Any, lead_id: int, body: WhyIn) -> Any:
    """Hand a lead back, with a reason: no rating brings it again before its cool-down is over."""
    lead, user = _answered(request, lead_id)
    reject_lead(lead=lead, why=Why(body.reason, body.note), seller=user, at=datetime.now(UTC))
    return _standing(lead)


def _answered(request: Any, lead_id: int) -> tuple[Lead, User]:
    user = answerer(request)
    lead = waits_for(user, lead_id) if lead_id <= LARGEST_ID else None
    if lead is None:
        raise Http404(f"there is no lead {lead_id}, or it is not yours to answer")
    return lead, user


class UntilIn(Schema):
    """Until when."""

    until: Moment


@router.post("/leads/{int:lead_id}/postpone", response=StageOut, operation_id="stages_postpone", auth=WRITING)
def stages_postpone(request: Any, lead_id: int, body: UntilIn) -> Any:
    """See a lead again later that waits for an answer, as it asked for that: its clock stands until then."""
    by, lead = answerer(request).username, lead_now(request, lead_id)
    postpone_lead(lead=lead, until=body.until, by=by, at=datetime.now(UTC))
    return _standing(lead)


@router.post("/leads/{int:lead_id}/show-again", response=StageOut, operation_id="stages_show_again", auth=WRITING)
def stages_show_again(request: Any, lead_id: int) -> Any:
    """See a lead now that was postponed: its clock runs on."""
    by, lead = answerer(request).username, lead_now(request, lead_id)
    show_again(lead=lead, by=by, at=datetime.now(UTC))
    return _standing(lead)


@router.post("/leads/{int:lead_id}/pause", response=StageOut, operation_id="stages_pause", auth=WRITING)
def stages_pause(request: Any, lead_id: int) -> Any:
    """Wait for the lead: its clock stands until it does anything by itself, somebody says so, or seven days are over.

    Said again it is the same.
    """
    by, lead = answerer(request).username, lead_now(request, lead_id)
    pause_clock(lead=lead, by=by, at=datetime.now(UTC))
    return _standing(lead)


@router.post("/leads/{int:lead_id}/resume", response=StageOut, operation_id="stages_resume", auth=WRITING)
def stages_resume(request: Any, lead_id: int) -> Any:
    """Say that the lead for which one waited has answered: its clock runs on."""
    by, lead = answerer(request).username, lead_now(request, lead_id)
    resume_clock(lead=lead, by=by, at=datetime.now(UTC))
    return _standing(lead)


class StepIn(Schema):
    """What is done next, and when; an empty text: nothing."""

    step: str
    at: Moment | None = None


@router.put("/leads/{int:lead_id}/next-step", response=StageOut, operation_id="stages_next_step", auth=WRITING)
def stages_next_step(request: Any, lead_id: int, body: StepIn) -> Any:
    """Say what is done next with a lead that sales has taken on, and when."""
    by, lead = answerer(request).username, lead_now(request, lead_id)
    say_next_step(lead=lead, step=body.step, on=body.at, by=by, at=datetime.now(UTC))
    return _standing(lead)


@router.get("/inbox", response=list[WaitingOut], operation_id="inbox_list")
def inbox_list(request: Any, limit: int = 100) -> Any:
    """Return what waits for an answer, the most urgent first: a seller's own, for others all sellers'; then what is nobody's."""
    user, now, most = request.auth.user, datetime.now(UTC), max(1, min(limit, 500))
    found = [*inbox(user, now, most).rows, *queue(user, now, most).rows]
    return [_waiting(each, lead) for each, lead in zip(found, leads_out([each.lead for each in found]), strict=True)]


def _waiting(each: Waiting, lead: LeadOut) -> WaitingOut:
    return WaitingOut(
        lead=lead,
        since=each.since,
        due_at=each.due.due_at if each.due else None,
        left_seconds=each.due.left_seconds if each.due else None,
        paused_since=each.due.paused_since if each.due else None,
        is_nobodys=each.lead.owner_id is None,
    )
