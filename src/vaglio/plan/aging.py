"""Dates that grow older: the instants at which a test of age changes its answer."""

import ibis

from vaglio.condition import Test
from vaglio.plan.arithmetic import whole
from vaglio.terms import MICROSECONDS

NEVER = 2**62  # an instant later than any [microseconds]


def date_event(value: ibis.Value, tests: tuple[Test, ...], as_of: ibis.Value) -> ibis.Value | None:
    """Return the next instant at which a date passes an age that a test asks about; None when none asks."""
    ages = {age for test in tests for age in (test.operators().get("older_than"), test.operators().get("newer_than")) if age is not None}
    if not ages:
        return None
    instants = [value + age * MICROSECONDS for age in sorted(ages)]
    return soonest([after(instant, as_of) for instant in instants])


def after(instant: ibis.Value, limit: ibis.Value) -> ibis.Value:
    """Return an instant later than a limit, else never."""
    return ibis.ifelse(instant > limit, instant, whole(NEVER))


def soonest(instants: list[ibis.Value]) -> ibis.Value:
    """Return the first of some instants; null is never."""
    return ibis.least(*[instant.fill_null(NEVER) for instant in instants], whole(NEVER))
