"""Kind `sequence`: the latest `then` that follows a `first` inside `within`, faded by its age."""

from tests.engine.rules.score import DAY, HOUR, at, did, millipoints

RULE = "kind: sequence, first: {activity: page_viewed}, then: {activity: form_submitted}, within: 1d, points: 8"
FORM = "form_submitted"


def test_then_is_strictly_later_and_strictly_inside() -> None:
    assert millipoints(RULE, activities=[did(DAY), did(1, FORM)]) == 8_000
    assert millipoints(RULE, activities=[did(DAY), did(0.000001, FORM)]) == 8_000
    assert millipoints(RULE, activities=[did(DAY), did(0, FORM)]) == 0  # exactly a day later
    assert millipoints(RULE, activities=[did(HOUR), did(HOUR, FORM)]) == 0  # at once
    assert millipoints(RULE, activities=[did(HOUR), did(2 * HOUR, FORM)]) == 0  # the other way round


def test_the_latest_then_counts_once() -> None:
    rule = f"{RULE}, half_life: 7d"
    activities = [did(30 * DAY + 1), did(30 * DAY, FORM), did(7 * DAY + 1), did(7 * DAY, FORM), did(DAY, FORM)]
    assert millipoints(rule, activities=activities) == 4_000  # the form of yesterday follows no page inside a day


def test_at_most_age_ends_it() -> None:
    rule = f"{RULE}, at_most_age: 7d"
    assert millipoints(rule, activities=[did(7 * DAY), did(7 * DAY - 1, FORM)]) == 8_000
    assert millipoints(rule, activities=[did(7 * DAY + 1), did(7 * DAY, FORM)]) == 0


def test_fade_and_ties() -> None:
    assert millipoints(f"{RULE}, fade: 4d", activities=[did(DAY + 1), did(DAY, FORM)]) == 6_000
    tie = RULE.replace("points: 8", "points: -0.001, half_life: 1d")
    assert millipoints(tie, activities=[did(DAY + 1), did(DAY, FORM)]) == -1


def test_an_activity_may_be_both() -> None:
    rule = "kind: sequence, first: {activity: page_viewed}, then: {activity: page_viewed}, within: 1h, points: 2"
    assert millipoints(rule, activities=[did(60)]) == 0  # it does not follow itself
    assert millipoints(rule, activities=[did(60), did(120)]) == 2_000


def test_where_of_each_step() -> None:
    rule = (
        "kind: sequence, first: {activity: page_viewed, where: {path: {starts_with: /customers}}}, "
        "then: {activity: page_viewed, where: {path: /pricing}}, within: 1d, points: 5"
    )
    assert millipoints(rule, activities=[did(HOUR, path="/customers/1"), did(1, path="/Pricing")]) == 5_000
    assert millipoints(rule, activities=[did(HOUR, path="/blog"), did(1, path="/pricing")]) == 0


def test_each_step_is_known_and_human() -> None:
    late = [did(5 * DAY, received=DAY), did(5 * DAY - HOUR, FORM)]
    assert millipoints(RULE, activities=late) == 8_000
    assert millipoints(RULE, activities=late, known_at=at(DAY) - 1) == 0
    marked = [did(5 * DAY), did(5 * DAY - HOUR, FORM, is_machine=True, machine_known=DAY)]
    assert millipoints(RULE, activities=marked) == 0
    assert millipoints(RULE, activities=marked, known_at=at(DAY) - 1) == 8_000
