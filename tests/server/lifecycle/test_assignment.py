"""Who gets a lead: everybody an equal mix, by their weight, within their capacity, colleagues together; and always the same."""

from collections import Counter
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vaglio_server.lifecycle.logic.assignment import Arrival, Member, allocate, next_owner


def test_the_next_is_who_had_least_of_that_rating() -> None:
    members = [Member(1, had={"A1": 3, "B1": 0}), Member(2, had={"A1": 2, "B1": 9})]
    assert next_owner(members, "A1").user == 2  # type: ignore[union-attr]
    assert next_owner(members, "B1").user == 1  # type: ignore[union-attr]
    assert next_owner(members, "A2").user == 1  # type: ignore[union-attr]  # neither had one: who had less of everything
    assert next_owner([Member(1, last=7), Member(2, last=5)], "A1").user == 2  # type: ignore[union-attr]  # who waits for longest


def test_nobody_gets_more_than_they_can_do() -> None:
    assert next_owner([Member(1, capacity=2, open=2)], "A1") is None
    assert next_owner([Member(1, weight=0)], "A1") is None
    assert next_owner([], "A1") is None
    given = allocate([Arrival(n, "A1") for n in range(5)], [Member(1, capacity=1), Member(2, capacity=2)], {})
    assert Counter(each.owner for each in given) == {1: 1, 2: 2}


def test_weights_are_shares() -> None:
    given = allocate([Arrival(n, "A1") for n in range(90)], [Member(1, weight=2), Member(2, weight=1)], {})
    assert Counter(each.owner for each in given) == {1: 60, 2: 30}


def test_who_has_people_at_a_company_gets_its_leads() -> None:
    arrivals = [Arrival(1, "A1", 7), Arrival(2, "A1", 8), Arrival(3, "A1", 8), Arrival(4, "A1")]
    given = allocate(arrivals, [Member(1), Member(2, capacity=0)], {7: 2})
    assert [(each.arrival.lead, each.owner, each.is_colleague) for each in given] == [
        (1, 2, True),  # beyond their capacity: two sellers at one company are worse
        (2, 1, False), (3, 1, True), (4, 1, False),
    ]  # fmt: skip
    assert [each.owner for each in allocate(arrivals[:1], [Member(1)], {7: 9})] == [1]  # 9 is away


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # what is drawn is small: slow is only the machine
@given(
    ratings=st.lists(st.sampled_from(["A1", "A2", "B1"]), max_size=60),
    weights=st.lists(st.integers(1, 3), min_size=1, max_size=4),
)
def test_everybody_gets_an_equal_mix(ratings: list[str], weights: list[int]) -> None:
    members = [Member(n, weight) for n, weight in enumerate(weights)]
    given = allocate([Arrival(n, rating) for n, rating in enumerate(ratings)], members, {})
    assert len(given) == len(ratings)
    had = Counter((each.owner, each.arrival.rating) for each in given)
    for rating, (one, other) in product(set(ratings), product(range(len(weights)), repeat=2)):
        # Nobody is a whole lead per weight ahead of anybody else.
        assert had[one, rating] / weights[one] <= (had[other, rating] + 1) / weights[other]
    assert given == allocate([Arrival(n, rating) for n, rating in enumerate(ratings)], members, {})
