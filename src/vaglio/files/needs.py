"""What the files must hold for some models to be scored."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vaglio.ask import EachActivity
from vaglio.document import ModelDocument
from vaglio.errors import DataError
from vaglio.plan.people import used_fields
from vaglio.plan.readers import collect, scored_rules
from vaglio.terms import InputType

Types = dict[str, InputType]


@dataclass(frozen=True)
class Needs:
    """What models read: fields and properties with types, activity types, lists, and the texts that mean no value."""

    fields: Types = field(default_factory=dict)
    account_fields: Types = field(default_factory=dict)
    properties: Types = field(default_factory=dict)
    activity_types: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    no_value: tuple[str, ...] = ()


def needs(documents: Sequence[ModelDocument]) -> Needs:
    """Return what several models read together; what is declared but never used is not needed.

    Raises
    ------
    DataError
        ``types_conflict``: two models read one column as different types.
    """
    fields: Types = {}
    account_fields: Types = {}
    properties: Types = {}
    activity_types: set[str] = set()
    for document in documents:
        rules = scored_rules(document)
        own, of_account = used_fields(document, rules)
        _add(fields, own, "field")
        _add(account_fields, of_account, "account field")
        readers = collect(document, rules)
        declared = document.inputs.property_types()
        once = [
            scored.ask.once_per
            for scored in rules
            if isinstance(scored.ask, EachActivity) and scored.ask.once_per_property and scored.ask.once_per
        ]
        _add(properties, {name: declared[name] for name in [*readers.properties(), *once]}, "property")
        activity_types.update(readers.types())
    return Needs(
        fields, account_fields, properties, frozenset(activity_types),
        frozenset(name for document in documents for name in document.lists()),
        tuple(dict.fromkeys(text for document in documents for text in document.inputs.no_value)),
    )  # fmt: skip


def _add(types: Types, more: Types, what: str) -> None:
    for name, kind in more.items():
        if types.setdefault(name, kind) != kind:
            raise DataError(
                "types_conflict",
                f"the models read the {what} {name!r} as {types[name]} and as {kind}",
                "declare one type in every model, or score the models apart",
                column=name,
            )
