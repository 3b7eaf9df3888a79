"""Kind ``activity_recency``: points by the age of the latest matching activity; the band with the shortest ``within`` above it."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded, Measure
from vaglio.condition import Expr
from vaglio.rule import Matching, Rule
from vaglio.steps import AgeBand, age_cases, age_words, best_band, youngest_first


class ActivityRecency(Rule, Matching):
    """Points for having done something lately."""

    summary: ClassVar[str] = "the latest matching activity is recent enough for a band"

    kind: Literal["activity_recency"]
    bands: tuple[AgeBand, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "ActivityRecency":
        self.need_activity()
        self.band_faults(self.bands)
        return self

    def ask(self) -> Banded:
        """Ask for the age of the latest matching activity."""
        longest = max(band.within for band in self.bands)
        return Banded(age_cases(self, self.bands, Measure(self.match(), "age", longest)))

    def sentence(self) -> str:
        """Return the rule in words."""
        return self._said(self.bands)

    def branch(self, place: int, held: Expr) -> str:
        """Return the rule in words with one of its bands."""
        return self._said((youngest_first(self.bands)[place],))

    def _said(self, bands: Sequence[AgeBand]) -> str:
        return f"{age_words(self, bands)} of the latest {self.words()}"

    def attainable(self) -> int:
        """Return the largest band."""
        return best_band(self, self.bands)
