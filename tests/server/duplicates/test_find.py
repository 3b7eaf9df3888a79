"""What is found among made leads whose truth is known: how much of it is right, how much of what is there is found, and why it says so.

The seed is neither that of the weights nor that of the benchmark.
"""

from typing import Any

import pytest

from benchmarks.twins import leads, true_pairs
from vaglio_server.duplicates.engine import PROPOSED, Found, find

HELD_OUT = 7_001
SEEDS = (7_001, 7_002, 7_003)  # taken together: of one of them a dozen pairs more or less would decide
COUNT = 8_000


def found_in(rows: list[dict[str, Any]], least: float = PROPOSED) -> list[Found]:
    batches = [list(enumerate(rows))[start : start + 5_000] for start in range(0, len(rows), 5_000)]
    return find(batches, lambda _share: None, least=least)


@pytest.fixture(scope="module")
def made() -> Any:
    drawn = [leads(COUNT, seed) for seed in SEEDS]
    return [(set(true_pairs(everybody)), found_in([each.fields for each in everybody])) for everybody in drawn]


def test_what_is_proposed_is_right_and_what_is_there_is_found(made: Any) -> None:
    right = sum(len({(each.lead, each.other) for each in found} & truth) for truth, found in made)
    proposed, there = sum(len(found) for _truth, found in made), sum(len(truth) for truth, _found in made)
    assert right / proposed >= 0.98, f"precision {right / proposed:.4f}"
    assert right / there >= 0.9, f"recall {right / there:.4f}"


def test_no_pair_is_found_twice_and_the_smaller_id_stands_first(made: Any) -> None:
    for _truth, found in made:
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
        {"first_name": "Radu", "last_name": "Popescu", "email": "radu.popescu@vexor.ro", "mobile_phone": "", "phone": "+40 722 123 456"},
    ],
)
def test_two_people_are_not_one(changes: dict[str, Any]) -> None:
    assert crowd(ANNA, ANNA | changes) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Mihai", "email": "mtaranescu@vexor.ro"},  # brothers, at the firm's number
        {"email": "ataranescu2@vexor.ro"},  # a namesake, whose address had to be numbered
        {"last_name": "Țăranescu jr.", "email": ""},
    ],
)
def test_that_a_name_is_rare_does_not_make_kin_one_person(changes: dict[str, Any]) -> None:
    here = {"phone": "+40 21 555 0000", "city": "Vâlcele", "country": "RO", "mobile_phone": "", "email": "ataranescu@vexor.ro"}
    assert crowd(ANNA | here, ANNA | here | changes) == []


PERSON = {"last_name": "Test", "email": "person1@company1.com", "company": "Company 1", "phone": "+39 02 1234567", "job_title": "CEO"}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"email": ""},
        {"email": "", "company": "Company 2 Ltd", "city": "Milano"},
        {"first_name": "Test", "last_name": "Person2", "email": "", "company": "Company 2"},
    ],
)
def test_another_number_in_a_name_is_another_name_and_another_firm(other: dict[str, Any]) -> None:
    changed = {"first_name": "Person2", "email": "person2@company2.com", "company": "Company 2"} | other
    assert crowd(PERSON | {"first_name": "Person1", "city": "Milano"}, PERSON | changed) == []


def test_an_address_that_several_read_says_nothing() -> None:
    ben = {"first_name": "Ben", "last_name": "Olafsson", "email": "info@vexor.ro", "company": "Vexor SRL"}
    assert crowd(ANNA | {"email": "info@vexor.ro", "mobile_phone": ""}, ben) == []


def test_nothing_and_nonsense_are_no_duplicates() -> None:
    nonsense = {"first_name": "\ud800\x00", "last_name": ["x"], "email": "@", "phone": 10**30, "company": {"a": 1}, "name": None}
    assert found_in([]) == [] and found_in([{}]) == [] and found_in([{}, {}]) == []
    found_in([nonsense, nonsense, ANNA])
