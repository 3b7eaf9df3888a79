"""The same company at several instants: what was stored at each, made backwards from what is stored at the last."""

from random import Random
from typing import Any

DAY = 86_400 * 10**6
STEPS = [0, 0, 1, 10**6, 3_600 * 10**6, 3_600 * 10**6, DAY, 8 * DAY, 40 * DAY]  # long ones leave nobody as he was
Facts = dict[str, list[dict[str, Any]]]


class Look:
    """One look at the company: its facts, the two instants, and the one after which anything may be news."""

    def __init__(self, facts: Facts, as_of: int, known_at: int, since: int) -> None:
        self.facts, self.as_of, self.known_at, self.since = facts, as_of, known_at, since


def looks(case: Any, choices: Random, count: int) -> list[Look]:
    """Return looks in the order of time; activities that were known at a look's ``since`` are as they were at the look before it."""
    _document, facts, as_of, known_at = case
    found = [Look(_told_otherwise(facts, choices), as_of, known_at, known_at)]
    for _ in range(count - 1):
        later = found[0]
        as_of -= choices.choice(STEPS)
        known_at -= choices.choice([*STEPS, DAY, 8 * DAY])
        later.since = known_at - choices.choice(STEPS[:6])
        earlier = _told_otherwise(facts, choices)
        earlier["activities"] = _not_yet(later.facts["activities"], later.since, choices)
        found.insert(0, Look(earlier, as_of, known_at, known_at))
    return found


def _not_yet(activities: list[dict[str, Any]], since: int, choices: Random) -> list[dict[str, Any]]:
    """Return activities without some that became known after an instant, and some that only later were found to be a machine's."""
    kept = []
    for row in activities:
        known = row["occurred_at"] if row["received_at"] is None else row["received_at"]
        if known > since and choices.random() < 0.5:
            continue
        is_late = row["machine_known_at"] is not None and row["machine_known_at"] > since
        kept.append({**row, "is_machine": None, "machine_known_at": None} if is_late and choices.random() < 0.5 else row)
    return kept


def _told_otherwise(facts: Facts, choices: Random) -> Facts:
    """Return facts in which some rows that carry no instant are missing, and some others have the values of another row."""
    found = {name: list(rows) for name, rows in facts.items()}
    for name in ("leads", "accounts", "lists", "field_changes"):
        rows = facts[name]
        if choices.random() < 0.5:
            continue
        kept = [dict(row) for row in rows if choices.random() > 0.12]
        for row in kept:
            if choices.random() < 0.15:
                column = choices.choice([key for key in row if key not in ("lead_id", "account_id", "subject", "id", "field")] or list(row))
                others = [other for other in rows if (other.get("subject"), other.get("field")) == (row.get("subject"), row.get("field"))]
                row[column] = choices.choice(others).get(column)
            if name == "leads" and choices.random() < 0.08:
                row["account_id"] = choices.choice(["acme", "beta", None])
        found[name] = kept if kept or name != "leads" else [dict(rows[0])]
    return found
