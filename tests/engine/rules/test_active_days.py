"""Kind `active_days`: the number of distinct UTC days with a matching activity."""

from tests.engine.rules.score import DAY, HOUR, at, did, millipoints

RULE = "kind: active_days, activity: page_viewed, bands: [{at_least: 2, points: 5}, {at_least: 3, points: 9}]"


def test_many_activities_of_a_day_are_one_day() -> None:
    assert millipoints(RULE, activities=[did(HOUR), did(2 * HOUR), did(23 * HOUR)]) == 0
    assert millipoints(RULE, activities=[did(HOUR), did(25 * HOUR)]) == 5_000
    assert millipoints(RULE, activities=[did(HOUR), did(25 * HOUR), did(26 * HOUR), did(49 * HOUR)]) == 9_000


def test_days_end_at_midnight_utc() -> None:
    # AS_OF is midnight: an activity at that instant belongs to Monday, one microsecond earlier to Sunday.
    assert millipoints(RULE, activities=[did(0), did(0.000001)]) == 5_000
    assert millipoints(RULE, activities=[did(DAY), did(0.000001)]) == 0  # both Sunday


def test_an_age_of_exactly_within_is_outside() -> None:
    rule = RULE.replace("bands", "within: 2d, bands")
    assert millipoints(rule, activities=[did(HOUR), did(2 * DAY - 1)]) == 5_000
    assert millipoints(rule, activities=[did(HOUR), did(2 * DAY)]) == 0


def test_unknown_and_machine_days_do_not_count() -> None:
    marked = did(7 * DAY, is_machine=True, machine_known=2 * DAY)
    activities = [did(5 * DAY), marked, did(9 * DAY, received=DAY)]
    assert millipoints(RULE, activities=activities) == 5_000  # the fifth day and the ninth
    assert millipoints(RULE, activities=activities, known_at=at(2 * DAY) - 1) == 5_000  # the fifth and the seventh
    assert millipoints(RULE, activities=activities, known_at=at(2 * DAY)) == 0


def test_points_may_be_taken() -> None:
    rule = "kind: active_days, activities: [page_viewed, email_clicked], points: -6, bands: [{at_least: 1, award: 50%}]"
    assert millipoints(rule, activities=[did(1, "email_clicked")]) == -3_000
