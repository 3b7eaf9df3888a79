"""What became of converted leads, and until when it can be taken back."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from vaglio_server.crm.models import Contact, Lead, Opportunity
from vaglio_server.lifecycle.models import TEAM, Conversion
from vaglio_server.users.models import User

UNDO_WITHIN = timedelta(days=1)


def conversion_of(lead: Lead) -> Conversion | None:
    """Return the conversion of a lead that holds."""
    return Conversion.objects.present().select_related("contact", "account", "opportunity").filter(lead=lead).first()


def converted_by(user: User, lead_id: int, key: str | None) -> Conversion | None:
    """Return by which conversion of their own somebody handed a lead over to another team: by a key, else the one that holds."""
    theirs = handed_over_by(user).select_related("contact", "account", "opportunity").filter(lead=lead_id)
    found = theirs.filter(key=key).first() if key is not None else None
    return found or theirs.filter(undone_at=None).first()


def handed_over_by(user: User) -> QuerySet[Conversion]:
    """Return the conversions of somebody by which leads went to another team: theirs to undo, though the leads are not theirs to see."""
    return Conversion.objects.filter(by=user.username, changed__lead__has_key=TEAM)


def conversion_with(record: Contact | Opportunity) -> Conversion | None:
    """Return the newest conversion that holds and led to a contact or an opportunity."""
    led = {str(record._meta.model_name): record}
    return Conversion.objects.present().select_related("lead", "contact", "account", "opportunity").filter(**led).order_by("-pk").first()


def conversions_into(sale: Opportunity) -> QuerySet[Conversion]:
    """Return the conversions that hold of those who have a say in a sale, and of whom it began with, though they have none any more."""
    return Conversion.objects.present().filter(Q(contact__says__opportunity=sale) | Q(opportunity=sale))


def lead_of(contact: Contact) -> int | None:
    """Return the lead as which a contact goes on being scored: the one it was, else the last that became it; merges are followed."""
    number = contact.lead_id or Conversion.objects.present().filter(contact=contact).order_by("-pk").values_list("lead", flat=True).first()
    return now_is(number, merges_of([number])) if number is not None else None


def merges_of(leads: Collection[int]) -> dict[int, int]:
    """Return into which lead each of some was merged, and that one, over any number of merges; who was not is not named."""
    found: dict[int, int] = {}
    asked = set(leads)
    while asked:
        rows = Lead.objects.filter(pk__in=asked, merged_into__isnull=False).values_list("pk", "merged_into")
        found |= {number: int(into or 0) for number, into in rows}
        asked = {found[number] for number in asked if number in found} - found.keys()
    return found


def now_is(lead: int, merges: Mapping[int, int]) -> int:
    """Return which lead one is now, after merges as :func:`merges_of` returns them."""
    while lead in merges:
        lead = merges[lead]
    return lead


def may_undo(conversion: Conversion | None, now: datetime) -> bool:
    """Whether a conversion is young enough to be taken back; what was built on it since is looked at when it is."""
    return conversion is not None and conversion.undone_at is None and now - conversion.converted_at <= UNDO_WITHIN
