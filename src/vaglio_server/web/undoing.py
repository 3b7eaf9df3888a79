"""Taking an import back: what that would do, in numbers, and what it did."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from vaglio_server.crm.models import Contact, LeadOutcome, ListMember
from vaglio_server.imports.actions import undo_import
from vaglio_server.imports.models import Holds, Import, ImportedCompany, ImportedContact, ImportedFact, ImportState
from vaglio_server.imports.queries import imports, may_undo, named_in, undo_preview
from vaglio_server.imports.queries.facts import COLUMN
from vaglio_server.refused import Refused
from vaglio_server.tracking.models import TakenBack
from vaglio_server.tracking.queries import left_by
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.words import plain

SHOWN = 200


@allowed(*MARKETERS)
def import_undo(request: Signed, import_id: int) -> HttpResponse:
    """Ask whether a file shall be taken back, with what that does, and do it."""
    each = get_object_or_404(imports(), pk=import_id)
    if request.method == "POST":
        try:
            undo_import(each=each, by=request.user.username, at=datetime.now(UTC))
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("import-detail", each.pk)
    if not may_undo(each):
        return redirect("import-detail", each.pk)
    return render(request, "imports/import_undo.html", {"each": each, "undo": undo_preview(each), "named": named_in(each)})


def taken_back(each: Import) -> dict[str, Any]:
    """Return how far a file is taken back and what stays of it; nothing where nobody asked for that."""
    found: dict[str, Any] = {"may_undo": may_undo(each), "is_undoing": each.state == ImportState.UNDOING}
    if each.state not in (ImportState.UNDOING, ImportState.UNDONE):
        return found
    named = named_in(each)
    return found | {"named": named, "left": _left(each), "percent": 100 * (named.leads - named.waiting) // max(1, named.leads)}


@dataclass(frozen=True)
class Left:
    """Something that stays, where it is looked at (None: nowhere), and why it stays."""

    name: str
    address: str | None
    whys: list[str]


def _left(each: Import) -> list[Left]:
    """Return what stays of a file that is taken back, the first of it."""
    if each.holds == Holds.COMPANIES:
        firms = ImportedCompany.objects.filter(of=each, result=TakenBack.LEFT).select_related("account").order_by("id")[:SHOWN]
        return [Left(str(row.account), reverse("account-detail", args=(row.account_id,)), _whys(row.left)) for row in firms]
    if each.holds == Holds.CONTACTS:
        contacts = ImportedContact.objects.filter(of=each, result=TakenBack.LEFT).select_related("contact").order_by("id")[:SHOWN]
        return [Left(str(row.contact), _of_contact(row.contact), _whys(row.left)) for row in contacts]
    if each.holds in COLUMN:
        stays = ImportedFact.objects.filter(of=each, result=TakenBack.LEFT).select_related("member__lead", "outcome__lead")
        facts = [(row, fact) for row in stays.order_by("id")[:SHOWN] if (fact := row.member or row.outcome)]
        return [Left(str(fact.lead), _of_lead(fact.lead_id), [_called(fact), *_whys(row.left)]) for row, fact in facts]
    return [Left(str(row.lead), _of_lead(row.lead_id), _whys(row.left)) for row in left_by(each.bringer)[:SHOWN]]


def _of_lead(lead: int | None) -> str:
    return reverse("lead-detail", args=(lead,))


def _of_contact(contact: Contact) -> str | None:
    return reverse("contact-detail", args=(contact.pk,)) if contact.taken_back_at is None else None


def _called(fact: ListMember | LeadOutcome) -> str:
    return plain(fact.list) if isinstance(fact, ListMember) else str(fact)


def _whys(left: list[str]) -> list[str]:
    """Return why something stays, in words; what has none is a field."""
    words = {
        "used": _("people, contacts, sales, lists or values that came otherwise need it"),
        "values": _("somebody or another source wrote values of it"),
        "known_by": _("it is known by something else too"),
        "activities": _("it did something"),
        "file": _("another file names it"),
        "said": _("another file says so too"),
        "listed": _("another file puts it on a list too"),
        "anew": _("it was said again later"),
        "owner": _("it has an owner"),
        "owner_id": _("its owner was chosen later"),
        "merged": _("it was merged"),
        "note": _("there is a note on it"),
        "list": _("it is on a list"),
        "outcome": _("what became of it is known"),
        "contact": _("it is a contact"),
        "sale": _("it has a say in an opportunity"),
        "verdict": _("somebody said whether it is genuine"),
        "campaign": _("it is in a campaign"),
    }
    return [words.get(why) or _("{field} was written later").format(field=plain(why)) for why in left]
