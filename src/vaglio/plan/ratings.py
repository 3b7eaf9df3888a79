"""From totals to a rating: letter, digit, exclusions, coverage, stage, potential, temperature, probability and rank."""

from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import Any

import ibis

from vaglio.ask import Banded
from vaglio.condition import FieldInput, condition_expr
from vaglio.document import ModelDocument
from vaglio.plan.joins import left_join
from vaglio.plan.lines import Answers
from vaglio.plan.people import input_tests
from vaglio.plan.readers import Scored
from vaglio.terms import RATINGS, to_millipoints


def ratings(answers: Answers, table: ibis.Table) -> ibis.Table:
    """Return one row per lead of the audience with everything a result shows but model, instants and fingerprint."""
    document = answers.document
    answers.people.table = table = _with_stage(answers, table)
    excluded = _excluded_by(answers)
    shown = {
        "letter": _first_reached(table.score_profile, document.profile.thresholds(), "D"),
        "digit": _first_reached(table.score_engagement, document.engagement.thresholds(), "4"),
    }
    table = table.select(
        "lead_id", "buying_stage",
        excluded_by=excluded,
        profile_millipoints=table.score_profile,
        engagement_millipoints=table.score_engagement,
        potential=_potential(answers),
        probability=_probability(document, table.score_profile + table.score_engagement),
        **{name: ibis.ifelse(excluded.isnull(), value, ibis.null("string")) for name, value in shown.items()},
        **_coverage(answers, table),
        **_marks(answers, table),
    )  # fmt: skip
    table = table.mutate(rating=table.letter + table.digit)
    temperature = {rating: document.temperature.of(rating) for rating in RATINGS} if document.temperature else {}
    places = {rating: place for place, rating in enumerate(document.rank_order())}
    place = _by_rating(table.rating, places, "int64").fill_null(len(places))
    return table.mutate(temperature=_by_rating(table.rating, temperature), rank=_rank(table, place))


def _first_reached(score: ibis.Value, thresholds: dict[str, Decimal], last: str) -> ibis.Value:
    ordered = sorted(thresholds)
    return ibis.cases(*((score >= to_millipoints(thresholds[name]), name) for name in ordered), else_=last)


def _excluded_by(answers: Answers) -> ibis.Value:
    branches = []
    for exclusion in answers.document.exclude:
        if exclusion.list:
            branches.append((answers.people.on_list(exclusion.list), exclusion.id))
        elif exclusion.when:
            branches.append((answers.people.condition(condition_expr(exclusion.when)), exclusion.id))
    return ibis.cases(*branches) if branches else ibis.null("string")


def _by_rating(rating: ibis.Value, values: dict[str, Any], kind: str = "string") -> ibis.Value:
    branches = [(rating == name, ibis.literal(value, kind)) for name, value in values.items() if value is not None]
    return ibis.cases(*branches) if branches else ibis.null(kind)


def _potential(answers: Answers) -> ibis.Value:
    if not answers.document.potential:
        return ibis.null("float64")
    cases = answers.document.potential.cases()
    return ibis.cases(*((answers.people.condition(expr), ibis.literal(float(value), "float64")) for expr, value in cases))


def _coverage(answers: Answers, table: ibis.Table) -> dict[str, ibis.Value]:
    """Coverage is a quotient of whole numbers; enough evidence is decided on the whole numbers, so no engine can differ."""
    profile = [rule for rule in answers.rules if rule.axis == "profile"]
    total = sum(rule.rule.attainable() for rule in profile)
    if not total:
        return {"coverage": ibis.literal(1.0, "float64"), "enough_evidence": ibis.literal(True)}
    by_fields: dict[tuple[str, ...], int] = {}
    for rule in profile:
        columns = tuple(answers.people.columns[source] for source in _field_inputs(rule))
        by_fields[columns] = by_fields.get(columns, 0) + rule.rule.attainable()
    covered: ibis.Value = ibis.literal(0, "int64")
    for columns, attainable in by_fields.items():
        known = ibis.literal(True)
        for column in columns:
            known = known & (table[column] != 0)
        covered = covered + ibis.ifelse(known, ibis.literal(attainable, "int64"), ibis.literal(0, "int64"))
    needed = ceil(answers.document.minimum_coverage * total)
    share = covered.cast("float64") / ibis.literal(float(total), "float64")
    return {"coverage": share, "enough_evidence": covered >= needed}


def _field_inputs(scored: Scored) -> list[FieldInput]:
    if not isinstance(scored.ask, Banded):
        return []
    return [source for source in input_tests(expr for expr, _value in scored.ask.cases) if isinstance(source, FieldInput)]


def _with_stage(answers: Answers, table: ibis.Table) -> ibis.Table:
    """Add ``buying_stage``: the furthest stage in the document's order that enough activities show."""
    stages = answers.document.journey
    if not stages or answers.stats is None:
        return table.mutate(buying_stage=ibis.null("string"))
    columns = {}
    for position, stage in enumerate(stages):
        reader = answers.readers.stat(stage.matches(), stage.within)
        columns[f"stage_{position}"] = answers.stats.n.max(where=answers.stats.reader == reader.number)
    wide = answers.stats.group_by("lead_id").aggregate(**columns).rename(staged_id="lead_id")
    joined = left_join(table, wide, "lead_id", "staged_id").drop("staged_id")
    branches = [
        (joined[f"stage_{position}"].fill_null(0) >= stage.at_least, stage.stage) for position, stage in enumerate(stages)
    ]
    return joined.mutate(buying_stage=ibis.cases(*reversed(branches)))


def _probability(document: ModelDocument, total: ibis.Value) -> ibis.Value:
    rows = [(to_millipoints(row.points), float(row.probability)) for row in document.calibration]
    if not rows:
        return ibis.null("float64")
    branches = [(total <= rows[0][0], ibis.literal(rows[0][1], "float64"))]
    for (low, start), (high, end) in pairwise(rows):
        share = (total - low).cast("float64") / float(high - low)
        branches.append((total <= high, share * (end - start) + start))
    return ibis.cases(*branches, else_=ibis.literal(rows[-1][1], "float64"))


def _rank(table: ibis.Table, place: ibis.Value) -> ibis.Value:
    total = table.profile_millipoints + table.engagement_millipoints
    # Null order differs between engines, so no potential is put last by a column of its own.
    order = [place, table.potential.isnull(), ibis.desc(table.potential.fill_null(0)), ibis.desc(total), table.lead_id]
    return ibis.row_number().over(ibis.window(order_by=order)) + 1


def _marks(answers: Answers, table: ibis.Table) -> dict[str, ibis.Value]:
    """Return flags, roles and answers: the names of marked rules that fired, each once, joined by ``;`` in document order."""
    named: dict[str, list[tuple[str, int]]] = {"flags": [], "roles": [], "answers": []}
    for scored in answers.rules:
        for column, attribute in (("flags", "flag"), ("roles", "role"), ("answers", "answer")):
            name = getattr(scored.rule, attribute, None)
            if name:
                named[column].append((name, scored.number))
    return {column: _joined(table, marks) for column, marks in named.items()}


def _joined(table: ibis.Table, marks: list[tuple[str, int]]) -> ibis.Value:
    if not marks:
        return ibis.null("string")
    text: ibis.Value = ibis.literal("", "string")
    said: dict[str, ibis.Value] = {}
    for name, number in marks:
        fired = table[f"fired_{number}"]
        text = text + ibis.ifelse(fired & ~said[name] if name in said else fired, f";{name}", "")
        said[name] = said[name] | fired if name in said else fired
    return ibis.ifelse(text == "", ibis.null("string"), text.substr(1))
