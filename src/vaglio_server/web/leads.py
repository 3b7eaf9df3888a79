"""Leads: the list, ranked, filtered, searched, in the columns somebody chose, kept as views."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from vaglio.terms import RATINGS
from vaglio_server.crm.queries import LeadPage, owners
from vaglio_server.lifecycle.queries import offer_of_lists
from vaglio_server.scoring.engine import document_of
from vaglio_server.tracking.actions import OWN
from vaglio_server.users.models import MARKETERS, Role
from vaglio_server.views.logic.asked import MINE, NOBODY, SORTS, Asked
from vaglio_server.views.logic.conditions import side_by_side
from vaglio_server.views.models import SavedView
from vaglio_server.views.queries import COUNTED, Choice, Offer, TooSlow, count_on, in_time, leads_of, nearly, page_sorted
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.columns import beside, cell, columns
from vaglio_server.web.conditions import condition_added, ways, worded
from vaglio_server.web.whole_number import whole_number

PAGE = 50
MOST_BACK = 500_000  # that happened: so far a page looks back by itself
KEEPERS = (*MARKETERS, Role.SALES)  # who gives leads to sellers and keeps lists


def asked_of(request: HttpRequest) -> Asked:
    """Return what the address of a request asks of the list."""
    return Asked.of(dict(request.GET.lists()), RATINGS)


@allowed(*EVERYBODY)
def lead_list(request: Signed) -> HttpResponse:
    """Show leads, the first to call first; further rows are asked for as fragments."""
    if "on" in request.GET:
        return _with_condition(request)
    asked, has = asked_of(request), offer_of_lists()
    try:
        shown = _rows(request, asked, has)
    except ValueError as error:
        return HttpResponseBadRequest(str(error))
    if request.headers.get("HX-Request"):
        return render(request, "leads/_lead_rows.html", shown)
    return render(request, "leads/lead_list.html", shown | _around(request, asked, has))


@dataclass(frozen=True)
class _Read:
    """A page of leads as it was read; ``is_near``: no name is as typed, these are nearly so."""

    page: LeadPage
    faults: tuple[tuple[str, str], ...]
    is_near: bool = False
    is_slow: bool = False


def _read(request: Signed, asked: Asked, has: Offer) -> _Read:
    now, cursor, is_near = datetime.now(UTC), request.GET.get("cursor"), "near" in request.GET
    faults: tuple[tuple[str, str], ...] = ()
    try:
        with in_time():
            found = leads_of(replace(asked, search="") if is_near else asked, request.user, now, has)
            faults = found.faults
            found = nearly(found, asked.search) if is_near else found
            page = page_sorted(found, cursor=cursor, limit=PAGE, sort=asked.sort, goes_on="through" in request.GET)
            if page.leads or page.next_cursor or cursor or not asked.search:
                return _Read(page, faults, is_near)
            found = nearly(leads_of(replace(asked, search=""), request.user, now, has), asked.search)
            page = page_sorted(found, cursor=None, limit=PAGE, sort=asked.sort)
            return _Read(page, faults, is_near=bool(page.leads or page.next_cursor))
    except TooSlow:
        return _Read(LeadPage([], None), faults, is_slow=True)


def _rows(request: Signed, asked: Asked, has: Offer) -> dict[str, Any]:
    """Return what the rows show."""
    read, shown = _read(request, asked, has), columns(asked.columns, has)
    extra = beside(read.page.leads, shown, has)
    further = _further(request, asked, read.page)
    near = {"near": 1} if read.is_near else {}
    more = {"cursor": read.page.next_cursor} | near | (further.told() if further and read.page.looked else {})
    return {
        "columns": shown,
        "rows": [(lead, [(column, cell(lead, column, extra)) for column in shown]) for lead in read.page.leads],
        "ticked": {whole_number(text) for text in request.GET.getlist("lead")},
        "width": len(shown) + 3,
        "more": f"?{asked.query}&{urlencode(more)}" if read.page.next_cursor else None,
        "is_more": "cursor" in request.GET,
        "is_near": read.is_near,
        "is_marketer": request.user.role in MARKETERS,
        "is_slow": read.is_slow,
        "further": further,
        "is_short": bool(read.page.looked),
        "back_to": read.page.back_to,
        "faults": read.faults,
        "asked": asked,
    }


@dataclass(frozen=True)
class _Further:
    """How far a page is that was not full when so many leads, or so much that happened, were looked at for it; how many fit so far.

    ``is_by_itself``: the page looks on without being asked to. ``is_first``: no other page was before it.
    """

    through: int
    fit: int
    is_by_itself: bool
    is_first: bool

    def told(self) -> dict[str, int]:
        """Return it as parameters of the address of what comes next."""
        return {"through": self.through, "fit": self.fit} | ({"first": 1} if self.is_first else {})


def _further(request: Signed, asked: Asked, page: LeadPage) -> _Further | None:
    """Return how far a page is that goes on, or that is to go on; None for one that came whole."""
    goes_on = "through" in request.GET
    if not goes_on and not page.looked:
        return None
    before = {name: whole_number(request.GET.get(name)) or 0 for name in ("through", "fit")}
    through, fit = before["through"] + page.looked, before["fit"] + len(page.leads)
    by_itself = fit < PAGE and (through < MOST_BACK or not asked.is_by_happening)
    return _Further(through, fit, by_itself, "first" in request.GET or "cursor" not in request.GET)


def _around(request: Signed, asked: Asked, has: Offer) -> dict[str, Any]:
    """Return what stands around the rows: views, filters, columns, and what can be done with leads."""
    document = document_of(has.driving.text) if has.driving else None
    sales = list(document.ratings.sales) if document and document.ratings else []
    sellers = owners(request.user)
    others = [(str(each.pk), each.called) for each in sellers if each != request.user]
    return {
        "views": _views(request, asked),
        "ratings": [(rating, rating in asked.ratings) for rating in RATINGS],
        "chosen": len(asked.ratings),
        "sales": sales,
        "is_sales": bool(sales) and set(asked.ratings) == set(sales),
        "owners": [("", _("All owners")), (MINE, _("Mine")), (NOBODY, _("Nobody's")), *others],
        "sorts": _sorts(),
        "filter_groups": has.groups,
        "column_groups": [(title, [(each, each.name in asked.columns) for each in group]) for title, group in has.columns.items()],
        "chips": _chips(asked, has),
        "may_change": request.user.role in KEEPERS,
        "sellers": sellers,
        "fields": [
            (name, each.title)
            for each in has.groups.get(_("Lead"), [])
            if each.name.startswith("lead.") and (name := each.name.removeprefix("lead.")) != OWN
        ],
        "files": [("csv", _("CSV")), ("xlsx", _("Excel"))],
        "lists": [each.name.removeprefix("list.") for each in has.groups.get(_("List"), [])],
    }


def _chips(asked: Asked, has: Offer) -> list[tuple[str, str]]:
    """Return each condition in words with the address without it; those of which one is enough stand beside each other."""
    return [
        (_("or {condition}").format(condition=words) if place else words, address_of(asked.without(each)))
        for those in side_by_side(asked.conditions)
        for place, each in enumerate(those)
        for words in [worded(each, has.choices)]
    ]


def _sorts() -> list[tuple[str, str]]:
    """Return what the list can be sorted by."""
    words = {
        "name": _("Name, A to Z"), "-name": _("Name, Z to A"), "company": _("Company, A to Z"), "-company": _("Company, Z to A"),
        "-created": _("Newest first"), "created": _("Oldest first"),
        "-active": _("Last active first"), "-changed": _("Rating changed last first"),
    }  # fmt: skip
    return [("", _("First to call first")), *((name, words[name]) for name in SORTS)]


def _views(request: Signed, asked: Asked) -> list[tuple[SavedView, bool]]:
    found = SavedView.objects.visible_to(request.user).select_related("owner").order_by("name", "id")
    return [(view, view.query == asked.query) for view in found]


def address_of(asked: Asked) -> str:
    """Return where the list stands that is asked for."""
    return f"{reverse('lead-list')}?{asked.query}" if asked.query else reverse("lead-list")


def _with_condition(request: Signed) -> HttpResponse:
    """Go to the list with one condition more, as the form beside it was filled in."""
    given = request.GET
    lists = dict(given.lists())
    lists["where"] = [*lists.get("where", []), condition_added(given)]
    return redirect(address_of(Asked.of(lists, RATINGS)))


@allowed(*EVERYBODY)
def lead_filter(request: Signed) -> HttpResponse:
    """Show how something can be asked of leads, and the place for the value."""
    name = request.GET.get("on", "")
    choice = offer_of_lists().choices.get(name, Choice("", "", "text"))
    how = request.GET.get("how", "")
    asked = [(each, title) for each, title in ways(choice.kind)]
    chosen = how if how in dict(asked) else asked[0][0]
    return render(request, "leads/_lead_filter.html", {"choice": choice, "ways": asked, "how": chosen})


@allowed(*EVERYBODY)
def lead_count(request: Signed) -> HttpResponse:
    """Say how many leads are asked for, or how many so far; then the page asks again."""
    asked, count, near = asked_of(request), None, "near" in request.GET
    before = min(whole_number(request.GET.get("n")) or 0, COUNTED)
    try:
        with in_time():
            found = leads_of(replace(asked, search="") if near else asked, request.user, datetime.now(UTC), offer_of_lists())
            count = count_on(nearly(found, asked.search) if near else found, cursor=request.GET.get("cursor"), before=before)
    except ValueError as error:
        return HttpResponseBadRequest(str(error))
    except TooSlow:
        pass
    onward = {"cursor": count.next_cursor, "n": count.number} | ({"near": 1} if near else {}) if count and count.next_cursor else None
    context = {"count": count, "is_all": asked.is_all, "onward": f"?{asked.query}&{urlencode(onward)}" if onward else None}
    return render(request, "leads/_lead_count.html", context)
