"""Kind ``activity_count``: points by how many matching activities there are; the band with the largest ``at_least`` reached."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded, Measure
from vaglio.condition import Expr
from vaglio.quantities import Duration
from vaglio.rule import Matching, Rule
from vaglio.steps import CountBand, best_band, count_cases, count_words, counted_down
from vaglio.terms import format_duration


class ActivityCount(Rule, Matching):
    """Points for doing something several times."""

    summary: ClassVar[str] = "the number of matching activities reaches a band"

    kind: Literal["activity_count"]
    within: Duration | None = None
    bands: tuple[CountBand, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "ActivityCount":
        self.need_activity()
        self.band_faults(self.bands)
        return self

    def ask(self) -> Banded:
        """Ask for the number of matching activities."""
        return Banded(count_cases(self, self.bands, Measure(self.match(), "count", self.within)))

    def sentence(self) -> str:
        """Return the rule in words."""
        return self._said(self.bands)

    def branch(self, place: int, held: Expr) -> str:
        """Return the rule in words with one of its bands."""
        return self._said((counted_down(self.bands)[place],))

    def _said(self, bands: Sequence[CountBand]) -> str:
        window = f" within {format_duration(self.within)}" if self.within else ""
        return f"{count_words(self, bands)} {self.words()}{window}"

    def attainable(self) -> int:
        """Return the largest band."""
        return best_band(self, self.bands)
