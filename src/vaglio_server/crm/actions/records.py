"""Writing to a record with its history: what accounts, contacts and opportunities have in common."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models

from vaglio_server.crm.actions.knowledge import column_text, now_known, write_changes
from vaglio_server.crm.logic.fields import check_all
from vaglio_server.crm.logic.standard import columns
from vaglio_server.crm.models import Account, Contact, Opportunity
from vaglio_server.crm.queries import fields_of
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

Record = Account | Contact | Opportunity


class FaultyValues(Refused):
    """Values that do not fit; ``faults`` names every one with what to do, a sentence each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True)
class Told:
    """What somebody says of a record: values of its columns and of its fields by name, and the records it belongs to.

    What is not named stays; None clears.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, models.Model | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitting:
    """What was told, checked, as the record keeps it."""

    columns: dict[str, Any]
    fields: dict[str, Any]
    links: Mapping[str, models.Model | None]


R = TypeVar("R", Contact, Opportunity)


def create_record(record: R, told: Told, faults: Callable[[R, Told], list[str]], *, by: str, at: datetime) -> R:
    """Make a record; ``faults`` says what its kind of record finds wrong with what was told.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    fits = fitting(record, told, faults(record, told))
    with connection.cursor() as cursor:
        changed = write(cursor, record, fits, now_known(cursor), by)
    tell(f"create_{subject_of(record)}", record, changed, by=by, at=at)
    return record


def edit_record(record: R, told: Told, faults: Callable[[R, Told], list[str]], *, by: str, at: datetime) -> R:
    """Change a record, see :func:`create_record`, and return it as it is now.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    held: R = type(record)._default_manager.select_for_update(no_key=True).get(pk=record.pk)
    fits = fitting(held, told, faults(held, told))
    with connection.cursor() as cursor:
        changed = write(cursor, held, fits, now_known(cursor), by)
    if changed:
        tell(f"edit_{subject_of(held)}", held, changed, by=by, at=at)
    return held


def fitting(record: Record, told: Told, also: Iterable[str] = ()) -> Fitting:
    """Check what was told of a record that is there, or yet to be made; ``also`` are faults that its kind of record has found.

    Raises
    ------
    FaultyValues
        Something does not fit; all of it is named.
    """
    subject = subject_of(record)
    own = columns(subject)
    asked = dict(told.columns)
    if record.pk is None:
        asked = {name: None for name, each in own.items() if each.is_needed and not getattr(record, name)} | asked
    first = check_all(own, asked)
    misplaced = [f"{name}: is no field; it stands beside the fields" for name in told.fields if name in own]
    second = check_all(fields_of(subject), {name: value for name, value in told.fields.items() if name not in own}, record.fields)
    if faults := [*first.faults, *misplaced, *second.faults, *also]:
        raise FaultyValues(faults)
    return Fitting(first.values, second.values, told.links)


def write(cursor: Any, record: Record, fits: Fitting, known_at: datetime, by: str) -> list[str]:
    """Write what changed of a record whose row is held, or make it; its history gets a row per change. Return the names that changed."""
    history = put(record, fits, known_at)
    if history:
        write_changes(cursor, subject_of(record), ((record.pk, name, value) for name, value in history.items()), known_at, by)
    return sorted(history)


def put(record: Record, fits: Fitting, known_at: datetime) -> dict[str, Any]:
    """Write what changed of a record whose row is held, or make it, and return the history that is yet to be written: values by name."""
    is_new = record.pk is None
    columns_now, fields_now = _columns_changed(record, fits), _fields_changed(record, fits)
    if is_new:
        record.created_at = known_at
    elif not columns_now and not fields_now:
        return {}
    for name, value in columns_now.items():
        column: Any = record._meta.get_field(name)
        setattr(record, name, column.to_python(value))
    fields = record.fields | fields_now | (columns_now if isinstance(record, Account) else {})  # models read these among its fields
    record.fields = {name: value for name, value in fields.items() if value is not None}
    record.save()
    return {name: column_text(value) for name, value in columns_now.items()} | fields_now


def tell(verb: str, record: Record, changed: list[str], *, by: str, at: datetime) -> None:
    """Write down who changed what of a record; the values are in its history."""
    audit(by=by, verb=verb, subject=f"{subject_of(record)}:{record.pk}", at=at, changed=changed)


def subject_of(record: models.Model) -> str:
    """Return what a record is, in one word."""
    return str(record._meta.model_name)


def _columns_changed(record: Record, fits: Fitting) -> dict[str, Any]:
    """Return the columns that differ from the record's, links by their ids; of a new record, all that have a value."""
    found = {f"{name}_id": other.pk if other is not None else None for name, other in fits.links.items()} | fits.columns
    if record.pk is None:
        found = {name: getattr(record, name) for name in columns(subject_of(record))} | found
        return {name: value for name, value in found.items() if value is not None}
    return {name: value for name, value in found.items() if column_text(getattr(record, name)) != column_text(value)}


def _fields_changed(record: Record, fits: Fitting) -> dict[str, Any]:
    def differs(before: Any, after: Any) -> bool:
        return before != after or isinstance(before, bool) is not isinstance(after, bool)

    return {name: value for name, value in fits.fields.items() if differs(record.fields.get(name), value)}
