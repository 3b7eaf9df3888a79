"""The way back from what was done with many leads at once, offered beside what is said of it.

What there was before stays in the session of whoever did it, for the newest deed alone: leads that somebody else changed since stay so,
merged into others too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio.terms import RATINGS
from vaglio_server.crm.actions import add_leads_to_list, end_entries
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.lifecycle.actions import assign_by_hand
from vaglio_server.lifecycle.models import BY, StageMove
from vaglio_server.tracking.actions import put_back
from vaglio_server.users.models import User
from vaglio_server.views.logic.asked import Asked
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.words import plain

KEPT = "bulk-before"  # of a session
SLICE = 1_000  # leads changed in one transaction: a fact about one of them waits so long
Owners = list[tuple[int | None, list[int]]]  # who had which leads


def slices(leads: list[int]) -> Iterator[list[int]]:
    """Return leads, so many at a time as are changed in one transaction."""
    return (leads[start : start + SLICE] for start in range(0, len(leads), SLICE))


def owners_before(leads: Sequence[int], owner: User | None) -> Owners:
    """Return whose leads are, of those that will be another's by giving them to somebody, or to nobody."""
    found: dict[int | None, list[int]] = {}
    for lead, its in Lead.objects.filter(pk__in=leads).order_by("pk").values_list("pk", "owner"):
        if its != (owner.pk if owner else None):
            found.setdefault(its, []).append(lead)
    return list(found.items())


def given(request: Signed, owner: User | None, before: Owners) -> str:
    """Keep who had leads that were given away, and return the address by which they are given back; empty where none changed hands."""
    return _kept(request, {"do": "give", "owner": owner.pk if owner else None, "before": before}) if before else ""


def put_on(request: Signed, entries: Iterable[ListMember]) -> str:
    """Keep which entries of a list are new, and return the address by which they end; empty where none is."""
    rows = list(entries)
    return _kept(request, {"do": "put", "name": rows[0].list, "entries": [each.pk for each in rows]}) if rows else ""


def taken_off(request: Signed, name: str, leads: list[int]) -> str:
    """Keep who was taken off a list, and return the address by which they are on it again; empty where nobody was."""
    return _kept(request, {"do": "take", "name": name, "leads": leads}) if leads else ""


def changed(request: Signed, name: str, value: Any, had: Mapping[int, Any]) -> str:
    """Keep what leads had before they got a value, and return the address by which they get that back; empty where none changed."""
    before: dict[str, tuple[Any, list[int]]] = {}
    for lead, its in had.items():
        before.setdefault(repr(its), (its, []))[1].append(lead)
    return _kept(request, {"do": "field", "name": name, "value": value, "before": list(before.values())}) if had else ""


def _kept(request: Signed, before: dict[str, Any]) -> str:
    key = token_urlsafe(9)
    query = request.POST.get("query")  # what the list shows; none of idle leads
    request.session[KEPT] = before | {"key": key, "query": query, "at": datetime.now(UTC).isoformat()}
    return reverse("lead-bulk-undo", args=[key])


@allowed(*KEEPERS)
@require_POST
def lead_bulk_undo(request: Signed, key: str) -> HttpResponse:
    """Undo the newest thing that somebody did with many leads at once."""
    before = request.session.get(KEPT, {})
    if before.get("key") != key:
        messages.error(request, _("That cannot be undone any more: only the last thing done with many leads can."))
        return redirect("lead-list")
    del request.session[KEPT]
    undo = {"give": _give_back, "put": _take_off, "take": _put_back, "field": _change_back}[before["do"]]
    messages.success(request, undo(request, before))
    if before["query"] is None:
        return redirect("idle-list")
    return redirect(f"{reverse('lead-list')}?{Asked.of(parse_qs(before['query']), RATINGS).query}")


def _give_back(request: Signed, before: dict[str, Any]) -> str:
    """Give leads back to whoever had them, of those that nobody gave away since, or moved as by accepting them."""
    asked = count = 0
    moved = StageMove.objects.filter(at__gt=datetime.fromisoformat(before["at"])).exclude(by__in=[BY, request.user.username])
    for owner, leads in before["before"]:
        theirs = Lead.objects.present().filter(pk__in=leads, owner=before["owner"])
        still = list(theirs.exclude(pk__in=moved.filter(lead__in=leads).values("lead")).order_by("pk").values_list("pk", flat=True))
        had = User.objects.filter(pk=owner).first() if owner is not None else None
        for some in slices(still):
            assign_by_hand(leads=some, owner=had, by=request.user.username, at=datetime.now(UTC), is_undone=True)
        asked, count = asked + len(leads), count + len(still)
    said = ngettext("{n} lead is back with whoever had it.", "{n} leads are back with whoever had them.", count).format(n=f"{count:,}")
    others = ngettext(
        "{n} was given away or taken up since, and stays so.", "{n} were given away or taken up since, and stay so.", asked - count
    )
    return said if asked == count else f"{said} {others.format(n=f'{asked - count:,}')}"


def _take_off(request: Signed, before: dict[str, Any]) -> str:
    at = datetime.now(UTC)
    count = sum(end_entries(entries=some, by=request.user.username, at=at) for some in slices(before["entries"]))
    said = ngettext("{n} lead is off the list {name} again.", "{n} leads are off the list {name} again.", count)
    return said.format(n=f"{count:,}", name=plain(before["name"]))


def _put_back(request: Signed, before: dict[str, Any]) -> str:
    name, by, at = before["name"], request.user.username, datetime.now(UTC)
    leads = list(Lead.objects.present().filter(pk__in=before["leads"]).order_by("pk").values_list("pk", flat=True))
    count = sum(add_leads_to_list(name=name, leads=some, by=by, at=at) for some in slices(leads))
    said = ngettext("{n} lead is on the list {name} again.", "{n} leads are on the list {name} again.", count)
    return said.format(n=f"{count:,}", name=plain(before["name"]))


def _change_back(request: Signed, before: dict[str, Any]) -> str:
    """Give leads the values of a field that they had, of those whose value nobody changed since."""
    name, by = before["name"], request.user.username
    had = {lead: value for value, leads in before["before"] for lead in leads}
    count = sum(
        put_back(field=name, value=before["value"], had={lead: had[lead] for lead in some}, by=by, at=datetime.now(UTC))
        for some in slices(list(had))
    )
    said = ngettext("{field} of {n} lead is as it was.", "{field} of {n} leads is as it was.", count)
    return said.format(field=plain(name), n=f"{count:,}")
