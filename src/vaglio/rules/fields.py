"""Kind ``fields``: bands of conditions on the lead's and its account's fields; the first that holds counts."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vaglio.ask import Banded
from vaglio.condition import Condition, Expr, FieldName, condition_expr, leaves
from vaglio.quantities import Name
from vaglio.rule import Rule, Worth, expr_words, points_words


class FieldBand(Condition, Worth):
    """A condition and what it is worth; without ``award`` and ``points`` it is worth the whole rule."""


class Fields(Rule):
    """Points from explicit facts."""

    summary: ClassVar[str] = "first band whose condition on the lead's or its account's fields holds"

    kind: Literal["fields"]
    field: FieldName | None = None
    bands: tuple[FieldBand, ...] = Field(min_length=1)
    role: Name | None = Field(default=None, description="the buying role or persona this rule recognises")
    answer: Literal["budget", "authority", "need", "timeline"] | None = Field(default=None, description="BANT answer")

    @model_validator(mode="after")
    def _is_whole(self) -> "Fields":
        self.band_faults(self.bands)
        for band in self.bands:
            if not self.field and any(not str(leaf.input) for leaf in leaves(condition_expr(band))):
                raise ValueError("has a band with an operator but no field; add field: to the rule or to the band")
        return self

    def _cases(self) -> tuple[tuple[Expr, int], ...]:
        return tuple((condition_expr(band, self.field), self.band_millipoints(band)) for band in self.bands)

    def ask(self) -> Banded:
        """Ask for the first band that holds."""
        return Banded(self._cases())

    def sentence(self) -> str:
        """Return the bands in words."""
        parts = []
        for expr, millipoints in self._cases():
            parts.append(f"{points_words(millipoints)} when {expr_words(expr)}")
        return "; otherwise ".join(parts)

    def attainable(self) -> int:
        """Return the largest band."""
        return max(0, *(millipoints for _, millipoints in self._cases()))
