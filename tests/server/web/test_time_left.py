"""How long there is to answer, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

FRIDAY, SUNDAY, MONDAY = (datetime(2026, 11, day, tzinfo=UTC) for day in (27, 29, 30))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def left(due_at: datetime, now: datetime, seconds: float) -> str:
    """Return what is said of a promise with so much working time left."""
    from vaglio_server.lifecycle.queries import USUAL, Due
    from vaglio_server.web.time_left import left as said

    clock: Any = None
    with timezone.override("UTC"):
        return said(Due(clock, due_at, seconds, None, None, 3600, USUAL, (), now))


@pytest.mark.parametrize(
    ("due_at", "now", "seconds", "said"),
    [
        (MONDAY + 10 * HOUR, SUNDAY + 2 * HOUR, 3600, "1 working hour left"),
        (MONDAY + 11 * HOUR, SUNDAY + 2 * HOUR, 7200, "2 working hours left"),
        (MONDAY + 10 * HOUR + 5 * MINUTE, SUNDAY, 3900, "1:05 working hours left"),
        (MONDAY + 9 * HOUR + 20 * MINUTE, SUNDAY, 1200, "20 working minutes left"),
        (MONDAY + 11 * HOUR, MONDAY + 10 * HOUR, 3600, "1 h left"),
        (MONDAY + 10 * HOUR, MONDAY + 9 * HOUR + 58 * MINUTE, 120, "2 minutes left"),
        (MONDAY + 10 * HOUR, MONDAY + 10 * HOUR - MINUTE / 2, 30, "1 minute left"),
        (FRIDAY + 18 * HOUR - MINUTE, SUNDAY + 2 * HOUR, -30, "1 day 8 h late"),
        (FRIDAY + 18 * HOUR, SUNDAY + 18 * HOUR, -0.1, "2 days late"),
        (FRIDAY + 10 * HOUR, FRIDAY + 11 * HOUR + 5 * MINUTE, -3900, "1 h 5 min late"),
        (FRIDAY + 10 * HOUR, FRIDAY + 10 * HOUR + MINUTE / 6, -10, "1 minute late"),
    ],
)
def test_what_is_left_is_working_time_and_what_is_late_is_not(due_at: datetime, now: datetime, seconds: float, said: str) -> None:
    assert left(due_at, now, seconds) == said


def test_nothing_is_promised_to_who_has_no_clock() -> None:
    from vaglio_server.web.time_left import left as said

    assert said(None) == "no promise"
