"""The plan of one model over facts of one shape, stage after stage."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import ibis

from vaglio.document import ModelDocument, fingerprint
from vaglio.plan.branches import branches
from vaglio.plan.clock import clock_sums, next_change, with_next_change
from vaglio.plan.context import Context
from vaglio.plan.contributions import contributions
from vaglio.plan.counted import counted
from vaglio.plan.detail import detail
from vaglio.plan.facts import Facts
from vaglio.plan.known import known_activities
from vaglio.plan.layout import expected, layout
from vaglio.plan.measured import Measured, measured
from vaglio.plan.newest import newest
from vaglio.plan.people import Input, people
from vaglio.plan.ratings import ratings
from vaglio.plan.readers import collect, scored_rules
from vaglio.plan.signatures import sign
from vaglio.plan.slots import slots
from vaglio.plan.steps import Ask, Keep, Step, Steps, Try
from vaglio.plan.totals import totals
from vaglio.plan.values import Answers
from vaglio.results import CONTRIBUTIONS, DETAIL, SCORES


@dataclass(frozen=True)
class Wanted:
    """What a plan gives beside scores: contributions ``by_rule``, what each activity gave (``detail``, with contributions), which
    activities the other rules ``counted`` (with details), and when each rating may change (``clock``).
    """

    by_rule: bool = False
    detail: bool = False
    counted: bool = False
    clock: bool = False


@dataclass(frozen=True)
class Plan:
    """Steps in order, and the results made of them: ``scores`` and what else was wanted; see :mod:`vaglio.results` for their columns.

    With details there are also ``activities`` (the rows of :func:`vaglio.plan.detail.detail`) and ``inputs`` (``lead_id`` and a boolean
    ``i_<n>`` for each of the plan's inputs: whether it has a value), where rules have several the rows of
    :func:`vaglio.plan.branches.branches`; where ``counted`` was wanted, and a rule counts, the rows of
    :func:`vaglio.plan.counted.counted`, and where one asks for activities those of :func:`vaglio.plan.newest.newest`.
    ``texts`` is for the engine: what its compiler made of each step, kept so that it is made once, by whoever holds ``writing``.
    """

    token: str
    steps: tuple[Step, ...]
    results: dict[str, ibis.Table]
    inputs: tuple[Input, ...] = ()
    texts: dict[str, Any] = field(default_factory=dict)
    writing: Lock = field(default_factory=Lock, compare=False)

    def tables(self) -> Iterator[tuple[str, ibis.Table]]:
        """Yield every table that engines compile for sure, in the order of the steps, under the name its text is kept by."""
        for step in self.steps:
            if isinstance(step, Keep | Ask):
                yield step.name, step.table
            elif isinstance(step, Try):
                yield f"{step.name}/0", step.ways[0]()
        for name, table in self.results.items():
            yield f"result {name}", table

    def named(self, name: str, like: ibis.Table) -> ibis.Table:
        """Return a table of the plan by its name, with the columns of another."""
        return ibis.table(like.schema(), name=self.token + name)


def build(steps: Steps, document: ModelDocument, facts: Facts, wanted: Wanted, *, by_class: bool = False) -> Plan:
    """Return the plan of a model over facts of a shape; ``by_class``: see :mod:`vaglio.plan.signatures`."""
    rules = scored_rules(document)
    readers = collect(document, rules)
    activities = known_activities(steps, facts, steps.now) if readers.all else None
    key = layout(readers)
    signatures = sign(steps, facts, activities, readers, key, by_class=by_class) if activities is not None else None
    by_rule = wanted.by_rule or wanted.detail
    placed = slots(document, rules, by_rule=by_rule)
    more = clock_sums(rules, readers) if wanted.clock else ()
    found = measured(signatures, rules, placed, expected(key), more) if signatures is not None else Measured()
    context = Context(steps, document, facts, rules, readers)
    answers = Answers(**vars(context), people=people(context, found, clock=wanted.clock), signatures=signatures)
    summed = totals(answers, placed, keep=by_rule or wanted.clock)
    results: dict[str, ibis.Table] = {}
    if by_rule:
        results["contributions"] = _named(document, contributions(answers, placed, summed, found.straight), CONTRIBUTIONS)
    if wanted.detail:
        rows = results["activities"] = detail(answers, results["contributions"])
        results["detail"] = _named(document, rows.mutate(occurred_at=steps.instant(rows.occurred_us)), DETAIL)
        results["inputs"] = _inputs(answers)
        if (tests := branches(answers)) is not None:
            results["branches"] = tests
        if wanted.counted and (its := counted(answers)) is not None:
            results["counted"] = its
        if wanted.counted and (latest := newest(answers)) is not None:
            results["newest"] = latest
    scores = _scores(document, ratings(answers, summed), steps)
    if wanted.clock:
        scores = with_next_change(steps, scores, steps.keep("clock", next_change(answers, summed)))
    return Plan(steps.token, tuple(steps.made), {"scores": scores, **results}, tuple(answers.people.columns))


def _scores(document: ModelDocument, table: ibis.Table, steps: Steps) -> ibis.Table:
    constants = {
        "model": ibis.literal(document.name, "string"),
        "as_of": steps.instant(steps.now.as_of),
        "known_at": steps.instant(steps.now.known_at),
        "fingerprint": ibis.literal(fingerprint(document), "string"),
    }
    columns = {name: table[name] if name in table.columns else constants.get(name, ibis.null(kind)) for name, kind in SCORES.items()}
    return table.select(**columns)


def _named(document: ModelDocument, table: ibis.Table, columns: dict[str, str]) -> ibis.Table:
    return table.mutate(model=ibis.literal(document.name, "string")).select(*columns)


def _inputs(answers: Answers) -> ibis.Table:
    """Return ``lead_id`` and a boolean ``i_<n>`` of each input: whether it has a value."""
    people = answers.people
    return people.table.select("lead_id", **{f"i_{n}": people.known(source) for n, source in enumerate(people.columns)})
