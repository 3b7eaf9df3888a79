"""A rule that is added stands at the end of its axis, what it reads is declared, and nothing else in the text is another."""

from decimal import Decimal
from typing import Any

import pytest

from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.logic.adding import exclusion_name, rule_name, with_condition, with_rule
from vaglio_server.scoring.logic.tuning import NotAlone

HEAD = "format: 1\nname: small\n"
INPUTS = "inputs: {fields: {job_title: string}, activities: {page_viewed: {path: string}}}\n"
BLOCK = """\
inputs:
  # What is read.
  fields:
    job_title: string  # as people write it
  activities:
    page_viewed:
      path: string
"""
RULES = """\
profile:
  rules:
    # Who decides.
    - id: boss
      kind: fields
      field: job_title
      points: 60
      bands: [{any_word: [chief, "cto"]}]  # agreed in May
  letters: {A: 75, B: 50, C: 25}  # least points
engagement:
  digits: {1: 75, 2: 50, 3: 25}
"""
CITY = {"id": "city", "kind": "fields", "field": "city", "points": Decimal("2.5"), "bands": [{"in": ["Torino", "München"]}]}
CALL = {"id": "call", "kind": "activity", "activity": "called", "where": {"minutes": {"from": 5}}, "points": Decimal(10)}


def added(text: str, axis: str, rule: dict[str, Any], reads: dict[str, Any]) -> list[str]:
    """Return the lines that are new or another, after asking that the rest is as it was."""
    made = with_rule(text, (axis, "rules"), rule, reads)
    before, after = text.splitlines(), made.splitlines()
    assert len([line for line in before if line not in after]) <= 1, made
    assert document_of(made).axis(axis).rules[-1].id == rule["id"]  # type: ignore[arg-type]
    return [line for line in after if line not in before]


def test_a_rule_and_the_field_that_it_reads_stand_in_the_text() -> None:
    assert added(HEAD + BLOCK + RULES, "profile", CITY, {"fields": {"city": "string"}}) == [
        "    city: string",
        '    - {id: city, kind: fields, field: city, points: 2.5, bands: [{in: [Torino, "München"]}]}',
    ]
    assert added(HEAD + INPUTS + RULES, "profile", CITY, {"fields": {"city": "string"}})[0].startswith(
        "inputs: {fields: {job_title: string, city: string}, activities"
    )


def test_an_axis_without_rules_gets_its_first_one_and_an_unknown_activity_is_declared() -> None:
    assert added(HEAD + BLOCK + RULES, "engagement", CALL, {"activities": {"called": {"minutes": "number"}}}) == [
        "    called: {minutes: number}",
        "  rules: [{id: call, kind: activity, activity: called, where: {minutes: {from: 5}}, points: 10}]",
    ]


def test_a_property_of_a_declared_activity_is_declared_beside_the_others() -> None:
    rule = {"id": "p", "kind": "activity", "activity": "page_viewed", "where": {"title": {"contains": ["price"]}}, "points": Decimal(1)}
    found = added(HEAD + BLOCK + RULES, "engagement", rule, {"activities": {"page_viewed": {"title": "string"}}})
    assert found[0] == "      title: string"


def test_what_is_declared_already_stays_as_it_is_written() -> None:
    rule = CITY | {"id": "more", "field": "job_title"}
    assert len(added(HEAD + BLOCK + RULES, "profile", rule, {"fields": {"job_title": "string"}})) == 1


def test_the_company_s_fields_are_declared_apart_and_inputs_may_be_missing() -> None:
    bare = "profile: {letters: {A: 75, B: 50, C: 25}}\nengagement: {digits: {1: 75, 2: 50, 3: 25}}\n"
    rule = CITY | {"field": "account.city"}
    made = with_rule(HEAD + bare, ("profile", "rules"), rule, {"account_fields": {"city": "string"}})
    assert document_of(made).inputs.account_fields == {"city": "string"}
    assert made.startswith(HEAD + bare.replace("C: 25}}", "C: 25}, rules: [{id: city,", 1).split("rules")[0])


@pytest.mark.parametrize(
    "text",
    [
        HEAD + INPUTS + RULES.replace("  rules:\n", "  rules: &all\n") + "# end\n",  # an alias could mean it too
        HEAD + "inputs: &read {fields: {job_title: string}}\n" + RULES,
    ],
)
def test_where_something_else_could_mean_it_nothing_is_added(text: str) -> None:
    document_of(text)
    with pytest.raises(NotAlone):
        with_rule(text, ("profile", "rules"), CITY, {"fields": {"city": "string"}})


def test_a_rule_that_makes_it_no_model_is_told_by_the_faults_of_the_text() -> None:
    from vaglio.errors import DocumentError

    made = with_rule(HEAD + INPUTS + RULES, ("profile", "rules"), CITY | {"id": "boss"}, {"fields": {"city": "string"}})
    with pytest.raises(DocumentError, match="boss"):
        document_of(made)


def test_names_of_rules_groups_and_axes_are_taken() -> None:
    text = HEAD + INPUTS + RULES.replace("engagement:\n", "engagement:\n  groups: {email: {at_most: 9}}\n")
    for name in ("boss", "email", "profile", "engagement", "intercept"):
        assert rule_name(name, document_of(text)) == f"{name}_2"
    assert rule_name("Heads & directors", document_of(text)) == "heads_directors" and rule_name("…", document_of(text)) == "rule"
    assert rule_name("3rd of May", document_of(text)) == "rule_3rd_of_may"


def test_an_exclusion_and_a_condition_of_the_audience_declare_what_they_read() -> None:
    text = HEAD + BLOCK + RULES
    reads = {"fields": {"city": "string"}}
    made = with_rule(text, ("exclude",), {"id": "there", "when": {"field": "city", "in": ["Torino"]}}, reads)
    document = document_of(made)
    assert made.endswith("exclude: [{id: there, when: {field: city, in: [Torino]}}]\n") and document.inputs.fields["city"] == "string"
    assert exclusion_name("There", document) == "there_2" and exclusion_name("boss", document) == "boss"
    made = with_condition(made, {"field": "city", "known": True}, reads)
    again = with_condition(made, {"field": "job_title", "known": True}, {"fields": {"job_title": "string"}})
    assert again.splitlines()[-1] == "audience: {all: [{field: city, known: true}, {field: job_title, known: true}]}"
    assert with_condition(again, {"field": "city", "in": ["Bari"]}, reads).splitlines()[-1].endswith(", {field: city, in: [Bari]}]}")
