"""What a sheet of a sample says of each lead, from the facts: the fields that the model reads, and what the lead did lately, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vaglio.terms import DAY_SECONDS, MICROSECONDS, InputType

FieldTypes = dict[str, InputType]

LATELY = 90 * DAY_SECONDS * MICROSECONDS
MOST = 5  # kinds of activities that are named
PLACES = 3  # values of a property that are named
NOBODY = "nothing yet"


@dataclass(frozen=True)
class Shown:
    """What a reader is shown of a lead."""

    lead: str
    name: str
    fields: dict[str, str]
    lately: str


def shown(engine: Any, loaded: Any, document: Any, leads: Sequence[str], at: Any) -> list[Shown]:
    """Return what is known of some leads at an instant, in their order."""
    names = _names(engine, loaded, leads)
    own, accounts = _fields(document)
    values = _values(engine, loaded.facts, (own, accounts), leads, at)
    did = _did(engine, loaded.facts, leads, at)
    nothing = dict.fromkeys(field_names(document), "")
    return [Shown(lead, names.get(lead, ""), values.get(lead, nothing), _words(did.get(lead, []), at)) for lead in leads]


def field_names(document: Any) -> list[str]:
    """Return the fields that a model reads, as the columns of a sheet."""
    own, accounts = _fields(document)
    return [*own, *(f"account.{name}" for name in accounts)]


def _fields(document: Any) -> tuple[FieldTypes, FieldTypes]:
    from vaglio.plan.people import used_fields
    from vaglio.plan.readers import scored_rules

    own, accounts = used_fields(document, scored_rules(document))
    return dict(own), dict(accounts)


def _names(engine: Any, loaded: Any, leads: Sequence[str]) -> dict[str, str]:
    from vaglio.cli.top import names_table

    table = names_table(engine, loaded)
    if table is None:
        return {}
    rows = engine.arrow(table.filter(table.lead_id.isin(leads)).select("lead_id", "name")).to_pylist()
    return {row["lead_id"]: row["name"] or "" for row in rows}


def _values(engine: Any, facts: Any, fields: tuple[FieldTypes, FieldTypes], leads: Sequence[str], at: Any) -> dict[str, dict[str, str]]:
    from vaglio.asking import asked
    from vaglio.plan.known import known_people

    own, accounts = fields
    few = facts.replace(leads=facts.leads.filter(facts.leads.lead_id.isin(leads)))
    people = asked(engine, few, at, lambda steps, given: known_people(steps, given, own, accounts).drop("account_id", "created_us"))
    columns = {name: (f"f_{name}", kind) for name, kind in own.items()}
    if facts.accounts is not None:
        columns |= {f"account.{name}": (f"a_{name}", kind) for name, kind in accounts.items()}
    return {row["lead_id"]: {name: _text(kind, row[column]) for name, (column, kind) in columns.items()} for row in people.to_pylist()}


def _text(kind: str, value: Any) -> str:
    from vaglio.dates import format_instant

    if value is None:
        return ""
    if kind == "boolean":
        return "yes" if value else "no"
    if kind == "date":
        return format_instant(int(value))[:10]
    return str(value) if kind == "string" else f"{value:,.10g}".replace(",", "")


def _did(engine: Any, facts: Any, leads: Sequence[str], at: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the activities of people that the engine counts, by lead, the latest last."""
    from vaglio.asking import asked, near
    from vaglio.plan.known import known_activities

    if facts.activities is None:
        return {}
    few = facts.replace(activities=near(facts.activities, list(leads)))
    found: dict[str, list[dict[str, Any]]] = {}
    rows = asked(engine, few, at, lambda steps, given: _of(leads, known_activities(steps, given, steps.now))).to_pylist()
    for row in sorted(rows, key=lambda row: (row["occurred_us"], row["activity_type"], str(row))):
        found.setdefault(row["lead_id"], []).append(row)
    return found


def _of(leads: Sequence[str], table: Any) -> Any:
    texts = [name for name, kind in table.schema().items() if name.startswith("p_") and kind.is_string()]
    return table.filter(table.lead_id.isin(leads)).select("lead_id", "activity_type", "occurred_us", *texts)


def _words(did: list[dict[str, Any]], at: Any) -> str:
    """Return what somebody did in the last 90 days, the latest kind first."""
    from vaglio.report.words import day, plain

    lately = [row for row in did if row["occurred_us"] > at.as_of - LATELY]
    if not lately:
        return f"nothing in 90 days; last {plain(did[-1]['activity_type'])} on {day(did[-1]['occurred_us'])}" if did else NOBODY
    kinds = list(dict.fromkeys(row["activity_type"] for row in reversed(lately)))
    said = [_kind(kind, [row for row in lately if row["activity_type"] == kind]) for kind in kinds[:MOST]]
    return "; ".join(said) + (f"; and {len(kinds) - MOST} more" if len(kinds) > MOST else "")


def _kind(kind: str, rows: list[dict[str, Any]]) -> str:
    from vaglio.report.words import day, plain

    counted = Counter(
        str(value) for row in rows for name, value in row.items() if name.startswith("p_") and isinstance(value, str) and value.strip()
    )  # fmt: skip
    named = ", ".join(text for text, _times in counted.most_common(PLACES))
    times = f"{len(rows)} × " if len(rows) > 1 else ""
    last = "last on" if len(rows) > 1 else "on"
    return f"{times}{plain(kind)}{f' ({named})' if named else ''}, {last} {day(rows[-1]['occurred_us'])}"
