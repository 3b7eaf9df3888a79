"""One contact: who it is, at which company and with what say, the lead it is, what is known and since when, and where it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from vaglio_server.campaigns.models import CampaignMember
from vaglio_server.crm.models import Account, Contact, FieldChange, Lead, Opportunity, OpportunityContact
from vaglio_server.crm.queries import history_of, notes_on
from vaglio_server.forms.queries import agreed_to_by
from vaglio_server.imports.models import ImportedContact
from vaglio_server.imports.queries import files_naming
from vaglio_server.tracking.queries import activities_of
from vaglio_server.users.models import MARKETERS, User
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.lead import Item, activity_item, instant_asked, values_taken
from vaglio_server.web.words import plain, shown_of
from vaglio_server.web.writers import writers

ITEMS = 20
VALUES = 400  # of fields, enough for many items
SHOWN = 50  # sales, campaigns, files, consents


@dataclass(frozen=True)
class File:
    """A file that named a contact; ``is_made``: by it. ``may_undo``: it can still be taken back."""

    row: ImportedContact
    may_undo: bool


@allowed(*EVERYBODY)
def contact_detail(request: Signed, contact_id: int) -> HttpResponse:
    """Show a contact."""
    contact = contact_now(request, contact_id, "account", "owner__team")
    lead = Lead.objects.visible_to(request.user).filter(pk=contact.lead_id or 0).first()
    first = history_of(contact).order_by("known_at", "pk").first()
    return render(
        request,
        "contacts/contact_detail.html",
        {
            "contact": contact,
            "lead": lead,
            "says": _says(contact, request.user),
            "fields": sorted(contact.fields.items()),
            "campaigns": CampaignMember.objects.filter(contact=contact).select_related("campaign").order_by("-added_at")[:SHOWN],
            "consents": agreed_to_by(lead, limit=SHOWN) if lead else [],
            "files": [File(row, may_undo) for row, may_undo in files_naming(contact, limit=SHOWN)],
            "made_by": writers([first.by])[first.by] if first else None,
            "is_marketer": request.user.role in MARKETERS,
            **_items(contact, lead, None),
        },
    )


def contact_now(request: Signed, contact_id: int, *beside: str) -> Contact:
    """Return a contact that somebody may see and that is one now."""
    return get_object_or_404(Contact.objects.visible_to(request.user).select_related(*beside), pk=contact_id)


def _says(contact: Contact, user: User) -> list[OpportunityContact]:
    """Return the say a contact has in the opportunities that a user may see, the newest first."""
    seen = OpportunityContact.objects.filter(contact=contact, opportunity__in=Opportunity.objects.visible_to(user))
    return list(seen.select_related("opportunity").order_by("-opportunity__created_at", "-pk")[:SHOWN])


@allowed(*EVERYBODY)
def contact_field(request: Signed, contact_id: int, field: str) -> HttpResponse:
    """Show every value that a field of a contact took, newest first: since when it was known, and by whom."""
    return values_taken(request, contact_now(request, contact_id), field)


@allowed(*EVERYBODY)
def contact_timeline(request: Signed, contact_id: int) -> HttpResponse:
    """Show what happened before an instant."""
    contact = contact_now(request, contact_id)
    lead = Lead.objects.visible_to(request.user).filter(pk=contact.lead_id or 0).first()
    before = instant_asked(request.GET.get("before", ""))
    return render(request, "leads/_lead_timeline.html", {"contact": contact, **_items(contact, lead, before)})


def _items(contact: Contact, lead: Lead | None, before: datetime | None) -> dict[str, Any]:
    """Return what happened to a contact and what it did as the lead it is, newest first, and before what there is more."""
    acts = (activity_item(each) for each in activities_of(lead, before=before)[: ITEMS + 1]) if lead else ()
    notes = notes_on(contact).filter(Q(at__lt=before) if before else Q()).order_by("-at", "-pk")[: ITEMS + 1]
    wrote = (Item(each.at, "note", each.text, each.by) for each in notes)
    found = sorted(chain(acts, wrote, _changes(contact, before)), key=lambda item: item.at, reverse=True)
    if len(found) <= ITEMS:
        return {"items": found, "before": None}
    last = found[ITEMS - 1].at
    return {"items": [item for item in found if item.at >= last], "before": last.isoformat()}


def _changes(contact: Contact, before: datetime | None) -> Iterator[Item]:
    """Yield what became known, one item for all that came together."""
    rows = list(history_of(contact).filter(Q(known_at__lt=before) if before else Q()).order_by("-known_at", "field")[:VALUES])
    named = _named(rows)
    by = writers(change.by for change in rows)
    for at, together in groupby(rows, key=lambda change: change.known_at):
        changes = list(together)
        yield Item(at, "field", by[changes[0].by].name, ", ".join(_told(change, named) for change in changes))


def _told(change: FieldChange, named: dict[tuple[str, str], str]) -> str:
    value = named.get((change.field, str(change.value))) or shown_of(change.value, change.field) or "–"
    words = {"account_id": _("works for {name}"), "owner_id": _("owner {name}"), "lead_id": _("is the lead {name}")}
    return words[change.field].format(name=value) if change.field in words else f"{plain(change.field)} {value}"


def _named(changes: list[FieldChange]) -> dict[tuple[str, str], str]:
    """Return how what a contact is linked to is called: companies and owners by name, leads by theirs."""
    found: dict[tuple[str, str], str] = {}
    for field, table in (("account_id", Account), ("owner_id", User), ("lead_id", Lead)):
        ids = {int(str(change.value)) for change in changes if change.field == field and str(change.value).isdecimal()}
        rows = table._default_manager.in_bulk(ids) if ids else {}
        found |= {(field, str(key)): each.called if isinstance(each, User) else str(each) for key, each in rows.items()}
    return found
