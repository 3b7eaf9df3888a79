"""Places where pages of a list end, as cursors: any client may put one into an address as it comes, and one that was cut off is seen."""

import base64
import re
import zlib
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from vaglio.dates import from_microseconds, to_microseconds

Row = TypeVar("Row", bound=Model)
LONGEST = 16_000  # characters that are read
_CHECK = 4  # bytes before the text that say what it was


def cursor_of(place: str) -> str:
    """Return the cursor of a place."""
    text = place.encode()
    return base64.urlsafe_b64encode(zlib.crc32(text).to_bytes(_CHECK) + text).rstrip(b"=").decode()


def place_of(cursor: str) -> str:
    """Return the place that a cursor says.

    Raises
    ------
    ValueError
        It is none that a list gave, or a part of one.
    """
    try:
        said = base64.b64decode(cursor[:LONGEST] + "=" * (-len(cursor[:LONGEST]) % 4), altchars=b"-_", validate=True)
        if zlib.crc32(said[_CHECK:]).to_bytes(_CHECK) == said[:_CHECK]:
            return said[_CHECK:].decode()
    except ValueError:
        pass
    raise unknown()


def unknown() -> ValueError:
    """Return what a cursor is answered with that no list gave."""
    return ValueError("cursor is none that this list gave; take next_cursor of its last page as it is")


def cursor_of_instant(at: datetime, number: int) -> str:
    """Return the cursor after what has an instant and a number."""
    return cursor_of(f"{to_microseconds(at)}~{number}")


def page_by_instant(found: QuerySet[Row], field: str, *, cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
    """Return rows that are sorted by an instant and their number, newest first, from where a page ended; and the cursor after them, if any.

    Raises
    ------
    ValueError
        The cursor is none that such a list gave.
    """
    if cursor:
        at, last = instant_of(cursor)
        found = found.filter(**{f"{field}__lte": at}).filter(Q(**{f"{field}__lt": at}) | Q(pk__lt=last))
    rows = list(found[: limit + 1])
    return rows[:limit], cursor_of_instant(getattr(rows[limit - 1], field), rows[limit - 1].pk) if len(rows) > limit else None


def instant_of(cursor: str) -> tuple[datetime, int]:
    """Return the instant and the number that a cursor says.

    Raises
    ------
    ValueError
        It is none that such a list gave.
    """
    found = re.fullmatch(r"(-?[0-9]{1,17})~([0-9]{1,18})", place_of(cursor), re.ASCII)
    try:
        if found is not None:
            return from_microseconds(int(found[1])), int(found[2])
    except (ValueError, OverflowError, OSError):
        pass
    raise unknown()
