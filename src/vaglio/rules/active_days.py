"""Kind ``active_days``: points by the number of distinct days (UTC) with a matching activity."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded, Measure
from vaglio.condition import Expr
from vaglio.quantities import Duration
from vaglio.rule import Matching, Rule
from vaglio.steps import CountBand, best_band, count_cases, count_words, counted_down
from vaglio.terms import format_duration


class ActiveDays(Rule, Matching):
    """Points for coming back on different days, which many clicks in one sitting do not show."""

    summary: ClassVar[str] = "the number of distinct days with a matching activity reaches a band"

    kind: Literal["active_days"]
    within: Duration | None = None
    bands: tuple[CountBand, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "ActiveDays":
        self.need_activity()
        self.band_faults(self.bands)
        return self

    def ask(self) -> Banded:
        """Ask for the number of distinct days."""
        return Banded(count_cases(self, self.bands, Measure(self.match(), "distinct_days", self.within)))

    def sentence(self) -> str:
        """Return the rule in words."""
        return self._said(self.bands)

    def branch(self, place: int, held: Expr) -> str:
        """Return the rule in words with one of its bands."""
        return self._said((counted_down(self.bands)[place],))

    def _said(self, bands: Sequence[CountBand]) -> str:
        window = f" within {format_duration(self.within)}" if self.within else ""
        return f"{count_words(self, bands)} days with {self.words()}{window}"

    def attainable(self) -> int:
        """Return the largest band."""
        return best_band(self, self.bands)
