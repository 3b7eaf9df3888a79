"""The verb: letters, digits and the sales line from what sellers can do, what a call costs and what a deal is worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaglio.errors import DataError
from vaglio.evaluation.cuts import Cuts, choose
from vaglio.evaluation.flow import Costs, Expected, Flow
from vaglio.terms import DIGITS, LETTERS

LINES = 120  # totals that are tried as a line
LEAST = 10  # good outcomes
TRIES = 8
CLOSE = 0.9  # of the calls: cuts that use so many are good enough


@dataclass(frozen=True)
class Capacity:
    """How many leads sellers can call on a working day, and, if known, what that costs and brings."""

    calls: float
    costs: Costs | None = None
    sales: Sequence[str] = ("A1", "A2", "B1")
    seed: int = 1


@dataclass(frozen=True)
class Thresholds:
    """What to cut at, and what is to be expected of it on an average working day.

    ``now`` is what the model does as it stands, None where it sends nobody to sales; ``line`` calls everybody from a number of points on;
    ``matrix`` calls the cells of sales with letters and digits cut at ``cuts``: its figures come from leads that the cuts were not chosen
    on. ``lines`` is what other lines would mean.
    """

    days: int
    leads: int
    now: Expected | None
    line: Expected
    cuts: Cuts
    matrix: Expected
    lines: tuple[Expected, ...]


def thresholds(flow: Flow, called: NDArray[np.bool_] | None, asked: Capacity) -> Thresholds:
    """Return where to cut so that sales gets at most as many leads as it can call. ``called``: whom the model sends to sales as it stands.

    Raises
    ------
    DataError
        There are too few good outcomes to say anything.
    """
    _enough(flow)
    lines = _lines(flow, asked)
    rising = [each for each in lines if each.calls]
    within = [each for each in rising if each.calls <= asked.calls]
    if not rising:
        raise DataError(
            "nobody_rises", "no lead rises above any line between the first look and the last: all stand where they stood",
            "give what changes, as --activities or --field-changes, or more looks with --instants",
        )  # fmt: skip
    if not within:
        fewest = min(each.calls for each in rising)
        raise DataError(
            "capacity_too_small", f"the highest line that any lead rises above is {fewest:.2g} leads a day, more than {asked.calls:g}",
            "give a larger --calls, or more looks with --instants",
        )  # fmt: skip
    line = max(within, key=lambda each: (each.worth if each.worth is not None else each.calls, each.calls))
    share = float((flow.points >= (line.points or 0)).mean())
    called_by_cuts, cuts = _fitted(flow, asked, share, min(asked.calls, line.calls))
    if called_by_cuts > asked.calls:
        raise DataError(
            "capacity_too_small",
            f"the highest letters and digits send {called_by_cuts:.2g} leads a day to {', '.join(asked.sales)}, more than {asked.calls:g}",
            f"give a larger --calls, or fewer cells with --sales; everybody from {line.points:g} points on would be {line.calls:.2g} a day",
        )  # fmt: skip
    now = flow.counted(called).expected(costs=asked.costs) if called is not None else None
    return Thresholds(
        flow.days, len(np.unique(flow.lead)), now, line, cuts, _honest(flow, asked, share, min(asked.calls, line.calls)), tuple(lines)
    )


def _enough(flow: Flow) -> None:
    good = len(np.unique(flow.lead[flow.good == 1]))
    if good < LEAST:
        raise DataError(
            "too_few_outcomes", f"{good} leads came out well in this time; {LEAST} are the least to cut by",
            "give more looks with --instants, or a longer --horizon",
        )  # fmt: skip


def _lines(flow: Flow, asked: Capacity) -> list[Expected]:
    """Return what lines mean, the highest first."""
    points = flow.points[np.isfinite(flow.points)]
    at = np.unique(np.quantile(points, 1 - np.geomspace(0.0005, 1, LINES), method="higher"))[::-1]
    return [flow.counted(flow.points >= least).expected(float(least), asked.costs) for least in at]


def _fitted(flow: Flow, asked: Capacity, share: float, calls: float) -> tuple[float, Cuts]:
    """Return cuts whose cells of sales are as many leads a day as can be called, or a little fewer; how many, for it may be more."""
    usual, found, cuts = _tried(flow, asked, share, calls, is_high=False)
    if usual is not None and usual[0] >= CLOSE * calls:
        return usual
    high, _found, _cuts = _tried(flow, asked, share, calls, is_high=True)
    fitting = [each for each in (usual, high) if each is not None]
    return max(fitting, key=lambda each: each[0]) if fitting else (found, cuts)


def _tried(
    flow: Flow, asked: Capacity, share: float, calls: float, *, is_high: bool
) -> tuple[tuple[float, Cuts] | None, float, Cuts]:  # fmt: skip
    """Return the best cuts that fit, None where none does, and the last that were tried; each with how many leads a day they are."""
    best: tuple[float, Cuts] | None = None
    for _try in range(TRIES):
        cuts = choose(flow.profile, flow.engagement, flow.good, asked.sales, share * len(flow.lead), is_high=is_high)
        found = flow.counted(_in_sales(flow, cuts, asked.sales)).expected().calls
        if found <= calls and (best is None or found > best[0]):
            best = (found, cuts)
        if CLOSE * calls <= found <= calls:
            break
        share *= min(1.5, max(0.5, calls / found if found else 1.5)) * (0.98 if found > calls else 1.0)
    return best, found, cuts


def _honest(flow: Flow, asked: Capacity, share: float, calls: float) -> Expected:
    """Return what cuts mean on leads that they were not chosen on: each half of the leads is cut by what is best for the other."""
    side = np.random.default_rng(asked.seed).permutation(len(flow.came)) % 2 == 0
    counts = []
    for leads in (side, ~side):
        chosen_on, asked_about = (flow.only(own[flow.lead], own) for own in (leads, ~leads))
        _called, cuts = _fitted(chosen_on, asked, share, calls / 2)
        counts.append(asked_about.counted(_in_sales(asked_about, cuts, asked.sales)))
    return (counts[0] + counts[1]).expected(costs=asked.costs)


def _in_sales(flow: Flow, cuts: Cuts, sales: Sequence[str]) -> NDArray[np.bool_]:
    letter, digit = cuts.classes(flow.profile, flow.engagement)
    cells = {(LETTERS.index(rating[0]), DIGITS.index(rating[1])) for rating in sales}
    found = np.zeros(len(flow.lead), bool)
    for place in cells:
        found |= (letter == place[0]) & (digit == place[1])
    return found & np.isfinite(flow.points)
