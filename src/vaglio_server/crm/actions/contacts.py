"""Contacts: people at accounts, made and edited by people and programs."""

from datetime import datetime

from django.db import connection, transaction

from vaglio_server.crm.actions.erased import WasErased, hold_erasing
from vaglio_server.crm.actions.records import Told, create_record, edit_record
from vaglio_server.crm.models import Contact, ErasedKey


@transaction.atomic
def create_contact(*, told: Told, by: str, at: datetime) -> Contact:
    """Make a contact, who needs a name or a mail address.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    with connection.cursor() as cursor:
        hold_erasing(cursor)
    return create_record(Contact(), told, _faults, by=by, at=at)


@transaction.atomic
def edit_contact(*, contact: Contact, told: Told, by: str, at: datetime) -> Contact:
    """Change a contact; the one it may have been as a lead stays as it was.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    with connection.cursor() as cursor:
        hold_erasing(cursor)
    return edit_record(contact, told, _faults, by=by, at=at)


def _faults(contact: Contact, told: Told) -> list[str]:
    if contact.taken_back_at is not None:
        return ["this contact was taken back with the file that brought it; make it anew"]
    if (email := told.fields.get("email")) and ErasedKey.objects.among([("email", str(email).strip().lower())]):
        return [str(WasErased())]
    fields = contact.fields | dict(told.fields)
    if any(str(fields.get(name) or "").strip() for name in ("first_name", "last_name", "name", "email")):
        return []
    return ["last_name: a contact needs a name or a mail address; give first_name, last_name, name or email"]
