"""The small universe hypothesis draws from: few values, so that ties and boundaries are hit often.

A thing is decoded from its own short string of bytes (a tape): one draw each, so drawing is fast, and
shrinking works as usual, because fewer tapes mean fewer things and a byte of 0 means the simplest choice.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from tests.engine.oracle_text import SECOND, instant, seconds

T = TypeVar("T")
Row = dict[str, Any]

FIELDS = {
    "job_title": "string",
    "industry": "string",
    "employees": "integer",
    "revenue": "number",
    "opted_in": "boolean",
    "signed_at": "date",
}
ACCOUNT_FIELDS = {"sector": "string", "size": "integer", "is_public": "boolean", "founded_at": "date"}
ACTIVITIES: dict[str, dict[str, str]] = {
    "page_viewed": {
        "path": "string",
        "seconds": "integer",
        "ratio": "number",
        "returning": "boolean",
        "sent_at": "date",
    },
    "form_submitted": {"form": "string", "seconds": "integer"},
    "email_clicked": {},
    "webinar": {"path": "string", "seconds": "integer"},
}
ALL_FIELDS = FIELDS | {"account." + name: type_ for name, type_ in ACCOUNT_FIELDS.items()}
LISTS = ["targets", "competitors", "customers"]
LEAD_IDS = ["L01", "l1", "L2", "é3", "L10", "Z", "a", "ł", "L3", "L4", "L5", "L6"]

# Texts that differ in case, accents, ligatures and blanks; PLAIN_TEXTS sort after all that may mean no value.
PLAIN_TEXTS = ["vp", "włoch 2", "user_1", "zeta"]
HISTORY_TEXTS = ["vp", "VP of Sales", "Chief Técnico", "/pricing", "", "  ", " Select ", "Straße"]
TEXTS = [
    *["vp", "VP of Sales", "Chief Técnico", "CHIEF", "Straße", "STRASSE", "ﬁnance", "İstanbul", "/pricing"],
    *["/Pricing/eu", "Włoch 2", "user_1", " vp", "", "  ", "Select", " select ", "N/A", "e\u0301 ½ x²"],
]
NO_VALUES = [["Select"], ["select", "n/a"]]
TARGETS = {
    "equals": ["vp", "VP", "chief tecnico", "strasse", "Finance", "istanbul", "/pricing", "włoch 2", " vp"],
    "any_word": ["vp", "CHIEF", "técnico", "sales", "2", "user", "1", "strasse", "finance", "x2"],
    "contains": ["s", "/pri", "é", "ß", "r_1", "o", "p o", " "],
    "starts_with": ["/pricing", "ch", "V", "ﬁ", "i", " "],
    "ends_with": ["sales", "SSE", "eu", "o", "2"],
}
PATTERNS = ["vp|chief", "^/pricing", "s{2}", r"\bsales\b", "[0-9]+", "finance$", "(?i)VP", "^[^/]*$"]
NO_DOUBLE = 2**53 + 1  # the least whole number that doubles do not hold: theirs is 2^53
INTEGERS = [0, 1, 2, 5, 49, 50, 199, 200, -3, 5000, NO_DOUBLE - 1, NO_DOUBLE]
FLOATS = [0.5, 0.3, 0.30000000000000004, 0.1, 2.5, -1.5, 50.25]
CUTS = [0, 1, 2, 5, 50, 200, -3, NO_DOUBLE]
DECIMAL_CUTS = [Decimal("0.3"), Decimal("0.1"), Decimal("2.5"), 0, 1, Decimal("-1.5"), Decimal("0.5")]
DATES = ["2026-01-31", "2026-02-02T10:00:00Z", "2026-03-01"]

POINTS = [
    10,
    5,
    1,
    Decimal("0.001"),
    Decimal("0.5"),
    Decimal("2.345"),
    -3,
    Decimal("-1.125"),
    40,
    Decimal("33.333"),
]
WEIGHTS = [40, 30, 10, Decimal("12.5"), 100]
LIMITS = [5, 12, 1, Decimal("0.5"), 20, Decimal("1.125")]
AWARDS = ["100%", "50%", "70%", "33.3%", "12.5%", "0%"]
DURATIONS = ["7d", "1d", "30d", "4h", "2w", "1w", "90s", "30m", "1h", "60d", "3d", "1s"]

WIDE = ["30d", "7d", "60d", "2w", "1d", "30d", "4h", "60d"]

# A Monday in UTC, and instants a microsecond, half a second and half a day off it.
MONDAY = 1_772_409_600 * SECOND
AS_OF = [
    MONDAY,
    MONDAY + 1,
    MONDAY + 43_200 * SECOND,
    MONDAY - 1,
    MONDAY + 500_000,
    MONDAY + 100_000 * SECOND,
]
KNOWN_LATER = [0, 0, 86_400 * SECOND, -86_400 * SECOND, 1, -1, -7 * 86_400 * SECOND, 30 * 86_400 * SECOND]
SPANS = [
    0,
    *(seconds(text) for text in DURATIONS),
    2 * 86_400,
    14 * 86_400,
    90 * 86_400,
    8 * 3_600,
    -86_400,
    -3_600,
]
DELTAS = [0, 0, 0, 0, 1, -1, 1_000, -1_000, SECOND, -SECOND, 500_000, -500_000]
AROUND_KNOWN = [-86_400 * SECOND, 0, 1, -1, -30 * 86_400 * SECOND, 86_400 * SECOND, -3_600 * SECOND]


class Tape:
    """Choices read from bytes, one byte each; past the end, and at 0, the first and simplest."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def one(self, options: Sequence[T]) -> T:
        return options[self.byte() % len(options)]

    def chance(self, percent: int) -> bool:
        return self.byte() >= 256 - percent * 256 // 100

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """Between `least` and `most` different options, in drawn order."""
        left = list(options)
        number = least + self.byte() % (most - least + 1)
        return [left.pop(self.byte() % len(left)) for _ in range(min(number, len(left)))]


def moment(tape: Tape, as_of: int) -> int:
    """An instant whose age is a duration of the universe, or next to it; sometimes in the future."""
    return as_of - tape.one(SPANS) * SECOND + tape.one(DELTAS)


def date(tape: Tape, as_of: int) -> int:
    """A date: a moment, or a date that models name, or next to it."""
    if tape.chance(40):
        return instant(tape.one(DATES)) + tape.one(DELTAS)
    return moment(tape, as_of)


def value(tape: Tape, type_: str, as_of: int, texts: Sequence[str] = TEXTS) -> Any:
    """A typed value of a fact."""
    if type_ == "date":
        return date(tape, as_of)
    options: dict[str, Sequence[Any]] = {
        "string": texts,
        "integer": INTEGERS,
        "number": FLOATS,
        "boolean": [True, False],
    }
    return tape.one(options[type_])


def values(tape: Tape, types: dict[str, str], as_of: int, texts: Sequence[str] = TEXTS) -> Row:
    """Typed values by name; two in eight absent, one null."""
    found: Row = {}
    for name, type_ in types.items():
        fate = tape.byte() % 8
        if fate == 2:
            found[name] = None
        elif fate > 2:
            found[name] = value(tape, type_, as_of, texts)
    return found
