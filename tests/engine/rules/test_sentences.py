"""A rule says in words what it asks, put together as it is: what is excluded is not said to be asked for."""

from typing import Any

import pytest

from vaglio.rules.activity import Activity
from vaglio.rules.fields import Fields

IT, BOSS = {"field": "country", "in": ["IT"]}, {"field": "title", "any_word": ["ceo"]}


@pytest.mark.parametrize(
    ("band", "said"),
    [
        (IT, "country is one of IT"),
        ({"all": [IT, BOSS]}, "country is one of IT and title has the word ceo"),
        ({"any": [IT, BOSS]}, "country is one of IT or title has the word ceo"),
        ({"not": IT}, "not (country is one of IT)"),
        ({"not": {"any": [IT, BOSS]}}, "not (country is one of IT or title has the word ceo)"),
        ({"all": [BOSS, {"any": [IT, {"field": "employees", "from": 10, "below": 50}]}]},
         "title has the word ceo and (country is one of IT or (employees is at least 10 and is below 50))"),
    ],
)  # fmt: skip
def test_conditions_are_said_as_they_are_put_together(band: dict[str, Any], said: str) -> None:
    rule = Fields.model_validate({"id": "who", "kind": "fields", "points": 10, "bands": [band | {"award": "100%"}]})
    assert rule.sentence() == f"+10 when {said}"


def test_activities_that_do_not_count_are_said_not_to() -> None:
    where = {"not": {"content_type": {"in": ["datasheet", "case_study"]}}}
    rule = Activity.model_validate({"id": "other", "kind": "activity", "activity": "content_downloaded", "where": where, "points": 3})
    assert rule.sentence() == "+3 for each content_downloaded where not (content_type is one of datasheet, case_study)"
