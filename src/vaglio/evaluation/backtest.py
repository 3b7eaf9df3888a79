"""The verb: prove models on history, side by side, and say whether one may replace another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vaglio.errors import DataError
from vaglio.evaluation.panel import NOBODY, Panel, Said
from vaglio.evaluation.proof import Measure, Proof, prove
from vaglio.evaluation.ranking import AUC, CAPTURED, Ranking, drawn_weights, interval, standing
from vaglio.learning.terms import Floats

DRAWS = 1_000
LEAST = 10  # good outcomes: of fewer nothing is proved
Called = tuple[str, NDArray[np.bool_]]
Verdict = Literal["better", "by_too_little", "not_surely", "no_better"]


@dataclass(frozen=True)
class Gate:
    """Whether a model may replace the first: only if its AUC is better by ``margin``, and surely better at all.

    ``verdict``: ``better``, ``by_too_little``, ``not_surely`` (the interval holds 0) or ``no_better``.
    """

    margin: float
    verdict: Verdict

    @property
    def passes(self) -> bool:
        """Whether it may."""
        return self.verdict == "better"


@dataclass(frozen=True)
class Difference:
    """A model held against the first, on the same leads: its figure less the first's, drawn together."""

    name: str
    auc: Measure
    captured: Measure
    gate: Gate


@dataclass(frozen=True)
class Backtest:
    """Models on history. ``leads`` are different ones, ``rows`` leads at instants; ``outside``: rows that some model has no score for."""

    leads: int
    rows: int
    outcomes: int
    outside: int
    proofs: tuple[Proof, ...]
    differences: tuple[Difference, ...]

    @property
    def base(self) -> float:
        """The share of rows that came out well."""
        return self.outcomes / self.rows


@dataclass(frozen=True)
class Terms:
    """How a comparison is made: the margin of the gate [AUC], the share of leads called by models that do not say whom, and the draws."""

    margin: float = 0.02
    share: float | None = None
    draws: int = DRAWS
    seed: int = 1


def backtest(rows: Panel, found: Sequence[Said], terms: Terms) -> Backtest:
    """Prove what models said of the rows of a panel; each further model is held against the first.

    Raises
    ------
    DataError
        There are too few outcomes to prove anything.
    """
    inside = np.logical_and.reduce([each.is_judged for each in found])
    outside = int((~inside).sum())
    rows, found = rows.only(inside), [each.only(inside) for each in found]
    _enough(rows)
    called = _called(rows, found, terms.share)
    rankings = [Ranking(standing(each.points, rows.part), rows.outcome) for each in found]
    once = [each.counted() for each in rankings]
    share = float(called[0][1].mean())
    drawn = _drawn(rows, rankings, share, terms)
    proofs = tuple(prove(rows, *each) for each in zip(found, once, drawn, called, strict=True))
    gained = [each.figures(share) - once[0].figures(share) for each in once]
    differences = tuple(
        _difference(each.name, gained[place], drawn[place] - drawn[0], terms.margin) for place, each in enumerate(found) if place
    )
    return Backtest(len(np.unique(rows.lead)), len(rows), int(rows.outcome.sum()), outside, proofs, differences)


def _enough(rows: Panel) -> None:
    good = int(rows.outcome.sum())
    if not len(rows):
        raise DataError(
            "nobody_to_judge", "no lead with a known outcome is in the audience of these models", "look at the audience, and at the dates"
        )
    if good < LEAST or len(rows) - good < LEAST:
        raise DataError(
            "too_few_outcomes", f"{good} of {len(rows):,} leads came out well; {LEAST} of either kind are the least to prove a model on",
            "give more instants with --instants, or a longer --horizon",
        )  # fmt: skip


def _called(rows: Panel, found: Sequence[Said], share: float | None) -> list[Called]:
    """Return whom each model would have sales call: what its document says, else as many in each part as the first that says it."""
    of_documents = [each.called() for each in found]
    like = next((each for each in of_documents if each is not None), None)
    made: list[Called] = []
    for each, own in zip(found, of_documents, strict=True):
        if own is not None and share is None:
            made.append(("ratings", own))
        else:
            made.append(
                ("share", _best(rows, each.points, like if share is None else None, rows.outcome.mean() if share is None else share))
            )
    return made


def _best(rows: Panel, points: Floats, like: NDArray[np.bool_] | None, share: float) -> NDArray[np.bool_]:
    """Return the best of each part: as many as ``like`` calls there, else a share of all. Of the same points, those with the first ids."""
    found = np.zeros(len(rows), bool)
    for part in np.unique(rows.part):
        own = np.flatnonzero((rows.part == part) & (points > NOBODY))
        total = int((rows.part == part).sum())
        number = int(like[rows.part == part].sum()) if like is not None else round(share * total)
        order = np.lexsort((rows.lead[own], -points[own]))
        found[own[order[:number]]] = True
    return found


def _drawn(rows: Panel, rankings: Sequence[Ranking], share: float, terms: Terms) -> Floats:
    """Return the figures of each model on each draw of leads, models x draws x figures: all models on the same draws, one at a time."""
    leads = np.unique(rows.lead, return_inverse=True)[1]
    weights = drawn_weights(leads, terms.draws, terms.seed)
    return np.array([[each.counted(drawn).figures(share) for each in rankings] for drawn in weights]).swapaxes(0, 1)


def _difference(name: str, gained: Floats, drawn: Floats, margin: float) -> Difference:
    auc, captured = (Measure(float(gained[place]), *interval(drawn[:, place])) for place in (AUC, CAPTURED))
    return Difference(name, auc, captured, Gate(margin, _verdict(auc, margin)))


def _verdict(gained: Measure, margin: float) -> Verdict:
    if gained.value <= 0:
        return "no_better"
    if gained.low <= 0:
        return "not_surely"
    return "better" if gained.value >= margin else "by_too_little"
