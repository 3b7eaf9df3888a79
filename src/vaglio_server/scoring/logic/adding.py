"""A model's text with one rule more, and with what that reads where the text does not declare it; all else stays as somebody wrote it."""

from collections.abc import Iterator, Mapping
from typing import Any

from vaglio.document import ModelDocument
from vaglio.document.faults import RESERVED_RULE_IDS
from vaglio.document.insert import NoSuchPlace, with_item, with_value
from vaglio.document.names import name_apart
from vaglio.terms import AXES
from vaglio_server.scoring.logic.tuning import NotAlone, as_document, data_of, said

Reads = Mapping[str, Mapping[str, Any]]  # as the ``inputs`` of a document: ``fields``, ``account_fields``, ``activities``


def taken_names(document: ModelDocument) -> set[str]:
    """Return the names that no new rule can have: those of rules, groups and axes."""
    rules = (rule.id for axis in AXES for rule in document.axis(axis).rules)
    return {*RESERVED_RULE_IDS, *rules, *(group for axis in AXES for group in document.axis(axis).groups)}


def free_name(name: str, document: ModelDocument) -> str:
    """Return a name for a new rule that no other has, as near to one as can be."""
    return name_apart(name, taken_names(document))


def with_rule(text: str, axis: str, rule: Mapping[str, Any], reads: Reads) -> str:
    """Return a text with one more rule at the end of an axis; ``reads``: every input that the rule reads, with its type.

    What the text declares already keeps its type.

    Raises
    ------
    NotAlone
        The text is written in a way in which nothing can be added there.
    DocumentError
        The text is no model.
    """
    data, made = data_of(text), text
    try:
        for path, value in _undeclared(data.get("inputs", {}), reads):
            made = with_value(made, ("inputs", *path), value)
            _declare(data.setdefault("inputs", {}), path, value)
        made = with_item(made, (axis, "rules"), rule)
    except NoSuchPlace as error:
        raise NotAlone from error
    data[axis].setdefault("rules", []).append(rule)
    if said(made) != as_document(data):
        raise NotAlone  # an unusual layout led the addition to another place than the one that was meant
    return made


def _undeclared(inputs: Mapping[str, Any], reads: Reads) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield what is read and not declared: where it belongs, and what stands there then."""
    for section in ("fields", "account_fields"):
        for name, kind in reads.get(section, {}).items():
            if name not in inputs.get(section, {}):
                yield (section, name), kind
    for name, properties in reads.get("activities", {}).items():
        declared = inputs.get("activities", {}).get(name)
        if declared is None:
            yield ("activities", name), dict(properties)
            continue
        for each, kind in properties.items():
            if each not in declared:
                yield ("activities", name, each), kind


def _declare(inputs: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        inputs = inputs.setdefault(part, {})
    inputs[path[-1]] = value
