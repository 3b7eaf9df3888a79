"""What was deleted because it was old, day by day."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from vaglio_server.crm.models import Erasure

NEWEST = 5_000  # transactions of which is told


@dataclass
class Day:
    """A day on which something was deleted: how many rows of which tables, and when the last of them went."""

    at: datetime
    rows: Counter[str] = field(default_factory=Counter)


def deleted_by_age() -> list[Day]:
    """Return the days (of UTC) on which something was deleted because it was old, the last first."""
    found: dict[date, Day] = {}
    for at, rows in Erasure.objects.filter(is_by_age=True).order_by("-at", "-id").values_list("at", "rows")[:NEWEST]:
        found.setdefault(at.date(), Day(at)).rows.update(rows)
    return list(found.values())
