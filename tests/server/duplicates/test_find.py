"""What is found among made leads whose truth is known: how much of it is right, how much of what is there is found, and why it says so.

The seed is neither that of the weights nor that of the benchmark.
"""

from typing import Any

import pytest

from benchmarks.twins import leads, true_pairs
from vaglio_server.duplicates.engine import PROPOSED, Found, find

HELD_OUT = 7_001
COUNT = 12_000


def found_in(rows: list[dict[str, Any]], least: float = PROPOSED) -> list[Found]:
    batches = [list(enumerate(rows))[start : start + 5_000] for start in range(0, len(rows), 5_000)]
    return find(batches, lambda _share: None, least=least)


@pytest.fixture(scope="module")
def made() -> Any:
    everybody = leads(COUNT, HELD_OUT)
    return everybody, found_in([each.fields for each in everybody])


def test_what_is_proposed_is_right_and_what_is_there_is_found(made: Any) -> None:
    everybody, found = made
    truth, pairs = set(true_pairs(everybody)), {(each.lead, each.other) for each in found}
    right = len(pairs & truth)
    assert right / len(pairs) >= 0.98, f"precision {right / len(pairs):.4f}"
    assert right / len(truth) >= 0.9, f"recall {right / len(truth):.4f}"


def test_no_pair_is_found_twice_and_the_smaller_id_stands_first(made: Any) -> None:
    _everybody, found = made
    pairs = [(each.lead, each.other) for each in found]
    assert len(set(pairs)) == len(pairs) and all(lead < other for lead, other in pairs)
    assert all(PROPOSED <= each.probability <= 1 for each in found)


ANNA = {
    "first_name": "Anna",
    "last_name": "Țăranescu",
    "email": "anna.taranescu@vexor.ro",
    "company": "Vexor SRL",
    "mobile_phone": "+40 722 123 456",
}


def crowd(*changed: dict[str, Any]) -> list[Found]:
    """Look for duplicates among these and a thousand others."""
    others = [each.fields for each in leads(1_000, HELD_OUT + 1)]
    return [each for each in found_in([*changed, *others]) if each.lead < len(changed) and each.other < len(changed)]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "a.taranescu@gmail.com", "last_name": "Taranescu"}, {"last_name": "same", "phone": "mobile", "company": "same"}),
        ({"first_name": "Taranescu", "last_name": "ANNA", "email": "", "mobile_phone": "0722123456"}, {"last_name": "swapped"}),
        ({"last_name": "Țăranecsu", "email": "", "mobile_phone": ""}, {"last_name": "near", "first_name": "same", "company": "same"}),
        ({"email": "Anna.Taranescu+news@vexor.ro", "mobile_phone": "", "company": ""}, {"email": "same", "company": "domain"}),
        ({"name": "Anna Taranescu", "first_name": "", "last_name": "", "email": "", "mobile_phone": ""}, {"last_name": "same"}),
    ],
)  # fmt: skip
def test_two_records_of_one_person_are_found_with_why(changes: dict[str, Any], says: dict[str, str]) -> None:
    (found,) = crowd(ANNA, ANNA | changes)
    assert says.items() <= found.answers.items(), found.answers


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Mihai", "email": "mihai.taranescu@vexor.ro", "mobile_phone": "+40 733 000 111"},  # a family firm
        {"first_name": "Anna", "last_name": "Țăranescu jr.", "email": "anna.taranescu2@vexor.ro", "mobile_phone": "+40 733 000 111"},
        {"last_name": "Popescu", "email": "anna.popescu@vexor.ro", "mobile_phone": "+40 733 000 111"},  # a colleague
        {"last_name": "Popescu", "email": "anna.popescu@vexor.ro", "mobile_phone": "", "phone": "+40 722 123 456"},
    ],
)
def test_two_people_are_not_one(changes: dict[str, Any]) -> None:
    assert crowd(ANNA, ANNA | changes) == []


def test_an_address_that_several_read_says_nothing() -> None:
    ben = {"first_name": "Ben", "last_name": "Olafsson", "email": "info@vexor.ro", "company": "Vexor SRL"}
    assert crowd(ANNA | {"email": "info@vexor.ro", "mobile_phone": ""}, ben) == []


def test_nothing_and_nonsense_are_no_duplicates() -> None:
    nonsense = {"first_name": "\ud800\x00", "last_name": ["x"], "email": "@", "phone": 10**30, "company": {"a": 1}, "name": None}
    assert found_in([]) == [] and found_in([{}]) == [] and found_in([{}, {}]) == []
    found_in([nonsense, nonsense, ANNA])
