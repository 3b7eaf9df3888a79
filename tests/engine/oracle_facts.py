"""What was known, and when: the facts of one run of the oracle, written from the documents only."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tests.engine.oracle_text import Value, age, clean, fold, seconds, where_holds

Row = dict[str, Any]


@dataclass(frozen=True)
class Lead:
    """A lead as known at `known_at`; values by name, the account's as `account.<field>`."""

    lead_id: str
    account_id: str | None
    created_at: int | None
    values: dict[str, Value]


@dataclass(frozen=True)
class Activity:
    """A declared, known, past, human activity, once per message."""

    lead_id: str
    type: str
    occurred_at: int
    values: dict[str, Value]

    def read(self, name: str) -> Value:
        """A property; one that the activity's type does not declare has no value."""
        return self.values.get(name, Value("string", None))


class World:
    """Everything a model may read at (`as_of`, `known_at`)."""

    def __init__(self, document: Row, facts: dict[str, list[Row]], as_of: int, known_at: int) -> None:
        self.as_of = as_of
        self.known_at = known_at
        inputs = document.get("inputs") or {}
        self.no_value: list[str] = inputs.get("no_value") or []
        self.fields: dict[str, str] = inputs.get("fields") or {}
        self.account_fields: dict[str, str] = inputs.get("account_fields") or {}
        self.types: dict[str, dict[str, str]] = {name: properties or {} for name, properties in (inputs.get("activities") or {}).items()}
        self.lists = [row for row in facts.get("lists", []) if self._list_row_valid(row)]
        self.leads = self._leads(facts)
        self.activities = self._activities(facts)

    def _list_row_valid(self, row: Row) -> bool:
        known = row.get("known_at") is None or row["known_at"] <= self.known_at
        begun = row.get("from") is None or row["from"] <= self.as_of
        ended = row.get("to") is not None and row["to"] <= self.as_of
        return known and begun and not ended

    def _leads(self, facts: dict[str, list[Row]]) -> dict[str, Lead]:
        history: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for change in facts.get("field_changes", []):
            history[change["subject"], change["id"], change["field"]].append(change)
        accounts = {row["account_id"]: row for row in facts.get("accounts", [])}
        leads = {}
        for row in facts.get("leads", []):
            if row.get("created_at") is not None and row["created_at"] > self.known_at:
                continue
            lead_id = row["lead_id"]
            values = {name: Value(type_, self._known(history, "lead", lead_id, name, row)) for name, type_ in self.fields.items()}
            account_id = clean(self._as_known(history, "lead", lead_id, "account_id", row), [])
            account = accounts.get(account_id)
            for name, type_ in self.account_fields.items():
                known = account and self._known(history, "account", account["account_id"], name, account)
                values["account." + name] = Value(type_, known)
            leads[lead_id] = Lead(lead_id, account_id, row.get("created_at"), values)
        return leads

    def _as_known(self, history: Any, subject: str, id_: str, field: str, row: Row) -> Any:
        """With history: the latest change known by then, nothing before the first. Without: as it is now."""
        changes = history.get((subject, id_, field), [])
        if not changes:
            return row.get(field)
        known = [change for change in changes if change["known_at"] <= self.known_at]
        if not known:
            return None
        return max(known, key=lambda change: (change["known_at"], as_text(change["value"])))["value"]

    def _known(self, history: Any, subject: str, id_: str, field: str, row: Row) -> Any:
        return clean(self._as_known(history, subject, id_, field, row), self.no_value)

    def _activities(self, facts: dict[str, list[Row]]) -> dict[str, list[Activity]]:
        known = [row for row in facts.get("activities", []) if received_at(row) <= self.known_at]
        by_lead: dict[str, list[Activity]] = {lead_id: [] for lead_id in self.leads}
        for row in self._once_per_message(known):
            declared = self.types.get(row["activity_type"])
            marked_at = row["marked_at"]
            if row["lead_id"] not in by_lead or declared is None or row["occurred_at"] > self.as_of:
                continue
            if marked_at is not None and marked_at <= self.known_at:
                continue
            found = row.get("properties") or {}
            values = {name: Value(type_, clean(found.get(name), self.no_value)) for name, type_ in declared.items()}
            activity = Activity(row["lead_id"], row["activity_type"], row["occurred_at"], values)
            by_lead[activity.lead_id].append(activity)
        return by_lead

    def _once_per_message(self, rows: list[Row]) -> list[Row]:
        """The first row of each message, with `marked_at`: the earliest mark on any row of it, or None."""
        names = sorted({name for properties in self.types.values() for name in properties})
        messages: dict[Any, list[Row]] = defaultdict(list)
        for number, row in enumerate(rows):
            own = row.get("message_id") is None
            messages[("row", number) if own else ("message", row["message_id"])].append(row)
        kept = []
        for same in messages.values():
            first = min(same, key=lambda row: message_order(row, names))
            marks = [mark for row in same if (mark := machine_mark(row)) is not None]
            kept.append({**first, "marked_at": min(marks, default=None)})
        return kept

    def age(self, occurred_at: int) -> int:
        return age(occurred_at, self.as_of)

    def on_list(self, name: str, lead: Lead) -> bool:
        """Whether the lead, or its account, is on the list at `as_of`."""
        members = [("lead", lead.lead_id)]
        if lead.account_id is not None:
            members.append(("account", lead.account_id))
        return any(row["list"] == name and (row["member_type"], row["member_id"]) in members for row in self.lists)

    def matching(self, asked: Row, lead_id: str, within: str | None = None) -> list[Activity]:
        """Matching activities of a lead, oldest first; `asked` holds `activity` or `activities`, `where`."""
        named = [asked["activity"]] if "activity" in asked else asked.get("activities", list(self.types))
        found = [
            activity
            for activity in self.activities[lead_id]
            if activity.type in named and where_holds(asked.get("where") or {}, activity.read, self.as_of)
        ]
        if within is not None:
            found = [activity for activity in found if 0 <= self.age(activity.occurred_at) < seconds(within)]
        return sorted(found, key=lambda activity: activity.occurred_at)


def received_at(row: Row) -> int:
    """An activity without `received_at` was known when it occurred."""
    received = row.get("received_at")
    return int(row["occurred_at"] if received is None else received)


def machine_mark(row: Row) -> float | None:
    """When the row was known to be machine-made: from the start without `machine_known_at`; None if never."""
    if not row.get("is_machine"):
        return None
    marked = row.get("machine_known_at")
    return float("-inf") if marked is None else marked


def as_text(value: Any) -> tuple[int, str]:
    """The order of values as text in code-point order, no value first."""
    return (0, "") if value is None else (1, str(value))


def message_order(row: Row, names: list[str]) -> Any:
    """The row of a message that stays is the smallest in this order."""
    properties = row.get("properties") or {}
    return (
        received_at(row),
        row["occurred_at"],
        as_text(row["lead_id"]),
        as_text(row["activity_type"]),
        [as_text(properties.get(name)) for name in names],
    )


def period(activity: Activity, once_per: Any) -> Any:
    """The period of `once_per`: a UTC hour, day, week (from Monday), ever, or a value, folded."""
    if isinstance(once_per, dict):
        value = activity.read(once_per["property"]).value
        return fold(value) if isinstance(value, str) else value
    hours = activity.occurred_at // 3_600_000_000
    days = hours // 24
    return {"hour": hours, "day": days, "week": (days + 3) // 7, "ever": 0}[once_per]


def utc_days(activities: list[Activity]) -> int:
    """How many distinct UTC days the activities fall on."""
    return len({activity.occurred_at // 86_400_000_000 for activity in activities})
