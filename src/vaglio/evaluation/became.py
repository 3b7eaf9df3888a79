"""What became of leads of each rating: of those looked at a horizon before a model went live, and of those a horizon ago."""

from collections.abc import Mapping

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.errors import DataError
from vaglio.evaluation.drift import Asked, Became
from vaglio.evaluation.panel import panel, said
from vaglio.evaluation.parts import Known, Part
from vaglio.learning.examples import Moment
from vaglio.plan import Facts, Instants
from vaglio.proportion import Proportion
from vaglio.terms import COUNTS_AS, RATINGS


def became(engine: Engine, document: ModelDocument, facts: Facts, known: Known, asked: Asked, horizon: int) -> Became:
    """Return what became of leads by rating. Only what was known at ``asked.at`` is looked at.

    Raises
    ------
    DataError
        Nobody has the outcome, or its horizon is not over.
    EngineError
        The engine failed.
    """
    of_then = known.until(asked.at)
    last = min(asked.at, of_then.end())
    if last <= asked.since:
        raise DataError(
            "horizon_not_over", "no outcome is known from after --since, so nothing can be held against what came before",
            "choose an earlier --since, or leave --outcomes out", table="outcomes",
        )  # fmt: skip
    then = _by_rating(engine, document, facts, of_then, asked.since - horizon, horizon)
    now = _by_rating(engine, document, facts, of_then, last - horizon, horizon)
    promised = {}
    for what in _promised(document):
        if any(kind in COUNTS_AS[what] for _lead, kind, _at in of_then.outcomes):
            meant = Known(of_then.outcomes, known.created, what)
            promised[what] = _by_rating(engine, document, facts, meant, last - horizon, horizon)
    return Became(then, now, promised)


def _promised(document: ModelDocument) -> list[str]:
    expected = document.promises.expect.values() if document.promises is not None else ()
    return [what for what in COUNTS_AS if any(getattr(each, what) is not None for each in expected)]


def _by_rating(
    engine: Engine, document: ModelDocument, facts: Facts, known: Known, at: int, horizon: int
) -> Mapping[str, Proportion]:  # fmt: skip
    part = Part("", Instants(at, at), known.labels(Moment(at, horizon)))
    rows = panel([part])
    found = said(document.name, engine, facts, rows, [part], lambda _part: document)
    return {
        rating: Proportion(int(rows.outcome[found.rating == rating].sum()), int((found.rating == rating).sum())) for rating in RATINGS
    }  # fmt: skip
