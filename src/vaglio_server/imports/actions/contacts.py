"""Contacts from a file: made or written to many at a time, and taken back as they were before, in whatever order files are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from vaglio_server.crm.actions import (
    SaidOfContact,
    hold_contacts,
    keep_joining,
    now_known,
    put_contacts,
    take_back_accounts,
    take_back_contacts,
)
from vaglio_server.crm.models import FieldChange
from vaglio_server.imports.logic.going_back import Change, before
from vaglio_server.imports.models import Import, ImportedContact
from vaglio_server.imports.queries.companies import unneeded
from vaglio_server.imports.queries.contact_rows import Lot, together
from vaglio_server.imports.queries.contacts import mails_of, needed
from vaglio_server.imports.queries.keys import user_id
from vaglio_server.tracking.models import TakenBack
from vaglio_server.tracking.queries import undone_by, unnamed_accounts

CONTACTS = 200  # taken back together


def take_contacts(*, each: Import, lot: Lot, at: datetime) -> None:
    """Write what rows say of contacts, and which of these the file made. Nobody else may write to many contacts meanwhile."""
    said = together(lot.rows)
    for ref, mail in mails_of([ref for ref in said if ref > 0]).items():
        if mail.lower() == said[ref].get("email"):
            del said[ref]["email"]  # the same in other letters
    people = [
        SaidOfContact(
            contact=ref if ref > 0 else None,
            values=values | ({"owner_id": lot.owners[ref]} if ref in lot.owners else {}),
            links=_links(ref, lot),
            firm=lot.places.firms.get(ref),
        )
        for ref, values in said.items()
    ]
    if people:
        numbers = put_contacts(people=people, by=each.bringer, at=at)
        _remember(each, lot, dict(zip(said, numbers, strict=True)))


def _links(ref: int, lot: Lot) -> dict[str, int]:
    found = {"account_id": lot.places.accounts.get(ref), "lead_id": lot.leads.get(ref)}
    return {name: number for name, number in found.items() if number is not None}


def _remember(each: Import, lot: Lot, numbers: Mapping[int, int]) -> None:
    """Write down whom the file named, and by which ids of the other system."""
    known_as: dict[int, set[str]] = {number: set() for number in numbers.values()}
    for ref, found in lot.rows:
        known_as[numbers[ref]] |= {key for key in (user_id(each, found),) if key}
    made = {number for ref, number in numbers.items() if ref < 0}
    lines = {numbers[ref]: row.line for (ref, _found), (row, _same) in reversed(list(zip(lot.rows, lot.written, strict=True)))}
    named = {row.contact_id: row for row in ImportedContact.objects.filter(of=each, contact__in=known_as)}
    for row in named.values():
        row.known_as = sorted({*row.known_as, *known_as[row.contact_id]})
    ImportedContact.objects.bulk_update(named.values(), ["known_as"])
    ImportedContact.objects.bulk_create(
        ImportedContact(of=each, contact_id=number, is_made=number in made, known_as=sorted(keys), line=lines[number])
        for number, keys in known_as.items() if number not in named
    )  # fmt: skip


def take_back_named(*, each: Import, at: datetime) -> int:
    """Take back what a file did to the next contacts, and return how many those are; 0: it is done."""
    with connection.cursor() as cursor:
        hold_contacts(cursor)
        keep_joining(cursor)  # companies are taken back, too
    waiting = ImportedContact.objects.filter(of=each, result=TakenBack.NOT_YET).order_by("id")
    rows = {row.contact_id: row for row in waiting.select_related("of")[:CONTACTS]}
    if not rows:
        return 0
    back = _going_back(each, rows)
    firms = take_back_contacts(gone=back.gone, values=back.values, by=undone_by(each.bringer), at=at)
    with connection.cursor() as cursor:
        free, writers = unneeded(unnamed_accounts(firms), each)
        take_back_accounts(cursor, free, writers, now_known(cursor))
    for contact, row in rows.items():
        row.left = back.left.get(contact, [])
        row.result = TakenBack.GONE if contact in back.gone else TakenBack.LEFT if row.left else TakenBack.BACK
    ImportedContact.objects.bulk_update(rows.values(), ["result", "left"])
    # Who stayed because of this file, when the file that made them was taken back, went with this one.
    ImportedContact.objects.filter(contact__in=back.gone).exclude(result=TakenBack.NOT_YET).update(result=TakenBack.GONE, left=[])
    return len(rows)


@dataclass
class _Back:
    """What goes back of some contacts: who is gone, the values of others, and by contact what is left."""

    gone: list[int] = field(default_factory=list)
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: dict[int, list[str]] = field(default_factory=dict)


def _going_back(each: Import, rows: Mapping[int, ImportedContact]) -> _Back:
    """Return what goes back: read under the lock of those who bring many, so that no file names them meanwhile."""
    history, others = _history(rows), _others(each, rows)
    needs, back = needed(list(rows)), _Back()
    for contact, row in rows.items():
        undone = [other for other in others[contact] if other.result != TakenBack.NOT_YET]
        writers = _writers([row, *undone])
        whys = needs.get(contact, []) + ["values"] * any(by not in writers for _name, _value, by in history[contact])
        whys = ["file"] if len(undone) < len(others[contact]) else whys
        if not whys and any(its.is_made for its in (row, *undone)):
            back.gone.append(contact)
        elif row.is_made:
            back.left[contact] = whys
        else:
            # One that another file made and that stays keeps what that file said of it.
            found = before(history[contact], each.bringer, _writers([row, *(its for its in undone if not its.is_made)]))
            back.left[contact] = found.later
            if found.values:
                back.values[contact] = found.values
    return back


def _history(contacts: Iterable[int]) -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = {contact: [] for contact in contacts}
    changes = FieldChange.objects.filter(contact__in=found).order_by("field", "known_at", "pk")
    for contact, name, value, by in changes.values_list("contact_id", "field", "value", "by"):
        found[int(contact or 0)].append((name, value, by))
    return found


def _others(each: Import, contacts: Iterable[int]) -> dict[int, list[ImportedContact]]:
    found: dict[int, list[ImportedContact]] = {contact: [] for contact in contacts}
    for row in ImportedContact.objects.filter(contact__in=found).exclude(of=each).select_related("of"):
        found[row.contact_id].append(row)
    return found


def _writers(rows: Iterable[ImportedContact]) -> frozenset[str]:
    """Return what the files of some rows write in histories."""
    bringers = {row.of.bringer for row in rows}
    return frozenset({*bringers, *map(undone_by, bringers)})
