"""A model's text with a rule, an exclusion or a condition of its audience more, and with what that reads where the text declares it not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from vaglio.document import ModelDocument
from vaglio.document.insert import NoSuchPlace, with_all, with_item, with_value
from vaglio.document.names import name_apart, name_from
from vaglio.terms import AXES
from vaglio_server.scoring.logic.tuning import NotAlone, as_document, data_of, inside, said

Reads = Mapping[str, Mapping[str, Any]]  # as the ``inputs`` of a document: ``fields``, ``account_fields``, ``activities``


def rule_name(title: str, document: ModelDocument) -> str:
    """Return a name for a new rule that no rule, group or axis has, as near to a title as can be."""
    rules = (rule.id for axis in AXES for rule in document.axis(axis).rules)
    return name_apart(name_from(title, "rule"), {*rules, *(group for axis in AXES for group in document.axis(axis).groups)})


def exclusion_name(title: str, document: ModelDocument) -> str:
    """Return a name for a new exclusion, as near to a title as can be."""
    return name_apart(name_from(title, "left_out"), {each.id for each in document.exclude})


def track_name(title: str, taken: Collection[str]) -> str:
    """Return what a nurture track of a title is called in a document; one whose letters no name can have gets a number."""
    name = name_from(title, "track")
    return name_apart(name, taken) if name == "track" else name


def with_rule(text: str, path: Sequence[str], rule: Mapping[str, Any], reads: Reads) -> str:
    """Return a text with one more rule, or exclusion, at the end of a list; ``reads``: every input that it reads, with its type.

    What the text declares already keeps its type.

    Raises
    ------
    NotAlone
        The text is written in a way in which nothing can be added there.
    DocumentError
        The text is no model.
    """
    data = data_of(text)
    try:
        made = with_item(_declared(text, data, reads), path, rule)
    except NoSuchPlace as error:
        raise NotAlone from error
    *above, last = path
    inside(data, above).setdefault(last, []).append(rule)
    return _as_meant(made, data)


def with_condition(text: str, condition: Mapping[str, Any], reads: Reads) -> str:
    """Return a text whose model rates only whom a condition holds of, besides what it asks already; raises like :func:`with_rule`."""
    data = data_of(text)
    before = data.get("audience")
    if before is not None and "all" in before:
        return with_rule(text, ("audience", "all"), condition, reads)
    try:
        made = _declared(text, data, reads)
        made = with_value(made, ("audience",), condition) if before is None else with_all(made, ("audience",), condition)
    except NoSuchPlace as error:
        raise NotAlone from error
    data["audience"] = condition if before is None else {"all": [before, condition]}
    return _as_meant(made, data)


def _as_meant(made: str, data: dict[str, Any]) -> str:
    if said(made) != as_document(data):
        raise NotAlone  # an unusual layout led the addition to another place than the one that was meant
    return made


def _declared(text: str, data: dict[str, Any], reads: Reads) -> str:
    """Return the text with what is read and not declared yet; ``data`` gets it, too."""
    for path, value in list(_undeclared(data.get("inputs", {}), reads)):
        text = with_value(text, ("inputs", *path), value)
        _declare(data.setdefault("inputs", {}), path, value)
    return text


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
