"""When a rating changes if nothing happens, and what single activity would change it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vaglio.condition import Every, Expr, Leaf, Never, PropertyInput, Some, Test
from vaglio.document import ModelDocument
from vaglio.rule import Matching

DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365)  # looked at; between them a change is found to the day
MOST = 4  # changes
MOST_ACTS = 12
LEAST = 100  # thousandths of a point that are worth to be named


@dataclass(frozen=True)
class Change:
    """A rating that comes after some days."""

    days: int
    rating: str | None


def changes(now: str | None, at: Callable[[int], str | None]) -> list[Change]:
    """Return the next ratings and after how many whole days each comes, where ``at`` says the rating after so many days.

    A rating that comes and goes between two of the days looked at is not found.
    """
    found: list[Change] = []
    before, rating = 0, now
    for days in DAYS:
        after = at(days)
        while after != rating and len(found) < MOST:
            found.append(_first(before, days, rating, at))
            before, rating = found[-1].days, found[-1].rating
        if len(found) == MOST:
            break
        before = days
    return found


def _first(before: int, after: int, rating: str | None, at: Callable[[int], str | None]) -> Change:
    """Return the first day after ``before`` and until ``after`` on which the rating is another."""
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if at(middle) == rating else (before, middle)
    return Change(after, at(after))


@dataclass(frozen=True)
class Act:
    """An activity that a rule of the engagement reads, with properties it asks for."""

    activity_type: str
    properties: tuple[tuple[str, Any], ...] = ()


def acts(document: ModelDocument) -> list[Act]:
    """Return activities that rules ask for, each once; whether one gives anything, and what, is for the engine to say."""
    found: dict[Act, None] = {}
    for rule in document.engagement.rules:
        if isinstance(rule, Matching):
            match = rule.match()
            for name in match.types or tuple(document.inputs.activities):
                declared = document.inputs.activities.get(name, {})
                wanted = {key: value for key, value in dict(_fulfilled(match.where)).items() if key in declared}
                found[Act(name, tuple(sorted(wanted.items())))] = None
    return list(found)[:MOST_ACTS]


def _fulfilled(expr: Expr) -> Iterator[tuple[str, Any]]:
    """Yield values of properties with which a condition may hold."""
    if isinstance(expr, Leaf) and isinstance(expr.input, PropertyInput):
        value = _value(expr.test)
        if value is not None:
            yield expr.input.name, value
    elif isinstance(expr, Every):
        for part in expr.parts:
            yield from _fulfilled(part)
    elif isinstance(expr, Some) and expr.parts:
        yield from _fulfilled(expr.parts[0])
    elif isinstance(expr, Never):
        return


def _value(test: Test) -> Any:
    """Return a value for which a test holds, as far as that is easily said."""
    for name in ("equals", "from_"):
        if getattr(test, name) is not None:
            return getattr(test, name)
    for name in ("in_", "any_word", "contains", "starts_with", "ends_with"):
        if getattr(test, name):
            return getattr(test, name)[0]
    return None


@dataclass(frozen=True)
class Effect:
    """What one activity more would do: points by millipoints on the engagement, and the rating then."""

    act: Act
    millipoints: int
    rating: str | None


def best(found: Iterable[Effect], order: tuple[str, ...], now: str | None) -> list[Effect]:
    """Return what would help, that which leads to the best rating first; of equal ones that with the most points.

    What renews a fading half thousandth, as of a run that a rule counts already, helps nobody, unless the rating is another by it.
    """
    place = {rating: number for number, rating in enumerate(order)}
    helping = [each for each in found if each.millipoints > 0 and (each.millipoints >= LEAST or each.rating != now)]
    return sorted(helping, key=lambda each: (place.get(each.rating or "", len(order)), -each.millipoints, each.act.activity_type))
