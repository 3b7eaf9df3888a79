"""Contacts as files bring them: many at one instant, made, written to and taken back, with the history of each."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.actions.knowledge import MANY_CONTACTS, now_known, write_changes
from vaglio_server.crm.actions.leads import make_accounts
from vaglio_server.crm.models import Account, Contact
from vaglio_server.users.actions import audit

LINKS = ("account_id", "owner_id", "lead_id")
Firm = tuple[str, str | None]  # a name and a domain


@dataclass(frozen=True)
class SaidOfContact:
    """What is said of a contact: which one it is (None: one to make), values that are written over, and links it has where it had none.

    ``firm`` is the company to make for it where it had none.
    """

    contact: int | None
    values: Mapping[str, Any]
    links: Mapping[str, int] = field(default_factory=dict)
    firm: Firm | None = None


def hold_contacts(cursor: Any) -> None:
    """Let nobody else write to many contacts until the transaction ends; to be asked for before they are looked up."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MANY_CONTACTS])


@transaction.atomic
def put_contacts(*, people: Sequence[SaidOfContact], by: str, at: datetime) -> list[int]:
    """Make contacts and write to others, whose values were checked before; return the id of each. A contact is there once among them."""
    held = _held([each.contact for each in people if each.contact is not None])
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
        firms = _firms(cursor, [each.firm for each in people if each.firm is not None], known_at, by)
        contacts = [Contact(created_at=known_at) if each.contact is None else held[each.contact] for each in people]
        changed = [_changed(contact, each, firms) for contact, each in zip(contacts, people, strict=True)]
        _write(cursor, list(zip(contacts, changed, strict=True)), known_at, by)
    new = [contact.pk for contact, each in zip(contacts, people, strict=True) if each.contact is None]
    edited = [each.contact for each, its in zip(people, changed, strict=True) if its and each.contact is not None]
    audit(by=by, verb="put_contacts", subject="contacts", at=at, made=new, changed=edited, companies=sorted(set(firms.values())))
    return [contact.pk for contact in contacts]


@transaction.atomic
def take_back_contacts(*, gone: Collection[int], values: Mapping[int, Mapping[str, Any]], by: str, at: datetime) -> set[int]:
    """Say of contacts that they are none any more, and write what others go back to (None: to nothing); return the companies left."""
    held = _held([*gone, *values])
    with connection.cursor() as cursor:
        known_at = now_known(cursor)
        left = {held[number].account_id for number in (*gone, *(each for each in values if "account_id" in values[each]))}
        Contact.objects.filter(pk__in=gone).update(taken_back_at=known_at)
        back = {number: dict(its) for number, its in values.items()}
        _write(cursor, [(held[number], _typed(its)) for number, its in back.items()], known_at, by)
    audit(by=by, verb="take_back_contacts", subject="contacts", at=at, gone=sorted(gone), changed=sorted(values))
    return {account for account in left if account is not None}


def _held(contacts: Collection[int]) -> dict[int, Contact]:
    """Take the rows of contacts, in one order, so that writers wait for each other and never in a circle."""
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=contacts).order_by("pk").defer("words")
    return {contact.pk: contact for contact in rows}


def _firms(cursor: Any, asked: Sequence[Firm], known_at: datetime, by: str) -> dict[Firm, int]:
    """Make companies; one whose domain somebody took meanwhile is that one."""
    made = make_accounts(cursor, list(dict.fromkeys(asked)), known_at, by)
    taken = {domain: firm for firm in asked if (domain := firm[1]) is not None and firm not in made}
    rows = Account.objects.filter(domain__in=taken).values_list("domain", "pk")
    return made | {taken[str(domain)]: account for domain, account in rows}


def _changed(contact: Contact, each: SaidOfContact, firms: Mapping[Firm, int]) -> dict[str, Any]:
    """Return what of it is new: links by the name of their column, then fields."""
    fills = dict(each.links) | ({"account_id": firms[each.firm]} if each.firm is not None else {})
    found = {name: number for name, number in fills.items() if getattr(contact, name) is None}
    for name, value in each.values.items():
        before = getattr(contact, name) if name in LINKS else contact.fields.get(name)
        if before != value or isinstance(before, bool) is not isinstance(value, bool):
            found[name] = value
    return found


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the record keeps them: in the history ids are texts."""
    return {name: int(value) if name in LINKS and value is not None else value for name, value in values.items()}


def _write(cursor: Any, rows: Sequence[tuple[Contact, Mapping[str, Any]]], known_at: datetime, by: str) -> None:
    """Write what changed of contacts that are held, make those that are new, and write the history of all."""
    for contact, changed in rows:
        for name in LINKS:
            if name in changed:
                setattr(contact, name, changed[name])
        fields = contact.fields | {name: value for name, value in changed.items() if name not in LINKS}
        contact.fields = {name: value for name, value in fields.items() if value is not None}
    edited = [contact for contact, changed in rows if changed and contact.pk is not None]
    Contact.objects.bulk_create([contact for contact, _changed in rows if contact.pk is None])
    if edited:
        _write_edited(cursor, edited)
    told = [(contact.pk, name, _text(name, value)) for contact, changed in rows for name, value in changed.items()]
    write_changes(cursor, "contact", told, known_at, by)


def _write_edited(cursor: Any, edited: Sequence[Contact]) -> None:
    columns = [[each.pk for each in edited], [json.dumps(each.fields) for each in edited],
               *([getattr(each, name) for each in edited] for name in LINKS)]  # fmt: skip
    cursor.execute(
        """UPDATE crm_contact SET fields = its.fields, account_id = its.account, owner_id = its.owner, lead_id = its.lead
        FROM unnest(%s::bigint[], %s::jsonb[], %s::bigint[], %s::bigint[], %s::bigint[]) AS its (contact, fields, account, owner, lead)
        WHERE crm_contact.id = its.contact""",
        columns,
    )


def _text(name: str, value: Any) -> Any:
    return str(value) if name in LINKS and value is not None else value
