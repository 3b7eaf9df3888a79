"""Working time: literal cases of weekends, holidays, clocks that change, other time zones and pauses; and laws."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vaglio_server.lifecycle.logic.working_time import Calendar, NeverWorking, elapsed_seconds, ends_at, promised_seconds

NINE_TO_SIX = ((540, 780), (840, 1080))  # 9 to 13 and 14 to 18
OFFICE = (NINE_TO_SIX,) * 5 + ((), ())
NIGHT = (((0, 360),),) * 7  # midnight to 6
ALWAYS = (((0, 1440),),) * 7
ROME = Calendar("Europe/Rome", OFFICE, frozenset({date(2026, 12, 25)}))
NIGHT_SHIFT = Calendar("Europe/Rome", (((1320, 1800),),) * 5 + ((), ()))  # 22 to 6
HOUR, MINUTE = 3600, 60


def at(text: str, zone: str = "Europe/Rome") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        (ROME, at("2026-11-27 09:00"), at("2026-11-27 10:30"), 1.5),
        (ROME, at("2026-11-27 12:30"), at("2026-11-27 14:30"), 1),  # lunch is no working time
        (ROME, at("2026-11-27 17:00"), at("2026-11-30 10:00"), 2),  # Friday to Monday
        (ROME, at("2026-11-28 11:00"), at("2026-11-29 11:00"), 0),  # a weekend
        (ROME, at("2026-12-24 17:00"), at("2026-12-28 10:00"), 2),  # Christmas is a Friday
        (ROME, at("2026-11-27 06:00"), at("2026-11-27 22:00"), 8),
        (ROME, at("2026-11-27 10:00"), at("2026-11-27 09:00"), 0),  # backwards
        (ROME, at("2026-11-27 10:00", "America/New_York"), at("2026-11-27 12:00", "America/New_York"), 2),  # 16 to 18 in Rome
        (Calendar("America/New_York", OFFICE), at("2026-11-27 09:00"), at("2026-11-27 18:00"), 3),  # New York opens at 15 in Rome
        (Calendar("Europe/Rome", NIGHT), at("2026-03-28 22:00"), at("2026-03-29 08:00"), 5),  # clocks go forward at 2
        (Calendar("Europe/Rome", NIGHT), at("2026-10-24 22:00"), at("2026-10-25 08:00"), 7),  # and back at 3
        (Calendar("Europe/Rome", ALWAYS), at("2026-03-29 00:00"), at("2026-03-30 00:00"), 23),
        (Calendar("Europe/Rome", ALWAYS), at("2026-10-25 00:00"), at("2026-10-26 00:00"), 25),
        (
            Calendar("Europe/Rome", (((120, 150), (150, 180)),) * 7),
            at("2026-03-29 00:00"),
            at("2026-03-30 00:00"),
            0,
        ),  # that hour never was
        (Calendar("Europe/Rome", (((120, 180),),) * 7), at("2026-10-25 00:00"), at("2026-10-26 00:00"), 2),  # that hour was twice
        (NIGHT_SHIFT, at("2026-11-27 02:00"), at("2026-11-27 05:00"), 3),  # the shift of the day before
        (NIGHT_SHIFT, at("2026-11-27 23:00"), at("2026-11-28 07:00"), 7),
        (NIGHT_SHIFT, at("2026-11-28 21:00"), at("2026-11-28 23:00"), 0),  # nobody works in the night to Sunday
        (NIGHT_SHIFT, at("2026-11-28 05:00"), at("2026-11-30 22:30"), 1.5),
        (NIGHT_SHIFT, at("2026-03-27 22:00"), at("2026-03-28 06:00"), 8),
        (Calendar("Europe/Rome", (((1320, 1800),),) * 7), at("2026-03-28 22:00"), at("2026-03-29 12:00"), 7),  # clocks go forward
        (Calendar("Europe/Rome", (((1320, 1800),),) * 7), at("2026-10-24 22:00"), at("2026-10-25 12:00"), 9),  # and back
        (Calendar("Asia/Kathmandu", OFFICE), at("2026-11-27 03:15", "UTC"), at("2026-11-27 04:15", "UTC"), 1),  # 5:45 ahead
    ],
)
def test_so_much_is_worked_between(calendar: Calendar, start: datetime, end: datetime, hours: float) -> None:
    assert elapsed_seconds(calendar, start, end) == hours * HOUR


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "end"),
    [
        (ROME, at("2026-11-27 09:00"), HOUR, at("2026-11-27 10:00")),
        (ROME, at("2026-11-27 12:30"), HOUR, at("2026-11-27 14:30")),
        (ROME, at("2026-11-27 17:30"), HOUR, at("2026-11-30 09:30")),
        (NIGHT_SHIFT, at("2026-11-27 02:00"), HOUR, at("2026-11-27 03:00")),
        (NIGHT_SHIFT, at("2026-11-27 05:30"), HOUR, at("2026-11-27 22:30")),
        (NIGHT_SHIFT, at("2026-11-28 07:00"), 9 * HOUR, at("2026-12-01 23:00")),
        (ROME, at("2026-11-28 03:00"), HOUR, at("2026-11-30 10:00")),  # a form sent in the night of Saturday
        (ROME, at("2026-12-24 17:30"), 4 * HOUR, at("2026-12-28 12:30")),
        (ROME, at("2026-11-27 17:00"), HOUR, at("2026-11-27 18:00")),  # on the very minute of closing, not on Monday
        (ROME, at("2026-11-27 09:00"), 0, at("2026-11-27 09:00")),
        (Calendar("America/New_York", OFFICE), at("2026-11-27 09:00"), HOUR, at("2026-11-27 10:00", "America/New_York")),
        (Calendar("Europe/Rome", NIGHT), at("2026-03-29 00:00"), 3 * HOUR, at("2026-03-29 04:00")),
        (Calendar("Europe/Rome", NIGHT), at("2026-10-25 00:00"), 4 * HOUR, at("2026-10-25 03:00")),
        (Calendar("Europe/Rome", (((1320, 1800),),) * 7), at("2026-03-28 22:00"), 7 * HOUR, at("2026-03-29 06:00")),
        (Calendar("Europe/Rome", (((1320, 1800),),) * 7), at("2026-10-24 22:00"), 9 * HOUR, at("2026-10-25 06:00")),
    ],
)
def test_it_is_over_at(calendar: Calendar, start: datetime, seconds: int, end: datetime) -> None:
    assert ends_at(calendar, start, seconds) == end


def test_pauses_do_not_count_however_often() -> None:
    pauses = [
        (at("2026-11-27 10:00"), at("2026-11-27 11:00")),
        (at("2026-11-27 15:00"), at("2026-11-27 15:30")),
        (at("2026-11-27 10:30"), at("2026-11-27 11:30")),  # one that overlaps the first
        (at("2026-11-28 10:00"), at("2026-11-28 12:00")),  # on a Saturday: nothing to lose
    ]
    assert elapsed_seconds(ROME, at("2026-11-27 09:00"), at("2026-11-30 09:00"), pauses) == 6 * HOUR
    assert ends_at(ROME, at("2026-11-27 09:00"), 2 * HOUR, pauses) == at("2026-11-27 12:30")
    assert ends_at(ROME, at("2026-11-27 09:00"), 6 * HOUR, pauses) == at("2026-11-27 18:00")
    assert elapsed_seconds(ROME, at("2026-11-27 10:15"), at("2026-11-27 10:45"), pauses) == 0


def test_a_promised_day_is_a_working_day_and_a_week_a_working_week() -> None:
    day = 24 * HOUR
    assert promised_seconds(ROME, HOUR) == HOUR
    assert promised_seconds(ROME, day) == 8 * HOUR
    assert promised_seconds(ROME, 2 * day) == 16 * HOUR
    assert promised_seconds(ROME, 7 * day) == 40 * HOUR
    assert promised_seconds(ROME, 36 * HOUR) == 36 * HOUR
    start = at("2026-11-27 11:00")
    assert ends_at(ROME, start, promised_seconds(ROME, day)) == at("2026-11-30 11:00")


def test_it_rejects_a_calendar_that_never_works() -> None:
    with pytest.raises(NeverWorking, match="10 years after 2026-11-27"):
        ends_at(Calendar("Europe/Rome", ((),) * 7), at("2026-11-27 09:00"), 1)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
    seconds=st.integers(0, 400 * HOUR),
    pauses=st.lists(st.tuples(st.integers(0, 20 * 86_400), st.integers(0, 3 * 86_400)), max_size=4),
    calendar=st.sampled_from(
        [
            ROME,
            Calendar("Europe/Rome", NIGHT),
            Calendar("Europe/Rome", ALWAYS),
            Calendar("America/St_Johns", OFFICE),
            Calendar("UTC", OFFICE),
        ]
    ),
)
def test_what_is_promised_is_what_has_passed_when_it_is_over(
    start: datetime, seconds: int, pauses: list[tuple[int, int]], calendar: Calendar
) -> None:
    begun = start.replace(tzinfo=UTC)
    stops = [(begun + timedelta(seconds=low), begun + timedelta(seconds=low + long)) for low, long in pauses]
    end = ends_at(calendar, begun, seconds, stops)
    assert elapsed_seconds(calendar, begun, end, stops) == pytest.approx(seconds, abs=1e-3)
    middle = begun + (end - begun) / 3
    parts = elapsed_seconds(calendar, begun, middle, stops) + elapsed_seconds(calendar, middle, end, stops)
    assert parts == pytest.approx(seconds, abs=1e-3)
