"""Instants as whole microseconds UTC, and the ISO 8601 texts people write for them."""

import re
from datetime import UTC, datetime

from vaglio.terms import MICROSECONDS

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s?(Z|z|[+-]\d{2}(:?\d{2})?)?)?",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of which years instants are, written in four digits: what lies outside was read in a wrong unit or with a wrong format.
FIRST_US, LAST_US = -30_610_224_000_000_000, 253_402_300_799_999_999


def parse_instant(text: str) -> int:
    """Return an ISO 8601 date or instant as microseconds since 1970 UTC; without a zone it is UTC.

    Raises
    ------
    ValueError
        The text is no ISO 8601 date.
    """
    if not _ISO.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a date; write it as 2026-01-31 or 2026-01-31T09:30:00Z")
    moment = datetime.fromisoformat(text.strip().replace("z", "Z").replace(" Z", "Z"))
    return to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def to_microseconds(moment: datetime) -> int:
    """Return an aware instant as microseconds since 1970 UTC, exactly."""
    difference = moment - _EPOCH
    return (difference.days * 86_400 + difference.seconds) * MICROSECONDS + difference.microseconds


def from_microseconds(microseconds: int) -> datetime:
    """Return microseconds since 1970 as an aware instant in UTC."""
    seconds, rest = divmod(microseconds, MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def format_instant(microseconds: int) -> str:
    """Return microseconds since 1970 as ISO 8601 in UTC, without needless parts of a second."""
    return from_microseconds(microseconds).isoformat().replace("+00:00", "Z")
