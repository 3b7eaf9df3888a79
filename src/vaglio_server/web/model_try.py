"""Trying a version, also a draft: on a lead, or on values typed in. Nothing is stored."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vaglio.dates import to_microseconds
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.scoring.engine import Instants, ModelDocument, document_of
from vaglio_server.scoring.logic.given import Misfit
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import versions_of
from vaglio_server.scoring.scorers import a_scorer
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.audience import audience_words
from vaglio_server.web.joining import lead_now
from vaglio_server.web.model_try_form import TryForm, act_box, blamed, checked, filled, of_lead
from vaglio_server.web.models import version_asked
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.why import sides
from vaglio_server.web.words import plain

FOUND = 8


def _asked(request: Signed, name: str) -> tuple[ModelVersion, ModelDocument, list[ModelVersion]]:
    versions = list(versions_of(name))
    version = version_asked(versions, request.GET.get("version", ""), name)
    return version, document_of(version.text), versions


@allowed(*EVERYBODY)
@require_http_methods(["GET", "POST"])
def model_try(request: Signed, name: str) -> HttpResponse:
    """Show the form, empty or with what is known of a lead, and what the version says of what was filled in."""
    version, document, versions = _asked(request, name)
    context: dict[str, Any] = {"version": version, "versions": versions, "document": document, "q": request.GET.get("q", "")}
    if request.method == "POST":
        form, result = _tried(document, filled(document, {key: str(value) for key, value in request.POST.items()}))
        context |= {"form": form, "is_tried": True, **result}
        return render(request, "models/_try_form.html" if request.headers.get("HX-Request") else "models/model_try.html", context)
    context["leads"] = _found(request, context["q"])
    if request.headers.get("HX-Request"):
        return render(request, "models/_try_found.html", context)
    chosen = whole_number(request.GET.get("lead"))
    lead = lead_now(request, chosen) if chosen is not None else None
    context |= {"lead": lead, "form": _form_of(document, lead) if lead else filled(document, {})}
    return render(request, "models/model_try.html", context)


def _found(request: Signed, asked: str) -> list[Lead]:
    if not asked.strip() or "\x00" in asked:
        return []
    found = Lead.objects.visible_to(request.user).found_by(asked).select_related("account")
    return list(found.order_by("rank", "id")[:FOUND])


def _form_of(document: ModelDocument, lead: Lead) -> TryForm:
    members = ListMember.objects.filter(to_at=None, list__in=document.lists())
    own = {member.list for member in members.filter(lead=lead)}
    company = {member.list for member in members.filter(account=lead.account_id)} if lead.account_id else set()
    return of_lead(document, lead, own, company)


def _tried(document: ModelDocument, form: TryForm) -> tuple[TryForm, dict[str, Any]]:
    """Return the form with what is wrong in it; or, where nothing is, what the document says of it."""
    now = datetime.now(UTC)
    form, given = checked(form, now)
    at = to_microseconds(now)
    try:
        with a_scorer() as scorer:
            found, _ignored = scorer.given(document, given, Instants(at, at))
    except Misfit as misfit:
        return blamed(form, misfit.faults), {}
    return form, {} if form.is_wrong else _said(document, found)


def _said(document: ModelDocument, found: Any) -> dict[str, Any]:
    """Return what a page shows of an explanation."""
    if found is None:
        return {"is_outside": True, "audience": audience_words(document)}
    rating = found.row["rating"]
    place = document.destination(rating) if rating else None
    words = {None: "", "sales": _("for sales now"), "none": _("no action")}.get(place, _("nurture: {name}").format(name=plain(place)))
    return {"found": found, "row": found.row, "sides": sides(document, found), "missing": found.missing[:3], "destination": words}


@allowed(*EVERYBODY)
def model_try_lead(request: Signed, name: str, lead_id: int) -> HttpResponse:
    """Show what a version says of a lead, from everything that is known of it now."""
    version, document, _versions = _asked(request, name)
    lead = lead_now(request, lead_id)
    at = to_microseconds(datetime.now(UTC))
    with a_scorer() as scorer:
        found = scorer.explanation(document, lead.pk, Instants(at, at))
    return render(request, "models/_try_result.html", {"version": version, "document": document, "lead": lead, **_said(document, found)})


@allowed(*EVERYBODY)
def model_try_activity(request: Signed, name: str) -> HttpResponse:
    """Show the places for one activity more."""
    _version, document, _versions = _asked(request, name)
    activity_type = request.GET.get("type", "")
    if activity_type not in document.inputs.activities:
        raise Http404(_("the model does not read {name}").format(name=activity_type[:100]))
    return render(request, "models/_try_act.html", {"act": act_box(document, activity_type, timezone.localdate())})
