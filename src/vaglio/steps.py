"""Bands on a number that a rule counts or measures: ``at_least`` and ``within``."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from vaglio.ask import Measure
from vaglio.condition import Expr, Leaf, Test
from vaglio.quantities import Duration
from vaglio.rule import Rule, Worth, points_words
from vaglio.terms import format_duration


class CountBand(Worth):
    """From ``at_least`` on."""

    at_least: int = Field(ge=0, le=1_000_000_000, strict=True)


class AgeBand(Worth):
    """While the latest activity is younger than ``within``."""

    within: Duration


def counted_down(bands: Sequence[CountBand]) -> list[CountBand]:
    """Return count bands in the order in which they are asked."""
    return sorted(bands, key=lambda band: -band.at_least)


def count_cases(rule: Rule, bands: Sequence[CountBand], measure: Measure) -> tuple[tuple[Expr, int], ...]:
    """Return the cases of count bands, the largest ``at_least`` first."""
    ordered = counted_down(bands)
    return tuple((Leaf(measure, Test.model_construct(from_=Decimal(band.at_least))), rule.band_millipoints(band)) for band in ordered)


def youngest_first(bands: Sequence[AgeBand]) -> list[AgeBand]:
    """Return age bands in the order in which they are asked."""
    return sorted(bands, key=lambda band: band.within)


def age_cases(rule: Rule, bands: Sequence[AgeBand], measure: Measure) -> tuple[tuple[Expr, int], ...]:
    """Return the cases of age bands, the shortest first."""
    ordered = youngest_first(bands)
    return tuple((Leaf(measure, Test.model_construct(below=Decimal(band.within))), rule.band_millipoints(band)) for band in ordered)


def best_band(rule: Rule, bands: Sequence[Worth]) -> int:
    """Return the largest award of some bands [millipoints], never below 0."""
    return max(0, *(rule.band_millipoints(band) for band in bands))


def count_words(rule: Rule, bands: Sequence[CountBand]) -> str:
    """Return count bands in words: ``+20 from 4, +10 from 2``."""
    ordered = counted_down(bands)
    return ", ".join(f"{points_words(rule.band_millipoints(band))} from {band.at_least}" for band in ordered)


def age_words(rule: Rule, bands: Sequence[AgeBand]) -> str:
    """Return age bands in words: ``+20 within 7d, +10 within 30d``."""
    ordered = youngest_first(bands)
    return ", ".join(f"{points_words(rule.band_millipoints(band))} within {format_duration(band.within)}" for band in ordered)
