"""Kind ``engaged_colleagues``: points by how many people of the same account were active."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded, Measure
from vaglio.condition import Expr
from vaglio.quantities import Duration
from vaglio.rule import Matching, Rule
from vaglio.steps import CountBand, best_band, count_cases, count_words, counted_down
from vaglio.terms import format_duration


class EngagedColleagues(Rule, Matching):
    """Points when several people of one company show interest: a buying group, not a lone reader."""

    summary: ClassVar[str] = "several people of the same account were active"

    kind: Literal["engaged_colleagues"]
    within: Duration | None = None
    at_least: int | None = Field(default=None, ge=0, le=1_000_000, strict=True)
    bands: tuple[CountBand, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "EngagedColleagues":
        if (self.bands is None) == (self.at_least is None):
            raise ValueError("needs either at_least with points, or bands")
        self.band_faults(self._steps())
        return self

    def _steps(self) -> tuple[CountBand, ...]:
        return self.bands or (CountBand.model_construct(at_least=self.at_least or 0, award=None, points=None),)

    def _cases(self) -> tuple[tuple[Expr, int], ...]:
        return count_cases(self, self._steps(), Measure(self.match(), "colleagues", self.within))

    def ask(self) -> Banded:
        """Ask for the number of active people at the account."""
        return Banded(self._cases())

    def sentence(self) -> str:
        """Return the rule in words."""
        return self._said(self._steps())

    def branch(self, place: int, held: Expr) -> str:
        """Return the rule in words with one of its bands."""
        return self._said((counted_down(self._steps())[place],))

    def _said(self, bands: Sequence[CountBand]) -> str:
        window = f" within {format_duration(self.within)}" if self.within else ""
        return f"{count_words(self, bands)} people of the account with {self.words()}{window}"

    def attainable(self) -> int:
        """Return the largest band."""
        return best_band(self, self._steps())
