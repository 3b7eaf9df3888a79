"""The seller's inbox: what waits for an answer, the most urgent first, why each is here, and the answer by a key."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio.counted import reasons_of
from vaglio.terms import AXES
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions import Why, accept_lead, give_opinion, reject_lead, set_mails, undo_accept
from vaglio_server.lifecycle.models import LeadStage, Reason, SecondOpinion, StageMove, Wanted
from vaglio_server.lifecycle.queries import (
    Waiting,
    asked_of,
    in_work,
    inbox,
    lacks_step,
    may_undo_accept,
    postponed,
    queue,
    waits_for,
    wants,
)
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.logic.lines import stored_line
from vaglio_server.scoring.models import Score
from vaglio_server.scoring.queries import driving_version, newest_scores
from vaglio_server.users.models import ANSWERERS, Role
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.time_left import left
from vaglio_server.web.tried import Said, tried
from vaglio_server.web.why import axis_title
from vaglio_server.web.words import near_signed, plain
from vaglio_server.web.working import bant_of, next_waiting, next_working, qualification_words, questions, was

SHOWN, SHOWN_NOBODYS, IN_WORK, POSTPONED, LINES = 30, 10, 20, 50, 3
Answer = Callable[[Lead, datetime], object]


@dataclass(frozen=True)
class Row:
    """A lead that waits: how long there is to answer, and a line of reasons for each axis."""

    waiting: Waiting
    left: str
    why: list[tuple[str, str]]
    next: str


@allowed(*EVERYBODY)
def inbox_list(request: Signed) -> HttpResponse:
    """Show what waits for an answer, what is nobody's, and what is in work; the list asks for itself while it is looked at."""
    now = datetime.now(UTC)
    waiting, nobodys = inbox(request.user, now, SHOWN), queue(request.user, now, SHOWN_NOBODYS)
    scores = _scores([each.lead for each in waiting.rows + nobodys.rows])
    context: dict[str, Any] = {
        "rows": _rows(waiting.rows, scores),
        "nobodys": _rows(nobodys.rows, scores),
        "waiting": waiting,
        "of_nobody": nobodys,
        "in_work": _working(request, now),
        "opinions": _opinions(request),
        "postponed": postponed(request.user, now, POSTPONED),
        "mails": _mails(request),
        "cannot_mail": not settings.CAN_MAIL,
        "reasons": Reason.choices,
        "questions": questions({}),
        "was": was(None),
        "may_answer": request.user.role in ANSWERERS,
        "is_seller": request.user.role == Role.SALES,
    }
    return render(request, "inbox/_inbox_live.html" if request.headers.get("HX-Request") else "inbox/inbox_list.html", context)


@dataclass(frozen=True)
class Working:
    """A lead in work: what is done next and by when, and how far it is qualified."""

    standing: LeadStage
    next: str
    is_idle: bool
    qualification: str
    kept: str  # what its menu holds, by field, as JSON


def _working(request: Signed, now: datetime) -> list[Working]:
    return [_worked(each, now) for each in in_work(request.user, IN_WORK)]


def _worked(standing: LeadStage, now: datetime) -> Working:
    said = qualification_words(bant_of(standing.lead))
    stood = was(standing)
    kept = stood | {f"was.{name}": value for name, value in stood.items()}
    return Working(standing, next_working(standing), lacks_step(standing, now), said, json.dumps(kept))


def _mails(request: Signed) -> list[tuple[str, str, bool]]:
    """Return which mails a seller can have, and which they have; nothing for others."""
    if request.user.role != Role.SALES:
        return []
    return [(value, str(title), value == wants(request.user)) for value, title in Wanted.choices]


def _opinions(request: Signed) -> list[tuple[SecondOpinion, list[tuple[str, str]]]]:
    """Return what somebody is asked about, each with why the lead came; not what was said of it."""
    asked = asked_of(request.user) if request.user.role == Role.SALES else []
    scores = _scores([each.move.lead for each in asked])
    return [(each, _why(scores, each.move.lead_id)) for each in asked]


