"""Leads: the list, ranked, filtered and searched."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from vaglio.terms import RATINGS
from vaglio_server.crm.models import Lead, LeadQuerySet
from vaglio_server.crm.queries import owners, page_of_leads
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.queries import live_versions
from vaglio_server.tracking.queries import last_activity
from vaglio_server.web.access import EVERYBODY, Signed, allowed

PAGE = 50
MINE, NOBODY = "me", "none"


@allowed(*EVERYBODY)
def lead_list(request: Signed) -> HttpResponse:
    """Show leads, the first to call first; further rows are asked for as fragments."""
    asked = request.GET
    ratings = [rating for rating in asked.getlist("rating") if rating in RATINGS]
    found = _owned(request, Lead.objects.visible_to(request.user).found_by(asked.get("q", "")), asked.get("owner", ""))
    if ratings:
        found = found.filter(rating__in=ratings)
    try:
        page = page_of_leads(found.select_related("account", "owner"), cursor=asked.get("cursor"), limit=PAGE)
    except ValueError as error:
        return HttpResponseBadRequest(str(error))
    kept = urlencode([("q", asked.get("q", "")), ("owner", asked.get("owner", "")), *(("rating", rating) for rating in ratings)])
    last = last_activity(page.leads)
    shown = {
        "rows": [(lead, last.get(lead.pk)) for lead in page.leads],
        "more": f"?{kept}&{urlencode({'cursor': page.next_cursor})}" if page.next_cursor else None,
        "is_more": "cursor" in asked,
    }
    if request.headers.get("HX-Request"):
        return render(request, "leads/_lead_rows.html", shown)
    return render(request, "leads/lead_list.html", shown | _filters(request, ratings))


def _owned(request: Signed, found: LeadQuerySet, owner: str) -> LeadQuerySet:
    if owner == MINE:
        return found.filter(owner=request.user)
    if owner == NOBODY:
        return found.filter(owner=None)
    return found.filter(owner=int(owner)) if owner.isascii() and owner.isdigit() and len(owner) < 19 else found


def _filters(request: Signed, ratings: list[str]) -> dict[str, object]:
    version = live_versions().first()
    document = document_of(version.text) if version else None
    choices = [("", _("All owners")), (MINE, _("Mine")), (NOBODY, _("Nobody's"))]
    choices += [(str(user.pk), user.called) for user in owners(request.user) if user != request.user]
    return {
        "ratings": [(rating, rating in ratings) for rating in RATINGS],
        "chosen": len(ratings),
        "sales": list(document.ratings.sales) if document and document.ratings else [],
        "is_sales": bool(document and document.ratings and set(ratings) == set(document.ratings.sales)),
        "owners": choices,
        "owner": request.GET.get("owner", ""),
        "q": request.GET.get("q", ""),
    }
