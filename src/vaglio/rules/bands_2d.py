"""Kind ``bands_2d``: a learned term over a pair of inputs, a grid of points."""

from typing import ClassVar, Literal

from pydantic import model_validator

from vaglio.ask import Banded
from vaglio.condition import Every
from vaglio.learned import Split
from vaglio.quantities import Points
from vaglio.rule import Rule, expr_words, input_words, points_words
from vaglio.terms import to_millipoints


class Bands2d(Rule):
    """A pair term of a learned scorecard."""

    summary: ClassVar[str] = "the cell that two fields or measures fall into (learned)"

    kind: Literal["bands_2d"]
    first: Split
    second: Split
    points: tuple[tuple[Points, ...], ...]  # type: ignore[assignment]

    @model_validator(mode="after")
    def _is_whole(self) -> "Bands2d":
        if self.weight is not None:
            raise ValueError("has a weight; only its cells have points")
        rows, columns = len(self.first.bands), len(self.second.bands)
        if len(self.points) != rows or any(len(row) != columns for row in self.points):
            raise ValueError(f"points is not {rows} rows of {columns}; one row per band of first, one column per band of second")
        return self

    def has_worth(self) -> bool:
        """Cells alone have points."""
        return False

    def ask(self) -> Banded:
        """Ask for the cell. Reading cells row by row finds the first band of each input."""
        return Banded(tuple(
            (Every((first, second)), to_millipoints(self.points[row][column]))
            for row, first in enumerate(self.first.exprs())
            for column, second in enumerate(self.second.exprs())
        ))  # fmt: skip

    def sentence(self) -> str:
        """Return the grid in words: its best cell."""
        best, cell = max(((points, expr) for expr, points in self.ask().cases), key=lambda pair: pair[0])
        both = f"{input_words(self.first.input.source())} and {input_words(self.second.input.source())}"
        return f"a grid of {both}; at best {points_words(best)} when {expr_words(cell)}"

    def attainable(self) -> int:
        """Return the largest cell."""
        return max(0, *(points for _, points in self.ask().cases))