@allowed(Role.SALES)
@require_POST
def inbox_opinion(request: Signed, move_id: int) -> HttpResponse:
    """Say what one would have said of a lead."""
    opinion, would = get_object_or_404(SecondOpinion, pk=move_id, asked=request.user), request.POST.get("would") == "accept"
    reason, now = request.POST.get("reason") or None, datetime.now(UTC)
    giving = partial(give_opinion, opinion=opinion, would_accept=would, reason=reason, by=request.user, at=now)
    return tried(request, giving, _("Thank you; nobody is told what you said, only how often two agree."), to="inbox")


@allowed(Role.SALES)
@require_POST
def inbox_mails(request: Signed) -> HttpResponse:
    """Choose which mails come."""
    mails = request.POST.get("mails", "")
    setting = partial(set_mails, user=request.user, mails=mails, by=request.user.username, at=datetime.now(UTC))
    return tried(request, setting, _("Saved."), to="inbox")


Scored = tuple[ModelDocument, dict[int, Score]]


def _scores(leads: list[Lead]) -> Scored | None:
    """Return the driving model and the newest scores it gave leads; None where there is no such model, or no lead."""
    version = driving_version() if leads else None
    return (document_of(version.text), newest_scores(leads, version)) if version is not None else None


def _rows(waiting: Iterable[Waiting], scored: Scored | None) -> list[Row]:
    return [Row(each, left(each.due), _why(scored, each.lead.pk), next_waiting(each.lead)) for each in waiting]


def _why(scored: Scored | None, lead_id: int) -> list[tuple[str, str]]:
    """Return the rules that gave most after their caps, a line for each axis."""
    score = scored[1].get(lead_id) if scored is not None else None
    if scored is None or score is None:
        return []
    gave = reasons_of(scored[0], {stored_line(key): points for key, points in score.lines.items()})
    found = []
    for axis in AXES:
        lines = [(rule, points) for (side, rule, part), points in gave.items() if (side, part) == (axis, "rule") and points > 0]
        if lines:
            found.append((axis_title(axis), " · ".join(f"{plain(rule)} {near_signed(points)}" for rule, points in lines[:LINES])))
    return found


@allowed(*ANSWERERS)
@require_POST
def inbox_accept(request: Signed, lead_id: int) -> HttpResponse:
    """Accept a lead."""
    return _answered(
        request, lead_id, lambda lead, now: accept_lead(lead=lead, seller=request.user, at=now), _("{lead} is accepted."),
        undo=lambda made: _undone_by(request, made),
    )  # fmt: skip


def _undone_by(request: Signed, made: StageMove) -> str:
    """Return by which address accepting a lead is undone; none where it was handed over, and taken that way."""
    may = may_undo_accept(made, request.user.username, datetime.now(UTC))
    return reverse("inbox-undo", args=[made.lead_id]) if may else ""


@allowed(*ANSWERERS)
@require_POST
def inbox_undo(request: Signed, lead_id: int) -> HttpResponse:
    """Take back that one accepted a lead just now."""
    said = _("{lead} is not accepted; it stands where it stood before.")
    return _answered(request, lead_id, lambda lead, now: undo_accept(lead=lead, seller=request.user, at=now), said)


@allowed(*ANSWERERS)
@require_POST
def inbox_reject(request: Signed, lead_id: int) -> HttpResponse:
    """Hand a lead back with a reason."""
    why = why_given(request)

    def reject(lead: Lead, now: datetime) -> StageMove:
        return reject_lead(lead=lead, why=why, seller=request.user, at=now)

    return _answered(request, lead_id, reject, _("{lead} is handed back."))


def why_given(request: Signed) -> Why:
    """Return the reason that a form gives."""
    return Why(request.POST.get("reason") or None, request.POST.get("note", ""))


def _answered(request: Signed, lead_id: int, answer: Answer, said: str, *, undo: Said = "") -> HttpResponse:
    lead = waits_for(request.user, lead_id)
    if lead is None:
        raise Http404(f"lead {lead_id} is not to be seen")
    return tried(request, lambda: _of(lead, answer), said.format(lead=lead), to="inbox", undo=undo)


def _of(lead: Lead, answer: Answer) -> object:
    """Answer; where that is refused, say of whom: the inbox that comes again has many."""
    try:
        return answer(lead, datetime.now(UTC))
    except Refused as refused:
        raise Refused(f"{lead}: {refused}") from refused
