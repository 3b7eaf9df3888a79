"""How lines of a score become its letter and digit, so that a rule can be thought away without scoring anybody again.

That is exact: rules do not know of each other. What bounds do (the cap of a group, the floor and the cap of an axis) is done here to the
sum without the rule, in whole millipoints, as the plan does it (``vaglio.plan.totals``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vaglio.document import ModelDocument
from vaglio.terms import AXES, Axis, to_millipoints

LAST: dict[Axis, str] = {"profile": "D", "engagement": "4"}
Lines = Mapping[str, int]  # from axis.rule.part to millipoints, as stored scores hold them


@dataclass(frozen=True)
class Side:
    """One axis: the group of each rule (None: none), the caps of groups, its intercept and bounds, and its thresholds [millipoints]."""

    axis: Axis
    groups: dict[str, str | None]
    caps: dict[str, int]
    intercept: int
    floor: int | None
    at_most: int | None
    thresholds: tuple[tuple[str, int], ...]

    def reached(self, millipoints: int) -> str:
        """Return the letter or digit that points reach."""
        return next((name for name, least in self.thresholds if millipoints >= least), LAST[self.axis])

    def given(self, lines: Lines) -> dict[str, int]:
        """Return what each rule gave after its own cap; rules that did not fire are left out."""
        before = {rule: lines.get(f"{self.axis}.{rule}.rule", 0) for rule in self.groups}
        return {rule: points + lines.get(f"{self.axis}.{rule}.cap", 0) for rule, points in before.items() if points}

    def without(self, given: Mapping[str, int]) -> dict[str, int]:
        """Return, for each rule that gave something, the score there would be without it."""
        sums = dict.fromkeys(self.caps, 0)
        free = self.intercept
        for rule, points in given.items():
            group = self.groups[rule]
            if group is None:
                free += points
            else:
                sums[group] += points
        whole = free + sum(_bounded(points, self.caps[group]) for group, points in sums.items())
        return {rule: self._between(whole - self._counted(rule, points, sums)) for rule, points in given.items()}

    def _counted(self, rule: str, points: int, sums: Mapping[str, int]) -> int:
        """Return what of a rule's points counts beyond its group's cap."""
        group = self.groups[rule]
        if group is None:
            return points
        cap = self.caps[group]
        return _bounded(sums[group], cap) - _bounded(sums[group] - points, cap)

    def _between(self, millipoints: int) -> int:
        found = millipoints if self.floor is None else max(millipoints, self.floor)
        return found if self.at_most is None else min(found, self.at_most)


def _bounded(millipoints: int, cap: int) -> int:
    return max(-cap, min(cap, millipoints))


def sides(document: ModelDocument) -> tuple[Side, ...]:
    """Return both axes of a document."""
    return tuple(_side(document, axis) for axis in AXES)


def _side(document: ModelDocument, axis: Axis) -> Side:
    its = document.axis(axis)
    ordered = sorted(its.thresholds().items())
    return Side(
        axis=axis,
        groups={rule.id: rule.group for rule in its.rules},
        caps={name: to_millipoints(group.at_most) for name, group in its.groups.items()},
        intercept=to_millipoints(its.intercept),
        floor=None if its.floor is None else to_millipoints(its.floor),
        at_most=None if its.at_most is None else to_millipoints(its.at_most),
        thresholds=tuple((name, to_millipoints(points)) for name, points in ordered),
    )
