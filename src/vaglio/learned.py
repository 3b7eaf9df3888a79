"""Inputs of learned rules: a field, or a measure of activities (scoring.md §6)."""

from typing import Any, Literal

from pydantic import Field, model_validator

from vaglio.ask import Measure
from vaglio.condition import SOME_OPERATOR, Expr, FieldName, Leaf, Test, field_input
from vaglio.quantities import Duration, Frozen
from vaglio.rule import Matching

STATS = ("count", "days_since", "distinct_days", "faded")


class Input(Matching):
    """``{field: name}``, or activities with one of ``count``, ``days_since``, ``distinct_days`` and ``faded``."""

    field: FieldName | None = None
    within: Duration | None = None
    count: Literal[True] | None = None
    days_since: Literal[True] | None = None
    distinct_days: Literal[True] | None = None
    faded: Duration | None = None

    @model_validator(mode="after")
    def _is_one_input(self) -> "Input":
        stats = [stat for stat in STATS if getattr(self, stat)]
        if self.field:
            if stats or self.types() or self.where or self.within:
                raise ValueError("mixes a field with activities; keep one")
            return self
        self.need_activity()
        if len(stats) != 1:
            raise ValueError("needs exactly one of count: true, days_since: true, distinct_days: true or faded: 14d")
        return self

    def source(self) -> Any:
        """Return the field or the measure."""
        if self.field:
            return field_input(self.field)
        stat: Any = next(stat for stat in STATS if getattr(self, stat))
        return Measure(self.match(), stat, self.within, self.faded)


class Split(Frozen):
    """One input cut into bands."""

    input: Input
    bands: tuple[Test, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _bands_have_operators(self) -> "Split":
        need_operators(self.bands)
        return self

    def exprs(self) -> tuple[Expr, ...]:
        """Return one expression per band."""
        source = self.input.source()
        return tuple(Leaf(source, band.alone()) for band in self.bands)


def need_operators(bands: tuple[Test, ...]) -> None:
    """Raise where a band holds no operator."""
    if any(not band.operators() for band in bands):
        raise ValueError(f"has a band that {SOME_OPERATOR}")
