"""What a sheet of a sample says of each lead, from the facts: the fields that the model reads, and what the lead did lately, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vaglio.terms import DAY_SECONDS, MICROSECONDS

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
    return [Shown(lead, names.get(lead, ""), values[lead], _words(did.get(lead, []), at)) for lead in leads]


def field_names(document: Any) -> list[str]:
    """Return the fields that a model reads, as the columns of a sheet."""
    own, accounts = _fields(document)
    return [*own, *(f"account.{name}" for name in accounts)]


def _fields(document: Any) -> tuple[dict[str, str], dict[str, str]]:
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


def _values(
    engine: Any, facts: Any, fields: tuple[dict[str, str], dict[str, str]], leads: Sequence[str], at: Any
) -> dict[str, dict[str, str]]:
    own, accounts = fields
    of_leads = _rows(engine, facts.leads.filter(facts.leads.lead_id.isin(leads)), "lead_id")
    known = _history(engine, facts, "lead", list(leads), at)
    found = {lead: {name: _text(kind, _known(known, lead, name, kind, of_leads[lead].get(f"f_{name}"))) for name, kind in own.items()}
             for lead in leads}  # fmt: skip
    if not accounts or facts.accounts is None:
        return found
    whose = {lead: _known(known, lead, "account_id", "string", of_leads[lead]["account_id"]) for lead in leads}
    ids = sorted({account for account in whose.values() if account})
    of_accounts = _rows(engine, facts.accounts.filter(facts.accounts.account_id.isin(ids or [""])), "account_id")
    changed = _history(engine, facts, "account", ids, at)
    for lead, account in whose.items():
        row = of_accounts.get(account, {})
        for name, kind in accounts.items():
            found[lead][f"account.{name}"] = _text(kind, _known(changed, account or "", name, kind, row.get(f"f_{name}")))
    return found


def _rows(engine: Any, table: Any, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in engine.arrow(table).to_pylist()}


def _history(engine: Any, facts: Any, subject: str, ids: list[str], at: Any) -> dict[tuple[str, str], Any]:
    """Return the latest known change of each field; None of a field with only later changes, which had no value yet."""
    changes = facts.field_changes
    if changes is None or not ids:
        return {}
    rows = engine.arrow(changes.filter(changes.subject == subject, changes.id.isin(ids))).to_pylist()
    found: dict[tuple[str, str], Any] = {(row["id"], row["field"]): None for row in rows}
    known = [row for row in rows if row["known_us"] <= at.known_at]
    for row in sorted(known, key=lambda row: (row["known_us"], row["text"] is not None, row["text"] or "")):
        found[row["id"], row["field"]] = row
    return found


def _known(history: dict[tuple[str, str], Any], subject: str, name: str, kind: str, stored: Any) -> Any:
    if (subject, name) not in history:
        return stored
    row = history[subject, name]
    return None if row is None else row["text"] if kind == "string" else row["number"]


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
    """Return the activities of people that were known and past, by lead, each message once."""
    table = facts.activities
    if table is None:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    seen: set[str] = set()
    for row in sorted(engine.arrow(table.filter(table.lead_id.isin(leads))).to_pylist(), key=lambda row: row["occurred_us"]):
        message = row.get("message_id")
        if _counts(row, at) and (not message or message not in seen):
            seen.add(message or "")
            found.setdefault(row["lead_id"], []).append(row)
    return found


def _counts(row: dict[str, Any], at: Any) -> bool:
    received = row.get("received_us")
    is_known = (row["occurred_us"] if received is None else received) <= at.known_at
    marked = row.get("machine_us")
    is_machine = bool(row.get("is_machine")) and (marked is None or marked <= at.known_at)
    return is_known and row["occurred_us"] <= at.as_of and not is_machine


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
