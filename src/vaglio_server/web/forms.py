"""Forms for those who make them: from a start to a page that can be sent or embedded, and what came in by it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio.text import snake_case
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.forms.actions import BadForm, create_form, delete_form, update_form
from vaglio_server.forms.logic.drafts import MOST_FIELDS, WIDGETS, Draft, Faults, FormField, clean, line, widget_of
from vaglio_server.forms.logic.starts import STARTS
from vaglio_server.forms.models import ConsentText, Form, Reason, SubmissionState
from vaglio_server.forms.queries import Part, askable, consent_now, forms, free_names, refusals, submissions_of
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.audience import unrated_by
from vaglio_server.web.public_forms import questions
from vaglio_server.web.whole_number import whole_number

PAGE = 50
OWN = "-"  # a question whose answer is no field of the lead


@allowed(*MARKETERS)
def form_list(request: Signed) -> HttpResponse:
    """Show all forms with what came in, and make another from a start."""
    if request.method != "POST":
        found = list(forms())
        return render(request, "forms/form_list.html", {
            "forms": [each for each in found if each.deleted_at is None],
            "deleted": [each for each in found if each.deleted_at is not None],
            "starts": [(name, _said(draft)) for name, draft in STARTS.items()],
        })  # fmt: skip
    start = STARTS.get(request.POST.get("start", ""))
    if start is None:
        messages.error(request, _("Choose what to start from."))
        return redirect("form-list")
    draft = _said(start)
    name, slug = free_names(draft.name, draft.slug)
    made = create_form(
        draft=replace(draft, name=name, slug=slug), can_mail=settings.CAN_MAIL, by=request.user.username, at=datetime.now(UTC)
    )
    return redirect("form-edit", made.pk)


def _said(draft: Draft) -> Draft:
    """Return a start in the reader's language."""
    told: dict[str, Any] = {part: _(getattr(draft, part)) for part in ("name", "title", "intro", "button", "thanks", "consent")}
    return replace(draft, **told, fields=tuple(replace(each, label=_(each.label)) for each in draft.fields))


@allowed(*MARKETERS)
def form_detail(request: Signed, form_id: int) -> HttpResponse:
    """Show what came in by a form, newest first, and what to paste; the list asks for itself again while it is looked at."""
    form = get_object_or_404(forms(), pk=form_id)
    state, reason = request.GET.get("state", ""), request.GET.get("reason", "")
    part = Part(
        state if state in SubmissionState.values else "", reason if reason in Reason.values else "", whole_number(request.GET.get("cursor"))
    )
    rows = submissions_of(form, part, limit=PAGE + 1, at=datetime.now(UTC))
    found = {
        "form": form, "rows": rows[:PAGE], "more": rows[PAGE - 1].submission.pk if len(rows) > PAGE else None, "part": part,
        "state": part.state, "states": SubmissionState.choices, "address": _address(request, form), "can_mail": settings.CAN_MAIL,
        "unrated": unrated_by({each.name for each in form.asked}),
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "forms/_form_live.html", found)
    return render(request, "forms/form_detail.html", found | _refused(form, part, rows))


def _refused(form: Form, part: Part, rows: list[Any]) -> dict[str, Any]:
    """Return why submissions were refused, and what can be done with all that the list shows; nothing where it shows others."""
    if part.state != SubmissionState.REFUSED or part.before is not None:
        return {}
    reasons = refusals(form)
    count = sum(n for reason, _words, n in reasons if part.reason in ("", reason))
    return {"reasons": reasons, "count": count, "newest": rows[0].submission.pk if rows else None}


def _address(request: Signed, form: Form) -> str:
    return request.build_absolute_uri(reverse("form-page", args=[form.public_id]))


@allowed(*MARKETERS)
def form_edit(request: Signed, form_id: int) -> HttpResponse:
    """Change a form. Questions are added, moved and taken out without anything being kept before it is saved."""
    form = get_object_or_404(Form, pk=form_id)
    if form.deleted_at is not None:
        messages.error(request, _("This form is deleted; make another one."))
        return redirect("form-detail", form.pk)
    if request.method != "POST":
        consent = consent_now(form)
        return _editor(request, form, form.draft(consent.text if consent else ""), Faults())
    draft = _draft(request.POST)
    do = request.POST.get("do", "save")
    if do != "save":
        return _editor(request, form, replace(draft, fields=_rearranged(draft.fields, do)), Faults())
    try:
        update_form(form=form, draft=draft, can_mail=settings.CAN_MAIL, by=request.user.username, at=datetime.now(UTC))
    except BadForm as bad:
        return _editor(request, form, draft, bad.faults, status=422)
    messages.info(request, _("The form is saved; visitors see it so from now on."))
    return redirect("form-detail", form.pk)


