"""How many points rules, groups and axes can give at all."""

from typing import NamedTuple

from vaglio.ask import Ask, Banded, EachActivity, Idle
from vaglio.document.model import ModelDocument, RuleSet
from vaglio.rule import Rule
from vaglio.terms import Axis, to_millipoints

UNBOUNDED = 10**15  # millipoints; beyond any document
_PERIOD_SECONDS = {"hour": 3600, "day": 86_400, "week": 7 * 86_400}


class Reach(NamedTuple):
    """The least and the most points [millipoints]."""

    low: int
    high: int

    def plus(self, other: "Reach") -> "Reach":
        """Return the reach of both together."""
        return Reach(self.low + other.low, self.high + other.high)

    def within(self, cap: int | None) -> "Reach":
        """Return the reach under a cap on the absolute value."""
        return self if cap is None else Reach(max(self.low, -cap), min(self.high, cap))


def axis_reach(document: ModelDocument, axis: Axis) -> Reach:
    """Return the least and the most points of an axis: no lead lies outside, few lie at the ends."""
    ruleset = document.axis(axis)
    start = to_millipoints(ruleset.intercept)
    total = Reach(start, start)
    for group in (None, *ruleset.groups):
        together = Reach(0, 0)
        for rule in ruleset.rules:
            if rule.group == group:
                together = together.plus(rule_reach(rule))
        total = total.plus(together.within(to_millipoints(ruleset.groups[group].at_most) if group else None))
    return _bounded(ruleset, total)


def _bounded(ruleset: RuleSet, total: Reach) -> Reach:
    if ruleset.floor is not None:
        floor = to_millipoints(ruleset.floor)
        total = Reach(max(total.low, floor), max(total.high, floor))
    if ruleset.at_most is not None:
        most = to_millipoints(ruleset.at_most)
        total = Reach(min(total.low, most), min(total.high, most))
    return total


def rule_reach(rule: Rule) -> Reach:
    """Return the least and the most points of a rule, after its own cap; a rule may always give nothing."""
    ask = rule.ask()
    points = _worths(ask)
    times = _times(ask)
    reach = Reach(min(0, *points) * times, max(0, *points) * times)
    return reach.within(to_millipoints(rule.at_most) if rule.at_most is not None else None)


def largest(rule: Rule) -> int:
    """Return the largest single thing a rule gives [millipoints, absolute]: one band, or one activity."""
    return max(abs(points) for points in _worths(rule.ask()))


def _worths(ask: Ask) -> tuple[int, ...]:
    return (0, *(points for _, points in ask.cases)) if isinstance(ask, Banded) else (0, ask.millipoints)


def _times(ask: Ask) -> int:
    """Return how often a rule can give its points to one lead."""
    if isinstance(ask, Idle):
        return UNBOUNDED if ask.every_seconds else 1
    if not isinstance(ask, EachActivity) or (ask.once_per == "ever" and not ask.once_per_property):
        return 1
    seconds = None if ask.once_per_property else _PERIOD_SECONDS.get(ask.once_per or "")
    ages = [age for age in (ask.fading.at_most_age_seconds, ask.fading.fade_seconds) if age]
    return 1 + -(-min(ages) // seconds) if seconds and ages else UNBOUNDED
