"""Leads at some instants and what became of them, as rows; and what a model said of each row, at that instant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.evaluation.parts import Part
from vaglio.learning.terms import Floats, Integers
from vaglio.plan import Facts
from vaglio.scoring import score

NOBODY = -np.inf  # the points of a lead that a model excludes: it comes last


@dataclass(frozen=True)
class Panel:
    """A row per lead and part. ``lead`` numbers leads, so that rows of the same lead can be drawn together.

    ``part`` is the place of the part, ``outcome`` 1 or 0.
    """

    ids: Sequence[str]
    lead: Integers
    part: Integers
    outcome: Floats
    parts: Sequence[str]

    def __len__(self) -> int:
        return len(self.lead)

    def only(self, rows: NDArray[np.bool_]) -> "Panel":
        """Return the panel of some rows."""
        return Panel(self.ids, self.lead[rows], self.part[rows], self.outcome[rows], self.parts)


@dataclass(frozen=True)
class Said:
    """What a model said of each row of a panel.

    Attributes
    ----------
    points : float
        Both axes together [points]; ``NOBODY`` where it excludes the lead, NaN where the lead is outside its audience.
    profile, engagement : float
        The same by axis.
    chance : float
        The probability it states (0-1), NaN where it states none.
    rating : text
        A1-D4, empty where excluded or outside.
    """

    name: str
    points: Floats
    profile: Floats
    engagement: Floats
    chance: Floats
    rating: NDArray[np.str_]
    document: ModelDocument

    def only(self, rows: NDArray[np.bool_]) -> "Said":
        """Return what was said of some rows."""
        axes = (self.points[rows], self.profile[rows], self.engagement[rows])
        return Said(self.name, *axes, self.chance[rows], self.rating[rows], self.document)

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Which rows are of the model's audience."""
        return ~np.isnan(self.points)

    def called(self) -> NDArray[np.bool_] | None:
        """Return which rows it sends to sales; None where its document says nothing of that."""
        if self.document.ratings is None:
            return None
        return np.isin(
            self.rating, [rating for rating in np.unique(self.rating) if rating and self.document.destination(rating) == "sales"]
        )


def panel(parts: Sequence[Part]) -> Panel:
    """Return the rows of some parts."""
    ids = sorted({lead for part in parts for lead in part.judged.of})
    number = {lead: place for place, lead in enumerate(ids)}
    rows = [(number[lead], place, outcome) for place, part in enumerate(parts) for lead, outcome in sorted(part.judged.of.items())]
    lead, part, outcome = zip(*rows, strict=True) if rows else ((), (), ())
    return Panel(ids, np.array(lead, np.int64), np.array(part, np.int64), np.array(outcome, float), [each.name for each in parts])


def said(
    name: str, engine: Engine, facts: Facts, rows: Panel, parts: Sequence[Part], document: Callable[[Part], ModelDocument]
) -> Said:  # fmt: skip
    """Ask a model about every row; ``document`` gives the model of a part, the same for all or learned before it.

    Raises
    ------
    EngineError
        The engine failed.
    """
    found: dict[str, Floats] = {each: np.full(len(rows), np.nan) for each in ("points", "profile", "engagement", "chance")}
    rating = np.full(len(rows), "", "U2")
    used = None
    for place, part in enumerate(parts):
        used = document(part)
        of_part = np.flatnonzero(rows.part == place)
        row = {rows.ids[rows.lead[each]]: int(each) for each in of_part}
        _of_part(engine, facts, part, used, row, (found, rating))
    if used is None:
        raise ValueError("a model is asked about no part")
    return Said(name, found["points"], found["profile"], found["engagement"], found["chance"], rating, used)


def _of_part(
    engine: Engine, facts: Facts, part: Part, document: ModelDocument, row: Mapping[str, int],
    into: tuple[dict[str, Floats], NDArray[np.str_]],
) -> None:  # fmt: skip
    scored = score(engine, [document], facts, part.at)
    try:
        columns = ["lead_id", "profile_millipoints", "engagement_millipoints", "rating"]
        has_chance = "probability" in scored.scores.columns
        table = engine.arrow(scored.scores.select(*columns, *(["probability"] if has_chance else [])))
    finally:
        scored.close()
    ids = table.column("lead_id").to_pylist()
    kept = [place for place, lead in enumerate(ids) if lead in row]
    to = np.array([row[ids[place]] for place in kept], int)
    profile, engagement = (np.array(table.column(name).to_pylist(), float)[kept] / 1000 for name in columns[1:3])
    rating = np.array([each or "" for each in table.column("rating").to_pylist()], "U2")[kept]
    values, ratings = into
    values["profile"][to], values["engagement"][to], ratings[to] = profile, engagement, rating
    values["points"][to] = np.where(rating == "", NOBODY, profile + engagement)
    if has_chance:
        values["chance"][to] = np.array([np.nan if each is None else each for each in table.column("probability").to_pylist()])[kept]
