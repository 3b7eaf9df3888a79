"""What the values of a column could be of, found out by all of them: what a new field of it would be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vaglio_server.imports.logic.days import day
from vaglio_server.imports.logic.people import is_yes_or_no

MOST_VALUES = 50  # of a column that could be a choice, each as long as a choice may be
LONGEST = 100
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})")  # not 00123, which is a code, and no telephone number
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,2}([.,\s'’\u00a0]\d{3})+|[1-9]\d*)([.,]\d+)?")
_STARTS = re.compile(r"\d{1,4}[/.\-]\d")


def _is_day(text: str) -> bool:
    return bool(_STARTS.match(text)) and any(day(text, order) for order in ("dmy", "mdy"))


_FITS = {
    "boolean": is_yes_or_no,
    "integer": lambda text: bool(_WHOLE.fullmatch(text)),
    "number": lambda text: bool(_NUMBER.fullmatch(text)),
    "date": _is_day,
}


@dataclass
class _Column:
    fits: list[str] = field(default_factory=lambda: list(_FITS))
    values: dict[str, None] | None = field(default_factory=dict)

    def note(self, text: str) -> None:
        if self.values is not None:
            if text in self.values:
                return
            self.values[text] = None
            if len(self.values) > MOST_VALUES or len(text) > LONGEST:
                self.values = None
        self.fits = [kind for kind in self.fits if _FITS[kind](text)]

    @property
    def is_open(self) -> bool:
        return bool(self.fits) or self.values is not None


@dataclass
class Kinds:
    """Finds out, by all values of a file, what each column could be."""

    _columns: dict[int, _Column] = field(default_factory=dict)
    _open: dict[int, _Column] | None = None

    def note(self, cells: Sequence[str]) -> None:
        """Look at a row."""
        if self._open is None:
            self._columns = {place: _Column() for place in range(len(cells))}
            self._open = dict(self._columns)
        for place, column in list(self._open.items()):
            if place < len(cells) and (text := cells[place].strip()):
                column.note(text)
                if not column.is_open:
                    del self._open[place]

    def found(self) -> dict[str, dict[str, Any]]:
        """Return, of each column with values, the likeliest kind of a field of it, and its values where they are few."""
        return {
            str(place): {"guess": next(iter(column.fits), "string"), "values": list(column.values or ())}
            for place, column in self._columns.items() if column.values != {}
        }  # fmt: skip
