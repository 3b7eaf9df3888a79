"""What bodies say of records: values of columns and of fields by name, whom it belongs to; null takes a value away."""

from typing import Any

from ninja import Schema
from pydantic import Field

from vaglio_server.api.seen import account_of, lead_now, owner_named
from vaglio_server.crm.actions import Told
from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.users.models import Role

# As people and programs send it; whether it fits is checked with all others, so that every fault is named at once.
Value = str | int | float | bool | None
LINKS = {"account_id": "account", "owner": "owner", "lead_id": "lead"}


class RecordIn(Schema):
    """Fields of a record by name."""

    fields: dict[str, Value] = Field(default_factory=dict)


def told(request: Any, body: RecordIn, *, is_new: bool = False) -> Told:
    """Return what a body says; what it does not name stays. Sellers own what they make, unless they say otherwise."""
    columns = body.model_dump(exclude_unset=True)
    fields = columns.pop("fields", {})
    links = {LINKS[name]: _linked(request, name, columns.pop(name)) for name in list(columns) if name in LINKS}
    if is_new and request.auth.user.role == Role.SALES and links.get("owner") is None and "owner" in type(body).model_fields:
        links["owner"] = request.auth.user
    return Told(columns, fields, links)


def _linked(request: Any, name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "owner":
        return owner_named(request, value)
    return account_of(value) if name == "account_id" else lead_now(request, value)


def owner_name(record: Any) -> str | None:
    """Return the owner by name, of a record or of the values of one."""
    if isinstance(record, dict):
        found: str | None = record["owner"]
        return found
    return record.owner.username if record.owner_id else None


def number(asked: int) -> int:
    """Return an id in a filter as the database takes it: one beyond its range is nobody's."""
    return asked if 0 < asked <= LARGEST_ID else 0
