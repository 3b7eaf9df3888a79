"""What sales does with a lead: what is done next, seen again later, and whether they can buy (BANT)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vaglio_server.crm.logic.standard import BANT, BANT_ANSWERS
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions import pause_clock, postpone_lead, resume_clock, say_next_step, show_again
from vaglio_server.lifecycle.logic.next_action import Do, Next, next_in_work, next_of
from vaglio_server.lifecycle.logic.qualification import Answers, Qualification, answers_of
from vaglio_server.lifecycle.models import LeadStage
from vaglio_server.lifecycle.queries import IN_SALES, LONGEST_WAIT
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import edit_lead
from vaglio_server.web.access import Signed
from vaglio_server.web.days import instant_on
from vaglio_server.web.typed_over import typed_over
from vaglio_server.web.words import plain

STEP = ("next_step", "next_step_at")
BEGINS = time(8)  # a lead seen again on a day is so from then on
UNTIL_ANSWER = "answer"  # of the choices until when a lead is put off
ENDS = time(23, 59)  # what is to be done on a day is late after that


def bant_of(lead: Lead) -> Answers:
    """Return how far a lead is qualified."""
    return answers_of({name: lead.fields.get(name) for name in BANT})


def questions(fields: dict[str, Any]) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Return the four questions, each with its answers and which was given."""
    words = {"bant_budget": _("Budget"), "bant_authority": _("Authority"), "bant_need": _("Need"), "bant_timeline": _("Timeline")}
    said = {"yes": _("yes"), "partly": _("partly"), "no": _("no")}
    return [(name, words[name], [(each, said[each], fields.get(name) == each) for each in BANT_ANSWERS]) for name in BANT]


def qualification_words(answers: Answers) -> str:
    """Return how far a lead is qualified, in words."""
    return {
        Qualification.UNASKED: _("not asked yet"),
        Qualification.OPEN: _("{n} of 4").format(n=answers.confirmed),
        Qualification.QUALIFIED: _("qualified"),
        Qualification.DOUBTFUL: _("doubtful"),
    }[answers.state]


def next_waiting(lead: Lead) -> str:
    """Return what is done next with a lead that waits for an answer."""
    phone = str(lead.fields.get("phone") or lead.fields.get("mobile_phone") or "")
    return next_words(next_of(phone, str(lead.fields.get("email") or "")))


def next_working(standing: LeadStage) -> str:
    """Return what is done next with a lead in work."""
    return next_words(next_in_work(bant_of(standing.lead), standing.next_step))


def next_words(found: Next) -> str:
    """Return what is done next, in words."""
    by = ", ".join(plain(each.removeprefix("bant_")).lower() if each in BANT else each for each in found.by)
    return {
        Do.CALL: _("Call {by}"),
        Do.WRITE: _("Write to {by}"),
        Do.FIND: _("Find a way to reach them: neither number nor address is known"),
        Do.STEP: "{by}",
        Do.ASK: _("Ask about {by}"),
        Do.CONVERT: _("Convert: all four are confirmed"),
        Do.DECIDE: _("Decide: no {by}"),
    }[found.do].format(by=by)


def working(lead: Lead, standing: LeadStage | None) -> dict[str, Any]:
    """Return what the page of a lead in work shows of it; nothing of any other."""
    if standing is None or standing.stage not in IN_SALES:
        return {}
    standing.lead = lead
    return {
        "working": standing,
        "questions": questions(lead.fields),
        "qualification": qualification_words(bant_of(lead)),
        "next_action": next_working(standing),
        "step_day": step_day(standing),
        "was": was(standing),
    }


def was(standing: LeadStage | None) -> dict[str, str]:
    """Return what stands in the form when it is opened: only what was typed over it is written."""
    if standing is None:
        return dict.fromkeys((*BANT, *STEP), "")
    answers = {name: str(standing.lead.fields.get(name) or "") for name in BANT}
    return answers | {"next_step": standing.next_step, "next_step_at": step_day(standing)}


def wait(request: Signed, lead: Lead) -> str:
    """Wait for a lead: its clock stands."""
    pause_clock(lead=lead, by=request.user.username, at=datetime.now(UTC))
    days = LONGEST_WAIT.days
    return _("Its clock stands until the lead answers, at most {n} days.").format(n=days)


def answered(request: Signed, lead: Lead) -> str:
    """Say that a lead for which we waited has answered: its clock runs on."""
    resume_clock(lead=lead, by=request.user.username, at=datetime.now(UTC))
    return _("Its clock runs on.")


def postpone(request: Signed, lead: Lead) -> str:
    """Show a lead again later."""
    days, now = request.POST.get("days", ""), datetime.now(UTC)
    if days == UNTIL_ANSWER:
        return wait(request, lead)
    text = request.POST.get("until", "")
    if days in ("1", "3", "7"):  # pressed after a day was chosen, too
        text = (timezone.localdate(now) + timedelta(days=int(days))).isoformat()
    until = instant_on(text, BEGINS)
    if until is None:
        raise Refused(_("Say until when."))
    postpone_lead(lead=lead, until=until, by=request.user.username, at=now)
    return _("It comes again on {day}; its clock stands until then.").format(day=date_format(until, "j M Y"))


def again(request: Signed, lead: Lead) -> str:
    """Show a lead now that was put off."""
    show_again(lead=lead, by=request.user.username, at=datetime.now(UTC))
    return _("It waits for an answer again, and its clock runs on.")


def work(request: Signed, lead: Lead) -> str:
    """Keep what a seller found out and what they do next."""
    given, by, now = request.POST, request.user.username, datetime.now(UTC)
    typed = typed_over(given, (*BANT, *STEP))
    fields = {name: typed[name] or None for name in BANT if name in typed}
    changed = {name: value for name, value in fields.items() if lead.fields.get(name) != value}
    on = instant_on(given.get("next_step_at", ""), ENDS)
    with transaction.atomic():
        if changed:
            edit_lead(lead=lead, fields=changed, by=by, at=now)
        if not typed.keys().isdisjoint(STEP):
            say_next_step(lead=lead, step=given.get("next_step", ""), on=on, by=by, at=now)
    return _("Kept.")


def step_day(standing: LeadStage) -> str:
    """Return the day of a next step as a form shows it."""
    return timezone.localdate(standing.next_step_at).isoformat() if standing.next_step_at else ""
