"""The history of fields: one column of values, each of the type of its field."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.columns import NUMBERS, Found
from vaglio.files.convert import REASONS, cell, from_text, is_blank
from vaglio.files.countries import in_its_form
from vaglio.files.needs import Needs, Types
from vaglio.files.source import Source
from vaglio.files.take import Check, Shape

Countries = Mapping[str, Sequence[str]]  # fields that hold some, of a lead and of an account


def change_shape(source: Source, found: Sequence[Found], needs: Needs, countries: Countries) -> Shape:
    """Return ``subject, id, field, text, number, whole, known_us`` as SQL over the file; ``countries``: the fields that hold some.

    Raises
    ------
    DataError
        ``column_missing``: neither leads nor accounts are named.
    """
    written = next((place.format for place in found if place.want.name == "value" and place.format in NUMBERS), "")
    plain_texts = [replace(place, format="") if place.want.name == "value" and written else place for place in found]
    cells = {place.want.name: cell(source, place, needs.no_value) for place in plain_texts}
    if "lead_id" not in cells and "account_id" not in cells:
        raise DataError("column_missing", f"{source.path} has neither a column 'lead_id' nor 'account_id'",
                        '--columns "field_changes.lead_id=<its column>"', table=source.table, column="lead_id")  # fmt: skip
    lead, account = (cells[name].value if name in cells else "CAST(NULL AS VARCHAR)" for name in ("lead_id", "account_id"))
    no_text = cells["value"].bad
    of_lead, of_account = f"NOT {is_blank(lead)}", f"NOT {is_blank(account)}"
    subject = f"CASE WHEN {of_lead} THEN 'lead' WHEN {of_account} THEN 'account' END"
    field, text = cells["field"].value, cells["value"].value
    plain = f"CASE WHEN {of_account} AND starts_with({field}, 'account.') THEN substr({field}, 9) ELSE {field} END"
    number, whole, bads = _numbers(f"({subject})", f"({plain})", text, needs, written)
    known = cells["known_at"]
    checks = [
        Check("lead_id", "and account_id are both empty", f"NOT ({of_lead}) AND NOT ({of_account})"),
        Check("lead_id", "and account_id are both filled", f"({of_lead}) AND ({of_account})"),
        Check("field", "is empty", "", "field", blank=True),
        *([Check("known_at", REASONS["date"], known.bad, "known_us")] if known.bad else []),
        Check("known_at", "is empty", "", "known_us"),
        *([Check("value", REASONS["string"], no_text, "text")] if no_text else []),
        *(Check("value", "does not fit the type of its field", bad, column) for column, bad in bads.items()),
    ]  # fmt: skip
    id_ = f"CASE WHEN {of_lead} THEN {lead} ELSE {account} END"
    columns = {
        "subject": subject,
        "id": id_,
        "field": plain,
        "text": _text(f"({subject})", f"({plain})", text, countries),
        "number": number,
        "whole": whole,
        "known_us": known.value,
    }
    return Shape(columns, tuple(checks))


def _text(subject: str, field: str, text: str, countries: Countries) -> str:
    """Return a value as a text, countries in their one form; the blank id of a company is none."""
    text = f"CASE WHEN {field} = 'account_id' AND {is_blank(text)} THEN NULL ELSE {text} END"
    here = [f"{subject} = {sql.literal(who)} AND {sql.among(field, names)}" for who, names in countries.items() if names]
    return f"CASE WHEN {' OR '.join(here)} THEN {in_its_form(text)} ELSE {text} END" if here else text


def _numbers(subject: str, field: str, text: str, needs: Needs, written: str) -> tuple[str, str, dict[str, str]]:
    """Return the value as a double and as a whole number, each where the field is one, and when that is due but fails, by column.

    ``written``: how numbers are. Two columns, for doubles do not tell whole numbers beyond 2^53 from their neighbours.
    """
    values: dict[str, list[str]] = {"number": [], "whole": []}
    dues: dict[str, list[str]] = {"number": [], "whole": []}
    for who, types in (("lead", needs.fields), ("account", needs.account_fields)):
        for kind, names in _by_kind(types).items():
            made = from_text(text, kind, needs.no_value, written if kind in ("integer", "number") else "")
            here = f"{subject} = {sql.literal(who)} AND {sql.among(field, names)}"
            column = "number" if kind == "number" else "whole"
            values[column].append(f"WHEN {here} THEN {made.value}")
            dues[column].append(f"({here} AND {made.bad})")
    number, whole = (_chosen(values[column], type_) for column, type_ in (("number", "DOUBLE"), ("whole", "BIGINT")))
    return number, whole, {column: f"({' OR '.join(due)})" for column, due in dues.items() if due}


def _chosen(values: Sequence[str], type_: str) -> str:
    value = f"CASE {' '.join(values)} END" if values else "NULL"
    return f"CAST({value} AS {type_})"


def _by_kind(types: Types) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for name, kind in types.items():
        if kind != "string":
            kinds.setdefault(kind, []).append(name)
    return kinds
