"""Who gets a lead: everybody an equal mix, by their weight, within their capacity, colleagues together; and always the same."""

from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vaglio_server.lifecycle.logic.assignment import Arrival, Firms, Given, Member, Pool, Route, allocate, next_owner


def among(arrivals: list[Arrival], members: Iterable[Member], firms: Firms | None = None, **pool: Any) -> list[Given]:
    return allocate(arrivals, {None: Pool(tuple(members), **pool)}, firms or Firms())


def chosen(*members: Member, rating: str = "A1", **pool: Any) -> int | None:
    found = next_owner(Pool(members, **pool), rating)
    return found.user if found else None


def test_the_next_is_who_had_least_of_that_rating() -> None:
    members = [Member(1, had={"A1": 3, "B1": 0}), Member(2, had={"A1": 2, "B1": 9})]
    assert chosen(*members, rating="A1") == 2
    assert chosen(*members, rating="B1") == 1
    assert chosen(*members, rating="A2") == 1  # neither had one: who had less of everything
    assert chosen(Member(1, last=7), Member(2, last=5)) == 2  # who waits for longest


def test_nobody_gets_more_than_they_can_do() -> None:
    assert chosen(Member(1, capacity=2, open=2)) is None
    assert chosen(Member(1, weight=0)) is None
    assert chosen() is None
    found = among([Arrival(n, "A1") for n in range(5)], [Member(1, capacity=1), Member(2, capacity=2)])
    assert Counter(each.owner for each in found) == {1: 1, 2: 2}


def test_weights_are_shares() -> None:
    found = among([Arrival(n, "A1") for n in range(90)], [Member(1, weight=2), Member(2, weight=1)])
    assert Counter(each.owner for each in found) == {1: 60, 2: 30}


def test_by_load_goes_to_who_has_the_least_to_do() -> None:
    members = [Member(1, open=3, weight=2), Member(2, open=2), Member(3, open=9)]
    found = among([Arrival(n, "A1") for n in range(4)], members, is_by_load=True)
    assert [each.owner for each in found] == [1, 1, 2, 1]  # with it 2, 2.5, 3 (who had none of these before) and 3 for their weight
    assert {each.why for each in found} == {"had the least to do"}


def test_who_is_at_work_goes_first() -> None:
    asleep, awake = Member(1, is_at_work=False), Member(2, had={"A1": 9})
    assert chosen(asleep, awake) == 1
    assert chosen(asleep, awake, is_at_work_first=True) == 2
    assert chosen(asleep, is_at_work_first=True) == 1  # nobody is at work: it must be somebody's still


def test_who_has_people_at_a_company_gets_its_leads() -> None:
    arrivals = [Arrival(1, "A1", 7), Arrival(2, "A1", 8), Arrival(3, "A1", 8), Arrival(4, "A1")]
    found = among(arrivals, [Member(1), Member(2, capacity=0)], Firms(known={7: 2}))
    colleague, turn = "has people there already", "was next for this rating"
    assert [(each.arrival.lead, each.owner, each.why) for each in found] == [
        (1, 2, colleague),  # beyond their capacity: two sellers at one company are worse
        (2, 1, turn), (3, 1, colleague), (4, 1, turn),
    ]  # fmt: skip
    assert [each.owner for each in among(arrivals[:1], [Member(1)], Firms(known={7: 9}))] == [1]  # 9 is away


def test_the_owner_of_a_company_goes_before_every_rule() -> None:
    pools = {None: Pool((Member(1), Member(2), Member(3))), 50: Pool((Member(1), Member(2)))}
    to_team = Route(rule=5, team=50)
    firms = Firms(owned={7: 3}, known={7: 1, 8: 3, 9: 2})
    found = allocate([Arrival(n, "A1", n, to_team) for n in (7, 8, 9)], pools, firms)
    assert [(each.owner, each.why) for each in found] == [
        (3, "owns the company"), (1, "was next for this rating"),  # 3 has people there, but a rule sends it to another team
        (2, "has people there already"),
    ]  # fmt: skip


def test_a_rule_names_somebody_or_a_team_or_nobody_can_take_it() -> None:
    pools = {None: Pool((Member(1), Member(2, capacity=0))), 50: Pool(()), 60: Pool((Member(1),))}
    route = {1: Route(user=2), 2: Route(user=9), 3: Route(team=50), 4: Route(team=60), 5: Route()}
    found = allocate([Arrival(lead, "A1", route=each) for lead, each in route.items()], pools, Firms())
    assert {each.arrival.lead: (each.owner, each.why) for each in found} == {
        1: (2, "is named by a rule"), 4: (1, "was next for this rating"), 5: (1, "was next for this rating")
    }  # fmt: skip


def test_who_let_it_run_out_does_not_get_it_again() -> None:
    firms = Firms(owned={7: 1}, known={7: 1})
    found = among([Arrival(1, "A1", 7, not_to=frozenset({1}))], [Member(1), Member(2)], firms)
    assert [each.owner for each in found] == [2]
    assert among([Arrival(1, "A1", 7, not_to=frozenset({1, 2}))], [Member(1), Member(2)], firms) == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # what is drawn is small: slow is only the machine
@given(
    ratings=st.lists(st.sampled_from(["A1", "A2", "B1"]), max_size=60),
    weights=st.lists(st.integers(1, 3), min_size=1, max_size=4),
)
def test_everybody_gets_an_equal_mix(ratings: list[str], weights: list[int]) -> None:
    members = [Member(n, weight) for n, weight in enumerate(weights)]
    found = among([Arrival(n, rating) for n, rating in enumerate(ratings)], members)
    assert len(found) == len(ratings)
    had = Counter((each.owner, each.arrival.rating) for each in found)
    for rating, (one, other) in product(set(ratings), product(range(len(weights)), repeat=2)):
        # Nobody is a whole lead per weight ahead of anybody else.
        assert had[one, rating] / weights[one] <= (had[other, rating] + 1) / weights[other]
    assert found == among([Arrival(n, rating) for n, rating in enumerate(ratings)], members)
