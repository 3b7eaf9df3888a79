"""Faults between parts of a document that is well formed: names that are declared nowhere, operators that do not fit."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from sys import float_info
from typing import Any

from vaglio.ask import Banded, EachActivity, Follow, Idle, Match, Measure, Moment
from vaglio.condition import Expr, FieldInput, Leaf, condition_expr, leaves
from vaglio.dates import parse_instant
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.quantities import keeps_its_digits
from vaglio.rule import Rule
from vaglio.terms import AXES, InputType
from vaglio.text import compile_pattern, fold, words

Fault = tuple[Path, Issue]
RESERVED_RULE_IDS = ("intercept", *AXES)
_TEXT_OPERATORS = {"any_word", "contains", "starts_with", "ends_with", "matches"}
_OPERATORS: dict[str, set[str]] = {
    "string": {"equals", "in", "not_in", "known"} | _TEXT_OPERATORS,
    "integer": {"equals", "in", "not_in", "from", "below", "known"},
    "number": {"equals", "in", "not_in", "from", "below", "known"},
    "boolean": {"equals", "in", "not_in", "known"},
    "date": {"from", "below", "older_than", "newer_than", "known"},
}


def faults(document: ModelDocument) -> Iterator[Fault]:
    """Yield every fault with the path it stands at."""
    yield from _inputs(document)
    yield from _rules(document)
    yield from _conditions(document)
    yield from _thresholds(document)
    yield from _journey(document)
    yield from _calibration(document)
    yield from _ratings(document)


def _inputs(document: ModelDocument) -> Iterator[Fault]:
    yield from _alike(document)
    seen: dict[str, tuple[str, InputType]] = {}
    for activity, properties in document.inputs.activities.items():
        for name, kind in properties.items():
            path: Path = ("inputs", "activities", activity, name)
            if name in ("all", "any", "not"):
                yield path, Issue("name_reserved", f"a property cannot be called {name}", "where: uses this word to combine tests")
            first = seen.setdefault(name, (activity, kind))
            if first[1] != kind:
                message = f"{name} is {kind} here and {first[1]} in {first[0]}"
                yield path, Issue("type_conflict", message, "a property has one type in all activities")


def _alike(document: ModelDocument) -> Iterator[Fault]:
    """Names become columns, and to databases ``Size`` and ``size`` are one column."""
    inputs = document.inputs
    paths: list[Path] = [("inputs", part, name) for part in ("fields", "account_fields") for name in getattr(inputs, part)]
    paths += [("inputs", "activities", activity, name) for activity, properties in inputs.activities.items() for name in properties]
    seen: dict[tuple[str, str], str] = {}
    for path in paths:
        name = str(path[-1])
        first = seen.setdefault((str(path[1]), name.lower()), name)
        if first != name:
            yield path, Issue("name_conflict", f"{name} and {first} differ in capitals only", "give one of them another name")


def _rules(document: ModelDocument) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for axis in AXES:
        ruleset = document.axis(axis)
        for position, rule in enumerate(ruleset.rules):
            path: Path = (axis, "rules", position)
            if rule.id in RESERVED_RULE_IDS or rule.id in ruleset.groups:
                yield (*path, "id"), Issue("id_taken", f"{rule.id} is already the name of a group, an axis or the intercept",
                                           "choose another id")  # fmt: skip
            if rule.id in seen:
                yield (*path, "id"), Issue("id_repeated", f"{rule.id} is already the id of another rule", "choose another id")
            seen.setdefault(rule.id, path)
            if rule.group and rule.group not in ruleset.groups:
                hint = f"add groups: {{{rule.group}: {{at_most: …}}}} to {axis}"
                yield (*path, "group"), Issue("group_unknown", f"there is no group {rule.group} in {axis}", hint)
            if rule.weight is not None and axis != "profile":
                yield (*path, "weight"), Issue("weight_misplaced", "weight belongs to profile rules", "use points")
            yield from _asked(document, rule, path)
    ids = [exclusion.id for exclusion in document.exclude]
    for position, exclusion in enumerate(document.exclude):
        if exclusion.id in ids[:position]:
            yield ("exclude", position), Issue("id_repeated", f"{exclusion.id} is already an exclusion", "choose another id")


def _asked(document: ModelDocument, rule: Rule, path: Path) -> Iterator[Fault]:
    ask = rule.ask()
    if isinstance(ask, Banded):
        for expr, _ in ask.cases:
            yield from _expr(document, expr, path)
        return
    for match in _matches(ask):
        yield from _match(document, match, path)
    if isinstance(ask, EachActivity) and ask.once_per_property and ask.once_per:
        for activity in ask.match.types:
            if ask.once_per not in document.inputs.activities.get(activity, {}):
                yield (*path, "once_per"), _undeclared_property(ask.once_per, activity)


def _matches(ask: Any) -> tuple[Match, ...]:
    if isinstance(ask, EachActivity | Idle):
        return (ask.match,)
    if isinstance(ask, Moment):
        return (ask.at.first, ask.at.then) if isinstance(ask.at, Follow) else (ask.at.match,)
    return ()


def _match(document: ModelDocument, match: Match, path: Path) -> Iterator[Fault]:
    declared = document.inputs.activities
    types = match.types or tuple(declared)
    for activity in match.types:
        if activity not in declared:
            yield path, Issue("input_undeclared", f"reads the activity {activity}, which inputs.activities does not declare",
                              f"add {activity}: {{}} under inputs.activities")  # fmt: skip
    for leaf in leaves(match.where):
        for activity in types:
            if activity in declared and leaf.input.name not in declared[activity]:
                yield path, _undeclared_property(leaf.input.name, activity)
    for leaf in leaves(match.where):
        kind = document.inputs.property_types().get(leaf.input.name)
        if kind:
            yield from _test(leaf, kind, path)


def _undeclared_property(name: str, activity: str) -> Issue:
    return Issue("input_undeclared", f"reads the property {name} of {activity}, which inputs.activities does not declare",
                 f"add it: {activity}: {{{name}: string}}")  # fmt: skip


def _conditions(document: ModelDocument) -> Iterator[Fault]:
    if document.audience:
        yield from _expr(document, condition_expr(document.audience), ("audience",))
    for position, exclusion in enumerate(document.exclude):
        if exclusion.when:
            yield from _expr(document, condition_expr(exclusion.when), ("exclude", position, "when"))
    if document.potential:
        for position, (expr, _) in enumerate(document.potential.cases()):
            yield from _expr(document, expr, ("potential", "bands", position))


def _expr(document: ModelDocument, expr: Expr, path: Path) -> Iterator[Fault]:
    for leaf in leaves(expr):
        if isinstance(leaf.input, Measure):
            yield from _match(document, leaf.input.match, path)
            yield from _test(leaf, "integer", path)
            continue
        kind = _field_type(document, leaf.input)
        if not leaf.input.name:
            yield path, Issue("field_missing", "has an operator but no field", "add field: beside the operator")
        elif kind is None:
            section = "account_fields" if leaf.input.of_account else "fields"
            yield path, Issue("input_undeclared", f"reads the field {leaf.input}, which inputs.{section} does not declare",
                              f"add {leaf.input.name}: string under inputs.{section}")  # fmt: skip
        else:
            yield from _test(leaf, kind, path)


def _field_type(document: ModelDocument, field: FieldInput) -> InputType | None:
    declared = document.inputs.account_fields if field.of_account else document.inputs.fields
    return declared.get(field.name)


def _test(leaf: Leaf, kind: InputType, path: Path) -> Iterator[Fault]:
    for operator, value in leaf.test.operators().items():
        if operator not in _OPERATORS[kind]:
            allowed = ", ".join(sorted(_OPERATORS[kind]))
            yield path, Issue("operator_unfit", f"{operator} does not fit {leaf.input}, which is {kind}", f"use {allowed}")
            continue
        for item in value if isinstance(value, tuple) else (value,):
            reason = _value_fault(operator, item, kind)
            if reason:
                yield path, Issue("value_unfit", f"{operator}: {item!s} {reason[0]}", reason[1])


def _value_fault(operator: str, value: Any, kind: InputType) -> tuple[str, str] | None:
    if operator in ("known", "older_than", "newer_than"):
        return None
    if operator == "matches":
        try:
            compile_pattern(value)
        except ValueError as error:
            return str(error), "see docs/reference/conditions.md for what RE2 allows"
        return None
    if operator == "any_word" and words(fold(value)) != {fold(value)}:
        return "is not one word", "list single words, or use contains"
    if operator in ("contains", "starts_with", "ends_with") and isinstance(value, str) and not fold(value):
        return "is nothing once accents are taken off, and every text holds that", "write what the text has to hold"
    return _type_fault(value, kind)


def _type_fault(value: Any, kind: InputType) -> tuple[str, str] | None:
    if kind == "string":
        return None if isinstance(value, str) else ("is no text", f'write it in quotes: "{value}"')
    if kind == "boolean":
        return None if isinstance(value, bool) else ("is neither true nor false", "write true or false")
    if kind == "date":
        try:
            parse_instant(str(value))
        except ValueError:
            return "is no date", "write it as 2026-01-31 or 2026-01-31T09:30:00Z"
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "is no number", "write a number without quotes"
    if abs(Decimal(value)) > Decimal(float_info.max):
        return "is larger than any number can be", "leave this bound out"
    return None if keeps_its_digits(Decimal(value)) else ("has more digits than a number with a fraction keeps", "write at most 15")


def _thresholds(document: ModelDocument) -> Iterator[Fault]:
    for axis, key, names in (("profile", "letters", "ABC"), ("engagement", "digits", "123")):
        thresholds = document.axis(axis).thresholds()  # type: ignore[arg-type]
        missing = [name for name in names if name not in thresholds]
        if missing:
            yield (axis, key), Issue("threshold_missing", f"{key} lacks {', '.join(missing)}", f"give {', '.join(names)} each its points")
            continue
        values = [thresholds[name] for name in names]
        for better, worse in pairwise(zip(names, values, strict=True)):
            if better[1] < worse[1]:
                yield (axis, key), Issue("threshold_order", f"{better[0]} begins at {better[1]} points, below {worse[0]} at {worse[1]}",
                                         f"{better[0]} is the better one: it needs more points")  # fmt: skip


def _journey(document: ModelDocument) -> Iterator[Fault]:
    names = [stage.stage for stage in document.journey]
    for position, stage in enumerate(document.journey):
        if stage.stage in names[:position]:
            yield ("journey", position), Issue("id_repeated", f"{stage.stage} is already a stage", "choose another name")
        for match in stage.matches():
            yield from _match(document, match, ("journey", position))


def _calibration(document: ModelDocument) -> Iterator[Fault]:
    rows = document.calibration
    for position, (row, following) in enumerate(pairwise(rows)):
        if following.points <= row.points or following.probability < row.probability:
            yield ("calibration", position + 1), Issue("calibration_order", "points must rise and probability must not fall",
                                                       "sort the rows by points")  # fmt: skip


def _ratings(document: ModelDocument) -> Iterator[Fault]:
    if not document.ratings:
        return
    seen: dict[str, str] = {}
    for destination, ratings in document.ratings.destinations().items():
        for rating in ratings:
            if seen.setdefault(rating, destination) != destination:
                yield ("ratings",), Issue("rating_twice", f"{rating} leads to {seen[rating]} and to {destination}",
                                          "a cell leads to one place")  # fmt: skip
