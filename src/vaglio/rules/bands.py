"""Kind ``bands``: a learned term over one input, with points for each band and, by ``known: false``, for no value."""

from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded
from vaglio.condition import Leaf, Test
from vaglio.learned import Input, need_operators
from vaglio.quantities import Points
from vaglio.rule import Rule, input_words, leaf_words, points_words
from vaglio.terms import to_millipoints
from vaglio.text import fold


class PointsBand(Test):
    """A band of one input and its points."""

    points: Points


def _words(band: PointsBand, *, is_first: bool) -> str:
    """Return what a band asks; after others, whatever is filled in is what those did not name."""
    if not is_first and band.operators() == {"known": True}:
        return "has any other value"
    return leaf_words(Leaf(None, band.alone()), bare=True)


def _is_apart(one: PointsBand, other: PointsBand) -> bool:
    """Whether no value falls into both of two bands as learning writes them: values, ranges of numbers, no value."""
    if one.known is False or other.known is False:
        return one.known != other.known
    if one.in_ is not None and other.in_ is not None:
        return not {fold(str(value)) for value in one.in_} & {fold(str(value)) for value in other.in_}
    return _is_below(one, other) or _is_below(other, one)


def _is_below(one: PointsBand, other: PointsBand) -> bool:
    ends = one.below, other.from_
    return all(isinstance(end, int | Decimal) for end in ends) and ends[0] <= ends[1]  # type: ignore[operator]


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
        given = [place for place, band in enumerate(self.bands) if band.points]
        # A band without points is told where a later one would otherwise seem to give points for what falls into it.
        hides = [
            place
            for place, band in enumerate(self.bands)
            if not band.points and not all(_is_apart(band, self.bands[later]) for later in given if later > place)
        ]
        cases = [self._case(place) for place in sorted(given + hides)]
        rest = [] if len(cases) == len(self.bands) else ["otherwise nothing" if cases else "nothing"]
        return f"{input_words(self.input.source())}: {'; '.join([*cases, *rest])}"

    def _case(self, place: int) -> str:
        band = self.bands[place]
        worth = points_words(to_millipoints(band.points)) if band.points else "nothing"
        return f"{worth} when it {_words(band, is_first=not place)}"

    def attainable(self) -> int:
        """Return the largest band."""
        return max(0, *(to_millipoints(band.points) for band in self.bands))
