"""Kind `bands`: a learned term over one field or one measure."""

import pytest

from tests.engine.rules.score import AS_OF, DAY, HOUR, at, did, millipoints

FIELD = (
    "kind: bands, input: {field: employees}, bands: [{below: 50, points: -0.412}, {from: 50, points: 1.034}, {known: false, points: 0.1}]"
)


def test_a_field_has_points_for_no_value_too() -> None:
    given = [millipoints(FIELD, leads=[{"lead_id": "L", "employees": number}]) for number in (49, 50, None)]
    assert given == [-412, 1_034, 100]


def test_no_band_no_points() -> None:
    rule = "kind: bands, input: {field: job_title}, bands: [{in: [CEO, cto], points: 2}]"
    assert [millipoints(rule, leads=[{"lead_id": "L", "job_title": text}]) for text in ("Ceo", "cfo", None)] == [
        2_000,
        0,
        0,
    ]


def test_a_count_without_activities_is_nothing_not_missing() -> None:
    rule = "kind: bands, input: {activity: page_viewed, within: 7d, count: true}, bands: [{below: 2, points: -1}, {from: 2, points: 3}]"
    assert millipoints(rule) == -1_000
    assert millipoints(rule, activities=[did(1), did(7 * DAY - 1)]) == 3_000
    assert millipoints(rule, activities=[did(1), did(7 * DAY)]) == -1_000


@pytest.mark.parametrize(("age", "points"), [(0, 1_000), (DAY - 0.000001, 1_000), (DAY, 2_000), (2 * DAY, 3_000)])
def test_days_since_are_whole_days(age: float, points: int) -> None:
    rule = (
        "kind: bands, input: {activity: page_viewed, days_since: true},"
        " bands: [{below: 1, points: 1}, {below: 2, points: 2}, {from: 2, points: 3}]"
    )
    assert millipoints(rule, activities=[did(age), did(30 * DAY)]) == points


def test_days_since_nothing_has_no_value() -> None:
    rule = "kind: bands, input: {activity: page_viewed, days_since: true}, bands: [{from: 0, points: 1}, {known: false, points: -2}]"
    assert millipoints(rule) == -2_000


def test_distinct_days_are_utc_days() -> None:
    rule = "kind: bands, input: {activity: page_viewed, distinct_days: true}, bands: [{from: 2, points: 5}]"
    assert millipoints(rule, activities=[did(0), did(0.000001)]) == 5_000
    assert millipoints(rule, activities=[did(1), did(HOUR)]) == 0


def test_a_faded_sum_is_compared_in_thousandths() -> None:
    rule = (
        "kind: bands, input: {activity: page_viewed, faded: 1d},"
        " bands: [{from: 1.75, points: 4}, {from: 1.5, points: 2}, {from: 0, points: 1}]"
    )
    assert millipoints(rule, activities=[did(0), did(DAY)]) == 2_000  # 1.000 + 0.500
    assert millipoints(rule, activities=[did(0), did(DAY), did(2 * DAY)]) == 4_000  # + 0.250
    assert millipoints(rule) == 1_000


def test_what_is_not_known_yet_is_not_measured() -> None:
    rule = "kind: bands, input: {activities: [page_viewed, email_clicked], count: true}, bands: [{from: 2, points: 1}]"
    activities = [did(5 * DAY), did(5 * DAY, "email_clicked", received=DAY)]
    assert millipoints(rule, activities=activities, known_at=AS_OF) == 1_000
    assert millipoints(rule, activities=activities, known_at=at(DAY) - 1) == 0
    marked = [did(5 * DAY), did(5 * DAY, is_machine=True, machine_known=DAY)]
    assert millipoints(rule, activities=marked) == 0
    assert millipoints(rule, activities=marked, known_at=at(DAY) - 1) == 1_000
