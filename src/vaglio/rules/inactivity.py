"""Kind ``inactivity``: points (usually negative) after a time of silence, and again every so often."""

from typing import ClassVar, Literal

from pydantic import model_validator

from vaglio.ask import Idle
from vaglio.quantities import Duration
from vaglio.rule import Matching, Rule, points_words
from vaglio.terms import format_duration, to_millipoints


class Inactivity(Rule, Matching):
    """Points for silence, counted from the later of the lead's creation and its latest matching activity."""

    summary: ClassVar[str] = "no matching activity for a time, and again every so often"

    kind: Literal["inactivity"]
    after: Duration
    every: Duration | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Inactivity":
        self.need_worth()
        return self

    def ask(self) -> Idle:
        """Ask how long the lead has been silent."""
        return Idle(self.match(), to_millipoints(self.worth()), self.after, self.every)

    def sentence(self) -> str:
        """Return the rule in words."""
        again = f", and again every {format_duration(self.every)}" if self.every else ""
        return f"{points_words(to_millipoints(self.worth()))} after {format_duration(self.after)} without {self.words()}{again}"
