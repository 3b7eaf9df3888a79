"""What a result shows beside the two scores: exclusion, potential, coverage, buying stage, and the marks of rules that fired."""

from itertools import groupby
from math import ceil
from operator import add, itemgetter
from typing import Any

import ibis

from vaglio.ask import Banded
from vaglio.condition import FieldInput, condition_expr
from vaglio.plan.arithmetic import whole
from vaglio.plan.chains import chained, every, some, total
from vaglio.plan.people import input_tests
from vaglio.plan.readers import Scored
from vaglio.plan.slots import Slots, is_marked
from vaglio.plan.values import Answers, fired


def shown(answers: Answers, placed: Slots, values: dict[int, ibis.Value]) -> dict[str, ibis.Value]:
    """Return expressions over people; ``values`` are the slots' values by number. What the document never shows is left out."""
    found = {
        "excluded_by": _excluded_by(answers),
        "potential": _potential(answers),
        "buying_stage": _buying_stage(answers),
        "covered": _covered(answers),
        **_marks(answers, placed, values),
    }
    return {name: value for name, value in found.items() if value is not None}


def _excluded_by(answers: Answers) -> ibis.Value | None:
    branches = []
    for exclusion in answers.document.exclude:
        if exclusion.list:
            branches.append((answers.people.on_list(exclusion.list), exclusion.id))
        elif exclusion.when:
            branches.append((answers.people.condition(condition_expr(exclusion.when)), exclusion.id))
    return ibis.cases(*branches) if branches else None


def _potential(answers: Answers) -> ibis.Value | None:
    if not answers.document.potential:
        return None
    cases = answers.document.potential.cases()
    return ibis.cases(*((answers.people.condition(expr), ibis.literal(float(value), "float64")) for expr, value in cases))


def _buying_stage(answers: Answers) -> ibis.Value | None:
    """Return the furthest stage in the document's order that enough activities show."""
    table = answers.people.table
    branches = []
    for stage in answers.document.journey:
        column = f"n_{answers.readers.of_stage(stage).number}"
        if column in table.columns:
            branches.append((table[column] >= stage.at_least, stage.stage))
    return ibis.cases(*reversed(branches)) if branches else None


def coverage(answers: Answers, table: ibis.Table) -> dict[str, ibis.Value]:
    """Return ``coverage`` and ``enough_evidence`` of a table with the column ``covered`` of :func:`shown`.

    Coverage is a quotient of whole numbers; enough evidence is decided on the whole numbers, so no engine can differ.
    """
    total = _attainable(answers)
    if not total:
        return {"coverage": ibis.literal(1.0, "float64"), "enough_evidence": ibis.literal(True)}
    share = table.covered.cast("float64") / ibis.literal(float(total), "float64")
    return {"coverage": share, "enough_evidence": table.covered >= ceil(answers.document.minimum_coverage * total)}


def _attainable(answers: Answers) -> int:
    return sum(rule.rule.attainable() for rule in answers.rules if rule.axis == "profile")


def _covered(answers: Answers) -> ibis.Value | None:
    """Return the points attainable by profile rules whose inputs all have a value [millipoints]; None where no rule gives any."""
    if not _attainable(answers):
        return None
    by_fields: dict[tuple[FieldInput, ...], int] = {}
    for rule in answers.rules:
        if rule.axis == "profile":
            fields = tuple(_field_inputs(rule))
            by_fields[fields] = by_fields.get(fields, 0) + rule.rule.attainable()
    always = whole(by_fields.pop((), 0))
    known = ((every(answers.people.known(source) for source in fields), attainable) for fields, attainable in by_fields.items())
    return total([always, *(ibis.ifelse(holds, whole(attainable), whole(0)) for holds, attainable in known)])


def _field_inputs(scored: Scored) -> list[FieldInput]:
    if not isinstance(scored.ask, Banded):
        return []
    return [source for source in input_tests(expr for expr, _value in scored.ask.cases) if isinstance(source, FieldInput)]


def _marks(answers: Answers, placed: Slots, values: dict[int, ibis.Value]) -> dict[str, ibis.Value | None]:
    """Return flags, roles and answers: the names of marked rules that fired, each once, joined by ``;`` in document order."""
    named: dict[str, list[tuple[str, ibis.Value]]] = {"flags": [], "roles": [], "answers": []}
    for scored in answers.rules:
        if is_marked(scored):
            value = fired(answers, scored, values[placed.of_rule[scored.number]])
            for column, attribute in (("flags", "flag"), ("roles", "role"), ("answers", "answer")):
                name = getattr(scored.rule, attribute, None)
                if name:
                    named[column].append((name, value))
    return {column: _joined(marks) for column, marks in named.items()}


def _joined(marks: list[tuple[str, Any]]) -> ibis.Value | None:
    if not marks:
        return None
    parts = []
    said: dict[str, list[ibis.Value]] = {}
    for name, its in groupby(marks, itemgetter(0)):
        value, before = some(value for _name, value in its), said.setdefault(name, [])
        parts.append(ibis.ifelse(value & ~some(before) if before else value, f";{name}", ""))
        before.append(value)
    return _from(chained(add, parts), 2).nullif("")


@ibis.udf.scalar.builtin(name="substr")  # type: ignore[untyped-decorator]
def _from(text: str, place: int) -> str:  # type: ignore[empty-body]
    """Return a text from a place on, the first being 1: ibis's own ``substr`` names the text twice, and these are long."""
