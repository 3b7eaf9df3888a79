"""Days and times as people write them, and which number is the month."""

from datetime import UTC, datetime

import pytest

from vaglio_server.imports.logic.days import Orders, day, instant


@pytest.mark.parametrize(
    ("text", "order", "says"),
    [
        ("03/04/2026", "dmy", datetime(2026, 4, 3, tzinfo=UTC)),
        ("03/04/2026", "mdy", datetime(2026, 3, 4, tzinfo=UTC)),
        ("3.4.2026 17:05", "dmy", datetime(2026, 4, 3, 17, 5, tzinfo=UTC)),
        ("3/4/2026, 5:05:09 PM", "mdy", datetime(2026, 3, 4, 17, 5, 9, tzinfo=UTC)),
        ("3/4/2026 12:05 am", "mdy", datetime(2026, 3, 4, 0, 5, tzinfo=UTC)),
        ("2026-04-03", "mdy", datetime(2026, 4, 3, tzinfo=UTC)),
        ("2026-04-03T17:05:00+02:00", "dmy", datetime(2026, 4, 3, 15, 5, tzinfo=UTC)),
        ("2026/04/03", "dmy", datetime(2026, 4, 3, tzinfo=UTC)),
        ("31/02/2026", "dmy", None),
        ("03/13/2026", "dmy", None),
        ("3/4/2026 25:00", "dmy", None),
        ("soon", "dmy", None),
        ("", "dmy", None),
    ],
)
def test_an_instant_is_read_in_its_order(text: str, order: str, says: datetime | None) -> None:
    assert instant(text, order) == says
    assert day(text, order) == (says.date() if says else None)


def decided(*values: str) -> object:
    orders = Orders()
    for value in values:
        orders.note(["anna", value])
    return orders.found()


def test_values_tell_the_order_where_one_number_is_no_month() -> None:
    assert decided("03/04/2026", "13/04/2026") == {"1": {"order": "dmy", "by": "values"}}
    assert decided("03/04/2026", "04/13/2026 10:00") == {"1": {"order": "mdy", "by": "values"}}


def test_where_values_do_not_tell_the_day_is_first() -> None:
    assert decided("03/04/2026", "") == {"1": {"order": "dmy", "by": "use", "is_mixed": False}}
    assert decided("13/04/2026", "04/13/2026") == {"1": {"order": "dmy", "by": "use", "is_mixed": True}}
    assert decided("2026-04-03", "192.168.10.2026") == {}
