"""Leads as they come: where each stood at regular looks, when it first rose above a line, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from vaglio.dates import from_microseconds
from vaglio.evaluation.panel import Panel, Said
from vaglio.evaluation.proof import Measure
from vaglio.learning.terms import Floats, Integers
from vaglio.proportion import Proportion

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Costs:
    """What a call costs and what a good outcome is worth, in one currency."""

    call: float
    good: float


@dataclass(frozen=True)
class Expected:
    """What a line means on an average working day: leads to call, those of them that come out well, and good ones that are never called.

    ``points`` is the least total that is called, None where ratings decide. ``worth`` is what a day's good outcomes are worth less what its
    calls cost, None where that is not known.
    """

    calls: float
    good: Measure
    missed: Measure
    points: float | None = None
    worth: float | None = None


@dataclass(frozen=True)
class Flow:
    """Leads at regular looks, a row per lead and look, up to its good outcome.

    Attributes
    ----------
    lead, part : int
        The number of the lead, and of the look, from 0.
    profile, engagement : float
        Points; of leads that the model excludes, minus infinity.
    good : float
        1 where the good outcome came within the horizon after the look.
    came : int
        By lead: the instant of its good outcome [µs UTC], ``NEVER`` if there was none.
    looks : int
        The instants [µs UTC].
    """

    lead: Integers
    part: Integers
    profile: Floats
    engagement: Floats
    good: Floats
    came: Integers
    looks: Integers

    @property
    def points(self) -> Floats:
        """Both axes together."""
        return self.profile + self.engagement

    @property
    def days(self) -> int:
        """Working days (Monday to Friday) from the first look to the last."""
        first, last = (np.datetime64(from_microseconds(int(at)).date()) for at in (self.looks[0], self.looks[-1]))
        return max(1, int(np.busday_count(first, last)))

    def only(self, rows: NDArray[np.bool_], leads: NDArray[np.bool_]) -> "Flow":
        """Return the flow of some leads; ``rows`` are theirs."""
        came = np.where(leads, self.came, NEVER)
        return Flow(self.lead[rows], self.part[rows], self.profile[rows], self.engagement[rows], self.good[rows], came, self.looks)

    def counted(self, above: NDArray[np.bool_]) -> "Counts":
        """Count leads by the first look at which they were ``above`` a line; those above it at the first look of all were called before."""
        first = np.full(len(self.came), len(self.looks))
        np.minimum.at(first, self.lead[above], self.part[above])
        is_first = above & (self.part == first[self.lead]) & (self.part > 0)
        step = self.looks[-1] - self.looks[-2]
        in_time = (self.came > self.looks[0]) & (self.came <= self.looks[-1] + step)
        missed = in_time & (first == len(self.looks))
        # Good outcomes are counted from the first look to one step after the last: one step longer than leads that rise.
        longer = (len(self.looks)) / (len(self.looks) - 1)
        return Counts(int(is_first.sum()), int(self.good[is_first].sum()), int(missed.sum()), self.days, longer)


@dataclass(frozen=True)
class Counts:
    """Leads called, those of them that came out well, good ones never called, and over how many working days; misses over ``longer``."""

    called: int
    good: int
    missed: int
    days: int
    longer: float

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.called + other.called, self.good + other.good, self.missed + other.missed, self.days, self.longer)

    def expected(self, points: float | None = None, costs: Costs | None = None) -> Expected:
        """Return what that makes on an average day, with 95 % intervals: of the share that comes out well, and of the number missed."""
        calls = self.called / self.days
        share = Proportion(self.good, self.called)
        low, high = share.interval() if self.called else (0.0, 0.0)
        days = self.days * self.longer
        fewest, most = poisson_interval(self.missed)
        return Expected(
            calls, Measure(share.share * calls, low * calls, high * calls), Measure(self.missed / days, fewest / days, most / days), points,
            (self.good * costs.good - self.called * costs.call) / self.days if costs else None,
        )  # fmt: skip


def poisson_interval(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a number that chance makes (Garwood 1936)."""
    low = float(chi2.ppf(0.025, 2 * count) / 2) if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2) / 2)


def flow(rows: Panel, said: Said, came: Mapping[str, int], looks: Sequence[int]) -> Flow:
    """Return the leads of a model's audience as they came; ``came``: when leads had the good outcome [µs UTC]."""
    inside = said.is_judged
    out = said.rating == ""
    profile, engagement = (np.where(out, -np.inf, axis)[inside] for axis in (said.profile, said.engagement))
    known = np.zeros(len(rows.ids), bool)
    known[rows.lead[inside]] = True
    at = np.array([came.get(lead, NEVER) for lead in rows.ids], np.int64)
    return Flow(
        rows.lead[inside],
        rows.part[inside],
        profile,
        engagement,
        rows.outcome[inside],
        np.where(known, at, NEVER),
        np.array(looks, np.int64),
    )
