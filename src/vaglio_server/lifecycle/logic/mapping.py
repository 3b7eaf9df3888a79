"""Which field of a lead becomes which field of its contact, its company and its opportunity, and what that gives for one lead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vaglio_server.crm.logic.fields import Definition, check_all
from vaglio_server.crm.logic.standard import columns, shipped

RECORDS = ("contact", "account", "opportunity")
MOST_ROWS = 500
# Of the fields that both have by the same name: what is not the person's own goes to the company.
_PERSON = (
    "first_name last_name name email job_title department phone mobile_phone language lead_source street postal_code city state country"
)
_COMPANY = "website industry employees street postal_code city state country"
_SALE = "lead_source"
_USUAL = {"contact": _PERSON.split(), "account": _COMPANY.split(), "opportunity": _SALE.split()}
# Columns that a mapping may fill, beside fields.
_COLUMNS = {"contact": (), "account": (), "opportunity": ("amount", "currency", "close_date")}
Definitions = Mapping[str, Mapping[str, Definition]]  # by record and name


@dataclass(frozen=True)
class Mapped:
    """A field of the lead that becomes a field of a record; ``overwrites``: also where there is a value."""

    source: str
    record: str
    target: str
    overwrites: bool = False

    def row(self) -> list[Any]:
        """Return it as it is kept."""
        return [self.source, self.record, self.target, self.overwrites]


def targets(definitions: Definitions) -> dict[str, dict[str, Definition]]:
    """Return the fields that a mapping may fill, by record and name."""
    return {
        record: {name: columns(record)[name] for name in _COLUMNS[record]}
        | {name: each for name, each in definitions[record].items() if not each.is_retired}
        for record in RECORDS
    }


def usual(definitions: Definitions) -> tuple[Mapped, ...]:
    """Return the mapping of an installation where nobody set one: fields of the same name, those that people defined too."""
    found = [Mapped(name, record, name) for record in RECORDS for name in _USUAL[record]]
    ships = {each: shipped(each) for each in ("lead", *RECORDS)}
    for record in RECORDS:
        for name, each in definitions[record].items():
            of_lead = definitions["lead"].get(name)
            is_own = name not in ships[record] and name not in ships["lead"]
            if is_own and of_lead is not None and of_lead.kind == each.kind and not (each.is_retired or of_lead.is_retired):
                found.append(Mapped(name, record, name))
    return tuple(found)


def mapping_of(rows: Sequence[Sequence[Any]] | None, definitions: Definitions) -> tuple[Mapped, ...]:
    """Return a mapping as it was kept; the usual one where none was."""
    return tuple(Mapped(*row) for row in rows) if rows is not None else usual(definitions)


def mapping_faults(mapping: Iterable[Mapped], definitions: Definitions) -> list[str]:
    """Return what is wrong with a mapping that somebody wants, a sentence each."""
    may, found, filled = targets(definitions), [], set[tuple[str, str]]()
    for each in mapping:
        where = f"{each.record}.{each.target}"
        if each.source not in definitions["lead"]:
            found.append(f"{each.source[:60]}: is no field of leads")
        if each.record not in RECORDS or each.target not in may[each.record]:
            found.append(f"{where[:120]}: is no field that can be filled")
        elif (each.record, each.target) in filled:
            found.append(f"{where}: is filled by two fields of the lead; choose one")
        filled.add((each.record, each.target))
    return found


@dataclass(frozen=True)
class Given:
    """What a lead gives: values by record and name, which of them are written over others, and what did not fit, a sentence each."""

    values: dict[str, dict[str, Any]] = field(default_factory=lambda: {record: {} for record in RECORDS})
    over: dict[str, set[str]] = field(default_factory=lambda: {record: set() for record in RECORDS})
    left: list[str] = field(default_factory=list)

    def of(self, record: str, held: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is written to a record with these values: what it lacks, and what is written over."""
        return {
            name: value
            for name, value in self.values[record].items()
            if held.get(name) in (None, "") or (name in self.over[record] and held[name] != value)
        }


def given(mapping: Iterable[Mapped], fields: Mapping[str, Any], definitions: Definitions) -> Given:
    """Return what a lead with these fields gives; a value that does not fit its place is left out, and said."""
    may, found = targets(definitions), Given()
    for each in mapping:
        value = fields.get(each.source)
        if value in (None, "") or each.target not in may[each.record]:
            continue
        checked = check_all({each.target: may[each.record][each.target]}, {each.target: value})
        if checked.faults:
            found.left.append(f"{each.record}.{checked.faults[0]}")
            continue
        found.values[each.record][each.target] = checked.values[each.target]
        if each.overwrites:
            found.over[each.record].add(each.target)
    _with_currency(found)
    return found


def _with_currency(found: Given) -> None:
    """Leave out an amount without a currency, which is worth nothing."""
    sale = found.values["opportunity"]
    if "amount" in sale and "currency" not in sale:
        found.left.append("opportunity.amount: there is no currency with it")
        del sale["amount"]
