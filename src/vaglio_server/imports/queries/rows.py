"""Rows of a file as what they say, by what the file holds: who, or who did what; and those that cannot be taken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from vaglio_server.crm.logic.countries import COUNTRY, written
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.standard import LEAD_OWNER
from vaglio_server.crm.queries import fields_of, list_names
from vaglio_server.imports.logic.companies import Company, company
from vaglio_server.imports.logic.contacts import contact_row
from vaglio_server.imports.logic.countries import NamedCountry, strange_countries
from vaglio_server.imports.logic.doings import Doing, doing
from vaglio_server.imports.logic.headings import EXTERNAL_ID, LIST, OWNER
from vaglio_server.imports.logic.members import Member, member
from vaglio_server.imports.logic.outcomes import Became, became
from vaglio_server.imports.logic.people import Person, Unfit, person
from vaglio_server.imports.logic.sheets import Row
from vaglio_server.imports.models import Holds, Import
from vaglio_server.imports.queries.again import message_id, met, skipped
from vaglio_server.imports.queries.companies import known_companies
from vaglio_server.imports.queries.contact_rows import Lot, lot_of
from vaglio_server.imports.queries.erased import without_erased
from vaglio_server.imports.queries.facts import known_facts
from vaglio_server.imports.queries.keys import Key, held, keys, system_in, user_id
from vaglio_server.imports.queries.owners import NamedOwner, owner_in, owners_in, users_called
from vaglio_server.tracking.models import Event, IdentityKind

# Whose fields columns are, and what else they can be.
SUBJECT_OF: dict[str, str] = {Holds.LEADS: "lead", Holds.CONTACTS: "contact", Holds.COMPANIES: "account"}
OWN: dict[str, tuple[str, ...]] = {
    Holds.LEADS: (EXTERNAL_ID, OWNER), Holds.CONTACTS: (EXTERNAL_ID, OWNER), Holds.COMPANIES: ("name", "domain", LIST)
}  # fmt: skip
SOURCE = "Files"  # the source whose requests the rows are
Said = Person | Doing | Company | Member | Became


@dataclass(frozen=True)
class Read:
    """Rows that can be taken, with their lines, and as calls of a request; and those that cannot, with why.

    How many are ``known``, which of these name somebody ``again`` whom an earlier row of the file names (both lines), and how many
    others are ``alike``: called like a lead who works at the same place. ``leads``: of rows that say something of leads that are there,
    which lead each means.
    ``lot``: of contacts, whom they mean and what is written. ``owners``: what rows that are written call those whose they are;
    ``countries``: what they call countries and is none. ``partly``: those taken without cells that cannot be read, and why.
    """

    taken: list[tuple[int, Said]]
    calls: list[dict[str, Any]]
    known: int
    refused: list[tuple[Row, str]]
    again: list[tuple[int, int]] = field(default_factory=list)
    alike: int = 0
    leads: list[int] = field(default_factory=list)
    lot: Lot = field(default_factory=Lot)
    owners: list[NamedOwner] = field(default_factory=list)
    countries: list[NamedCountry] = field(default_factory=list)
    partly: list[tuple[Row, str]] = field(default_factory=list)


def read_rows(each: Import, rows: list[Row]) -> Read:
    """Return what rows say."""
    readers = {Holds.ACTIVITIES: _doings, Holds.COMPANIES: _companies, Holds.MEMBERS: _facts, Holds.OUTCOMES: _facts,
               Holds.CONTACTS: _contacts}  # fmt: skip
    return readers.get(Holds(each.holds), _people)(each, without_erased(each, rows))


def fields_in(each: Import) -> dict[str, Definition]:
    """Return the fields of what a file holds, with those that its columns become."""
    fields = fields_of(SUBJECT_OF[each.holds])
    return fields | each.new_fields({*fields, *OWN[each.holds]})


def _partly(written: Iterable[tuple[Row, Person | Company]]) -> list[tuple[Row, str]]:
    """Return rows of which cells cannot be read, with which and why."""
    return [(row, "; ".join(said.left_out)) for row, said in written if said.left_out]


def _said(rows: Iterable[Row], says: Callable[[Row], Any]) -> tuple[list[tuple[Row, Any]], list[tuple[Row, str]]]:
    """Return what rows say, and those that cannot be taken with the reason."""
    taken: list[tuple[Row, Any]] = []
    refused: list[tuple[Row, str]] = []
    for row in rows:
        try:
            if row.fault:
                raise Unfit(row.fault)
            taken.append((row, says(row)))
        except Unfit as error:
            refused.append((row, str(error)))
    return taken, refused


def _people(each: Import, rows: list[Row]) -> Read:
    fields, spelling = fields_in(each), each.spelling
    taken, refused = _said(rows, lambda row: person(row.cells, each.columns, fields, spelling))
    how, left_out = met(each, taken), skipped(each)
    written = [both for both, its in zip(taken, how, strict=True) if its.how not in left_out]
    users, again = users_called(), [(row.line, its.first) for (row, _found), its in zip(taken, how, strict=True) if its.first]
    return Read(
        [(row.line, found) for row, found in taken],
        [_identify(each, row, found, owner_in(users, found.owner)) for row, found in written],
        sum(its.how in {"known", "twice"} for its in how), refused, again, sum(its.how == "alike" for its in how),
        owners=owners_in(users, (found.owner for _row, found in written)),
        countries=strange_countries(found.values for _row, found in written), partly=_partly(written),
    )  # fmt: skip


def _identify(each: Import, row: Row, found: Person, owner: int | None) -> dict[str, Any]:
    """Return what a row says as a call: a country as it is written there; an owner who is nobody here is kept as a text."""
    kept = {LEAD_OWNER: found.owner} if found.owner and owner is None else {}
    kept |= {COUNTRY: said} if (said := written(found.values.get(COUNTRY))) else {}
    also: dict[str, Any] = {"owner": {"user": owner, "replaces": each.replaces_owners}} if owner is not None else {}
    also |= {"countries": {said: each.countries[said]}} if said in each.countries else {}
    return {"type": "identify", "messageId": message_id(each, row.line), "userId": user_id(each, found),
            "traits": found.values | kept, **also}  # fmt: skip


def _doings(each: Import, rows: list[Row]) -> Read:
    """Return what rows say that somebody did; only of people who are leads, because a file of activities does not say who they are."""
    orders = each.order_of
    said, refused = _said(rows, lambda row: doing(row.cells, each.columns, orders, each.created_at))
    of_leads, nobodys = _of_leads(each, said)
    taken = [(row.line, found) for row, found, _key, _lead in of_leads]
    calls = [_call(found, key, found.message_id(system_in(each))) for _row, found, key, _lead in of_leads]
    ids = {str(call["messageId"]) for call in calls}
    before = Event.objects.filter(source__name=SOURCE, message_id__in=ids).values_list("message_id", flat=True)
    new = len(ids - set(before))
    return Read(taken, calls, len(calls) - new, _by_line(refused + nobodys))


def _of_leads(each: Import, said: list[tuple[Row, Any]]) -> tuple[list[tuple[Row, Any, Key, int]], list[tuple[Row, str]]]:
    """Return what rows say of people who are leads, by what these are known and which they are; and those of others, with the reason."""
    links = held(keys(each, found) for _row, found in said)
    known: list[tuple[Row, Any, Key, int]] = []
    nobodys: list[tuple[Row, str]] = []
    for row, found in said:
        mine = keys(each, found)
        key = next((key for key in mine if key in links), None)
        if key is None:
            nobodys.append((row, f"nobody is known by {' or '.join(value for _kind, value in mine)}; bring in the leads first"))
        else:
            known.append((row, found, key, links[key]))
    return known, nobodys


def _by_line(refused: list[tuple[Row, str]]) -> list[tuple[Row, str]]:
    return sorted(refused, key=lambda each: each[0].line)


def _facts(each: Import, rows: list[Row]) -> Read:
    """Return what rows say of people who are leads: the lists they are on, or what became of them; they are no calls."""
    orders, lists = each.order_of, list_names()

    def says(row: Row) -> Member | Became:
        if each.holds == Holds.MEMBERS:
            return member(row.cells, each.columns, each.list_name, lists)
        return became(row.cells, each.columns, orders, each.created_at)

    said, refused = _said(rows, says)
    of_leads, nobodys = _of_leads(each, said)
    leads = [lead for _row, _found, _key, lead in of_leads]
    facts = [(lead, *found.fact()) for _row, found, _key, lead in of_leads]
    new = len(set(facts) - set(known_facts(each.holds, leads)))
    return Read([(row.line, found) for row, found, _key, _lead in of_leads], [], len(facts) - new, _by_line(refused + nobodys), leads=leads)


def _companies(each: Import, rows: list[Row]) -> Read:
    """Return what rows say of companies; they are no calls."""
    fields, spelling, lists = fields_in(each), each.spelling, list_names()
    taken, refused = _said(rows, lambda row: company(row.cells, each.columns, fields, spelling, lists))
    known = known_companies(found for _row, found in taken)
    return Read([(row.line, found) for row, found in taken], [], known, refused,
                countries=strange_countries(found.fields for _row, found in taken), partly=_partly(taken))  # fmt: skip


def _contacts(each: Import, rows: list[Row]) -> Read:
    """Return what rows say of contacts; they are no calls."""
    fields, spelling = fields_in(each), each.spelling
    said, refused = _said(rows, lambda row: contact_row(row.cells, each.columns, fields, spelling))
    lot = lot_of(each, said)
    taken: list[tuple[int, Said]] = [(row.line, found) for row, found in lot.taken]
    return Read(taken, [], len(taken) - lot.new, _by_line(refused + lot.refused), lot.again, lot=lot, owners=lot.named,
                countries=strange_countries(found.values for _ref, found in lot.rows), partly=_partly(lot.written))  # fmt: skip


def _call(found: Doing, key: Key, message_id: str) -> dict[str, Any]:
    kind, value = key
    who = {"userId": value} if kind == IdentityKind.USER_ID else {"context": {"traits": {"email": value}}}
    return {"type": "track", "messageId": message_id, "event": found.activity_type, "timestamp": found.occurred_at.isoformat(),
            "properties": found.properties, **who}  # fmt: skip
