"""Who is judged at which instant, and what could be learned from until then."""

import pytest

from vaglio.errors import DataError
from vaglio.evaluation.parts import Known, at_instants, by_cohorts, by_folds, left_out, spaced
from vaglio.learning.examples import Labels
from vaglio.plan import Instants

DAY = 86_400_000_000


def day(number: int) -> int:
    return number * DAY


OUTCOMES = [("a", "won", day(15)), ("b", "won", day(45)), ("c", "lost", day(50)), ("b", "won", day(60)), ("e", "won", day(80))]
CREATED: dict[str, int | None] = {"a": day(1), "b": day(2), "c": day(3), "d": day(25), "e": day(70), "f": None}
KNOWN = Known(OUTCOMES, CREATED, "won")


def test_a_lead_is_judged_by_what_came_within_the_horizon() -> None:
    early, late = at_instants(KNOWN, spaced(day(40), 30 * DAY, 2), 20 * DAY, training=False)
    assert (early.name, late.name) == ("1970-01-11", "1970-02-10")
    assert early.judged.of == {"a": 1.0, "b": 0.0, "c": 0.0, "f": 0.0}  # d and e were not there yet
    assert late.judged.of == {"b": 1.0, "c": 0.0, "d": 0.0, "f": 0.0}  # a had come out well before
    assert left_out([early, late]) == {"created later, or without a date of creation": 1, "came out well before": 1}


def test_who_bought_was_accepted() -> None:
    outcomes = [("a", "won", day(15)), ("b", "accepted", day(16)), ("c", "lost", day(50))]
    (part,) = at_instants(Known(outcomes, CREATED, "accepted"), [day(10)], 20 * DAY, training=False)
    assert part.judged.of == {"a": 1.0, "b": 1.0, "c": 0.0, "f": 0.0}
    (won,) = at_instants(Known(outcomes, CREATED, "won"), [day(10)], 20 * DAY, training=False)
    assert won.judged.of == {"a": 1.0, "b": 0.0, "c": 0.0, "f": 0.0}


def test_what_is_learned_is_learned_from_before() -> None:
    (part,) = at_instants(KNOWN, [day(40)], 20 * DAY, training=True)
    assert part.training is not None
    assert part.training.at == Instants(day(20), day(20))
    # b came out well on day 45 and 60, which nobody knew on day 40; a had come out well before day 20.
    assert part.training.labels.of == {"b": 0.0, "c": 0.0, "f": 0.0}
    later = [("d", "won", day(41)), ("c", "won", day(59))]
    (again,) = at_instants(Known([*OUTCOMES, *later], CREATED, "won"), [day(40)], 20 * DAY, training=True)
    assert again.training == part.training


def test_an_instant_with_nothing_before_it_is_named() -> None:
    with pytest.raises(DataError, match="no outcome 'won' is known from before 1970-01-11"):
        at_instants(KNOWN, [day(10)], 5 * DAY, training=True)


def test_a_horizon_that_is_not_over_is_named() -> None:
    with pytest.raises(DataError, match="the horizon after 1970-03-12 is not over; choose an earlier --as-of or --until"):
        at_instants(KNOWN, [day(70)], 20 * DAY, training=False)


def test_undated_outcomes_are_judged_by_the_others() -> None:
    labels = Labels({f"l{n}": float(n % 3 == 0) for n in range(90)}, {})
    parts = by_folds(labels, Instants(0, 0), 5, 1)
    assert sorted(lead for part in parts for lead in part.judged.of) == sorted(labels.of)
    for part in parts:
        assert part.training is not None and not part.judged.of.keys() & part.training.labels.of.keys()
        assert len(part.judged.of) + len(part.training.labels.of) == 90
        assert sum(part.judged.of.values()) == 6


def test_cohorts_learn_from_those_whose_horizon_was_over() -> None:
    created: dict[str, int | None] = {f"l{n:02}": day(n) for n in range(90)}
    outcomes = [(f"l{n:02}", "won", day(n + 3)) for n in range(0, 90, 2)] + [("l00", "lost", day(200))]
    parts = by_cohorts(Known(outcomes, created, "won"), 2 * DAY, 10 * DAY, 2, training=True)
    assert [len(part.judged.of) for part in parts] == [30, 30]
    for part in parts:
        first = min(created[lead] or 0 for lead in part.judged.of)
        assert part.training is not None
        assert {lead for lead, born in created.items() if (born or 0) + 12 * DAY <= first} == set(part.training.labels.of)
