"""What is done with many leads at once: given to a seller, put on a list, taken away as a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio.terms import RATINGS
from vaglio_server.crm.actions import put_on_lists, remove_leads_from_list
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.lifecycle.actions import assign_by_hand
from vaglio_server.lifecycle.queries import offer_of_lists
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import edit_leads
from vaglio_server.views.actions import tell_export
from vaglio_server.views.logic.asked import Asked
from vaglio_server.views.queries import Found, Offer, TooSlow, in_time, leads_of, page_sorted
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.bulk_undo import SLICE, changed, given, owners_before, put_on, slices, taken_off
from vaglio_server.web.columns import Column, beside, cell, columns, in_file
from vaglio_server.web.files import Cell, csv_file, xlsx_file
from vaglio_server.web.lead_deeds import field_named
from vaglio_server.web.leads import KEEPERS, PAGE
from vaglio_server.web.list_names import list_named, said_if_new
from vaglio_server.web.numbers import typed_value
from vaglio_server.web.sellers import seller_or_nobody
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import lines, plain

MOST = 10_000  # leads changed at once
MOST_IN_BOOK = 100_000
SLOW_MS = 30_000


@allowed(*KEEPERS)
@require_POST
def lead_bulk(request: Signed) -> HttpResponse:
    """Do something with the leads chosen, or with all that the list shows."""
    asked = Asked.of(parse_qs(request.POST.get("query", "")), RATINGS)
    do = {"assign": _assign, "add": _add, "remove": _remove, "field": _change}.get(request.POST.get("do", ""))
    try:
        if do is None:
            raise Refused(_("Choose what to do with the leads."))
        messages.success(request, *do(request, _chosen(request, asked)))
    except Refused as refused:
        messages.error(request, str(refused))
        # Those that were ticked stay ticked, as far as the list shows them at once.
        ticked = urlencode([*asked.pairs(), *(("lead", text) for text in request.POST.getlist("lead")[:PAGE])])
        return redirect(f"{reverse('lead-list')}?{ticked}")
    return redirect(f"{reverse('lead-list')}?{asked.query}")


def _chosen(request: Signed, asked: Asked) -> list[int]:
    """Return the leads chosen, of those the user may see."""
    if "all" not in request.POST:
        ids = [each for text in request.POST.getlist("lead")[:MOST] if (each := whole_number(text)) is not None]
        if not ids:
            raise Refused(_("No lead is chosen: tick some in the list first."))
        found = list(Lead.objects.visible_to(request.user).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    else:
        try:
            with in_time(SLOW_MS):
                those = leads_of(asked, request.user, datetime.now(UTC), offer_of_lists())
                _whole(those)
                found = sorted(those.leads.values_list("pk", flat=True)[: MOST + 1])
        except TooSlow as error:
            raise Refused(_("This takes too long with so many leads; narrow the list first.")) from error
        if len(found) > MOST:
            raise Refused(_("These are more than {n} leads; narrow the list first.").format(n=f"{MOST:,}"))
    if not found:
        raise Refused(_("No lead is chosen."))
    return found


def _whole(those: Found) -> None:
    """Let nothing happen to leads that a filter would have left out, had it been understood."""
    if those.faults:
        text, why = those.faults[0]
        raise Refused(_("No lead is chosen: “{text}” {why}. Take that filter away first.").format(text=text, why=why))


def _assign(request: Signed, leads: list[int]) -> tuple[str, str]:
    """Give leads to a seller or to nobody, and return what is said then and the address by which that is undone, as each deed does."""
    owner = seller_or_nobody(request)
    before = owners_before(leads, owner)
    for some in slices(leads):
        assign_by_hand(leads=some, owner=owner, by=request.user.username, at=datetime.now(UTC))
    said = ngettext("{n} lead is {name}'s now.", "{n} leads are {name}'s now.", len(leads)) if owner else _("{n} leads are nobody's now.")
    return said.format(n=f"{len(leads):,}", name=owner.called if owner else ""), given(request, owner, before)


def _add(request: Signed, leads: list[int]) -> tuple[str, str]:
    name, at = list_named(request), datetime.now(UTC)
    made = said_if_new(name)
    new = [each for some in slices(leads) for each in put_on_lists(lists={name: some}, by=request.user.username, at=at)]
    said = _("{n} of {all} leads are new on the list {name}.").format(n=f"{len(new):,}", all=f"{len(leads):,}", name=plain(name))
    return said + made, put_on(request, new)


def _remove(request: Signed, leads: list[int]) -> tuple[str, str]:
    name, at = list_named(request), datetime.now(UTC)
    on = list(ListMember.objects.filter(list=name, lead__in=leads, to_at=None).order_by("lead").values_list("lead", flat=True))
    gone = sum(remove_leads_from_list(name=name, leads=some, by=request.user.username, at=at) for some in slices(leads))
    return _("{n} leads were taken off the list {name}.").format(n=f"{gone:,}", name=plain(name)), taken_off(request, name, on)


def _change(request: Signed, leads: list[int]) -> tuple[str, str]:
    field, text = field_named(request.POST.get("field", "")), lines(request.POST.get("value", "")).strip()
    if not text:
        raise Refused(_("Say the value that all of them get."))
    value, by = typed_value(text, field.kind), request.user.username
    done = [edit_leads(leads=some, field=field.name, value=value, by=by, at=datetime.now(UTC)) for some in slices(leads)]
    had = {lead: before for each in done for lead, before in each.had.items()}
    said = ngettext("{field} of {n} lead is changed; it is rated anew.", "{field} of {n} leads is changed; they are rated anew.", len(had))
    said = said.format(field=plain(field.name), n=f"{len(had):,}")
    so = len(leads) - len(had)
    said += " " + ngettext("{n} had it so already.", "{n} had it so already.", so).format(n=f"{so:,}") if so else ""
    return said, changed(request, field.name, done[0].value, had)


@allowed(*KEEPERS)
def lead_bulk_value(request: Signed) -> HttpResponse:
    """Show the place for a value of a field, for all leads that are chosen."""
    try:
        return render(request, "leads/_bulk_value.html", {"field": field_named(request.GET.get("field", ""))})
    except Refused:
        return HttpResponse()


@allowed(*EVERYBODY)
@require_POST
def lead_export(request: Signed, kind: str) -> HttpResponseBase:
    """Give the leads that the list shows, in its columns, as a file; it is written down who took them."""
    now = datetime.now(UTC)
    asked = Asked.of(parse_qs(request.POST.get("query", "")), RATINGS)
    has = offer_of_lists()
    shown = columns(asked.columns, has)
    heading = ["id", _("Rating"), _("First name"), _("Last name"), _("Name"), _("Email")]
    found = leads_of(asked, request.user, now, has)
    try:
        _whole(found)
        tell_export(by=request.user, at=now, query=asked.query, file=kind)
        rows, name = _exported(found, asked, shown, has), f"leads-{now:%Y-%m-%d}"
        if kind == "csv":
            return csv_file(name, [*heading, *(column.title for column in shown)], rows)
        return xlsx_file(name, [*heading, *(column.title_in_book for column in shown)], _few(rows))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(f"{reverse('lead-list')}?{asked.query}")


def _few(rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
    for number, row in enumerate(rows):
        if number == MOST_IN_BOOK:
            raise Refused(_("These are more than {n} leads; take them as CSV, or narrow the list.").format(n=f"{MOST_IN_BOOK:,}"))
        yield row


def _exported(found: Found, asked: Asked, shown: list[Column], has: Offer) -> Iterator[list[Cell]]:
    """Yield the rows of a file, read some at a time, in the order of the list."""
    cursor: str | None = None
    while True:
        page = page_sorted(found, cursor=cursor, limit=SLICE, sort=asked.sort)
        read = beside(page.leads, shown, has)
        for lead in page.leads:
            who = [str(lead.fields.get(name) or "") for name in ("first_name", "last_name", "name", "email")]
            yield [lead.pk, lead.rating, *who, *(in_file(column, cell(lead, column, read)) for column in shown)]
        cursor = page.next_cursor
        if cursor is None:
            return
