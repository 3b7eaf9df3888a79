"""Points, shares and durations as a model document writes them, for pydantic: exact numbers in, short text out."""

import re
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema

from vaglio.dates import format_instant, parse_instant
from vaglio.terms import MAX_POINTS, RATINGS, format_duration, parse_duration

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s*%")


def short_name(text: str) -> str:
    """Return a name no longer than documents allow; of a longer one, its beginning and what tells it from others that begin alike."""
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 9]}_{sha256(text.encode()).hexdigest()[:8]}"


class Frozen(BaseModel):
    """A part of a document: unknown keys are faults, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False, serialize_by_alias=True)


def read_number(value: Any) -> Decimal:
    """Return an exact decimal; floats never reach this point, because the loader makes decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("is not a finite number")
    if not keeps_its_digits(number):
        raise ValueError("has more digits than a number with a fraction keeps; write at most 15")
    return number


def keeps_its_digits(number: Decimal) -> bool:
    """Return whether a number that is written down and read again is the same: :func:`plain_number` writes fractions as doubles."""
    return number == number.to_integral_value() or Decimal(repr(float(number))) == number


def read_points(value: Any) -> Decimal:
    """Return points with at most three decimal places, at most a million either way."""
    points = read_number(value)
    if abs(points) > MAX_POINTS:
        raise ValueError(f"is more than {MAX_POINTS:,} points")
    if points != points.quantize(Decimal("0.001")):
        raise ValueError("has more than three decimal places; a score is kept in thousandths of a point")
    return points


def read_share(value: Any) -> Decimal:
    """Return a share such as ``70%`` as an exact decimal between 0 and 1."""
    found = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or Decimal(found[1]) > 100:
        raise ValueError("is not a share; write a percentage such as 70%")
    return Decimal(found[1]) / 100


def read_duration(value: Any) -> int:
    """Return a duration such as ``14d`` in seconds."""
    if not isinstance(value, str):
        raise ValueError("is not a duration; write a whole number and a unit, such as 30m, 4h, 14d or 2w")
    return parse_duration(value)


def read_instant(value: Any) -> int:
    """Return an instant such as ``2026-01-31T09:30:00Z`` in microseconds since 1970 UTC."""
    if not isinstance(value, str):
        raise ValueError("is not an instant; write it as 2026-01-31T09:30:00Z")
    return parse_instant(value)


def read_words(value: str) -> str:
    """Return a text for people, which terminals and pages show as it is."""
    if any((sign < " " and sign not in "\t\n\r") or "\x7f" <= sign < "\xa0" for sign in value):
        raise ValueError("holds a control character; write it without")
    return value


def read_rating(value: Any) -> str:
    """Return one of the sixteen ratings."""
    if value not in RATINGS:
        raise ValueError("is not a rating; write a letter A to D and a digit 1 to 4, such as A1")
    return str(value)


def plain_number(value: Decimal) -> int | float:
    """Return a decimal as the number a YAML or JSON text shows; one with a fraction reads back exactly, or it was not read."""
    return int(value) if value == value.to_integral_value() else float(value)


def plain_share(value: Decimal) -> str:
    """Return a share as a percentage."""
    return f"{plain_number(value * 100)}%"


_NUMBER = PlainSerializer(plain_number)
Number = Annotated[Decimal, BeforeValidator(read_number), _NUMBER, WithJsonSchema({"type": "number"})]
Points = Annotated[
    Decimal, BeforeValidator(read_points), _NUMBER,
    WithJsonSchema({"type": "number", "minimum": -MAX_POINTS, "maximum": MAX_POINTS}),
]  # fmt: skip
Share = Annotated[
    Decimal, BeforeValidator(read_share), PlainSerializer(plain_share),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}(\.\d{1,4})?\s*%$", "examples": ["70%"]}),
]  # fmt: skip
Duration = Annotated[
    int, BeforeValidator(read_duration), PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,10}[smhdw]$", "examples": ["14d", "4h"]}),
]  # fmt: skip
Instant = Annotated[
    int, BeforeValidator(read_instant), PlainSerializer(format_instant),
    WithJsonSchema({"type": "string", "examples": ["2026-01-31T09:30:00Z"]}),
]  # fmt: skip
Rating = Annotated[str, BeforeValidator(read_rating), WithJsonSchema({"enum": list(RATINGS)})]
NAME, LONGEST_NAME = r"[A-Za-z_][A-Za-z0-9_]*", 100
Name = Annotated[str, StringConstraints(strict=True, pattern=f"^{NAME}$", max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000)]
Words = Annotated[str, AfterValidator(read_words)]
Title = Annotated[Text, AfterValidator(read_words)]
