"""What a rule is: the fields every kind shares, what it asks of the facts, and the sentence people read."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from vaglio.ask import Ask, Match, Measure
from vaglio.condition import Every, Expr, Leaf, Never, Test, Where, where_expr
from vaglio.quantities import Duration, Frozen, Name, Points, Share, Words
from vaglio.terms import format_duration, to_millipoints


class Worth(Frozen):
    """A band's worth: its own ``points``, or ``award``, a share of the rule's."""

    award: Share | None = None
    points: Points | None = None

    @model_validator(mode="after")
    def _is_one_worth(self) -> Self:
        if self.award is not None and self.points is not None:
            raise ValueError("has both award and points; keep one")
        return self


class Rule(Frozen):
    """One way to earn or lose points. ``weight`` is worth as many points and belongs to the profile's hundred per cent."""

    summary: ClassVar[str] = ""  # what `vaglio kinds` prints

    id: Name
    points: Points | None = None
    weight: Points | None = Field(default=None, description="Eloqua-style percentage of the profile axis")
    at_most: Points | None = Field(default=None, gt=0, description="cap on the absolute value of what the rule gives")
    group: Name | None = None
    flag: Name | None = None
    description: Words | None = None

    @model_validator(mode="after")
    def _has_one_worth(self) -> Self:
        if self.points is not None and self.weight is not None:
            raise ValueError("has both weight and points; keep one")
        return self

    def worth(self) -> Decimal:
        """Return what the rule is worth [points]; 0 where only its bands say."""
        return self.weight if self.weight is not None else self.points if self.points is not None else Decimal(0)

    def has_worth(self) -> bool:
        """Whether the rule itself says what it is worth."""
        return self.weight is not None or self.points is not None

    def band_millipoints(self, band: Worth) -> int:
        """Return what a band gives [millipoints]: exact product, then rounded once."""
        if band.points is not None:
            return to_millipoints(band.points)
        return to_millipoints(self.worth() * (band.award if band.award is not None else 1))

    def band_faults(self, bands: tuple[Worth, ...]) -> None:
        """Raise where a band needs the rule's own points and the rule has none."""
        if not self.has_worth() and any(band.points is None for band in bands):
            raise ValueError("has a band without points of its own, and the rule has no points or weight to award")

    def need_worth(self) -> None:
        """Raise where the rule says no points."""
        if not self.has_worth():
            raise ValueError("says no points; add points, such as points: 10")

    def ask(self) -> Ask:
        """Return what the rule asks of the facts."""
        raise NotImplementedError

    def sentence(self) -> str:
        """Return the rule in words a marketer reads."""
        raise NotImplementedError

    def branch(self, place: int, held: Expr) -> str:
        """Return one of the cases it asks in words, by its place; ``held``: what made it hold."""
        _expr, millipoints = self.ask().cases[place]  # type: ignore[union-attr]
        return f"{points_words(millipoints)} when {expr_words(held)}"

    def attainable(self) -> int:
        """Return the largest award [millipoints], before bounds, never below 0 (coverage)."""
        return max(0, to_millipoints(self.worth()))


class Matching(Frozen):
    """The part of a rule that names activities: ``activity`` or ``activities``, and ``where``."""

    activity: Name | None = None
    activities: tuple[Name, ...] | None = Field(default=None, min_length=1)
    where: Where | None = None

    @model_validator(mode="after")
    def _names_activities_once(self) -> Self:
        if self.activity and self.activities:
            raise ValueError("has both activity and activities; keep one")
        return self

    def need_activity(self) -> None:
        """Raise where no activity is named."""
        if not self.activity and not self.activities:
            raise ValueError("names no activity; add activity: and one of the types under inputs.activities")

    def match(self) -> Match:
        """Return which activities count."""
        return Match(self.types(), where_expr(self.where))

    def types(self) -> tuple[str, ...]:
        """Return the activity types named; empty means any declared type."""
        return (self.activity,) if self.activity else tuple(dict.fromkeys(self.activities or ()))

    def words(self) -> str:
        """Return the activities in words: ``page_viewed where path starts with /pricing``."""
        names = " or ".join(self.types()) or "any activity"
        tests = expr_words(where_expr(self.where))
        return f"{names} where {tests}" if tests else names


