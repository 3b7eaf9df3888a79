"""Kind `inactivity`: points after a time of silence, and again every so often."""

import pytest

from tests.engine.rules.score import AS_OF, DAY, Row, at, did, millipoints

RULE = "kind: inactivity, after: 60d, points: -10, every: 30d"


@pytest.mark.parametrize(
    ("idle", "points"),
    [(60 * DAY - 1, 0), (60 * DAY, -10_000), (90 * DAY - 1, -10_000), (90 * DAY, -20_000), (180 * DAY, -50_000)],
)
def test_it_counts_whole_periods_from_after_on(idle: int, points: int) -> None:
    assert millipoints(RULE, activities=[did(idle)]) == points


def test_without_every_it_counts_once() -> None:
    assert millipoints("kind: inactivity, after: 60d, points: -10", activities=[did(900 * DAY)]) == -10_000


def test_the_cap_bounds_it() -> None:
    assert millipoints(f"{RULE}, at_most: 25", activities=[did(900 * DAY)]) == -25_000


def leads(created: int | None) -> list[Row]:
    return [{"lead_id": "L", "created_at": created}]


def test_the_creation_of_the_lead_counts_as_the_beginning() -> None:
    assert millipoints(RULE, leads=leads(at(60 * DAY))) == -10_000
    assert millipoints(RULE, leads=leads(at(10 * DAY)), activities=[did(100 * DAY)]) == 0
    assert millipoints(RULE, leads=leads(at(100 * DAY)), activities=[did(10 * DAY)]) == 0


def test_nobody_knows_how_long_gives_nothing() -> None:
    assert millipoints(RULE) == 0
    assert millipoints(RULE, leads=leads(AS_OF + 1)) is None  # not known yet: no row
    assert millipoints(RULE, leads=leads(AS_OF + 1), known_at=AS_OF + 1) == 0  # created in the future of as_of


def test_only_the_named_activities_break_the_silence() -> None:
    rule = "kind: inactivity, activities: [form_submitted], after: 60d, points: -10"
    assert millipoints(rule, activities=[did(100 * DAY, "form_submitted"), did(DAY)]) == -10_000
    assert millipoints("kind: inactivity, after: 60d, points: -10", activities=[did(100 * DAY), did(DAY, "email_clicked")]) == 0


def test_machines_and_late_arrivals_do_not_break_it() -> None:
    activities = [
        did(100 * DAY),
        did(50 * DAY, is_machine=True, machine_known=20 * DAY),
        did(30 * DAY, received=10 * DAY),
    ]
    rule = "kind: inactivity, after: 60d, points: -10"
    assert millipoints(rule, activities=activities) == 0
    assert millipoints(rule, activities=activities, known_at=at(10 * DAY) - 1) == -10_000
    assert millipoints(rule, activities=activities, known_at=at(20 * DAY) - 1) == 0


def test_points_may_be_given_for_rest() -> None:
    assert millipoints("kind: inactivity, after: 1d, points: 0.001, every: 1d", activities=[did(3 * DAY)]) == 3
