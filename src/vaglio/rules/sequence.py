"""Kind ``sequence``: points when one activity follows another soon, faded by the age of the second."""

from typing import ClassVar, Literal

from pydantic import model_validator

from vaglio.ask import Fading, Follow, Moment
from vaglio.quantities import Duration
from vaglio.rule import Fades, Matching, Rule, points_words
from vaglio.terms import format_duration, to_millipoints


class Step(Matching):
    """One of the two activities."""

    @model_validator(mode="after")
    def _is_whole(self) -> "Step":
        self.need_activity()
        return self


class Sequence(Rule, Fades):
    """Points for doing one thing after another."""

    summary: ClassVar[str] = "one activity follows another inside a time"

    kind: Literal["sequence"]
    first: Step
    then: Step
    within: Duration
    at_most_age: Duration | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Sequence":
        self.need_worth()
        return self

    def ask(self) -> Moment:
        """Ask for the latest second activity that follows a first."""
        follow = Follow(self.first.match(), self.then.match(), self.within)
        return Moment(follow, to_millipoints(self.worth()), Fading(self.half_life, self.fade, self.at_most_age))

    def sentence(self) -> str:
        """Return the rule in words."""
        points = points_words(to_millipoints(self.worth()))
        inside = format_duration(self.within)
        return f"{points} for {self.then.words()} after {self.first.words()} inside {inside}{self.fading_words()}"
