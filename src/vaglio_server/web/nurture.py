"""Nurture lists: who is on each, since when and why, and taking them away as a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio.terms import RATINGS
from vaglio_server.crm.queries import page_by_id
from vaglio_server.lifecycle.models import NurtureEnrollment
from vaglio_server.lifecycle.queries import NurtureList, members_now, members_once, nurture_lists
from vaglio_server.lifecycle.queries import nurture_list as find_list
from vaglio_server.scoring.queries import driving_version
from vaglio_server.users.models import MARKETERS, SEES_ALL
from vaglio_server.views.actions import tell_export
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.files import Cell, csv_file
from vaglio_server.web.whole_number import whole_number

PAGE = 50
AT_ONCE = 2_000  # rows of a file read in one go
LONGEST = 100


@allowed(*SEES_ALL)
def nurture_list(request: Signed) -> HttpResponse:
    """Show the lists, each with how many are on it, and to who may change it where the model says who is."""
    driving = driving_version() if request.user.role in MARKETERS else None
    return render(request, "nurture/nurture_list.html", {"lists": nurture_lists(), "driving": driving})


@allowed(*SEES_ALL)
def nurture_detail(request: Signed, track: str) -> HttpResponse:
    """Show who is on a list, the newest first, or who left it; further rows are asked for as fragments."""
    its = _list(track)
    was = "left" in request.GET
    rating = request.GET.get("rating", "") if request.GET.get("rating") in RATINGS else ""
    search = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST]
    found = members_once(track) if was else members_now(track, rating=rating, search=search)
    page = page_by_id(found, cursor=whole_number(request.GET.get("cursor")), limit=PAGE, newest_first=True)
    query = {key: value for key, value in (("left", "1" if was else ""), ("rating", rating), ("q", search)) if value}
    shown: dict[str, Any] = {
        "list": its, "rows": page.rows, "was": was, "rating": rating, "q": search,
        "more": f"?{urlencode(query | {'cursor': page.next_cursor})}" if page.next_cursor else "",
        "is_filtered": bool(rating or search),
    }  # fmt: skip
    return render(request, "nurture/_nurture_rows.html" if "HX-Request" in request.headers else "nurture/nurture_detail.html", shown)


def _list(name: str) -> NurtureList:
    found = find_list(name) if "\x00" not in name else None
    if found is None:
        raise Http404(f"no model names a nurture list {name[:LONGEST]}, and nobody is or was on one")
    return found


@allowed(*SEES_ALL)
@require_POST
def nurture_export(request: Signed, track: str) -> HttpResponseBase:
    """Give who is on a list now as a file; it is written down who took them."""
    _list(track)
    now = datetime.now(UTC)
    tell_export(by=request.user, at=now, query=f"nurture={track}", file="csv")
    heading = ["id", _("Rating"), _("First name"), _("Last name"), _("Name"), _("Email"), _("Company"), _("On the list since"), _("Why")]
    return csv_file(f"nurture-{track}-{now:%Y-%m-%d}", heading, _rows(track))


def _rows(name: str) -> Iterator[list[Cell]]:
    cursor: int | None = None
    while True:
        page = page_by_id(members_now(name), cursor=cursor, limit=AT_ONCE, newest_first=True)
        yield from map(_row, page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def _row(each: NurtureEnrollment) -> list[Cell]:
    lead = each.lead
    who = [str(lead.fields.get(name) or "") for name in ("first_name", "last_name", "name", "email")]
    return [lead.pk, lead.rating, *who, str(lead.account or ""), each.entered_at, str(each.get_why_display())]
