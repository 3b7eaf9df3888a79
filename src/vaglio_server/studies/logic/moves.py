"""What changes for leads if one version takes another's place: from which cell to which, who most, by which rules."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from vaglio.counted import Groups, changed, groups_of
from vaglio.document import ModelDocument
from vaglio_server.scoring.logic.lines import stored_line
from vaglio_server.studies.logic.sums import Lines
from vaglio_server.studies.logic.tally import Scored

EXCLUDED, OUTSIDE = "excluded", "outside"
MOST_LEADS = 50
MOST_LINES = 6  # that are named of a lead
MOST_RULES = 40


@dataclass
class _Line:
    """What a rule after its caps, or a bound of an axis, gives more or less to the leads that move."""

    leads: int = 0
    millipoints: int = 0
    strength: int = 0


@dataclass(frozen=True)
class _Mover:
    """A lead that moves: how far in places of the order, by how many points, and what each reason gives more or less.

    ``is_of_sales``: it comes to sales, or is no more for sales; who decides whether a version goes live asks for these.
    """

    lead: int
    cells: tuple[str, str]
    is_of_sales: bool
    places: int
    points: tuple[tuple[int, int], tuple[int, int]]
    lines: Mapping[str, int] = field(hash=False)

    @property
    def far(self) -> tuple[bool, int, int, int]:
        """By what those of sales come first, then the farthest."""
        return self.is_of_sales, abs(self.places), sum(abs(points) for points in self.lines.values()), -self.lead


class Moves:
    """Compares scores of leads by two versions, a batch after the other."""

    def __init__(self, before: ModelDocument, after: ModelDocument) -> None:
        order = after.rank_order()
        self._place = {rating: place for place, rating in enumerate(order)} | {EXCLUDED: len(order), OUTSIDE: len(order)}
        self._sales = [frozenset(each.ratings.sales if each.ratings else ()) for each in (before, after)]
        self._groups = groups_of(before), groups_of(after)
        self._cells: Counter[tuple[str, str]] = Counter()
        self._lines: dict[str, _Line] = defaultdict(_Line)
        self._first: list[_Mover] = []

    def add(self, leads: Iterable[int], before: Mapping[int, Scored], after: Mapping[int, Scored]) -> None:
        """Compare some leads; who has no score is outside of the audience."""
        movers = []
        for lead in leads:
            pair = before.get(lead), after.get(lead)
            cells = _cell(pair[0]), _cell(pair[1])
            self._cells[cells] += 1
            if cells[0] != cells[1]:
                movers.append(self._mover(lead, cells, pair))
        self._first = nlargest(MOST_LEADS, [*self._first, *movers], key=lambda mover: mover.far)

    def _mover(self, lead: int, cells: tuple[str, str], pair: tuple[Scored | None, Scored | None]) -> _Mover:
        lines = _changed(self._groups, *(each.lines if each else {} for each in pair))
        for key, millipoints in lines.items():
            line = self._lines[key]
            line.leads += 1
            line.millipoints += millipoints
            line.strength += abs(millipoints)
        is_of_sales = (cells[0] in self._sales[0]) != (cells[1] in self._sales[1])
        places = self._place[cells[0]] - self._place[cells[1]]
        return _Mover(lead, cells, is_of_sales, places, (_points(pair[0]), _points(pair[1])), lines)

    def told(self) -> dict[str, Any]:
        """Return the figures: moves between cells, how many up and down and to sales, the lines behind it, and who moves most."""
        moved = {cells: leads for cells, leads in self._cells.items() if cells[0] != cells[1]}
        strongest = sorted(self._lines.items(), key=lambda item: (-item[1].strength, item[0]))[:MOST_RULES]
        return {
            "moves": [{"from": one, "to": other, "leads": leads} for (one, other), leads in sorted(self._cells.items())],
            "moved": sum(moved.values()),
            "up": self._count(moved, lambda places: places > 0),
            "down": self._count(moved, lambda places: places < 0),
            "sales": self._to_sales(),
            "rules": [{"line": key, "leads": line.leads, "millipoints": line.millipoints} for key, line in strongest],
            "leads": [_of_mover(mover) for mover in self._first],
        }

    def _count(self, moved: Mapping[tuple[str, str], int], wanted: Any) -> int:
        return sum(leads for (one, other), leads in moved.items() if wanted(self._place[one] - self._place[other]))

    def _to_sales(self) -> dict[str, int]:
        """Return how many go to sales before and after, and how many are new among them or gone."""
        found = Counter(before=0, after=0, new=0, gone=0)
        for (one, other), leads in self._cells.items():
            was, becomes = one in self._sales[0], other in self._sales[1]
            found.update(before=leads * was, after=leads * becomes, new=leads * (becomes and not was), gone=leads * (was and not becomes))
        return dict(found)


def _cell(score: Scored | None) -> str:
    return OUTSIDE if score is None else EXCLUDED if score.rating is None else score.rating


def _points(score: Scored | None) -> tuple[int, int]:
    return (score.profile_millipoints, score.engagement_millipoints) if score else (0, 0)


def _changed(groups: tuple[Groups, Groups], before: Lines, after: Lines) -> dict[str, int]:
    """Return :func:`vaglio.counted.changed` of lines as they are stored."""
    one, other = ({stored_line(key): points for key, points in lines.items()} for lines in (before, after))
    return {".".join(name): millipoints for name, millipoints in changed(groups, one, other).items()}


def _of_mover(mover: _Mover) -> dict[str, Any]:
    ordered = sorted(mover.lines.items(), key=lambda item: (-abs(item[1]), item[0]))[:MOST_LINES]
    return {"lead": mover.lead, "cells": mover.cells, "places": mover.places, "points": mover.points, "lines": ordered}
