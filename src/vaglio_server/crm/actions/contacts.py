"""Contacts: people at accounts, made and edited by people and programs."""

from datetime import datetime

from django.db import connection, transaction

from vaglio_server.crm.actions.knowledge import now_known
from vaglio_server.crm.actions.records import Told, fitting, tell, write
from vaglio_server.crm.models import Contact


@transaction.atomic
def create_contact(*, told: Told, by: str, at: datetime) -> Contact:
    """Make a contact, who needs a name or a mail address.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    contact = Contact()
    fits = fitting(contact, told, _nameless(contact, told))
    with connection.cursor() as cursor:
        changed = write(cursor, contact, fits, now_known(cursor), by)
    tell("create_contact", contact, changed, by=by, at=at)
    return contact


@transaction.atomic
def edit_contact(*, contact: Contact, told: Told, by: str, at: datetime) -> Contact:
    """Change a contact; the one it may have been as a lead stays as it was.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    held = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    fits = fitting(held, told, _nameless(held, told))
    with connection.cursor() as cursor:
        changed = write(cursor, held, fits, now_known(cursor), by)
    if changed:
        tell("edit_contact", held, changed, by=by, at=at)
    return held


def _nameless(contact: Contact, told: Told) -> str | None:
    fields = contact.fields | dict(told.fields)
    if any(str(fields.get(name) or "").strip() for name in ("first_name", "last_name", "name", "email")):
        return None
    return "last_name: a contact needs a name or a mail address; give first_name, last_name, name or email"
