"""Kind ``bands``: a learned term over one input, with points for each band and, by ``known: false``, for no value."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded
from vaglio.condition import Leaf, Test
from vaglio.learned import Input, need_operators
from vaglio.quantities import Points
from vaglio.rule import Rule, leaf_words, points_words
from vaglio.terms import to_millipoints


class PointsBand(Test):
    """A band of one input and its points."""

    points: Points


class Bands(Rule):
    """A term of a learned scorecard."""

    summary: ClassVar[str] = "the band that one field or measure falls into (learned)"

    kind: Literal["bands"]
    input: Input
    bands: tuple[PointsBand, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "Bands":
        need_operators(self.bands)
        if self.has_worth():
            raise ValueError("has points of its own; only its bands have points")
        return self

    def ask(self) -> Banded:
        """Ask for the band of the input."""
        source = self.input.source()
        return Banded(tuple((Leaf(source, band.alone()), to_millipoints(band.points)) for band in self.bands))

    def sentence(self) -> str:
        """Return the bands in words."""
        cases = [(leaf_words(Leaf(None, band.alone()), bare=True), to_millipoints(band.points)) for band in self.bands]
        return f"{self.input.source()}: " + "; ".join(f"{points_words(points)} when it {words}" for words, points in cases)

    def attainable(self) -> int:
        """Return the largest band."""
        return max(0, *(to_millipoints(band.points) for band in self.bands))
