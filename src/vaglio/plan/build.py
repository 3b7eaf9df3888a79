"""The plan of one model over some facts, stage after stage."""

from dataclasses import dataclass

import ibis

from vaglio.dates import from_microseconds
from vaglio.document import ModelDocument, fingerprint
from vaglio.plan.clock import clock_sums, next_change, with_next_change
from vaglio.plan.context import Context
from vaglio.plan.contributions import contributions
from vaglio.plan.facts import Facts, Instants
from vaglio.plan.known import known_activities
from vaglio.plan.measured import Measured, measured
from vaglio.plan.people import people
from vaglio.plan.ratings import ratings
from vaglio.plan.readers import collect, scored_rules
from vaglio.plan.session import Session
from vaglio.plan.signatures import sign
from vaglio.plan.slots import slots
from vaglio.plan.totals import totals
from vaglio.plan.values import Answers
from vaglio.results import CONTRIBUTIONS, SCORES


@dataclass(frozen=True)
class Plan:
    """``scores`` and, when asked for, ``contributions`` as expressions; see :mod:`vaglio.results` for their columns."""

    scores: ibis.Table
    contributions: ibis.Table | None
    answers: Answers


def build(session: Session, document: ModelDocument, facts: Facts, at: Instants, *, by_rule: bool = False, clock: bool = False) -> Plan:
    """Return the plan of a model; ``by_rule`` asks for contributions too, ``clock`` for a column ``next_change_at``.

    Stages are computed on the session's engine as they are built, because text is judged between them.
    """
    rules = scored_rules(document)
    readers = collect(document, rules)
    activities = known_activities(session, facts, at) if readers.all else None
    signatures = sign(session, facts.activities, activities, readers, at.as_of) if activities is not None else None
    placed = slots(document, rules, by_rule=by_rule)
    more = clock_sums(rules, readers) if clock else ()
    found = measured(session, signatures, rules, placed, at.as_of, more) if signatures is not None else Measured()
    context = Context(session, document, facts, at, rules, readers)
    answers = Answers(**vars(context), people=people(context, found, clock=clock), signatures=signatures)
    summed = totals(answers, placed, keep=by_rule or clock)
    made = contributions(answers, placed, summed) if by_rule else None
    scores = _scores(document, ratings(session, document, summed), at)
    if clock:
        scores = with_next_change(scores, session.keep("clock", next_change(answers, summed)))
    return Plan(scores, _contributions(document, made), answers)


def _scores(document: ModelDocument, table: ibis.Table, at: Instants) -> ibis.Table:
    constants = {
        "model": ibis.literal(document.name, "string"),
        "as_of": ibis.literal(from_microseconds(at.as_of), "timestamp('UTC')"),
        "known_at": ibis.literal(from_microseconds(at.known_at), "timestamp('UTC')"),
        "fingerprint": ibis.literal(fingerprint(document), "string"),
    }
    columns = {name: table[name] if name in table.columns else constants.get(name, ibis.null(kind)) for name, kind in SCORES.items()}
    return table.select(**columns)


def _contributions(document: ModelDocument, table: ibis.Table | None) -> ibis.Table | None:
    return None if table is None else table.mutate(model=ibis.literal(document.name, "string")).select(*CONTRIBUTIONS)
