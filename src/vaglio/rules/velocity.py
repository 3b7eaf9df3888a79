"""Kind ``velocity``: points for a run of activities close together, faded by the age of the one that closes it."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Fading, Moment, Run
from vaglio.quantities import Duration
from vaglio.rule import Fades, Matching, Rule, points_words
from vaglio.terms import format_duration, to_millipoints


class Velocity(Rule, Matching, Fades):
    """Points for a burst of interest."""

    summary: ClassVar[str] = "several matching activities close together, however long ago, faded by age"

    kind: Literal["velocity"]
    at_least: int = Field(ge=1, le=10_000, strict=True)
    within: Duration
    at_most_age: Duration | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Velocity":
        self.need_worth()
        self.need_activity()
        if not (self.half_life or self.fade or self.at_most_age):
            raise ValueError("never ends: add half_life or at_most_age, or a burst counts for ever")
        return self

    def ask(self) -> Moment:
        """Ask for the latest run."""
        run = Run(self.match(), self.at_least, self.within)
        return Moment(run, to_millipoints(self.worth()), Fading(self.half_life, self.fade, self.at_most_age))

    def sentence(self) -> str:
        """Return the rule in words."""
        age = f", for {format_duration(self.at_most_age)}" if self.at_most_age else ""
        points = points_words(to_millipoints(self.worth()))
        return f"{points} for {self.at_least} of {self.words()} inside {format_duration(self.within)}{self.fading_words()}{age}"
