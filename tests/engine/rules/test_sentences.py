"""A rule says in words what it asks, put together as it is: what is excluded is not said to be asked for."""

from typing import Any

import pytest

from vaglio.rules.activity import Activity
from vaglio.rules.fields import Fields

IT, BOSS = {"field": "country", "in": ["IT"]}, {"field": "title", "any_word": ["ceo"]}


@pytest.mark.parametrize(
    ("band", "said"),
    [
        (IT, "country is IT"),
        ({"all": [IT, BOSS]}, "country is IT and title has the word ceo"),
        ({"any": [IT, BOSS]}, "country is IT or title has the word ceo"),
        ({"not": IT}, "not (country is IT)"),
        ({"not": {"any": [IT, BOSS]}}, "not (country is IT or title has the word ceo)"),
        ({"all": [BOSS, {"any": [IT, {"field": "employees", "from": 10, "below": 50}]}]},
         "title has the word ceo and (country is IT or (employees is at least 10 and is below 50))"),
    ],
)  # fmt: skip
def test_conditions_are_said_as_they_are_put_together(band: dict[str, Any], said: str) -> None:
    rule = Fields.model_validate({"id": "who", "kind": "fields", "points": 10, "bands": [band | {"award": "100%"}]})
    assert rule.sentence() == f"+10 when {said}"


def test_activities_that_do_not_count_are_said_not_to() -> None:
    where = {"not": {"content_type": {"in": ["datasheet", "case_study"]}}}
    rule = Activity.model_validate({"id": "other", "kind": "activity", "activity": "content_downloaded", "where": where, "points": 3})
    assert rule.sentence() == "+3 for each content_downloaded where not (content_type is one of datasheet, case_study)"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "input: {field: sector}, bands: [{in: [retail], points: 0}, {in: [software], points: 4}, {in: [bank, fund], points: 2},"
            " {known: false, points: 0}]",
            "sector: +4 when it is software; +2 when it is one of bank, fund; otherwise nothing",
        ),
        (
            "input: {field: sector}, bands: [{in: [retail], points: 0}, {in: [bank], points: 2}, {known: true, points: -1}]",
            "sector: nothing when it is retail; +2 when it is bank; -1 when it has any other value",
        ),
        ("input: {field: size}, bands: [{below: 5, points: 0}, {from: 5, points: 3}]", "size: +3 when it is at least 5; otherwise nothing"),
        (
            "input: {field: size}, bands: [{below: 5, points: 0}, {below: 9, points: 1}]",
            "size: nothing when it is below 5; +1 when it is below 9",
        ),
        ("input: {field: size}, bands: [{known: true, points: 1}]", "size: +1 when it is filled in"),
        ("input: {field: size}, bands: [{known: true, points: 0}]", "size: nothing"),
        (
            "input: {activity: seen, where: {path: /pricing}, within: 30d, count: true}, bands: [{from: 2, points: 1}]",
            "number of seen where path is /pricing within 30d: +1 when it is at least 2",
        ),
        ("input: {activities: [seen, read], faded: 14d}, bands: [{from: 2, points: 1}]",
         "number of seen or read, halving every 14d: +1 when it is at least 2"),
        ("input: {activities: [a, b, c, d, e], distinct_days: true}, bands: [{from: 2, points: 1}]",
         "days with 5 kinds of activity (a and others): +1 when it is at least 2"),
        ("input: {activity: seen, days_since: true}, bands: [{below: 7, points: 3}, {known: false, points: -1}]",
         "days since seen: +3 when it is below 7; -1 when it is empty"),
    ],
)  # fmt: skip
def test_what_was_learned_is_said_without_what_gives_nothing(rule: str, said: str) -> None:
    from ruamel.yaml import YAML

    from vaglio.rules.bands import Bands

    assert Bands.model_validate({"id": "x", "kind": "bands", **YAML(typ="safe", pure=True).load("{" + rule + "}")}).sentence() == said
