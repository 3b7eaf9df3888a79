"""Kind `bands_2d`: a learned term over a pair of inputs; the first band that holds of each."""

import pytest

from tests.engine.rules.score import DAY, Row, at, did, millipoints

RULE = """kind: bands_2d,
first: {input: {field: employees}, bands: [{below: 50}, {from: 50}, {known: false}]},
second: {input: {activity: page_viewed, within: 30d, count: true}, bands: [{below: 1}, {below: 3}, {from: 3}]},
points: [[-1, -0.5, 0], [0.25, 1.5, 2.125], [-2, 0.001, 3]]"""


@pytest.mark.parametrize(
    ("employees", "pages", "points"),
    [
        (49, 0, -1_000),
        (49, 3, 0),
        (50, 0, 250),
        (50, 1, 1_500),
        (50, 2, 1_500),
        (50, 3, 2_125),
        (None, 0, -2_000),
        (None, 2, 1),
    ],
)
def test_the_cell_of_both_bands(employees: int | None, pages: int, points: int) -> None:
    leads: list[Row] = [{"lead_id": "L", "employees": employees}]
    assert millipoints(RULE, leads=leads, activities=[did(1)] * pages) == points


def test_no_band_on_either_side_gives_nothing() -> None:
    rule = RULE.replace(", {known: false}]", "]").replace(", [-2, 0.001, 3]", "")
    assert millipoints(rule, activities=[did(1)]) == 0
    assert millipoints(rule, leads=[{"lead_id": "L", "employees": 50}], activities=[did(1)]) == 1_500


def test_the_first_band_of_each_side_decides_alone() -> None:
    rule = """kind: bands_2d, first: {input: {field: employees}, bands: [{from: 10}, {from: 100}]},
    second: {input: {field: job_title}, bands: [{any_word: sales}, {any_word: head}]}, points: [[0, 2], [4, 8]]"""
    lead: Row = {"lead_id": "L", "employees": 100, "job_title": "Head of Sales"}
    assert millipoints(rule, leads=[lead]) == 0  # cell (1, 1), though (2, 2) holds too


def test_an_age_of_exactly_within_is_not_counted() -> None:
    leads: list[Row] = [{"lead_id": "L", "employees": 50}]
    assert millipoints(RULE, leads=leads, activities=[did(30 * DAY - 1)]) == 1_500
    assert millipoints(RULE, leads=leads, activities=[did(30 * DAY)]) == 250


def test_late_and_machine_activities() -> None:
    leads: list[Row] = [{"lead_id": "L", "employees": 50}]
    late = [did(5 * DAY, received=DAY)]
    assert millipoints(RULE, leads=leads, activities=late) == 1_500
    assert millipoints(RULE, leads=leads, activities=late, known_at=at(DAY) - 1) == 250
    marked = [did(5 * DAY, is_machine=True, machine_known=DAY)]
    assert millipoints(RULE, leads=leads, activities=marked) == 250
    assert millipoints(RULE, leads=leads, activities=marked, known_at=at(DAY) - 1) == 1_500
