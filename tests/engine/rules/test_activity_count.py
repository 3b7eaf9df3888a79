"""Kind `activity_count`: the band with the largest `at_least` reached."""

from tests.engine.rules.score import DAY, at, did, millipoints

RULE = "kind: activity_count, activity: page_viewed, within: 30d, bands: [{at_least: 2, points: 10}, {at_least: 4, points: 20}]"


def test_the_largest_band_reached_counts_in_whatever_order() -> None:
    given = [millipoints(RULE, activities=[did(1)] * number) for number in (0, 1, 2, 3, 4, 9)]
    assert given == [0, 0, 10_000, 10_000, 20_000, 20_000]


def test_an_age_of_exactly_within_is_not_counted() -> None:
    assert millipoints(RULE, activities=[did(1), did(30 * DAY - 1)]) == 10_000
    assert millipoints(RULE, activities=[did(1), did(30 * DAY)]) == 0


def test_at_least_nothing_is_a_band_of_its_own() -> None:
    rule = "kind: activity_count, activity: page_viewed, points: 6, bands: [{at_least: 0, points: -3}, {at_least: 1, award: 50%}]"
    assert millipoints(rule) == -3_000
    assert millipoints(rule, activities=[did(1, "email_clicked")]) == -3_000
    assert millipoints(rule, activities=[did(1)]) == 3_000


def test_only_what_is_human_known_and_fits_where() -> None:
    rule = "kind: activity_count, activity: page_viewed, where: {not: {path: /x}}, bands: [{at_least: 2, points: 1}]"
    machine, late = did(1, path="/a", is_machine=True), did(2 * DAY, path="/b", received=DAY)
    activities = [did(3 * DAY, path="/a"), did(3 * DAY, path="/X"), machine, late]
    assert millipoints(rule, activities=activities) == 1_000
    assert millipoints(rule, activities=activities, known_at=at(DAY) - 1) == 0


def test_several_types_are_counted_together() -> None:
    rule = "kind: activity_count, activities: [page_viewed, email_clicked], bands: [{at_least: 2, points: 5}]"
    assert millipoints(rule, activities=[did(1), did(2, "email_clicked")]) == 5_000
