"""Countries that records had before they were kept in one form, written anew in that form.

The new value is written as by whoever the old one was from, so that taking back a file, or a merge, finds it as it finds the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.actions.knowledge import lock_leads, lock_staff, make_due, now_known
from vaglio_server.crm.actions.leads import write_values
from vaglio_server.crm.actions.records import Fitting, write
from vaglio_server.crm.logic.countries import COUNTRY, Country
from vaglio_server.crm.models import Account, Contact, Lead
from vaglio_server.users.actions import audit

AT_ONCE = 500  # leads of one transaction; companies hold all who work there, so they are written one by one
_OF: dict[str, type[Lead | Contact | Account]] = {"lead": Lead, "contact": Contact, "account": Account}
_NEXT = "SELECT id FROM {table} WHERE id > %s AND fields ->> %s = ANY(%s) ORDER BY id LIMIT %s"
_FROM = """SELECT DISTINCT ON ({subject}_id) {subject}_id, by FROM crm_fieldchange
    WHERE {subject}_id = ANY(%s) AND field = %s ORDER BY {subject}_id, known_at DESC, id DESC"""
BEFORE = "earlier"  # by whom, where the history does not say it


@dataclass(frozen=True)
class Done:
    """How many records were written anew, and the last of them; 0: there are no more."""

    records: int
    last: int


@transaction.atomic
def unify_countries(*, subject: str, forms: Mapping[str, str], after: int, by: str, at: datetime) -> Done:
    """Write the countries of the next records of a kind in their one form (``forms``, by what they hold now)."""
    with connection.cursor() as cursor:
        limit = 1 if subject == "account" else AT_ONCE
        cursor.execute(_NEXT.format(table=_table(subject)), [after, COUNTRY, list(forms), limit])
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return Done(0, 0)
        done = _write_leads(cursor, ids, forms) if subject == "lead" else _write_records(cursor, subject, ids, forms)
    audit(by=by, verb="unify_countries", subject=f"{subject}s", at=at, records=done)
    return Done(len(done), ids[-1])


def _write_leads(cursor: Any, ids: list[int], forms: Mapping[str, str]) -> list[int]:
    held = lock_leads(cursor, ids)
    known_at = now_known(cursor)
    rows = Lead.objects.filter(pk__in=ids).order_by("pk").values_list("pk", f"fields__{COUNTRY}")
    new = {lead: Country(forms[text], text) for lead, text in rows if text in forms}
    for who, leads in _by_writer(cursor, "lead", list(new)):
        write_values(cursor, {lead: {COUNTRY: new[lead]} for lead in leads}, known_at, who)
    make_due(cursor, held, known_at)
    return list(new)


def _write_records(cursor: Any, subject: str, ids: list[int], forms: Mapping[str, str]) -> list[int]:
    staff = lock_staff(cursor, ids[0]) if subject == "account" else []
    table = Account if subject == "account" else Contact
    rows = table._default_manager.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows if row.fields.get(COUNTRY) in forms}
    known_at = now_known(cursor)
    for who, records in _by_writer(cursor, subject, list(found)):
        for record in records:
            text = found[record].fields[COUNTRY]
            write(cursor, found[record], Fitting({}, {COUNTRY: Country(forms[text], text)}, {}), known_at, who)
    make_due(cursor, staff, known_at)
    return list(found)


def _by_writer(cursor: Any, subject: str, ids: list[int]) -> list[tuple[str, list[int]]]:
    """Return some records by who said their country last."""
    cursor.execute(_FROM.format(subject=subject), [ids, COUNTRY])
    said = dict(cursor.fetchall())
    named = sorted((said.get(each, BEFORE), each) for each in ids)
    return [(who, [each for _who, each in both]) for who, both in groupby(named, key=lambda pair: pair[0])]


def _table(subject: str) -> str:
    return _OF[subject]._meta.db_table
