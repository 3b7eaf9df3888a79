"""Instants as whole microseconds UTC, and the ISO 8601 texts people write for them."""

import re
from datetime import UTC, datetime

from vaglio.errors import DataError
from vaglio.terms import MICROSECONDS

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s?(Z|z|[+-]\d{2}(:?\d{2})?)?)?",
)
_WRITTEN = "write it as 2026-01-31 or 2026-01-31T09:30:00Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of which years instants are, written in four digits: what lies outside was read in a wrong unit or with a wrong format.
FIRST_US, LAST_US = -30_610_224_000_000_000, 253_402_300_799_999_999


def parse_instant(text: str) -> int:
    """Return an ISO 8601 date or instant as microseconds since 1970 UTC; without a zone it is UTC.

    Raises
    ------
    ValueError
        The text is no ISO 8601 date, or no calendar has that day, hour or zone.
    """
    if not _ISO.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a date; {_WRITTEN}")
    try:
        moment = datetime.fromisoformat(text.strip().replace("z", "Z").replace(" Z", "Z"))
        return to_microseconds((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):  # in UTC it may be a day of the year 0
        raise ValueError(f"{text!r} is not a date, as no calendar has that day, hour or zone; {_WRITTEN}") from None


def to_microseconds(moment: datetime) -> int:
    """Return an aware instant as microseconds since 1970 UTC, exactly."""
    difference = moment - _EPOCH
    return (difference.days * 86_400 + difference.seconds) * MICROSECONDS + difference.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """Return microseconds since 1970 as an aware instant in UTC.

    Raises
    ------
    DataError
        ``date_outside``: no calendar has it, as what lies a while before or after a day that is asked for.
    """
    seconds, rest = divmod(microseconds, MICROSECONDS)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    except (ValueError, OverflowError, OSError):
        said = f"that looks at a day {'before the year 1' if seconds < 0 else 'after the year 9999'}"
        raise DataError("date_outside", said, "name a day that lies nearer, or shorter spans of time") from None


def format_instant(microseconds: int) -> str:
    """Return microseconds since 1970 as ISO 8601 in UTC, without needless parts of a second."""
    return from_microseconds(microseconds).isoformat().replace("+00:00", "Z")
