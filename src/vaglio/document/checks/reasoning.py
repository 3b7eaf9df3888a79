"""What conditions exclude: whether one can hold at all, and whether others already cover it.

A condition becomes alternatives of single tests; an alternative is dropped once its tests contradict each other.
What is not understood counts as possible, so a doubt raised from here is always true.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from vaglio.ask import Measure
from vaglio.condition import Every, Expr, Leaf, Never, Some
from vaglio.dates import parse_instant
from vaglio.text import compile_pattern, fold, words

MOST_ALTERNATIVES = 500
MOST_PAIRS = 10_000  # that are looked at
_NEVER_EMPTY = ("count", "distinct_days", "faded", "colleagues")


class Literal(NamedTuple):
    """One operator on one input, or its denial."""

    input: Any
    operator: str
    value: Any
    holds: bool


Alternative = frozenset[Literal]


class _TooMany(Exception):
    pass


def possible(expr: Expr) -> bool:
    """Whether some value could make the expression hold."""
    return ways(expr) != set()


def ways(expr: Expr) -> "set[Alternative] | None":
    """Return the ways in which an expression can hold; None: they are too many to tell."""
    try:
        return _alternatives(expr, True)
    except _TooMany:
        return None


def together(one: "set[Alternative] | None", other: "set[Alternative] | None") -> bool:
    """Whether two expressions could hold at once, by the ways in which each can."""
    if one is None or other is None:
        return one != set() and other != set()
    if len(one) * len(other) > MOST_PAIRS:
        return True
    return any(not _contradicts(way | another) for way in one for another in other)


def covered(expr: Expr, earlier: Iterable[Expr]) -> bool:
    """Whether one of the earlier expressions holds wherever this one does."""
    denied = tuple(Never(other) for other in earlier)
    return bool(denied) and not possible(Every((expr, *denied)))


def _alternatives(expr: Expr, holds: bool) -> set[Alternative]:
    if isinstance(expr, Never):
        return _alternatives(expr.part, not holds)
    if isinstance(expr, Leaf):
        named = expr.test.operators().items()
        tests: list[set[Alternative]] = [{frozenset({Literal(expr.input, *item, holds)})} for item in named]
        return _joined(tests) if holds else set().union(*tests)
    parts = [_alternatives(part, holds) for part in expr.parts]
    if isinstance(expr, Some) == holds:
        return set().union(*parts)
    return _joined(parts)


def _joined(parts: list[set[Alternative]]) -> set[Alternative]:
    """Return the alternatives in which one of each part holds together."""
    found: set[Alternative] = {frozenset()}
    for part in parts:
        found = {one | other for one in found for other in part}
        found = {alternative for alternative in found if not _contradicts(alternative)}
        if len(found) > MOST_ALTERNATIVES:
            raise _TooMany
    return found


def _contradicts(alternative: Alternative) -> bool:
    inputs = {literal.input for literal in alternative}
    return any(_no_value_fits(source, [item for item in alternative if item.input == source]) for source in inputs)


def _no_value_fits(source: Any, tests: list[Literal]) -> bool:
    empty = any(item.operator == "known" and item.value != item.holds for item in tests)
    filled = any(item.operator == "known" and item.value == item.holds for item in tests)
    filled |= any(item.operator != "known" and item.holds for item in tests)
    filled |= isinstance(source, Measure) and source.stat in _NEVER_EMPTY
    if empty or not filled:
        return empty and filled
    tests = [item for item in tests if item.operator != "known"]
    values = _candidates(tests)
    if values is not None:
        return not any(all(_holds(item, value) == item.holds for item in tests) for value in values)
    return _interval_empty(source, tests) or _ages_empty(tests) or _texts_exclude(tests)


def _candidates(tests: list[Literal]) -> set[Any] | None:
    """Return the few values that are left, or nothing where any value could be."""
    found: set[Any] | None = None
    for item in tests:
        named = _values(item)
        if any(isinstance(value, bool) for value in named):
            named = named if item.operator != "not_in" and item.holds else {True, False}
        elif not item.holds or item.operator not in ("equals", "in"):
            continue
        found = named if found is None else found & named
    return found


def _values(item: Literal) -> set[Any]:
    if item.operator not in ("equals", "in", "not_in"):
        return set()
    listed = item.value if isinstance(item.value, tuple) else (item.value,)
    return {_plain(value) for value in listed}


def _plain(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def _items(item: Literal) -> list[str]:
    return [fold(value) for value in (item.value if isinstance(item.value, tuple) else (item.value,))]


def _holds(item: Literal, value: Any) -> bool:
    """Whether one operator holds for one folded value."""
    if item.operator in ("equals", "in", "not_in"):
        return (value in _values(item)) != (item.operator == "not_in")
    if item.operator in ("from", "below"):
        return bool((value >= _bound(item.value)) == (item.operator == "from"))
    if item.operator == "matches":
        return compile_pattern(item.value)(value) is not None
    tests = {"starts_with": value.startswith, "ends_with": value.endswith, "contains": value.__contains__,
             "any_word": words(value).__contains__}  # fmt: skip
    return any(tests[item.operator](text) for text in _items(item))


def _bound(value: Any) -> Any:
    return parse_instant(value) if isinstance(value, str) else Decimal(value)


def _interval_empty(source: Any, tests: list[Literal]) -> bool:
    lowest = [_bound(value) for value in _either(tests, "from", "below")]
    lowest += [Decimal(0)] if isinstance(source, Measure) else []
    highest = [_bound(value) for value in _either(tests, "below", "from")]
    return bool(lowest and highest) and max(lowest) >= min(highest)


def _ages_empty(tests: list[Literal]) -> bool:
    older = _either(tests, "older_than", "newer_than")
    newer = _either(tests, "newer_than", "older_than")
    return bool(older and newer) and max(older) >= min(newer)


def _either(tests: list[Literal], said: str, denied: str) -> list[Any]:
    """Return the bounds that one operator sets, or its opposite by not holding."""
    return [item.value for item in tests if item.operator == (said if item.holds else denied)]


def _texts_exclude(tests: list[Literal]) -> bool:
    true = [item for item in tests if item.holds]
    false = [item for item in tests if not item.holds]
    starts = [_items(item) for item in true if item.operator == "starts_with"]
    apart = any(not any(a.startswith(b) or b.startswith(a) for a in one for b in other) for one in starts for other in starts)
    return apart or any(_implies(one, other) for one in true for other in false)


def _implies(one: Literal, other: Literal) -> bool:
    """Whether a test that holds makes another hold."""
    if one.operator == other.operator == "not_in":
        return _values(one) >= _values(other)
    if one.operator == other.operator == "matches":
        return bool(one.value == other.value)
    reach: dict[tuple[str, str], Callable[[str, str], bool]] = {
        ("starts_with", "starts_with"): str.startswith,
        ("ends_with", "ends_with"): str.endswith,
        ("any_word", "any_word"): str.__eq__,
        ("any_word", "contains"): str.__contains__,
    }
    pair = (one.operator, other.operator)
    if other.operator == "contains" and one.operator in ("contains", "starts_with", "ends_with"):
        pair = ("any_word", "contains")
    test = reach.get(pair)
    return test is not None and all(any(test(text, wide) for wide in _items(other)) for text in _items(one))
