"""Contacts: people at accounts."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema, Status

from vaglio_server.api.records import RecordIn, number, owner_name, told
from vaglio_server.api.seen import contact_of, writer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import create_contact, edit_contact
from vaglio_server.crm.models import Contact
from vaglio_server.crm.queries import page_by_id

router = Router(tags=["contacts"])


class ContactOut(Schema):
    """A person at an account; ``lead_id`` is the lead they were."""

    id: int
    name: str
    account_id: int | None
    lead_id: int | None
    owner: str | None
    fields: dict[str, Any]
    created_at: datetime

    @staticmethod
    def resolve_owner(record: Any) -> str | None:
        """Return the owner by name."""
        return owner_name(record)


class ContactPage(Schema):
    """Some contacts; ``next_cursor`` asks for those after them, None after the last."""

    contacts: list[ContactOut]
    next_cursor: int | None


class ContactEdit(RecordIn):
    """What to change: what is not named stays, null takes away. ``owner`` is a user's name."""

    account_id: int | None = None
    owner: str | None = None


class ContactIn(ContactEdit):
    """A contact to make: with a name or a mail address among its fields."""

    lead_id: int | None = None


@router.get("", response=ContactPage, operation_id="contacts_list")
def contacts_list(
    request: Any, account_id: int | None = None, lead_id: int | None = None, search: str = "", cursor: int | None = None, limit: int = 50
) -> Any:
    """Return contacts by id: of an account, of a lead, or found by the starts of words."""
    found = Contact.objects.visible_to(request.auth.user).found_by(search).select_related("owner")
    for name, asked in (("account_id", account_id), ("lead_id", lead_id)):
        if asked is not None:
            found = found.filter(**{name: number(asked)})
    page = page_by_id(found, cursor=cursor, limit=max(1, min(limit, 500)))
    return {"contacts": page.rows, "next_cursor": page.next_cursor}


@router.post("", response={201: ContactOut}, operation_id="contacts_create", auth=WRITING)
def contacts_create(request: Any, body: ContactIn) -> Any:
    """Make a contact. 422 names every value that does not fit."""
    by = writer(request)
    return Status(201, create_contact(told=told(request, body, is_new=True), by=by, at=datetime.now(UTC)))


@router.get("/{int:contact_id}", response=ContactOut, operation_id="contacts_get")
def contacts_get(request: Any, contact_id: int) -> Any:
    """Return one contact."""
    return contact_of(request, contact_id)


@router.patch("/{int:contact_id}", response=ContactOut, operation_id="contacts_edit", auth=WRITING)
def contacts_edit(request: Any, contact_id: int, body: ContactEdit) -> Any:
    """Change a contact. 422 names every value that does not fit."""
    by, contact = writer(request), contact_of(request, contact_id)
    return edit_contact(contact=contact, told=told(request, body), by=by, at=datetime.now(UTC))
