"""Kind `velocity`: the latest activity that closes a run of `at_least` inside `within`, faded by its age."""

from tests.engine.rules.score import DAY, HOUR, at, did, millipoints

RULE = "kind: velocity, activities: [page_viewed, form_submitted], at_least: 3, within: 2d, points: 16, half_life: 7d"


def test_a_run_lies_strictly_inside_the_span() -> None:
    assert millipoints(RULE, activities=[did(0), did(DAY), did(2 * DAY - 0.000001)]) == 16_000
    assert millipoints(RULE, activities=[did(0), did(DAY), did(2 * DAY)]) == 0


def test_types_count_together() -> None:
    assert millipoints(RULE, activities=[did(0), did(0, "form_submitted"), did(0)]) == 16_000
    assert millipoints(RULE, activities=[did(0), did(0, "email_clicked"), did(0)]) == 0


def test_it_fades_by_the_age_of_the_activity_that_closes_the_latest_run() -> None:
    old = [did(age * DAY) for age in (14, 14.5, 15)]
    assert millipoints(RULE, activities=old) == 4_000  # closed 14 days ago: two half-lives
    assert millipoints(RULE, activities=[*old, did(7 * DAY)]) == 4_000  # a lone later one closes no run
    # four in a row: the fourth closes a run of its own, 13 days ago: 16 · 2^(-13/7) = 4.4164…
    assert millipoints(RULE, activities=[*old, did(13 * DAY)]) == 4_416


def test_at_most_age_ends_it() -> None:
    rule = "kind: velocity, activity: page_viewed, at_least: 2, within: 1h, points: 5, at_most_age: 7d"
    pair = [did(7 * DAY - 1), did(7 * DAY + 60)]
    assert millipoints(rule, activities=pair) == 5_000
    assert millipoints(rule, activities=[did(7 * DAY), did(7 * DAY + 60)]) == 0
    faded = rule.replace("at_most_age", "half_life: 1d, at_most_age")
    assert millipoints(faded, activities=[did(DAY), did(DAY)]) == 2_500


def test_ties_round_away_from_zero() -> None:
    rule = "kind: velocity, activity: page_viewed, at_least: 1, within: 1h, points: %s, half_life: 1d"
    assert millipoints(rule % "0.001", activities=[did(DAY)]) == 1
    assert millipoints(rule % "-0.005", activities=[did(DAY)]) == -3
    assert millipoints(rule % "-8", activities=[did(DAY), did(5 * DAY)]) == -4_000


def test_at_least_one_is_the_latest_activity() -> None:
    rule = "kind: velocity, activity: page_viewed, at_least: 1, within: 1h, points: 8, fade: 4d"
    assert millipoints(rule, activities=[did(DAY), did(3 * DAY)]) == 6_000


def test_late_and_machine_activities() -> None:
    activities = [
        did(3 * DAY),
        did(3 * DAY - HOUR, received=DAY),
        did(3 * DAY + HOUR, is_machine=True, machine_known=2 * DAY),
    ]
    rule = "kind: velocity, activity: page_viewed, at_least: 2, within: 1d, points: 5, at_most_age: 30d"
    assert millipoints(rule, activities=activities) == 5_000  # the late one and the first
    assert millipoints(rule, activities=activities, known_at=at(DAY) - 1) == 0  # one is late, one a machine's
    assert millipoints(rule, activities=activities, known_at=at(2 * DAY) - 1) == 5_000  # not yet marked


def test_where_is_asked_of_every_one() -> None:
    rule = "kind: velocity, activity: page_viewed, where: {path: {starts_with: /p}}, at_least: 2, within: 1d, points: 3, fade: 2d"
    assert millipoints(rule, activities=[did(0, path="/p/1"), did(0, path="/q")]) == 0
    assert millipoints(rule, activities=[did(0, path="/p/1"), did(0, path="/P")]) == 3_000
