"""What engines do differently, as data: one :class:`Dialect` an engine, which the tests hold against the engine itself."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Trait:
    """One thing that an engine does in its own way: ``way`` is what comes of the question, ``sentence`` why no score hangs on it."""

    way: str
    sentence: str


@dataclass(frozen=True)
class Dialect:
    """The traits of one engine; the comment beside each is the question."""

    rounding: Trait  # round(2.5) of a double: even, away
    integer_division: Trait  # 7 / 2 of whole numbers: whole, double
    overflow: Trait  # the largest 64-bit integer and 1: fails, double
    sums: Trait  # the type of a sum of 64-bit integers
    decimals: Trait  # 0.1 + 0.2: decimal, double
    powers: Trait  # 2 to the -2000th as a double: zero, fails
    number_text: Trait  # 1e15 as text
    null_order: Trait  # where null comes in ORDER BY x: first, last
    text_order: Trait  # what texts are ordered by: bytes, collation
    case_folding: Trait  # lower('İ'), whose full form has two characters: one, two, none
    regular_expressions: Trait  # what matches a pattern: RE2, POSIX, Java, none
    time_zones: Trait  # the zone that instants are shown in: UTC, none

    def traits(self) -> dict[str, Trait]:
        """Return every trait by its name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


# What holds on every engine, whatever it would do by itself.
FOLDED = "Texts are folded in Python, once per distinct value."
MATCHED = "Patterns are matched in Python, by RE2, once per distinct value."
DIVIDED = "The remainder is taken off first, so the quotient is whole either way."
ROUNDED = "A score adds a half and rounds down, and never asks for this."
PLACED = "Nulls get a column of their own to be ordered by."
POINTS = "Points are whole thousandths; only what fades is a double, rounded one by one."
FADED = "What is left of any amount rounds to nothing long before."
STOPPED = "What overflows stops the run; no score wraps around."
