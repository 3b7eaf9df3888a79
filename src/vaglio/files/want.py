"""The columns a table may have, with what they become."""

from dataclasses import dataclass
from typing import Literal

from vaglio.files.needs import Needs
from vaglio.plan.facts import field_column, property_column
from vaglio.terms import InputType

Kind = Literal["string", "integer", "number", "boolean", "date", "flag"]


@dataclass(frozen=True)
class Want:
    """One column of a fact table: ``name`` in files, ``target`` in facts.

    ``needed``: the file must have it. ``filled``: a row without it is bad. ``flag`` is a boolean kept as one. ``judged``: only rows
    of an activity type that is read are judged by it. ``among``: the words it may hold, in small or capital letters. ``blank_is_none``:
    of a text, for ids: else all rows with a space in it would be of one company, or copies of one message.
    """

    name: str
    target: str
    kind: Kind = "string"
    needed: bool = False
    filled: bool = False
    aliases: tuple[str, ...] = ()
    always: bool = True
    among: tuple[str, ...] = ()
    blank_is_none: bool = False


_LEAD = Want("lead_id", "lead_id", needed=True, filled=True, aliases=("contact_id",))
_ACCOUNT = Want("account_id", "account_id", needed=True, filled=True)


def wants(table: str, needs: Needs) -> list[Want]:
    """Return the columns of a table, ids first."""
    return _OF_TABLE[table](needs)


def _leads(needs: Needs) -> list[Want]:
    return [_LEAD, Want("account_id", "account_id", blank_is_none=True), Want("created_at", "created_us", "date"), *_fields(needs.fields)]


def _accounts(needs: Needs) -> list[Want]:
    return [_ACCOUNT, *_fields(needs.account_fields)]


def _fields(types: dict[str, InputType]) -> list[Want]:
    return [Want(name, field_column(name), kind, needed=True) for name, kind in types.items()]


def _activities(needs: Needs) -> list[Want]:
    return [
        _LEAD,
        Want("activity_type", "activity_type", needed=True, filled=True),
        Want("occurred_at", "occurred_us", "date", needed=True, filled=True),
        Want("received_at", "received_us", "date", always=False),
        Want("message_id", "message_id", blank_is_none=True),
        Want("is_machine", "is_machine", "flag", always=False),
        Want("machine_known_at", "machine_us", "date", always=False),
        *(Want(name, property_column(name), kind, needed=True, always=False) for name, kind in needs.properties.items()),
    ]


def _field_changes(needs: Needs) -> list[Want]:
    del needs
    return [
        Want("lead_id", "lead_id", aliases=("contact_id",)),
        Want("account_id", "account_id"),
        Want("field", "field", needed=True, filled=True),
        Want("value", "text", needed=True),
        Want("known_at", "known_us", "date", needed=True, filled=True),
    ]


def _lists(needs: Needs) -> list[Want]:
    del needs
    return [
        Want("list", "list", needed=True, filled=True),
        Want("member_type", "member_type", needed=True, filled=True, among=("lead", "account")),
        Want("member_id", "member_id", needed=True, filled=True),
        Want("from", "from_us", "date"),
        Want("to", "to_us", "date"),
        Want("known_at", "known_us", "date"),
    ]


def _outcomes(needs: Needs) -> list[Want]:
    del needs
    return [
        _LEAD,
        Want("outcome", "outcome", needed=True, filled=True),
        Want("occurred_at", "occurred_us", "date"),
        Want("value", "value", "number"),
    ]


_OF_TABLE = {
    "leads": _leads,
    "accounts": _accounts,
    "activities": _activities,
    "field_changes": _field_changes,
    "lists": _lists,
    "outcomes": _outcomes,
}
