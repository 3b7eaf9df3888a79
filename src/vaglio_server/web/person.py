"""Personal data: what is stored of one person, to be given out or erased, and who was erased."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vaglio_server.crm.actions import let_in
from vaglio_server.crm.models import ErasedKey, Erasure, FieldChange, Note, Objection
from vaglio_server.forms.models import Submission
from vaglio_server.privacy.actions import erase, give_out, rate_again, stop_rating
from vaglio_server.privacy.queries import Person, hanging_on, person_of, records_of
from vaglio_server.refused import Refused
from vaglio_server.scoring.models import Score
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.models import Activity
from vaglio_server.users.models import Role
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.writers import writers

SHOWN = 100  # erasures
COUNTED: tuple[tuple[type[models.Model], Promise | str], ...] = (
    (Activity, gettext_lazy("Activities")),
    (FieldChange, gettext_lazy("Values and what they were")),
    (Score, gettext_lazy("Scores")),
    (Note, gettext_lazy("Notes")),
    (Submission, gettext_lazy("Forms sent")),
)


@dataclass(frozen=True)
class Figure:
    """How many rows of a kind are stored."""

    title: Promise | str
    count: int


@allowed(Role.ADMINISTRATOR)
@never_cache
def person_page(request: Signed) -> HttpResponse:
    """Look for one person, show what is stored of them, and who was erased."""
    asked = request.GET.get("email", "").strip()
    person = _asked(request)
    stored = _figures(person) if person else []
    found: dict[str, Any] = {"asked": asked, "is_asked": bool(asked or person), "person": person, "erasures": _erasures()}
    found["is_known"] = any(each.count for each in stored)
    if person:
        found |= {"records": records_of(person), "figures": stored, "keys": sorted(person.keys), "sure": _sure(person)}
        found["objects"] = _objects(person)
    return render(request, "privacy/person.html", found)


@allowed(Role.ADMINISTRATOR)
@require_POST
def person_give_out(request: Signed) -> HttpResponse:
    """Answer with everything that is stored of a person, as a file."""
    try:
        given = give_out(person=_asked(request), by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("person")
    headers = {"Content-Disposition": 'attachment; filename="person.zip"', "Cache-Control": "no-store"}
    return HttpResponse(given.file, content_type="application/zip", headers=headers)


@allowed(Role.ADMINISTRATOR)
@require_POST
def person_erase(request: Signed) -> HttpResponse:
    """Erase a person, once it was typed who that is."""
    person = _asked(request)
    if person and request.POST.get("sure", "").strip().lower() != _sure(person).lower():
        messages.error(request, _("Nothing was erased: what you typed is not {sure}").format(sure=_sure(person)))
        return redirect(f"{reverse('person')}?{request.META['QUERY_STRING']}")
    try:
        done = erase(person=person, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("person")
    messages.success(request, _("Erased. Backups from before still hold them; restoring one erases them again."))
    for name in done.receivers:
        messages.warning(request, _("{name} was told of them by webhooks: have them erased there, too.").format(name=name))
    for name in done.files:
        told = _("The file {name} waits to be brought in. Rows of theirs will be refused; discard it if it is not needed.")
        messages.warning(request, told.format(name=name))
    return redirect("person")


@allowed(Role.ADMINISTRATOR)
@require_POST
def person_objects(request: Signed) -> HttpResponse:
    """Rate a person no more, who objects to it, or again; then show them as before."""
    person, at = _asked(request), datetime.now(UTC)
    try:
        if request.POST.get("objects"):
            stop_rating(person=person, by=request.user.username, at=at)
            messages.success(request, _("They are rated no more; their scores are deleted."))
        else:
            rate_again(person=person, by=request.user.username, at=at)
            messages.success(request, _("They are rated again."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('person')}?{request.META['QUERY_STRING']}")


@allowed(Role.ADMINISTRATOR)
@require_POST
def person_let_in(request: Signed) -> HttpResponse:
    """Let somebody in again who was erased."""
    said = request.POST.get("email", "").strip()
    if let_in(keys=[("email", email_of(said) or "")], by=request.user.username, at=datetime.now(UTC)):
        messages.success(request, _("{email} is taken in again when it comes.").format(email=said))
    else:
        messages.error(request, _("Nobody with {email} was erased.").format(email=said))
    return redirect("person")


def _asked(request: Signed) -> Person:
    """Return the person an address asks for: by a mail address, a lead or a contact; nobody where it asks for none."""
    lead, contact = (whole_number(request.GET.get(name)) for name in ("lead", "contact"))
    email = request.GET.get("email", "").strip()
    if lead is None and contact is None and not email_of(email):
        return Person()
    return person_of(leads=_there(lead), contacts=_there(contact), email=email)


def _there(number: int | None) -> list[int]:
    return [] if number is None else [number]


def _sure(person: Person) -> str:
    """Return what is to be typed before somebody is erased: their mail address, else a word."""
    return person.emails[0] if person.emails else _("erase")


def _objects(person: Person) -> bool | None:
    """Return whether a person objects to being rated; None: there is no lead of theirs that could be."""
    if not person.leads:
        return None
    return Objection.objects.filter(lead__in=person.leads, until=None).count() == len(person.leads)


def _figures(person: Person) -> list[Figure]:
    found = hanging_on(person)
    named = [Figure(title, len(found.pop(model, ()))) for model, title in COUNTED]
    return [*(each for each in named if each.count), Figure(_("Other rows"), sum(map(len, found.values())))]


def _erasures() -> list[dict[str, Any]]:
    held = list(Erasure.objects.filter(is_by_age=False).order_by("-at", "-id")[:SHOWN])
    theirs = ErasedKey.objects.filter(person__in=[each.person for each in held])  # of who was erased again by a restore it knows none
    let_in = set(theirs.values_list("person", flat=True)) - set(theirs.filter(let_in_at=None).values_list("person", flat=True))
    names = writers([each.by for each in held])
    return [{"at": each.at, "by": names[each.by], "rows": sum(each.rows.values()), "is_out": each.person not in let_in} for each in held]
