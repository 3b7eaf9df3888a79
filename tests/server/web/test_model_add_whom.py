"""Whom a model never rates, and whom it rates at all, is added in a form."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.web.test_model_add_rule import PART, newest
from tests.server.web.test_models import text_of
from tests.server.world import MODEL, make_live

RULE = "/models/small/rule?version=1"
FIRMS = {"field": "employees", "operator": "below", "value": "5"}


@pytest.fixture
def marta(tables: Any) -> Any:
    return signed_in(make_people()["marta"])


def kept(client: Any, about: str, given: dict[str, str], text: str = MODEL) -> list[str]:
    """Return the lines that are new in the draft that a form made."""
    make_live(text)
    said = text_of(read(client.post(f"{RULE}&about={about}", given, follow=True)))
    assert "small version 2 is kept as a draft" in said, said
    before = text.strip().splitlines()
    return [line for line in newest().text.strip().splitlines() if line not in before]


def test_who_a_condition_holds_of_is_left_out(marta: Any) -> None:
    assert kept(marta, "left_out", FIRMS) == ["exclude: [{id: employees, when: {field: employees, below: 5}}]"]


def test_who_is_on_a_list_is_left_out_by_the_name_that_was_given(marta: Any) -> None:

    text = f"{MODEL}exclude:\n  - {{id: rivals, list: competitors}}\n"
    given = {"field": "list:competitors", "called": "Rivals"}
    assert kept(marta, "left_out", given, text) == ["  - {id: rivals_2, list: competitors}"]


def test_several_conditions_and_a_field_that_is_not_declared(marta: Any) -> None:
    given = FIRMS | {"also.0": "country", "also_operator.0": "in", "also_value.0": "Italy, Romania", "called": "Small there"}
    found = kept(marta, "left_out", given)
    assert found[-1] == ("exclude: [{id: small_there, when: {all: [{field: employees, below: 5}, {field: country, in: [IT, RO]}]}}]")
    assert "country: string" in found[0]


def test_a_model_that_rates_everybody_rates_only_some(marta: Any) -> None:
    make_live()
    assert "Now it rates everybody" in read(marta.get(f"{RULE}&about=audience"))
    assert kept(marta, "audience", FIRMS | {"operator": "from"}) == ["audience: {field: employees, from: 5}"]


FEW = "{field: employees, below: 5}"
TITLED = "{field: job_title, known: true}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"audience: {TITLED}", f"audience: {{all: [{TITLED}, {FEW}]}}"),
        (f"audience: {{all: [{TITLED}]}}", f"audience: {{all: [{TITLED}, {FEW}]}}"),
        (f"audience:\n  all:\n    - {TITLED}  # agreed", f"    - {FEW}"),
        (f"audience: {{any: [{TITLED}]}}  # agreed", f"audience: {{all: [{{any: [{TITLED}]}}, {FEW}]}}  # agreed"),
    ],
)
def test_who_is_rated_already_has_to_be_more(marta: Any, before: str, after: str) -> None:
    assert kept(marta, "audience", FIRMS, f"{MODEL}{before}\n") == [after]


def test_an_audience_over_several_lines_is_set_in(marta: Any) -> None:
    found = kept(marta, "audience", FIRMS, f"{MODEL}audience:\n  not: {{field: job_title, known: false}}\n")
    assert found == ["  all:", "    - not: {field: job_title, known: false}", f"    - {FEW}"]


@pytest.mark.parametrize("about", ["left_out", "audience"])
def test_what_is_wrong_is_said_and_what_is_typed_is_not_lost(marta: Any, about: str) -> None:
    make_live()
    page = read(marta.post(f"{RULE}&about={about}", FIRMS | {"value": "few"}))
    assert "write a number" in text_of(page) and 'value="few"' in page and newest().number == 1
    begun = read(marta.post(f"{RULE}&about={about}", FIRMS | {"value": ""}, headers=PART))
    assert "1 fault" not in text_of(begun)
    told = text_of(read(marta.post(f"{RULE}&about={about}", FIRMS, headers=PART)))
    assert ("Who is left out" if about == "left_out" else "Who is scored") in told


def test_a_case_is_taken_out_and_those_below_move_up(marta: Any) -> None:
    make_live()
    given = {"field": "job_title", "do": "drop.0"}
    for number, word in enumerate(("chief", "head", "clerk")):
        given |= {f"operator.{number}": "any_word", f"value.{number}": word, f"points.{number}": str(number)}
    part = read(marta.post(f"{RULE}&about=field", given, headers=PART))
    assert 'value="chief"' not in part
    assert part.index('name="value.0" value="head"') < part.index('name="value.1" value="clerk"') and "value.2" not in part
    for odd in ("drop.", "drop.x", "drop.9"):
        assert 'value="clerk"' in read(marta.post(f"{RULE}&about=field", given | {"do": odd}, headers=PART))


def test_what_changes_is_told_in_words(marta: Any) -> None:
    make_live(f"{MODEL}audience: {TITLED}\n")
    told = text_of(read(marta.post(f"{RULE}&about=audience", FIRMS, headers=PART)))
    assert "only where job title is filled in → job title is filled in and employees is below 5" in told
    assert "the band can never hold for anybody in the audience size, band 1" in told
    told = text_of(read(marta.post(f"{RULE}&about=left_out", FIRMS | {"called": "Tiny"}, headers=PART)))
    assert "tiny employees is below 5" in told
