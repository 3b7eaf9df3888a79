"""Days and times as files have them: which number is the day and which the month, and what instant that is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from vaglio_server.tracking.logic.moments import moment

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
BY_VALUES, BY_USE, BY_HAND = "values", "use", "hand"
_SPELLED = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})(?:$|[\s,T]+(.*))", re.ASCII | re.DOTALL)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*([ap]\.?m\.?)?", re.ASCII | re.IGNORECASE)


@dataclass
class _Seen:
    """What the values of a column tell: a first or a second number that can be no month."""

    first: bool = False
    second: bool = False


@dataclass
class Orders:
    """Finds out, by all values of a file, in which order each column with days has day and month."""

    _seen: dict[int, _Seen] = field(default_factory=dict)

    def note(self, cells: Sequence[str]) -> None:
        """Look at a row."""
        for place, cell in enumerate(cells):
            if cell[:1].isdigit() and (spelled := _SPELLED.match(cell)):
                seen = self._seen.setdefault(place, _Seen())
                seen.first |= int(spelled[1]) > 12
                seen.second |= int(spelled[3]) > 12

    def found(self) -> dict[str, dict[str, Any]]:
        """Return, of each column with such days, the order and by what it was decided: where values do not tell, as Europe writes."""
        return {str(place): self._decided(seen) for place, seen in sorted(self._seen.items())}

    @staticmethod
    def _decided(seen: _Seen) -> dict[str, Any]:
        if seen.first != seen.second:
            return {"order": DAY_FIRST if seen.first else MONTH_FIRST, "by": BY_VALUES}
        return {"order": DAY_FIRST, "by": BY_USE, "is_mixed": seen.first and seen.second}


def day(text: str, order: str = DAY_FIRST) -> date | None:
    """Return the day that a text begins with; None where it is none."""
    found = instant(text, order)
    return found.date() if found else None


def instant(text: str, order: str = DAY_FIRST) -> datetime | None:
    """Return the instant that a text says, a day alone at its beginning, UTC where it names no zone; None where it says none."""
    text = text.strip()
    spelled = _SPELLED.match(text)
    if spelled is None:
        return moment(text.replace("/", "-", 2) if re.match(r"\d{4}/", text) else text)
    first, second = int(spelled[1]), int(spelled[3])
    months, days = (first, second) if order == MONTH_FIRST else (second, first)
    at = _time(spelled[5] or "")
    try:
        return datetime.combine(date(int(spelled[4]), months, days), at, UTC) if at is not None else None
    except ValueError:
        return None


def _time(text: str) -> time | None:
    if not text.strip():
        return time.min
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, half = int(found[1]), (found[4] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        return None
