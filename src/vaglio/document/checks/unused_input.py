"""An input that is declared and never read: a misspelt rule, or a leftover."""

from collections.abc import Iterator

from vaglio.ask import EachActivity, Match, Measure
from vaglio.condition import Expr, FieldInput, condition_expr, leaves
from vaglio.document.checks.never_fires import matches
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue

CODE = "unused_input"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield each declared field, activity and property that nothing in the document reads."""
    inputs = document.inputs
    tested = [leaf for expr in expressions(document) for leaf in leaves(expr)]
    fields = {leaf.input for leaf in tested if isinstance(leaf.input, FieldInput)}
    for section, declared in (("fields", inputs.fields), ("account_fields", inputs.account_fields)):
        for name in declared:
            if FieldInput(name, section == "account_fields") not in fields:
                yield ("inputs", section, name), _issue(f"the field {name}")
    yield from _activities(document, list(_matches(document)))


def _activities(document: ModelDocument, read: list[Match]) -> Iterator[tuple[Path, Issue]]:
    inputs = document.inputs
    types = {name for match in read for name in match.types or tuple(inputs.activities)}
    properties = _properties(document, read)
    for activity, declared in inputs.activities.items():
        if activity not in types:
            yield ("inputs", "activities", activity), _issue(f"the activity {activity}")
            continue
        for name in declared:
            if (activity, name) not in properties:
                yield ("inputs", "activities", activity, name), _issue(f"the property {name} of {activity}")


def _issue(what: str) -> Issue:
    return Issue(CODE, f"{what} is declared and never read", "remove it, or use it in a rule")


def expressions(document: ModelDocument) -> Iterator[Expr]:
    """Yield every condition on leads that a document has."""
    yield document.audience_expr()
    for exclusion in document.exclude:
        if exclusion.when:
            yield condition_expr(exclusion.when)
    for _, rule in document.rules():
        for expr, _points in getattr(rule.ask(), "cases", ()):
            yield expr
    if document.potential:
        for expr, _value in document.potential.cases():
            yield expr


def _matches(document: ModelDocument) -> Iterator[Match]:
    for _, rule in document.rules():
        yield from matches(rule.ask())
    for stage in document.journey:
        yield from stage.matches()
    for expr in expressions(document):
        yield from (leaf.input.match for leaf in leaves(expr) if isinstance(leaf.input, Measure))


def _properties(document: ModelDocument, read: list[Match]) -> set[tuple[str, str]]:
    every = tuple(document.inputs.activities)
    found = {(activity, leaf.input.name) for match in read for activity in match.types or every for leaf in leaves(match.where)}
    for _, rule in document.rules():
        ask = rule.ask()
        if isinstance(ask, EachActivity) and ask.once_per_property and ask.once_per:
            found |= {(activity, ask.once_per) for activity in ask.match.types or every}
    return found
