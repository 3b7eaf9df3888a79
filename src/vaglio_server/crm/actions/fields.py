"""Fields that people define, beside those that ship with Vaglio."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.records import FaultyValues
from vaglio_server.crm.logic.fields import KINDS, LONGEST_NAME, Definition, Unfit, check, name_fault, shown
from vaglio_server.crm.logic.standard import SUBJECTS, is_taken
from vaglio_server.crm.models import FieldDefinition
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

MOST_CHOICES = 500
_TEXT = Definition("text", "", "string", is_needed=True)


class FieldTaken(Refused):
    """There is such a field already."""


@dataclass(frozen=True)
class NewField:
    """A field as somebody wants it."""

    subject: str
    name: str
    label: str
    kind: str
    choices: Sequence[str] = ()


@transaction.atomic
def define_field(*, field: NewField, by: str, at: datetime) -> FieldDefinition:
    """Define a field. One that was retired comes back if it is of the same kind; its choices are those it had and the new ones.

    Raises
    ------
    FaultyValues, FieldTaken
        Something does not fit; there is such a field already.
    """
    label, choices = _fitting(field)
    if is_taken(field.subject, field.name):
        raise FieldTaken(_("{name} is a field that every {subject} has from the start").format(name=field.name, subject=field.subject))
    defined, made = FieldDefinition.objects.get_or_create(
        subject=field.subject, name=field.name, defaults={"label": label, "kind": field.kind, "choices": choices, "created_at": at}
    )  # fmt: skip
    if not made:
        _bring_back(defined, field.kind, label, choices)
    audit(by=by, verb="define_field", subject=_subject(defined), at=at, kind=field.kind, choices=choices)
    return defined


def _bring_back(defined: FieldDefinition, kind: str, label: str, choices: list[str]) -> None:
    if defined.retired_at is None:
        raise FieldTaken(
            _("there is already a field {name} of {subject}s; change that one").format(name=defined.name, subject=defined.subject)
        )
    if defined.kind != kind:
        raise FieldTaken(
            _("{name} was retired and was of kind {kind}; define it so, or choose another name").format(
                name=defined.name, kind=defined.kind
            )
        )
    defined.label, defined.choices, defined.retired_at = label, _joined(defined.choices, choices), None
    defined.save()


@transaction.atomic
def change_field(
    *, field: FieldDefinition, label: str | None = None, choices: Sequence[str] = (), by: str, at: datetime
) -> FieldDefinition:
    """Call a field otherwise, or give it more choices. Its name, its kind and the choices it has stay: history was written by them.

    Raises
    ------
    FaultyValues
        Something does not fit.
    """
    held = FieldDefinition.objects.select_for_update().get(pk=field.pk)
    faults: list[str] = []
    held.label = _label(label, faults) if label is not None else held.label
    held.choices = _joined(held.choices, _choices(choices, faults))
    if choices and held.kind != "choice":
        faults.append(f"choices: a field of kind {held.kind} has none")
    if faults or len(held.choices) > MOST_CHOICES:
        raise FaultyValues(faults or [_too_many(held.choices)])
    held.save()
    audit(by=by, verb="change_field", subject=_subject(held), at=at, label=label, added=list(choices))
    return held


@transaction.atomic
def retire_field(*, field: FieldDefinition, by: str, at: datetime) -> FieldDefinition:
    """Take a field out of use: nobody writes to it any more, and what it held stays in records and in their history.

    Raises
    ------
    Refused
        It was retired already.
    """
    held = FieldDefinition.objects.select_for_update().get(pk=field.pk)
    if held.retired_at is not None:
        raise Refused(_("{name} was retired already").format(name=held.name))
    held.retired_at = at
    held.save()
    audit(by=by, verb="retire_field", subject=_subject(held), at=at)
    return held


def _fitting(field: NewField) -> tuple[str, list[str]]:
    """Return the label and the choices as they are kept."""
    faults: list[str] = []
    if field.subject not in SUBJECTS:
        faults.append(f"subject: {shown(field.subject)} has no fields; choose one of {', '.join(SUBJECTS)}")
    if fault := name_fault("name", field.name, "contract_end"):
        faults.append(fault)
    if field.kind not in KINDS:
        faults.append(f"kind: {shown(field.kind)} is none; choose one of {', '.join(KINDS)}")
    label, choices = _label(field.label, faults), _joined([], _choices(field.choices, faults))
    if not faults and (field.kind == "choice") is not bool(choices):
        faults.append("choices: a field of kind choice needs some" if not choices else f"choices: a field of kind {field.kind} has none")
    if len(choices) > MOST_CHOICES:
        faults.append(_too_many(choices))
    if faults:
        raise FaultyValues(faults)
    return label, choices


def _label(label: str, faults: list[str]) -> str:
    return _short("label", label, faults)


def _choices(choices: Sequence[str], faults: list[str]) -> list[str]:
    return [_short("choices", choice, faults) for choice in choices]


def _short(what: str, text: str, faults: list[str]) -> str:
    try:
        found = str(check(_TEXT, text))
        if len(found) > LONGEST_NAME:
            raise Unfit(
                _("{found} has more than {longest_name} characters; shorten it").format(found=shown(found), longest_name=LONGEST_NAME)
            )
    except Unfit as error:
        faults.append(f"{what}: {error}")
        return ""
    return found


def _too_many(choices: Sequence[str]) -> str:
    return f"choices: {len(choices)} are too many; {MOST_CHOICES} fit"


def _joined(first: Sequence[str], more: Sequence[str]) -> list[str]:
    """Return choices without those that differ from an earlier one in nothing but capitals."""
    found = {choice.lower(): choice for choice in reversed([*first, *more])}
    return [choice for choice in dict.fromkeys([*first, *more]) if found[choice.lower()] == choice]


def _subject(field: FieldDefinition) -> str:
    return f"field:{field.pk}"
