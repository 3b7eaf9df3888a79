"""Fields: those every record has, and those people define."""

from datetime import UTC, datetime
from typing import Any, Literal

from django.http import Http404
from django.utils.translation import gettext
from ninja import Router, Schema, Status
from pydantic import Field

from vaglio_server.api.seen import marketer
from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import NewField, change_field, define_field, retire_field
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.standard import SUBJECTS, columns, shipped
from vaglio_server.crm.models import FieldDefinition
from vaglio_server.crm.queries import fields_of

router = Router(tags=["fields"])
Subject = Literal["lead", "contact", "account", "opportunity"]


class FieldOut(Schema):
    """A field; in bodies one that ``is_column`` stands beside ``fields``, one that ``is_retired`` takes no values."""

    subject: str
    name: str
    label: str
    kind: str
    choices: list[str]
    is_column: bool = False
    is_standard: bool = False
    is_retired: bool = False


class FieldIn(Schema):
    """A field to define; its name and its kind stay for good."""

    subject: str
    name: str
    label: str
    kind: str = Field(description="string, integer, number, boolean, date or choice")
    choices: list[str] = Field(default_factory=list)


class FieldEdit(Schema):
    """What to change: the label, and choices to add."""

    label: str | None = None
    choices: list[str] = Field(default_factory=list)


@router.get("", response=list[FieldOut], operation_id="fields_list")
def fields_list(request: Any, subject: Subject | None = None) -> Any:
    """Return the fields of records, or those of one kind of record."""
    return [each for asked in ([subject] if subject else SUBJECTS) for each in _all(asked)]


def _all(subject: str) -> list[FieldOut]:
    own, ships = columns(subject), shipped(subject)
    named = [*own.values(), *fields_of(subject).values()]
    return [_out(subject, each, is_column=each.name in own, is_standard=each.name in own or each.name in ships) for each in named]


def _out(subject: str, field: Definition, **more: bool) -> FieldOut:
    label = gettext(field.label) if more.get("is_standard") else field.label
    return FieldOut(
        subject=subject, name=field.name, label=label, kind=field.kind, choices=list(field.choices), is_retired=field.is_retired, **more
    )


@router.post("", response={201: FieldOut}, operation_id="fields_define", auth=WRITING)
def fields_define(request: Any, body: FieldIn) -> Any:
    """Define a field; one that was retired comes back. 422 names everything that does not fit."""
    field = define_field(field=NewField(**body.model_dump()), by=marketer(request), at=datetime.now(UTC))
    return Status(201, FieldOut.from_orm(field))


@router.patch("/{subject}/{name}", response=FieldOut, operation_id="fields_change", auth=WRITING)
def fields_change(request: Any, subject: Subject, name: str, body: FieldEdit) -> Any:
    """Call a field otherwise, or give it more choices."""
    by, field = marketer(request), _field(subject, name)
    return FieldOut.from_orm(change_field(field=field, label=body.label, choices=body.choices, by=by, at=datetime.now(UTC)))


@router.delete("/{subject}/{name}", response={204: None}, operation_id="fields_retire", auth=WRITING)
def fields_retire(request: Any, subject: Subject, name: str) -> Any:
    """Take a field out of use; what it held stays in records and in their history."""
    by, field = marketer(request), _field(subject, name)
    retire_field(field=field, by=by, at=datetime.now(UTC))
    return Status(204, None)


def _field(subject: str, name: str) -> FieldDefinition:
    field = FieldDefinition.objects.filter(subject=subject, name=name).first()
    if field is None:
        raise Http404(f"nobody defined a field {name} of {subject}s; those that ship with Vaglio stay as they are")
    return field
