"""What is done with one lead from its page: taken, given to a seller, put on lists, written about, a field changed, merged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.actions import add_list_member, add_note, remove_list_member
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.crm.queries import fields_of, owners
from vaglio_server.lifecycle.actions import assign_by_hand
from vaglio_server.lifecycle.queries import NOBODYS, stage_of
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import edit_lead, merge_leads
from vaglio_server.users.models import Role
from vaglio_server.views.queries import lists_in_use
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.joining import lead_now
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.list_names import list_named, said_if_new
from vaglio_server.web.numbers import typed_value
from vaglio_server.web.sellers import seller_or_nobody
from vaglio_server.web.standing import MOVES, converted, moves_offered
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.words import lines, plain
from vaglio_server.web.working import UNTIL_ANSWER

FOUND = 8  # leads that may be the same person, of a search


@dataclass(frozen=True)
class Deed:
    """Something done: what it says when it is done, and whether the page is then another, so that all of it comes again."""

    do: Callable[[Signed, Lead], str]
    is_all_anew: bool = False


def deeds(request: Signed, lead: Lead) -> dict[str, Any]:
    """Return what the bar of a lead's page offers to somebody who may change it; to others only what it was converted into."""
    if request.user.role not in KEEPERS:
        return converted(lead, request.user)
    return (
        moves_offered(lead, request.user)
        | converted(lead, request.user)
        | {
            "may_change": True,
            "may_take": request.user.role == Role.SALES and lead.owner_id != request.user.pk,
        }
    )


@allowed(*KEEPERS)
def lead_menu(request: Signed, lead_id: int, name: str) -> HttpResponse:
    """Show what a menu of the bar offers: asked for when it is opened, so that the page asks for none of it."""
    lead = lead_now(request, lead_id)
    offers: dict[str, Callable[[], dict[str, Any]]] = {
        "give": lambda: {"sellers": owners(request.user)},
        "lists": lambda: {"on_lists": ListMember.objects.filter(lead=lead, to_at=None).order_by("list"), "lists": lists_in_use()},
        "change": lambda: {"editable": [each for each in fields_of("lead").values() if not each.is_retired]},
    }
    if name not in offers:
        raise Http404(f"there is no menu {name[:50]}")
    return render(request, f"leads/_lead_menu_{name}.html", {"lead": lead, **offers[name]()})


@allowed(*KEEPERS)
@require_POST
def lead_do(request: Signed, lead_id: int, deed: str) -> HttpResponse:
    """Do something with a lead, and say so: in the bar where the page asks for it, else on the page that comes again."""
    lead = lead_now(request, lead_id)
    if deed not in _DEEDS:
        raise Http404(f"there is no {deed[:50]} to do with a lead")
    try:
        said = _DEEDS[deed].do(request, lead)
    except Refused as refused:
        return _refused(request, lead, str(refused))
    return _done(request, lead, deed, said)


