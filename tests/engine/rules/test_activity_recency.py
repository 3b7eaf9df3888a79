"""Kind `activity_recency`: the band with the shortest `within` above the age of the latest activity."""

import pytest

from tests.engine.rules.score import DAY, at, did, millipoints

RULE = "kind: activity_recency, activity: page_viewed, bands: [{within: 30d, points: 5}, {within: 7d, points: 12.5}]"


@pytest.mark.parametrize(("age", "points"), [(0, 12_500), (7 * DAY - 1, 12_500), (7 * DAY, 5_000), (30 * DAY - 1, 5_000), (30 * DAY, 0)])
def test_an_age_of_exactly_within_is_in_the_next_band(age: int, points: int) -> None:
    assert millipoints(RULE, activities=[did(age)]) == points


def test_only_the_latest_counts() -> None:
    assert millipoints(RULE, activities=[did(20 * DAY), did(DAY), did(3 * DAY)]) == 12_500


def test_none_is_nothing() -> None:
    assert millipoints(RULE) == 0
    assert millipoints(RULE, activities=[did(1, "email_clicked"), did(-1), did(1, is_machine=True)]) == 0


def test_what_was_not_known_is_not_the_latest() -> None:
    activities = [did(10 * DAY), did(2 * DAY, received=DAY)]
    assert millipoints(RULE, activities=activities) == 12_500
    assert millipoints(RULE, activities=activities, known_at=at(DAY) - 1) == 5_000


def test_a_band_may_take_points() -> None:
    rule = "kind: activity_recency, activity: page_viewed, points: -4, bands: [{within: 1d, award: 25%}, {within: 2d}]"
    assert [millipoints(rule, activities=[did(age)]) for age in (0, DAY)] == [-1_000, -4_000]
