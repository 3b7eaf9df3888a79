"""What rules can ask of the facts. A rule kind is a combination of these; the plan knows how to answer each."""

from dataclasses import dataclass
from typing import Literal

from vaglio.condition import ALWAYS, Expr


@dataclass(frozen=True, slots=True)
class Match:
    """Which activities count: their types (empty: every declared type) and what must hold of their properties."""

    types: tuple[str, ...] = ()
    where: Expr = ALWAYS


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about a lead, made from its matching activities.

    ``stat``: ``count``, ``days_since`` [whole days since the latest], ``age`` [seconds since the latest], ``distinct_days``,
    ``faded`` [thousandths, halving every ``half_life_seconds``] or ``colleagues`` [leads of the same account with one or more].
    ``within_seconds`` limits the age of the activities that count.
    """

    match: Match
    stat: Literal["count", "days_since", "age", "distinct_days", "faded", "colleagues"]
    within_seconds: int | None = None
    half_life_seconds: int | None = None

    def __str__(self) -> str:
        return f"{self.stat} of {', '.join(self.match.types) or 'any activity'}"


@dataclass(frozen=True, slots=True)
class Fading:
    """How points lose worth with age: halving, or linearly to 0, or not; nothing from ``at_most_age_seconds`` on."""

    half_life_seconds: int | None = None
    fade_seconds: int | None = None
    at_most_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Banded:
    """Points [millipoints] of the first case that holds, over fields and measures."""

    cases: tuple[tuple[Expr, int], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Points [millipoints] where the lead or its account is on a list."""

    list: str
    millipoints: int


@dataclass(frozen=True, slots=True)
class EachActivity:
    """Points [millipoints] of every matching activity, faded one by one, the largest of each period kept.

    ``once_per`` is a period's name, or a property's name when ``once_per_property`` is set.
    """

    match: Match
    millipoints: int
    fading: Fading
    once_per: str | None = None
    once_per_property: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The instant that closes the latest run of ``at_least`` matching activities inside ``within_seconds``."""

    match: Match
    at_least: int
    within_seconds: int


@dataclass(frozen=True, slots=True)
class Follow:
    """The instant of the latest ``then`` activity that follows a ``first`` one inside ``within_seconds``."""

    first: Match
    then: Match
    within_seconds: int


@dataclass(frozen=True, slots=True)
class Moment:
    """Points [millipoints] faded by the age of one instant."""

    at: Run | Follow
    millipoints: int
    fading: Fading


@dataclass(frozen=True, slots=True)
class Idle:
    """Points [millipoints] after ``after_seconds`` of silence, and again every ``every_seconds``."""

    match: Match
    millipoints: int
    after_seconds: int
    every_seconds: int | None = None


Ask = Banded | Listed | EachActivity | Moment | Idle
