"""What a version says of many leads, counted: cells, how scores spread, and what each rule does."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vaglio.document import ModelDocument
from vaglio_server.studies.logic.sums import Lines, sides

BARS = 30  # of a drawing
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Scored:
    """A score as it is counted; ``rating`` is none of who is excluded."""

    rating: str | None
    excluded_by: str | None
    profile_millipoints: int
    engagement_millipoints: int
    lines: Lines


@dataclass
class _OfRule:
    """What a rule does: what it gave to each lead it fired for, and whose ratings would be others without it."""

    given: "array[int]" = field(default_factory=lambda: array("q"))
    lifts: int = 0
    drags: int = 0
    into_sales: int = 0


class Tally:
    """Counts scores of one version, one after the other."""

    def __init__(self, document: ModelDocument) -> None:
        self._sides = sides(document)
        self._place = {rating: place for place, rating in enumerate(document.rank_order())}
        self._sales = frozenset(document.ratings.sales if document.ratings else ())
        self._rules = {side.axis: {rule: _OfRule() for rule in side.groups} for side in self._sides}
        self._points: dict[str, Counter[int]] = {side.axis: Counter() for side in self._sides}
        self._cells: Counter[str] = Counter()
        self._excluded: Counter[str] = Counter()

    def add(self, scores: Iterable[Scored]) -> None:
        """Count some scores."""
        for score in scores:
            self._add(score)

    def _add(self, score: Scored) -> None:
        if score.rating is None:
            self._excluded[score.excluded_by or ""] += 1
        else:
            self._cells[score.rating] += 1
        totals = {"profile": score.profile_millipoints, "engagement": score.engagement_millipoints}
        for side in self._sides:
            self._points[side.axis][totals[side.axis] // 1000] += 1
            given = side.given(score.lines)
            rules = self._rules[side.axis]
            for rule, points in given.items():
                rules[rule].given.append(points)
            if score.rating is not None:
                for rule, total in side.without(given).items():
                    name = side.reached(total)
                    other = name + score.rating[1] if side.axis == "profile" else score.rating[0] + name
                    if other != score.rating:
                        self._moved(rules[rule], score.rating, other)

    def _moved(self, rule: _OfRule, rating: str, without: str) -> None:
        if self._place[without] > self._place[rating]:
            rule.lifts += 1
            rule.into_sales += rating in self._sales and without not in self._sales
        else:
            rule.drags += 1

    def told(self) -> dict[str, Any]:
        """Return the figures: how many were scored, per cell, excluded, the bars of both scores, and each rule's."""
        rated = self._cells.total()
        return {
            "scored": rated + self._excluded.total(),
            "rated": rated,
            "cells": dict(self._cells),
            "excluded": dict(self._excluded),
            "bars": {axis: bars(points) for axis, points in self._points.items()},
            "rules": {axis: {rule: _figures(each) for rule, each in rules.items()} for axis, rules in self._rules.items()},
        }


def _figures(rule: _OfRule) -> dict[str, Any]:
    ordered = sorted(rule.given)
    return {
        "fires": len(ordered),
        "median": ordered[(len(ordered) - 1) // 2] if ordered else None,
        "least": ordered[0] if ordered else None,
        "most": ordered[-1] if ordered else None,
        "sum": sum(ordered),
        "lifts": rule.lifts,
        "drags": rule.drags,
        "into_sales": rule.into_sales,
    }


def bars(points: Mapping[int, int]) -> dict[str, Any]:
    """Return how many scores lie in each bar of equal width, from ``start`` on [whole points]; ``width`` is 1, 2, 5, 10 …"""
    if not points:
        return {"start": 0, "width": 1, "leads": []}
    low, high = min(points), max(points)
    width = next(width for width in _widths() if high // width - low // width < BARS)
    first = low // width
    leads = [0] * (high // width - first + 1)
    for each, number in points.items():
        leads[each // width - first] += number
    return {"start": first * width, "width": width, "leads": leads}


def _widths() -> Iterable[int]:
    scale = 1
    while True:
        yield from (step * scale for step in _STEPS)
        scale *= 10
