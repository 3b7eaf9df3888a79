"""Kind ``activity``: points for every matching activity, faded one by one."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import EachActivity, Fading
from vaglio.quantities import Duration, Frozen, Name
from vaglio.rule import Fades, Matching, Rule, points_words
from vaglio.terms import format_duration, to_millipoints


class OncePerProperty(Frozen):
    """Keep the largest contribution of each distinct value of a property."""

    property: Name


class Activity(Rule, Matching, Fades):
    """Points for what a person did, each activity by itself."""

    summary: ClassVar[str] = "every matching activity gives points, which may fade with age"

    kind: Literal["activity"]
    within: Duration | None = Field(default=None, description="only activities younger than this")
    once_per: Literal["hour", "day", "week", "ever"] | OncePerProperty | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Activity":
        self.need_worth()
        self.need_activity()
        return self

    def ask(self) -> EachActivity:
        """Ask for each matching activity."""
        by_property = isinstance(self.once_per, OncePerProperty)
        return EachActivity(
            match=self.match(),
            millipoints=to_millipoints(self.worth()),
            fading=Fading(self.half_life, self.fade, self.within),
            once_per=self.once_per.property if isinstance(self.once_per, OncePerProperty) else self.once_per,
            once_per_property=by_property,
        )

    def sentence(self) -> str:
        """Return the rule in words."""
        text = f"{points_words(to_millipoints(self.worth()))} for each {self.words()}{self.fading_words()}"
        if self.once_per:
            once = self.once_per.property if isinstance(self.once_per, OncePerProperty) else self.once_per
            text += f", once per {once}" if once != "ever" else ", once ever"
        return text + (f", for {format_duration(self.within)}" if self.within else "")
