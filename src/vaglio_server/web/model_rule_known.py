"""What a new rule may read: what the model reads already, and what Vaglio knows of leads, their companies and what they do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vaglio.quantities import LONGEST_NAME, NAME
from vaglio.terms import InputType
from vaglio_server.crm.queries import fields_of_each
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.studies.queries import READ_AS
from vaglio_server.tracking.queries import done_lately
from vaglio_server.views.queries import lists_in_use
from vaglio_server.web.words import plain

_JSON_KINDS: dict[str, InputType] = {"number": "number", "boolean": "boolean"}
_NAME = re.compile(NAME)
_JOINS = ("all", "any", "not")  # what ``where:`` takes for no property


@dataclass(frozen=True)
class Input:
    """A field or a property: its name in a document, what people call it, its kind, and the values it may have where they are few."""

    name: str
    title: str
    kind: InputType
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What may be read: fields of leads, of companies (``account.<name>``), activities with their properties, and lists."""

    fields: Mapping[str, Input]
    account_fields: Mapping[str, Input]
    activities: Mapping[str, Mapping[str, Input]]
    lists: list[str]

    def field(self, name: str) -> Input | None:
        """Return a field of a lead or of its company."""
        return self.fields.get(name) or self.account_fields.get(name)


def reads_of(inputs: Iterable[Input]) -> dict[str, dict[str, str]]:
    """Return fields of leads and companies as a document declares them."""
    found: dict[str, dict[str, str]] = {"fields": {}, "account_fields": {}}
    for each in inputs:
        bare = each.name.removeprefix("account.")
        found["fields" if bare == each.name else "account_fields"][bare] = each.kind
    return found


def known_to(document: ModelDocument) -> Known:
    """Return what a rule of a model may read."""
    fields, reads = fields_of_each("lead", "account"), document.inputs
    return Known(
        _fields(fields["lead"], reads.fields, ""),
        _fields(fields["account"], reads.account_fields, "account."),
        _activities(reads.activities),
        sorted({*document.lists(), *lists_in_use()}),
    )


def _fields(defined: Mapping[str, Any], declared: Mapping[str, InputType], before: str) -> dict[str, Input]:
    found = {
        name: Input(before + name, str(each.label), declared.get(name, READ_AS.get(each.kind, each.kind)), tuple(each.choices))
        for name, each in defined.items()
        if name in declared or not each.is_retired
    }
    found |= {name: Input(before + name, plain(name), kind) for name, kind in declared.items() if name not in found}
    return {each.name: each for each in sorted(found.values(), key=lambda each: each.title.lower())}


def _activities(declared: Mapping[str, Mapping[str, InputType]]) -> dict[str, dict[str, Input]]:
    kinds = {name: kind for properties in declared.values() for name, kind in properties.items()}
    found: dict[str, dict[str, Input]] = {}
    for activity_type, properties in done_lately().items():
        if _is_name(activity_type):
            readable = {name: kind for name, kind in properties.items() if _is_name(name) and name not in _JOINS}
            seen = {name: kinds.get(name, _JSON_KINDS.get(kind, "string")) for name, kind in readable.items()}
            found[activity_type] = {name: Input(name, plain(name), kind) for name, kind in seen.items()}
    for activity_type, types in declared.items():
        read = {name: Input(name, plain(name), kind) for name, kind in types.items()}
        found[activity_type] = found.get(activity_type, {}) | read
    return dict(sorted(found.items()))


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and len(name) <= LONGEST_NAME