@allowed(*MARKETERS)
@require_POST
def form_delete(request: Signed, form_id: int) -> HttpResponse:
    """Delete a form, but not what was sent by it."""
    form = get_object_or_404(Form, pk=form_id)
    try:
        delete_form(form=form, by=request.user.username, at=datetime.now(UTC))
        messages.info(request, _("The form %(name)s is deleted. What was sent by it stays, and so do the leads.") % {"name": form.name})
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("form-detail", form_id)
    return redirect("form-list")


@allowed(*MARKETERS)
@require_POST
def form_preview(request: Signed, form_id: int) -> HttpResponse:
    """Show a form as visitors would see it, as it is being written."""
    get_object_or_404(Form, pk=form_id)
    return render(request, "forms/_form_preview.html", _preview(_draft(request.POST)))


def _preview(draft: Draft) -> dict[str, Any]:
    return {"draft": draft, "questions": questions(draft), "consent": draft.consent}


def _editor(request: Signed, form: Form, draft: Draft, faults: Faults, status: int = 200) -> HttpResponse:
    fields = askable()
    rows = [
        {"place": place, "field": each, "is_own": each.name not in fields, "fault": _(fault) if (fault := faults.fields.get(place)) else "",
         "may_choose_widget": widget_of(fields.get(each.name), "lines") == "lines", "choices": "\n".join(each.choices),
         "keeps_choices": bool(fields[each.name].choices) if each.name in fields else False}
        for place, each in enumerate(draft.fields)
    ]  # fmt: skip
    found = {
        "form": form, "rows": rows, "fields": [(name, _(each.label)) for name, each in fields.items()], "own": OWN,
        "widgets": _widgets(), "parts": {part: _(fault) for part, fault in faults.parts.items()}, "origins": "\n".join(draft.origins),
        "fields_fault": _(faults.fields[-1]) if -1 in faults.fields else "", "is_faulty": bool(faults), "can_mail": settings.CAN_MAIL,
        "unrated": unrated_by({each.name for each in draft.fields}),
        "versions": ConsentText.objects.filter(form=form).exclude(text="").order_by("-version")[:20], **_preview(draft),
    }  # fmt: skip
    return render(request, "forms/form_edit.html", found, status=status)


def _widgets() -> list[tuple[str, str]]:
    told = {"line": _("one line"), "lines": _("several lines"), "number": _("a number"), "choice": _("one of some choices"),
            "yes_no": _("a box to tick"), "date": _("a day")}  # fmt: skip
    return [(name, told[name]) for name in WIDGETS]


def _draft(told: QueryDict) -> Draft:
    """Return the form as it stands in the editor."""
    count = told.get("count", "")
    known = askable()
    places = range(min(int(count), MOST_FIELDS + 1) if re.fullmatch("[0-9]{1,3}", count, re.ASCII) else 0)
    return Draft(
        name=line(told.get("name", "")), slug=line(told.get("slug", "")), title=line(told.get("title", "")),
        fields=tuple(_field(told, f"f{place}_", known) for place in places), button=line(told.get("button", "")),
        thanks=clean(told.get("thanks", "")), intro=clean(told.get("intro", "")), redirect_to=line(told.get("redirect_to", "")),
        consent=clean(told.get("consent", "")), is_double_opt_in="is_double_opt_in" in told,
        origins=tuple(dict.fromkeys(each.rstrip("/").lower() for each in clean(told.get("origins", "")).split())),
        is_open="is_open" in told,
    )  # fmt: skip


def _field(told: QueryDict, before: str, known: Mapping[str, Definition]) -> FormField:
    label, chosen = line(told.get(f"{before}label", "")), told.get(f"{before}name", "")
    definition = known.get(chosen)
    own = line(told.get(f"{before}own", "")) or snake_case(label).lstrip("0123456789_")[:60].rstrip("_")
    widget = widget_of(definition, told.get(f"{before}widget", ""))
    choices = tuple(dict.fromkeys(line(each) for each in clean(told.get(f"{before}choices", "")).split("\n") if each.strip()))
    if definition is not None and definition.choices:
        choices = definition.choices
    name = own if chosen == OWN else line(chosen)
    return FormField(name, label, widget, f"{before}required" in told, choices if widget == "choice" else ())


def _rearranged(fields: tuple[FormField, ...], do: str) -> tuple[FormField, ...]:
    """Return questions with one more, one less, or one moved by one place; what cannot be done changes nothing."""
    if do == "add":
        names = {each.name for each in fields}
        free = next(((name, each) for name, each in askable().items() if name not in names), None)
        return (*fields, FormField(free[0], _(free[1].label), widget_of(free[1], "line"), choices=free[1].choices)) if free else fields
    found = re.fullmatch("(up|down|remove)-([0-9]{1,2})", do, re.ASCII)
    if found is None or int(found[2]) >= len(fields):
        return fields
    place, left = int(found[2]), list(fields)
    taken = left.pop(place)
    if found[1] != "remove":
        left.insert(max(0, place - 1) if found[1] == "up" else place + 1, taken)
    return tuple(left)