def _refused(request: Signed, lead: Lead, why: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        messages.error(request, _of_whom(request, lead, why))
        return redirect("inbox") if _is_from_inbox(request) else redirect("lead-detail", lead.pk)
    answer = render(request, "leads/_lead_said.html", {"said": why, "is_fault": True})
    answer["HX-Retarget"], answer["HX-Reswap"] = "#said", "innerHTML"  # what was filled in stays as it is
    return answer


def _done(request: Signed, lead: Lead, deed: str, said: str) -> HttpResponse:
    there = Lead.objects.visible_to(request.user).select_related("owner").filter(pk=lead.pk).first()
    if request.headers.get("HX-Request") and there is not None and not _DEEDS[deed].is_all_anew:
        answer = render(request, "leads/_lead_deeds.html", {"lead": there, "said": said, **deeds(request, there)})
        answer["HX-Trigger"] = "lead-changed"
        return answer
    messages.success(request, _of_whom(request, lead, said), _undo_of(request, lead, deed))
    if _is_from_inbox(request):
        return redirect("inbox")
    address = reverse("lead-detail", args=[lead.pk]) if there is not None else reverse("lead-list")  # given away: no more to be seen
    if not request.headers.get("HX-Request"):
        return redirect(address)
    answer = HttpResponse()
    answer["HX-Refresh" if there is not None else "HX-Redirect"] = "true" if there is not None else address
    return answer


def _is_from_inbox(request: Signed) -> bool:
    """Whether somebody answers in the inbox, and comes back to it: a form says so, and the address by which that is undone."""
    return "inbox" in (request.POST.get("back"), request.GET.get("back"))


def _of_whom(request: Signed, lead: Lead, said: str) -> str:
    """Return what is said, in the inbox with whom it is about: it has many leads."""
    return f"{lead}: {said}" if _is_from_inbox(request) else said


def _undo_of(request: Signed, lead: Lead, deed: str) -> str:
    """Return by which address a deed is undone; none where there is no way back but another deed."""
    did = "wait" if deed == "postpone" and request.POST.get("days") == UNTIL_ANSWER else deed
    if did not in _UNDONE_BY:
        return ""
    return reverse("lead-do", args=[lead.pk, _UNDONE_BY[did]]) + ("?back=inbox" if _is_from_inbox(request) else "")


def _take(request: Signed, lead: Lead) -> str:
    if request.user.role != Role.SALES:
        raise Refused(_("Only sellers have leads; give it to one."))
    assign_by_hand(leads=[lead.pk], owner=request.user, by=request.user.username, at=datetime.now(UTC))
    return _("It is yours now.")


def _give(request: Signed, lead: Lead) -> str:
    owner = seller_or_nobody(request)
    assign_by_hand(leads=[lead.pk], owner=owner, by=request.user.username, at=datetime.now(UTC))
    if owner is None:
        return _("It is nobody's now. It waits until somebody gives or takes it, or it comes to sales anew.")
    standing = stage_of(lead)
    if owner == request.user or (standing is not None and standing.stage in NOBODYS):  # of that a mail tells
        return _("It is {name}'s now.").format(name=owner.called)
    return _("It is {name}'s now, among their leads. No mail tells of it: it does not wait for sales.").format(name=owner.called)


def _put_on(request: Signed, lead: Lead) -> str:
    name = list_named(request)
    made = said_if_new(name)
    add_list_member(name=name, lead=lead, by=request.user.username, at=datetime.now(UTC))
    return _("It is on the list {name} now; models that read it rate the lead anew.").format(name=plain(name)) + made


def _take_off(request: Signed, lead: Lead) -> str:
    name = list_named(request)
    remove_list_member(name=name, lead=lead, by=request.user.username, at=datetime.now(UTC))
    return _("It is off the list {name} now; models that read it rate the lead anew.").format(name=plain(name))


def _note(request: Signed, lead: Lead) -> str:
    add_note(about=lead, text=request.POST.get("text", ""), by=request.user.username, at=datetime.now(UTC))
    return _("The note stands in the timeline.")


def _change(request: Signed, lead: Lead) -> str:
    field = field_named(request.POST.get("field", ""))
    value = typed_value(lines(request.POST.get("value", "")).strip() or None, field.kind)
    by, at = request.user, datetime.now(UTC)
    changed = edit_lead(lead=lead, fields={field.name: value}, by=by.username, at=at, seller=by.as_seller)
    if not changed:
        return _("{field} was so already.").format(field=plain(field.name))
    return _("{field} is changed; the lead is rated anew.").format(field=plain(field.name))


def _merge(request: Signed, lead: Lead) -> str:
    other = get_object_or_404(Lead.objects.visible_to(request.user), pk=whole_number(request.POST.get("other")) or 0)
    merge_leads(lead=lead, other=other, by=request.user.username, at=datetime.now(UTC))
    return _("%(other)s is part of this lead now. It can be undone below.") % {"other": other}


_DEEDS = {
    **{verb: Deed(do, is_all_anew=True) for verb, do in MOVES.items()},
    "take": Deed(_take),
    "give": Deed(_give),
    "put-on": Deed(_put_on),
    "take-off": Deed(_take_off),
    "note": Deed(_note),
    "change": Deed(_change, is_all_anew=True),
    "merge": Deed(_merge, is_all_anew=True),
}

_UNDONE_BY = {"accept": "unaccept", "wait": "answered", "postpone": "again"}  # offered beside what is said


def field_named(name: str) -> Definition:
    """Return the field of leads that a form names, which people may change; refuse where there is none."""
    found = fields_of("lead").get(name)
    if found is None or found.is_retired:
        raise Refused(_("Choose a field."))
    return found


@allowed(*KEEPERS)
def lead_change(request: Signed, lead_id: int) -> HttpResponse:
    """Show the place for another value of a field, with the one it has."""
    lead = lead_now(request, lead_id)
    try:
        field = field_named(request.GET.get("field", ""))
    except Refused:
        return HttpResponse()
    return render(request, "leads/_lead_change.html", {"field": field, "value": lead.fields.get(field.name)})


@allowed(*KEEPERS)
def lead_alike(request: Signed, lead_id: int) -> HttpResponse:
    """Show leads found by their words, of which one may be the same person."""
    lead, text = lead_now(request, lead_id), request.GET.get("q", "").replace("\x00", "").strip()
    found = Lead.objects.visible_to(request.user).found_by(text).exclude(pk=lead.pk).order_by("rank", "id")[:FOUND] if text else []
    return render(request, "leads/_lead_alike.html", {"lead": lead, "found": found, "text": text})
