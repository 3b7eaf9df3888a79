"""One contact: who it is, at which company and with what say, the lead it is, what is known and since when, and where it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from vaglio_server.campaigns.models import CampaignMember
from vaglio_server.crm.models import Account, Contact, FieldChange, Lead, Opportunity, OpportunityContact
from vaglio_server.crm.queries import history_of
from vaglio_server.forms.queries import agreed_to_by
from vaglio_server.imports.models import ImportedContact
from vaglio_server.imports.queries import files_naming
from vaglio_server.lifecycle.queries import conversion_with, lead_of
from vaglio_server.scoring.queries import latest_scores
from vaglio_server.users.models import MARKETERS, User
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.converted import shown_conversion
from vaglio_server.web.known import fields_shown
from vaglio_server.web.lead import ITEMS, Item, happened, instant_asked, newest, note_items, values_taken
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.words import plain, shown_of
from vaglio_server.web.writers import writers

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
    lead = _lead(request, contact)
    made = conversion_with(contact)
    first = history_of(contact).order_by("known_at", "pk").first()
    fields, more_fields = fields_shown("contact", sorted(contact.fields.items()))
    return render(
        request,
        "contacts/contact_detail.html",
        {
            "contact": contact,
            "lead": lead,
            "scores": latest_scores(lead) if lead else [],
            "is_a_lead": contact.lead_id is not None or made is not None,
            **shown_conversion(made, request.user),
            "may_change": request.user.role in KEEPERS,
            "says": _says(contact, request.user),
            "fields": fields,
            "more_fields": more_fields,
            "campaigns": _campaigns(contact, lead),
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


def _lead(request: Signed, contact: Contact) -> Lead | None:
    """Return the lead as which a contact is scored, if somebody may see it."""
    number = lead_of(contact)
    return Lead.objects.visible_to(request.user).filter(pk=number).first() if number is not None else None


def _campaigns(contact: Contact, lead: Lead | None) -> QuerySet[CampaignMember]:
    """Return the campaigns that somebody is in, as a contact or as the lead they are."""
    theirs = Q(contact=contact) | Q(lead=lead) if lead is not None else Q(contact=contact)
    return CampaignMember.objects.filter(theirs).select_related("campaign").order_by("-added_at")[:SHOWN]


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
    lead = _lead(request, contact)
    before = instant_asked(request.GET.get("before", ""))
    return render(request, "leads/_lead_timeline.html", {"contact": contact, **_items(contact, lead, before)})


def _items(contact: Contact, lead: Lead | None, before: datetime | None) -> dict[str, Any]:
    """Return what happened to a contact and what it did as the lead it is, newest first, and before what there is more."""
    return newest(chain(happened(lead, before) if lead else (), note_items(contact, before), _changes(contact, before)), ITEMS)


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
