"""Chains: any number of conditions or sums put together two by two.

One after the other they would nest as deep as they are many, and a model of a thousand rules would be deeper than Python, ibis, DuckDB and
SQLite go.
"""

from collections.abc import Callable, Iterable
from operator import add, and_, or_

import ibis

Operator = Callable[[ibis.Value, ibis.Value], ibis.Value]


def chained(operator: Operator, parts: Iterable[ibis.Value]) -> ibis.Value:
    """Return at least one part, joined by an operator to which it is all the same where the parentheses are."""
    found = list(parts)
    while len(found) > 1:
        pairs = [operator(one, other) for one, other in zip(found[::2], found[1::2], strict=False)]
        found = [*pairs, found[-1]] if len(found) % 2 else pairs
    return found[0]


def every(parts: Iterable[ibis.Value]) -> ibis.Value:
    """Return whether every condition holds, as all of none do."""
    return chained(and_, [*parts] or [ibis.literal(True)])


def some(parts: Iterable[ibis.Value]) -> ibis.Value:
    """Return whether some condition holds, as none of none does."""
    return chained(or_, [*parts] or [ibis.literal(False)])


def total(parts: Iterable[ibis.Value]) -> ibis.Value:
    """Return the sum of at least one number, all of them whole: of other doubles each order has a sum of its own."""
    return chained(add, parts)
