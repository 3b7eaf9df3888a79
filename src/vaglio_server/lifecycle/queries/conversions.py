"""What became of converted leads, and until when it can be taken back."""

from datetime import datetime, timedelta

from vaglio_server.crm.models import Contact, Lead, Opportunity
from vaglio_server.lifecycle.models import Conversion

UNDO_WITHIN = timedelta(days=1)


def conversion_of(lead: Lead) -> Conversion | None:
    """Return the conversion of a lead that holds."""
    return Conversion.objects.present().select_related("contact", "account", "opportunity").filter(lead=lead).first()


def conversion_with(record: Contact | Opportunity) -> Conversion | None:
    """Return the newest conversion that holds and led to a contact or an opportunity."""
    led = {str(record._meta.model_name): record}
    return Conversion.objects.present().select_related("lead", "contact", "account", "opportunity").filter(**led).order_by("-pk").first()


def lead_of(contact: Contact) -> int | None:
    """Return the lead as which a contact goes on being scored: the one it was, else the last that became it; merges are followed."""
    number = contact.lead_id or Conversion.objects.present().filter(contact=contact).order_by("-pk").values_list("lead", flat=True).first()
    while number is not None:
        into = Lead.objects.filter(pk=number).values_list("merged_into", flat=True).first()
        if into is None:
            break
        number = into
    return number


def may_undo(conversion: Conversion | None, now: datetime) -> bool:
    """Whether a conversion is young enough to be taken back; what was built on it since is looked at when it is."""
    return conversion is not None and conversion.undone_at is None and now - conversion.converted_at <= UNDO_WITHIN
