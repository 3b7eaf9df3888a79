"""The made people whose truth is known: there are more names, firms and towns among more of them, as in life."""

from collections import Counter
from random import Random

import pytest

from benchmarks.twins import leads, names, true_pairs
from benchmarks.twins.people import Town, slug
from benchmarks.twins.stock import Syllables, stock


def test_the_same_seed_gives_the_same_leads_with_the_same_truth() -> None:
    one, other = leads(500, 1), leads(500, 1)
    assert [each.fields for each in one] == [each.fields for each in other] and len(one) == 500
    pairs = list(true_pairs(one))
    assert pairs and all(one[low].person == one[high].person and low < high for low, high in pairs)


@pytest.mark.parametrize("draw", [names.first_names, names.last_names, names.towns])
def test_a_listed_name_has_its_share_and_the_tail_goes_on_where_the_list_ends(draw: object) -> None:
    found, random = draw("DE"), Random(1)  # type: ignore[operator]
    drawn = Counter(found.draw(random) for _each in range(60_000))
    listed = sum(drawn[name] for name in {*found.listed})
    assert listed / 60_000 == pytest.approx(found.upto[-1], abs=0.03)
    last = found.upto[-1] - found.upto[-2]
    tail = (1 - found.upto[-1]) * sum(1 / (found.flat + rank) for rank in range(found.ranks)) ** -1 / found.flat
    assert tail == pytest.approx(last, rel=0.2)


def test_surnames_grow_in_number_with_the_people() -> None:
    surnames, random = names.last_names("IT"), Random(2)
    few, many = (len({surnames.draw(random) for _each in range(count)}) for count in (5_000, 50_000))
    assert many > 4 * few


def test_words_of_syllables_are_told_apart() -> None:
    made = Syllables((["b", "d"], ["a", "o"], ["n", "r"]), ["s", "t"])
    assert made.size == 24 and len({made.word(rank) for rank in range(24)}) == 24
    assert stock(["x"], [0.5], made, 1_000).ranks == 24


def test_no_two_firms_of_a_town_have_one_name_and_no_two_one_domain() -> None:
    firms = Town(Random(3), 20_000).companies
    assert len({(each.country, each.city, slug(each.name)) for each in firms}) == len(firms) == len({each.domain for each in firms})
