"""Exact arithmetic every engine shares (scoring.md §7): ages, rounding, fading, bounds."""

import ibis

from vaglio.terms import MICROSECONDS


def whole(number: int) -> ibis.Value:
    """Return a 64-bit integer literal."""
    return ibis.literal(number, "int64")


def divide_down(value: ibis.Value, divisor: int | ibis.Value) -> ibis.Value:
    """Return value ÷ divisor rounded down, for whole numbers not below 0.

    The remainder goes first, so the quotient is whole and engines with only floating division give it exactly.
    """
    return ((value - value % divisor) / divisor).round().cast("int64")


@ibis.udf.scalar.builtin(name="floor")  # type: ignore[untyped-decorator]
def rounded_down(value: float) -> float:  # type: ignore[empty-body]
    """Return a double rounded down, still a double: ibis's own ``floor`` makes an integer at once, which sums pay for dearly."""


def age_seconds(occurred_us: ibis.Value, as_of: ibis.Value) -> ibis.Value:
    """Return the age in whole seconds of an instant that is not after ``as_of``."""
    return divide_down(as_of - occurred_us, MICROSECONDS)


def age_double(occurred_us: ibis.Value, as_of: ibis.Value) -> ibis.Value:
    """Return the age in whole seconds as a double, which costs a tenth: exact below 285 years, where microseconds are (2^53)."""
    return rounded_down((as_of - occurred_us).cast("float64") / ibis.literal(float(MICROSECONDS), "float64"))


def period_start(instant: ibis.Value, length: int | ibis.Value, shift: int | ibis.Value) -> ibis.Value:
    """Return where the period of an instant starts, ``shift`` later than it is, so that no remainder is taken of less than 0."""
    shifted = instant + shift
    return shifted - shifted % length


def halved(magnitude: ibis.Value, age: ibis.Value, half_life: ibis.Value) -> ibis.Value:
    """Return millipoints after halving, rounded once; ``magnitude`` is not below 0."""
    return (magnitude.cast("float64") * halving(age, half_life) + 0.5).floor().cast("int64")


def halving(age: ibis.Value, half_life: ibis.Value) -> ibis.Value:
    """Return the share that is left after halving for an age, as a double."""
    left: ibis.Value = ibis.literal(2.0, "float64") ** (-(age.cast("float64") / half_life.cast("float64")))
    return left


def faded(magnitude: ibis.Value, age: ibis.Value, fade: ibis.Value) -> ibis.Value:
    """Return millipoints after fading evenly to 0 at ``fade``, half away from zero, in whole numbers only."""
    left = (fade - age).clip(lower=0)
    return divide_down(magnitude * left * 2 + fade, fade * 2)


def bounded(value: ibis.Value, cap: ibis.Value | int) -> ibis.Value:
    """Return a value whose absolute value is at most ``cap``, keeping its sign."""
    limit = whole(cap) if isinstance(cap, int) else cap
    return ibis.greatest(ibis.least(value, limit), -limit)
