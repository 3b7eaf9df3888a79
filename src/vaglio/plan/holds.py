"""Whether a test holds of one value: the single meaning of every operator (scoring.md §7)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vaglio.condition import Test
from vaglio.dates import parse_instant
from vaglio.terms import MICROSECONDS
from vaglio.text import compile_pattern, fold, words

Predicate = Callable[[Any], bool]
AGES = ("older_than", "newer_than")  # the operators that ask how old a date is


class NoValue:
    """Which texts are no value: null, empty, blank, or one of the document's ``no_value`` texts."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.folded = frozenset(fold(text.strip()) for text in texts)

    def __call__(self, text: str | None) -> bool:
        """Return whether a text is no value."""
        if text is None:
            return True
        stripped = text.strip()
        return not stripped or fold(stripped) in self.folded


def text_test(test: Test) -> Predicate:
    """Return the predicate of a test over folded texts; None stands for no value."""
    return _joined(test, [_text_operator(name, value) for name, value in test.operators().items() if name != "known"])


@dataclass(frozen=True)
class NumberTest:
    """A test over exact numbers: it holds of a number when both of its parts do, that on the number and that on its age."""

    of_value: Predicate
    of_age: Predicate
    of_nothing: bool


def number_test(test: Test, scale: int = 1, *, double: bool = False) -> NumberTest:
    """Return a test over exact numbers (instants and ages in microseconds).

    ``scale`` is the units in one of the document's units: 1000 where the column holds thousandths.
    """
    number = number_reader(scale, double=double)
    operators = {name: value for name, value in test.operators().items() if name != "known"}
    of_value = _joined(test, [_number_operator(name, value, number) for name, value in operators.items() if name not in AGES])
    ages = [_age_operator(name, value) for name, value in operators.items() if name in AGES]
    return NumberTest(of_value, lambda age: all(part(age) for part in ages), test.known is False and not operators)


def number_reader(scale: int = 1, *, double: bool = False) -> Callable[[Any], Fraction]:
    """Return the function from a number as written to the number as stored."""

    def read(value: Any) -> Fraction:
        if isinstance(value, str):
            return Fraction(parse_instant(value))
        exact = float(value) if double else Decimal(value)
        return Fraction(exact) * scale

    return read


def _joined(test: Test, parts: list[Predicate]) -> Predicate:
    known = test.known
    if known is None and len(parts) == 1:
        (only,) = parts
        return lambda value: value is not None and only(value)

    def holds(value: Any) -> bool:
        if value is None:
            return known is False and not parts
        return known is not False and all(part(value) for part in parts)

    return holds


def _text_operator(name: str, value: Any) -> Predicate:
    if name == "matches":
        search = compile_pattern(value)
        return lambda text: search(text) is not None
    if name == "any_word":
        wanted = {fold(word) for word in value}
        return lambda text: not wanted.isdisjoint(words(text))
    if name == "equals":
        target = fold(value)
        return lambda text: bool(text == target)
    folded = tuple(fold(item) for item in value)
    if name == "in":
        return frozenset(folded).__contains__
    if name == "not_in":
        shut_out = frozenset(folded)
        return lambda text: text not in shut_out
    if name == "contains":
        return lambda text: any(item in text for item in folded)
    if name == "starts_with":
        return lambda text: text.startswith(folded)
    return lambda text: text.endswith(folded)


def _age_operator(name: str, value: int) -> Predicate:
    # floor(age / 1 s) >= d  ⇔  age >= d seconds
    limit = value * MICROSECONDS
    return (lambda age: bool(age >= limit)) if name == "older_than" else (lambda age: bool(age < limit))


def _number_operator(name: str, value: Any, number: Callable[[Any], Fraction]) -> Predicate:
    if name == "from":
        low = number(value)
        return lambda found: bool(found >= low)
    if name == "below":
        high = number(value)
        return lambda found: bool(found < high)
    targets = {number(item) for item in (value if isinstance(value, tuple) else (value,))}
    return (lambda found: found not in targets) if name == "not_in" else targets.__contains__
