"""A lead made by hand: what stands on a business card."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.lifecycle.actions import make_lead
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import Known
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.audience import unrated_by
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.numbers import typed_values
from vaglio_server.web.words import lines

ON_A_CARD = ("email", "first_name", "last_name", "job_title", "company", "phone", "country")
NOT_TYPED = {"name", "is_suspicious", "lead_owner"}  # said otherwise, found out, or given by whoever gives leads


@allowed(*KEEPERS)
def lead_new(request: Signed) -> HttpResponse:
    """Make a lead; a seller owns the leads that they make."""
    faults: tuple[str, ...] = ()
    known: Lead | None = None
    if request.method == "POST":
        try:
            lead = Lead.objects.get(pk=make_lead(fields=_told(request), by=request.user, at=datetime.now(UTC)))
            said = _("{lead} is there; the rating follows within a moment.")
            if unrated_by({name for name, value in lead.fields.items() if value not in (None, "")}):
                said = _("{lead} is there, without a rating: see below what the model asks for.")
            messages.success(request, said.format(lead=lead))
            return redirect("lead-detail", lead.pk)
        except FaultyValues as refused:
            faults = refused.faults
        except Known as refused:
            faults, known = (str(refused),), refused.lead
        except Refused as refused:
            faults = (str(refused),)
    context = {"faults": faults, "known": known, **_places(request)}
    return render(request, "leads/lead_new.html", context, status=422 if faults else 200)


def _offered() -> list[Definition]:
    return [each for each in fields_of("lead").values() if not each.is_retired and each.name not in NOT_TYPED]


def _told(request: Signed) -> dict[str, Any]:
    """Return what was typed, by field.

    Raises
    ------
    FaultyValues
        A number can be two.
    """
    values = typed_values((field, lines(request.POST.get(field.name, "").replace("\x00", "")).strip()) for field in _offered())
    return {name: value for name, value in values.items() if value is not None}


def _places(request: Signed) -> dict[str, Any]:
    """Return the fields with what was typed: those of a card first, the others where they are asked for."""
    offered = {each.name: each for each in _offered()}
    typed = {name: request.POST.get(name, "") for name in offered}
    first = [offered[name] for name in ON_A_CARD if name in offered]
    others = [each for name, each in offered.items() if name not in ON_A_CARD]
    return {
        "first": [(each, typed[each.name]) for each in first],
        "others": [(each, typed[each.name]) for each in others],
        "is_more": any(typed[each.name] for each in others),
    }
