"""How scores and coverage are spread over the leads."""

from dataclasses import dataclass
from decimal import Decimal

import ibis

from vaglio.report.inputs import ReportInputs
from vaglio.terms import AXES, Axis, to_millipoints

BINS = 40
_NICE_POINTS = (Decimal("0.001"), Decimal("0.01"), Decimal("0.1"), Decimal("0.5"), 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Threshold:
    """The points from which a letter or digit is given [millipoints]."""

    name: str
    millipoints: int


@dataclass(frozen=True)
class Spread:
    """The distribution of one score over the rated leads; bins are ``[start, start + step)`` [millipoints].

    Where a few leads lie far out, ``is_cut`` and the last bin holds all from its start on.
    """

    axis: Axis
    step: int
    is_cut: bool
    bins: tuple[tuple[int, int], ...]
    thresholds: tuple[Threshold, ...]
    classes: tuple[tuple[str, int], ...]
    low: int
    median: int
    high: int


@dataclass(frozen=True)
class Tenth:
    """Leads whose coverage lies in ``[start, end)``, the last one closed."""

    start: float
    end: float
    leads: int
    thin: int


def spreads(inputs: ReportInputs) -> tuple[Spread, ...]:
    """Return the distribution of both scores; empty without rated leads."""
    rated = inputs.scores.filter(inputs.scores.rating.notnull())
    return tuple(found for axis in AXES if (found := _spread(inputs, rated, axis)))


def _spread(inputs: ReportInputs, rated: ibis.Table, axis: Axis) -> Spread | None:
    value = rated[f"{axis}_millipoints"]
    asked = {"low": value.min(), "median": value.median(), "most": value.quantile(0.98), "high": value.max()}
    row = inputs.rows(rated.aggregate(**{name: figure.cast("int64") for name, figure in asked.items()}))[0]
    if row["low"] is None:
        return None
    low, median, most, high = (int(str(row[name])) for name in asked)
    thresholds = tuple(Threshold(name, to_millipoints(least)) for name, least in sorted(inputs.document.axis(axis).thresholds().items()))
    reach = max(most, *(threshold.millipoints * 4 // 3 for threshold in thresholds), 1000)
    reach = min(reach, max(high, *(threshold.millipoints for threshold in thresholds), 1000))
    step = _step(reach - min(0, low))
    start = min(0, low) // step * step
    last = (reach - start) // step
    bins = _bins(inputs, rated, value, (start, step, last))
    letters = inputs.rows(rated.group_by(name=rated["letter" if axis == "profile" else "digit"]).aggregate(leads=rated.count()))
    classes = tuple(sorted((str(found["name"]), int(str(found["leads"]))) for found in letters))
    return Spread(axis, step, high >= start + (last + 1) * step, bins, thresholds, classes, low, median, high)


def _bins(inputs: ReportInputs, rated: ibis.Table, value: ibis.Value, grid: tuple[int, int, int]) -> tuple[tuple[int, int], ...]:
    start, step, last = grid
    place = ((value - start).cast("float64") / float(step)).floor().cast("int64")
    binned = rated.select(bin=ibis.least(place, last))
    counted = {int(str(row["bin"])): int(str(row["leads"])) for row in inputs.rows(binned.group_by("bin").aggregate(leads=binned.count()))}
    return tuple((start + position * step, counted.get(position, 0)) for position in range(last + 1))


def _step(width: int) -> int:
    return next(
        (to_millipoints(Decimal(nice)) for nice in _NICE_POINTS if to_millipoints(Decimal(nice)) * BINS >= width), width // BINS + 1
    )


def coverage(inputs: ReportInputs) -> tuple[Tenth, ...]:
    """Return coverage over all leads of the audience in tenths."""
    scores = inputs.scores
    # Quotients of whole numbers: a hair is added so that 0.3 lands in the tenth that starts with it.
    tenth = ibis.least((scores.coverage * 10 + 1e-9).floor().cast("int64"), 9)
    table = scores.select(tenth=tenth, thin=(~scores.enough_evidence).cast("int64"))
    rows = inputs.rows(table.group_by("tenth").aggregate(leads=table.count(), thin=table.thin.sum()))
    found = {int(str(row["tenth"])): (int(str(row["leads"])), int(str(row["thin"]))) for row in rows if row["tenth"] is not None}
    return tuple(Tenth(n / 10, (n + 1) / 10, *found.get(n, (0, 0))) for n in range(10))
