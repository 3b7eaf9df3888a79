"""What came of the rows of a file, where not all is well: why rows were not taken, or not whole, and which name somebody again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vaglio_server.imports.logic.reasons import OTHERS
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries import rows_again

AGAIN = 200  # rows that are shown


@dataclass(frozen=True)
class Reason:
    """A reason, of how many rows it is one, and the first of their lines."""

    text: str
    rows: int
    lines: list[int]

    @property
    def more(self) -> int:
        """How many other lines there are."""
        return self.rows - len(self.lines)


@dataclass(frozen=True)
class Again:
    """Lines that name somebody whom an earlier one names."""

    first: int
    lines: list[int]


def reasons_of(each: Import, which: str) -> list[Reason]:
    """Return why rows were ``refused``, or taken ``partly``; what most rows have first. One that one row has stands there in full."""
    found = each.reasons.get(which, {}).items()
    told = [Reason(its["first"] if its["rows"] == 1 else kind if kind != OTHERS else _("other reasons"), its["rows"], its["lines"])
            for kind, its in found]  # fmt: skip
    return sorted(told, key=lambda reason: -reason.rows)


def again(pairs: Sequence[tuple[int, int]], rows: int) -> dict[str, Any]:
    """Return what a page says of the first of some rows that name somebody again: by the row that did so first."""
    lines: dict[int, list[int]] = {}
    for line, first in pairs[:AGAIN]:
        lines.setdefault(first, []).append(line)
    found = [Again(first, found) for first, found in lines.items()]
    return {"again": found, "again_count": rows, "again_shown": min(AGAIN, rows)}


def what_came(each: Import) -> dict[str, Any]:
    """Return what a page says of rows that were not simply taken."""
    pairs = rows_again(each, AGAIN) if each.rows_again else []
    return {"refused_for": reasons_of(each, "refused"), "partly_for": reasons_of(each, "partly"), **again(pairs, each.rows_again)}
