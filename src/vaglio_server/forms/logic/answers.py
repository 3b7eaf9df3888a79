"""What a visitor answered, as values of a lead's fields; or which answers do not fit, and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vaglio_server.crm.logic.fields import LONGEST, Definition, Unfit, check
from vaglio_server.crm.logic.numbers import TwoNumbers, as_number
from vaglio_server.forms.logic.drafts import FormField
from vaglio_server.tracking.logic.calls import email_of

LONGEST_LINE = 500  # characters of a line
LARGEST = 24 * 1024  # bytes of all answers; an event holds 32 KB
_KINDS = {"number": "number", "yes_no": "boolean", "date": "date", "choice": "choice"}
# Faults; the page has the words.
MISSING, UNTICKED, NO_MAIL, NO_NUMBER, TWO_NUMBERS, NO_DATE, NO_CHOICE, TOO_LONG, TOO_MUCH, UNFIT = (
    "missing", "unticked", "no_mail", "no_number", "two_numbers", "no_date", "no_choice", "too_long", "too_much", "unfit",
)  # fmt: skip
_FAULTS = {"number": NO_NUMBER, "date": NO_DATE, "choice": NO_CHOICE}


@dataclass(frozen=True)
class Answers:
    """Values by name, those not given left out; and the fault of each that does not fit."""

    values: dict[str, Any]
    faults: dict[str, str]


def read_answers(fields: Sequence[FormField], definitions: Mapping[str, Definition], given: Mapping[str, str]) -> Answers:
    """Return what was answered; every fault is named at once."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for each in fields:
        value, fault = _read(each, definitions.get(each.name), given.get(each.name, ""))
        if fault:
            faults[each.name] = fault
        elif value is not None:
            values[each.name] = value
    if not faults and len(json.dumps(values, ensure_ascii=False).encode()) > LARGEST:
        faults[max(values, key=lambda name: len(str(values[name])))] = TOO_MUCH
    return Answers(values, faults)


def longest(widget: str) -> int:
    """Return how many characters an answer may have."""
    return LONGEST if widget == "lines" else LONGEST_LINE


def _read(each: FormField, definition: Definition | None, text: str) -> tuple[Any, str]:
    if each.widget == "yes_no":
        is_ticked = bool(text)
        return is_ticked, UNTICKED if each.is_required and not is_ticked else ""
    if not text.strip():
        return None, MISSING if each.is_required else ""
    if len(text.strip()) > longest(each.widget):
        return None, TOO_LONG
    try:
        expected = _definition(each, definition)
        value = check(expected, as_number(text, expected.kind) if each.widget == "number" else text)
    except TwoNumbers:
        return None, TWO_NUMBERS
    except Unfit:
        return None, _FAULTS.get(each.widget, UNFIT)
    if each.name == "email":
        value = email_of(value)
        return value, "" if value else NO_MAIL
    return value, ""


def _definition(each: FormField, definition: Definition | None) -> Definition:
    """Return what the answer has to be: what the lead's field takes, and of a choice, one of those that the form shows."""
    kind = definition.kind if definition is not None and definition.kind in {"integer", "number"} else _KINDS.get(each.widget, "string")
    return Definition(each.name, each.label, kind, each.choices, least=definition.least if definition is not None else None)


def calls_of(submission: int, answered: "Answered") -> bytes:
    """Return a submission as a request of Segment's calls: who it is, and that they sent a form. The ids are the submission's own."""
    who = {"anonymousId": answered.anonymous_id} if answered.anonymous_id else {}
    when = {"timestamp": answered.at.isoformat()}
    said = {"form": answered.slug} | {name: value for name, value in answered.values.items() if name not in answered.traits}
    if answered.consent_version is not None:
        said["consent_version"] = answered.consent_version
    traits = {name: value for name, value in answered.values.items() if name in answered.traits}
    calls = [
        {"type": "identify", "messageId": f"form-{submission}-person", "traits": traits} | who | when,
        {"type": "track", "event": "Form Submitted", "messageId": f"form-{submission}-submitted", "properties": said,
         "context": {"traits": {"email": answered.values["email"]}}} | who | when,
    ]  # fmt: skip
    return json.dumps({"batch": calls}, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Answered:
    """A submission: the form's name in models, the answers, which of them are the lead's, and when it was sent."""

    slug: str
    values: dict[str, Any]
    traits: frozenset[str]
    at: datetime
    consent_version: int | None = None
    anonymous_id: str = ""
