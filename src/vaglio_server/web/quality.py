"""Keeping clean: suspicious leads and machine clicks, with what was found, why, and what people decide of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.queries import driving_version
from vaglio_server.tracking.actions import confirm_marks, decide_suspicions, mark_pattern, undo_marks, undo_name
from vaglio_server.tracking.models import MarkKind, Verdict
from vaglio_server.tracking.queries import (
    acts_of_marks,
    machine_days,
    machine_marks,
    named_programs,
    programs,
    suspicion_counts,
    suspicion_of,
    suspicions,
)
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.audience import suspects_left_out
from vaglio_server.web.whole_number import whole_number

PAGE, DAYS, ACTS, PROGRAMS = 100, 14, 30, 12
REASONS = {
    "disposable": gettext_lazy("disposable mail"),
    "keyboard": gettext_lazy("typed along the keyboard"),
    "gibberish": gettext_lazy("no name in any language"),
    "repeated": gettext_lazy("one sign again and again"),
    "placeholder": gettext_lazy("a name for nobody"),
    "role": gettext_lazy("an address of a role"),
    "phone": gettext_lazy("an impossible phone number"),
    "link": gettext_lazy("a link as a name"),
    "signs": gettext_lazy("signs in the name"),
    "fast": gettext_lazy("a form sent too fast"),
    "copied": gettext_lazy("said by many others too"),
}
STATES = {"": gettext_lazy("To look at"), "confirmed": gettext_lazy("Confirmed"), "undone": gettext_lazy("Undone")}


def _told(reasons: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"title": REASONS.get(each["reason"], each["reason"]), "seen": each["seen"]} for each in reasons]


def doubted(lead: Lead) -> dict[str, Any]:
    """Return why a lead is suspicious, for its page."""
    found = suspicion_of(lead)
    return {"doubted": {"score": found.score, "verdict": found.verdict, "reasons": _told(found.reasons)} if found else None}


def _after(request: Signed) -> int:
    """Return how many rows were seen before."""
    return whole_number(request.GET.get("after"), 7) or 0


def _chosen(request: Signed) -> list[int]:
    """Return the numbers of the rows that were chosen, at most a page of them."""
    found = (whole_number(text) for text in request.POST.getlist("chosen"))
    return [each for each in found if each is not None][:PAGE]


@allowed(*MARKETERS)
def suspicious_list(request: Signed) -> HttpResponse:
    """Show suspicious leads, the most suspicious first, with how many there are by reason."""
    verdict = request.GET.get("verdict", "") if request.GET.get("verdict", "") in Verdict.values else ""
    reason = request.GET.get("reason", "") if request.GET.get("reason", "") in REASONS else ""
    start = _after(request)
    rows = list(suspicions(verdict, reason)[start : start + PAGE + 1])
    for each in rows:
        each.told = _told(each.reasons)  # type: ignore[attr-defined]
    total, counts = suspicion_counts(verdict)
    return render(request, "quality/suspicious_list.html", {
        "rows": rows[:PAGE],
        "more": start + PAGE if len(rows) > PAGE else None,
        "total": total,
        "counts": [(name, REASONS.get(name, name), n) for name, n in counts.items()],
        "verdicts": Verdict.choices,
        "verdict": verdict,
        "reason": reason,
        "version": (live := driving_version()),
        "left_out": suspects_left_out(document_of(live.text)) if live is not None else [],
    })  # fmt: skip


@allowed(*MARKETERS)
@require_POST
def suspicious_decide(request: Signed) -> HttpResponse:
    """Say of the leads chosen that they are spam or genuine, or open again."""
    back = (
        f"{reverse('suspicious-list')}?verdict={_word(request, 'verdict_now', Verdict.values)}&reason={_word(request, 'reason', REASONS)}"
    )
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Choose at least one lead first."))
        return redirect(back)
    try:
        verdict = request.POST.get("verdict", "")
        count = decide_suspicions(leads=chosen, verdict=verdict, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    messages.success(request, _decided(verdict, count))
    return redirect(back)


def _decided(verdict: str, count: int) -> str:
    """Return as what leads are decided on now."""
    if verdict == Verdict.SPAM:
        said = ngettext("{n} lead is spam now.", "{n} leads are spam now.", count)
    elif verdict == Verdict.GENUINE:
        said = ngettext("{n} lead is genuine now.", "{n} leads are genuine now.", count)
    else:
        said = ngettext("{n} lead is not decided on any more.", "{n} leads are not decided on any more.", count)
    return said.format(n=count)


def _word(request: Signed, name: str, known: Any) -> str:
    text = request.POST.get(name, "")
    return text if text in known else ""


@allowed(*MARKETERS)
def machine_list(request: Signed) -> HttpResponse:
    """Show what machines did by kind and day, and the bursts that were found late with their leads and activities."""
    state = request.GET.get("state", "") if request.GET.get("state", "") in STATES else ""
    start = _after(request)
    marks = list(machine_marks(state)[start : start + PAGE + 1])
    acts = acts_of_marks(marks[:PAGE], ACTS)
    days = machine_days(datetime.now(UTC), DAYS)
    kinds = [("", _("by its own name")), *MarkKind.choices]
    kinds = [(kind, title) for kind, title in kinds if any(kind in counts for _day, counts in days)]
    shown = [{"day": day, "counts": [counts.get(kind, 0) for kind, _title in kinds], "total": sum(counts.values())} for day, counts in days]
    return render(request, "quality/machine_list.html", {
        "rows": [(mark, acts.get(mark.pk, [])) for mark in marks[:PAGE]],
        "more": start + PAGE if len(marks) > PAGE else None,
        "days": shown,
        "kinds": kinds,
        "most": max((sum(counts.values()) for _day, counts in days), default=1),
        "states": STATES.items(),
        "state": state,
        "programs": programs(PROGRAMS),
        "named": named_programs(datetime.now(UTC), DAYS, PAGE),
    })  # fmt: skip


@allowed(*MARKETERS)
@require_POST
def machine_decide(request: Signed) -> HttpResponse:
    """Say of the marks chosen that they were machines, or that these were people."""
    back = f"{reverse('machine-list')}?state={_word(request, 'state', STATES)}"
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Choose at least one line first."))
        return redirect(back)
    by, at = request.user.username, datetime.now(UTC)
    if request.POST.get("do") == "undo":
        count = undo_marks(marks=chosen, by=by, at=at)
        said = ngettext("%(n)s is undone: what was done counts again.", "%(n)s are undone: what was done counts again.", count)
    else:
        count = confirm_marks(marks=chosen, by=by, at=at)
        said = ngettext("%(n)s is confirmed.", "%(n)s are confirmed.", count)
    messages.success(request, said % {"n": count})
    return redirect(back)


@allowed(*MARKETERS)
@require_POST
def machine_mark(request: Signed) -> HttpResponse:
    """Mark a program or a network as a machine's."""
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "").replace("\x00", "")
    try:
        mark = mark_pattern(kind=kind, value=value, by=request.user.username, at=datetime.now(UTC))
        text = ngettext("%(n)s activity counts for nothing from now on.", "%(n)s activities count for nothing from now on.", mark.count)
        messages.success(request, text % {"n": mark.count})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("machine-list")


@allowed(*MARKETERS)
@require_POST
def machine_people(request: Signed) -> HttpResponse:
    """Say of the programs chosen that they are people's, whatever they call themselves."""
    chosen = [text.replace("\x00", "") for text in request.POST.getlist("chosen")][:PAGE]
    if not chosen:
        messages.error(request, _("Choose at least one program first."))
    count = 0
    for name in chosen:
        try:
            count += undo_name(name=name, by=request.user.username, at=datetime.now(UTC)).count
        except Refused as refused:
            messages.error(request, str(refused))
    if count:
        said = ngettext("%(n)s activity counts again from now on.", "%(n)s activities count again from now on.", count)
        messages.success(request, said % {"n": count})
    return redirect("machine-list")
