"""What a model is worth on a panel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaglio.evaluation.calibration import Calibration, calibration
from vaglio.evaluation.clusters import share_of
from vaglio.evaluation.panel import Panel, Said
from vaglio.evaluation.ranking import AUC, LIFTS, PRECISION, Counted, Ranking, interval
from vaglio.learning.terms import Floats
from vaglio.proportion import Proportion
from vaglio.terms import RATINGS

POINTS = 120  # of a drawn curve


@dataclass(frozen=True)
class Measure:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Tenth:
    """A tenth of the leads in the order of points, the best first."""

    leads: int
    outcomes: float
    lift: Measure
    captured: float


@dataclass(frozen=True)
class Confusion:
    """What calling these leads and no others would have meant.

    ``called_by``: ``ratings`` of the document, or ``share``: as many as another model, or as was asked.
    """

    called_by: str
    called: int
    called_good: int
    missed: int
    others: int

    @property
    def precision(self) -> Proportion:
        """Of those called, how many came out well."""
        return Proportion(self.called_good, self.called)

    @property
    def captured(self) -> Proportion:
        """Of those that came out well, how many were called."""
        return Proportion(self.called_good, self.called_good + self.missed)


@dataclass(frozen=True)
class PartProof:
    """One part: does the model hold over time?"""

    name: str
    leads: int
    outcomes: int
    auc: float
    called: Proportion


@dataclass(frozen=True)
class Proof:
    """What a model is worth: how well it tells leads apart, whom it would have called, and whether its probabilities are honest."""

    name: str
    auc: Measure
    average_precision: Measure
    tenths: tuple[Tenth, ...]
    cells: dict[str, Proportion]
    excluded: Proportion
    confusion: Confusion
    calibration: Calibration | None
    parts: tuple[PartProof, ...]
    roc: tuple[tuple[float, float], ...]
    gain: tuple[tuple[float, float], ...]


def prove(rows: Panel, found: Said, once: Counted, drawn: Floats, called: tuple[str, NDArray[np.bool_]]) -> Proof:
    """Return what a model is worth. ``drawn``: its figures on each draw of leads, draws x figures; ``called``: whom sales would call."""
    return Proof(
        found.name,
        Measure(once.auc(), *interval(drawn[:, AUC])),
        Measure(once.average_precision(), *interval(drawn[:, PRECISION])),
        tenths(once, drawn[:, LIFTS]),
        _cells(rows, found),
        share_of(rows.outcome, rows.lead, found.rating == ""),
        _confusion(rows.outcome, *called),
        calibration(rows.outcome, found.chance, rows.lead),
        _parts(rows, found, called[1]),
        *curves(once),
    )


def tenths(once: Counted, drawn: Floats) -> tuple[Tenth, ...]:
    """Return the tenths of leads, the best first; ``drawn``: their lifts on each draw, draws x tenths."""
    lifts = once.lifts()
    captured = once.captured(np.linspace(0.1, 1, len(lifts)))
    edges = np.linspace(0, once.leads.sum(), len(lifts) + 1)
    total = once.good.sum()
    return tuple(
        Tenth(round(edges[place + 1]) - round(edges[place]), float(lift * total / len(lifts)),
              Measure(float(lift), *interval(drawn[:, place])), float(captured[place]))
        for place, lift in enumerate(lifts)
    )  # fmt: skip


def _cells(rows: Panel, found: Said) -> dict[str, Proportion]:
    return {rating: share_of(rows.outcome, rows.lead, found.rating == rating) for rating in RATINGS}


def _confusion(outcome: Floats, by: str, called: NDArray[np.bool_]) -> Confusion:
    good = outcome == 1
    return Confusion(by, int(called.sum()), int((called & good).sum()), int((~called & good).sum()), int((~called & ~good).sum()))


def _parts(rows: Panel, found: Said, called: NDArray[np.bool_]) -> tuple[PartProof, ...]:
    made = []
    for place, name in enumerate(rows.parts):
        own = rows.part == place
        outcome = rows.outcome[own]
        auc = Ranking(found.points[own], outcome).counted().auc() if own.any() else float("nan")
        made.append(PartProof(name, int(own.sum()), int(outcome.sum()), auc, share_of(rows.outcome, rows.lead, own & called)))
    return tuple(made)


def curves(once: Counted) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    """Return the ROC curve and the gain curve, thinned to what can be seen."""
    bad = once.leads - once.good
    roc = _curve(np.cumsum(bad) / max(bad.sum(), 1), np.cumsum(once.good) / max(once.good.sum(), 1))
    gain = _curve(np.cumsum(once.leads) / max(once.leads.sum(), 1), np.cumsum(once.good) / max(once.good.sum(), 1))
    return roc, gain


def _curve(across: Floats, up: Floats) -> tuple[tuple[float, float], ...]:
    across, up = np.concatenate([[0.0], across]), np.concatenate([[0.0], up])
    if len(across) > POINTS:
        at = np.linspace(0, 1, POINTS)
        return tuple(zip(at.tolist(), np.interp(at, across, up).tolist(), strict=True))
    return tuple(zip(across.tolist(), up.tolist(), strict=True))