class Fades(Frozen):
    """How points lose worth with age."""

    half_life: Duration | None = Field(default=None, description="points halve every such time")
    fade: Duration | None = Field(default=None, description="points fall evenly to nothing over this time")

    @model_validator(mode="after")
    def _fades_one_way(self) -> Self:
        if self.half_life and self.fade:
            raise ValueError("has both half_life and fade; keep one")
        return self

    def fading_words(self) -> str:
        """Return the fading in words, with a leading comma."""
        if self.half_life:
            return f", halving every {format_duration(self.half_life)}"
        return f", fading to nothing over {format_duration(self.fade)}" if self.fade else ""


MOST_VALUES, FIRST_VALUES = 10, 6  # that a sentence names
_OPERATOR_WORDS = {
    "equals": "is", "in": "is one of", "not_in": "is none of", "from": "is at least", "below": "is below",
    "any_word": "has the word", "contains": "contains", "starts_with": "starts with", "ends_with": "ends with",
    "matches": "matches", "older_than": "is older than", "newer_than": "is newer than",
}  # fmt: skip

_OF_ONE = {"in": "is", "not_in": "is not"}


def operator_words(operator: str, value: Any) -> str:
    """Return an operator and its value in words."""
    if operator == "known":
        return "is filled in" if value else "is empty"
    if operator in ("older_than", "newer_than"):
        value = format_duration(value)
    if isinstance(value, tuple):
        return f"{_OF_ONE[operator] if len(value) == 1 and operator in _OF_ONE else _OPERATOR_WORDS[operator]} {_listed(value)}"
    return f"{_OPERATOR_WORDS[operator]} {_worded(value)}"


def _listed(values: tuple[Any, ...]) -> str:
    """Return values in a row; of very many the first, for a sentence is read, and all of them stand in the text."""
    first = values if len(values) <= MOST_VALUES else values[:FIRST_VALUES]
    more = f" and {len(values) - len(first)} more" if len(first) < len(values) else ""
    return ", ".join(map(_worded, first)) + more


def _worded(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def leaf_words(leaf: Leaf, *, bare: bool = False) -> str:
    """Return a test in words; ``bare`` leaves out the input's name."""
    test: Test = leaf.test
    said = " and ".join(operator_words(name, value) for name, value in test.operators().items())
    return said if bare else f"{input_words(leaf.input)} {said}"


_STAT_WORDS = {"count": "number of", "faded": "number of", "days_since": "days since", "distinct_days": "days with", "age": "age of",
               "colleagues": "colleagues with"}  # fmt: skip
_MANY_TYPES = 4


def input_words(its: Any) -> str:
    """Return what a test reads in words: a field, or ``number of page_viewed where path starts with /pricing within 30d``."""
    if not isinstance(its, Measure):
        return str(its)
    types, tests = its.match.types, expr_words(its.match.where)
    names = " or ".join(types) if len(types) <= _MANY_TYPES else f"{len(types)} kinds of activity ({types[0]} and others)"
    within = f" within {format_duration(its.within_seconds)}" if its.within_seconds else ""
    fading = f", halving every {format_duration(its.half_life_seconds)}" if its.half_life_seconds else ""
    return f"{_STAT_WORDS[its.stat]} {names or 'any activity'}{f' where {tests}' if tests else ''}{within}{fading}"


def expr_words(expr: Expr, *, is_part: bool = False) -> str:
    """Return a condition in words, put together as it is: ``country is IT and not (title contains intern)``; empty for none."""
    if isinstance(expr, Leaf):
        said = leaf_words(expr)
        return f"({said})" if is_part and len(expr.test.operators()) > 1 else said
    if isinstance(expr, Never):
        return f"not ({expr_words(expr.part)})"
    parts = [expr_words(part, is_part=len(expr.parts) > 1) for part in expr.parts]
    said = (" and " if isinstance(expr, Every) else " or ").join(parts)
    return f"({said})" if is_part and len(parts) > 1 else said


def points_words(millipoints: int) -> str:
    """Return millipoints as signed points without needless zeros: ``+10`` or ``-2.5``."""
    text = f"{abs(millipoints) / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{'-' if millipoints < 0 else '+'}{text}"
