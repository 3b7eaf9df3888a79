"""A rule is added in a form: what it says is told while it is filled in, and what is kept is a draft with one rule more."""

from decimal import Decimal
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.web.test_models import text_of
from tests.server.world import AT, MODEL, make_account, make_field, make_live, make_source, send

RULE = "/models/small/rule?version=1"
PART = {"HX-Request": "true"}
TITLE = {"field": "job_title", "operator.0": "any_word", "value.0": "head, director", "points.0": "15"}


@pytest.fixture
def marta(tables: Any) -> Any:
    return signed_in(kept(_people_and_model)["marta"])


def _people_and_model() -> dict[str, Any]:
    people = make_people()
    make_live()
    return people


def newest() -> Any:
    from vaglio_server.scoring.models import ModelVersion

    return ModelVersion.objects.order_by("-id")[0]


def added(client: Any, about: str, given: dict[str, str]) -> str:
    """Return the line of the rule that a form made; all else is as it was, but for declared inputs."""
    said = text_of(read(client.post(f"{RULE}&about={about}", given, follow=True)))
    assert "small version 2 is kept as a draft" in said
    before, after = MODEL.strip().splitlines(), newest().text.strip().splitlines()
    new = [line for line in after if line not in before]
    return new[-1].strip()


def told(client: Any, about: str, given: dict[str, str]) -> str:
    return text_of(read(client.post(f"{RULE}&about={about}", given, headers=PART)))


def test_a_rule_about_a_field_is_kept_as_a_draft(marta: Any) -> None:
    page = text_of(read(marta.get("/models/small")))
    assert "Add a rule" in page
    assert added(marta, "field", TITLE | {"called": "Heads & directors", "at_most": "20"}) == (
        "- {id: heads_directors, kind: fields, field: job_title, points: 15, bands: [{any_word: [head, director]}], at_most: 20}"
    )


def test_several_cases_are_bands_with_points_each_and_the_field_is_declared(marta: Any) -> None:
    make_field("lead", "tier", "choice", ("Gold", "Silver"))
    given = {
        "field": "tier", "operator.0": "in", "value.0": "Gold", "points.0": "10",
        "operator.1": "in", "value.1": "Silver", "points.1": "5", "operator.2": "unknown", "points.2": "-2",
    }  # fmt: skip
    line = added(marta, "field", given)
    assert line == (
        "- {id: tier, kind: fields, field: tier, bands: [{in: [Gold], points: 10}, {in: [Silver], points: 5}, {known: false, points: -2}]}"
    )
    assert "tier: string" in newest().text


def test_numbers_days_and_yes_or_no_are_what_they_are(marta: Any) -> None:
    from vaglio_server.web.model_rule_tests import test_of as made_of

    assert made_of("between", "50 to 5000", "integer", "employees") == {"from": 50, "below": 5000}
    assert made_of("from", "2.5", "number", "x") == {"from": Decimal("2.5")}
    assert made_of("newer_than", "30d", "date", "x") == {"newer_than": "30d"}
    assert made_of("below", "2026-01-31", "date", "x") == {"below": "2026-01-31"}
    assert made_of("no", "", "boolean", "x") == {"equals": False}
    assert made_of("in", "Italy, DE, Atlantis", "string", "account.country") == {"in": ["IT", "DE", "Atlantis"]}


def test_a_rule_about_an_activity_reads_its_properties(marta: Any) -> None:
    given = {
        "activity": "page_viewed", "property": "path", "operator": "starts_with", "value": "/docs, /help", "once": "day",
        "points": "3", "half_life": "14d", "within": "90d", "called": "docs",
    }  # fmt: skip
    assert added(marta, "activity", given) == (
        "- {id: docs, kind: activity, activity: page_viewed, where: {path: {starts_with: [/docs, /help]}}, points: 3, half_life: 14d,"
        " once_per: day, within: 90d}"
    )


def test_doing_something_several_times_is_a_rule_of_its_own_kind(marta: Any) -> None:
    given = {"activity": "form_submitted", "property": "", "once": "count", "points": "8", "at_least": "2", "within": "30d"}
    assert added(marta, "activity", given) == (
        "- {id: form_submitted, kind: activity_count, activity: form_submitted, bands: [{at_least: 2, points: 8}], within: 30d}"
    )


def test_a_list_and_silence(marta: Any) -> None:
    from vaglio_server.crm.models import ListMember

    assert "There is no list yet" in read(marta.get(f"{RULE}&about=list"))
    ListMember.objects.create(list="customers", account=make_account(), known_at=AT)
    assert (
        added(marta, "list", {"list": "customers", "points": "-30"}) == "- {id: customers, kind: list_member, list: customers, points: -30}"
    )
    part = told(marta, "silence", {"after": "60d", "points": "-10", "every": "30d"})
    assert "silent" in part and "after 60 days" in part


def test_while_it_is_filled_in_what_the_rule_says_is_told_and_nothing_is_kept(marta: Any) -> None:
    part = told(marta, "field", TITLE)
    assert "+15" in part and "head, director" in part and "new job title" in part
    wrong = told(marta, "field", TITLE | {"points.0": "many", "value.0": ""})
    assert "2 faults" in wrong and "write a number such as 30" in wrong and "write a value" in wrong
    assert newest().number == 1


@pytest.mark.parametrize(
    ("about", "given", "said"),
    [
        ("field", {"field": "employees", "operator.0": "from", "value.0": "5,000", "points.0": "1"}, "without separators"),
        ("field", {"field": "employees", "operator.0": "between", "value.0": "many", "points.0": "1"}, "two numbers"),
        ("field", {"field": "employees", "operator.0": "between", "value.0": "1,500", "points.0": "1"}, "two numbers"),
        ("field", {"field": "employees", "operator.0": "in", "value.0": "1,500", "points.0": "1"}, "without separators"),
        ("field", TITLE | {"at_most": "0"}, "at most"),
        ("field", TITLE | {"value.0": "vice president"}, "contains one of"),
        ("activity", {"activity": "page_viewed", "points": "1", "within": "soon"}, "write a number and a unit"),
    ],
)
def test_what_cannot_be_is_said_and_not_lost(marta: Any, about: str, given: dict[str, str], said: str) -> None:
    assert said in told(marta, about, given)
    page = marta.post(f"{RULE}&about={about}", given)
    assert page.status_code == 422 and said in text_of(read(page)) and newest().number == 1
    for value in given.values():
        assert value in read(page)


def test_what_is_chosen_decides_which_boxes_there_are(marta: Any) -> None:
    part = read(marta.post(f"{RULE}&about=field", {"field": "employees", "do": "redraw"}, headers=PART))
    assert "<html" not in part and "is from … to below …" in part and "has one of the words" not in part
    more = read(marta.post(f"{RULE}&about=field", TITLE | {"do": "case"}, headers=PART))
    assert 'name="operator.1"' in more and 'value="head, director"' in more and "fault" not in more
    whole = read(marta.post(f"{RULE}&about=activity", {"activity": "page_viewed", "property": "path", "do": "redraw"}))
    assert "<html" in whole and "starts with one of" in whole


@pytest.mark.parametrize(
    ("called", "made"), [("Profile", "profile_2"), ("e-mail", "e_mail"), ("Boss", "boss_2"), ("関連", "rule"), ("no", "no")]
)
def test_a_name_that_is_taken_gets_a_number(marta: Any, called: str, made: str) -> None:
    added(marta, "field", TITLE | {"called": called})
    assert f"id: {made}," in newest().text or f'id: "{made}",' in newest().text


def test_a_long_name_that_is_taken_stays_one_that_a_document_may_have(marta: Any) -> None:
    for _time in range(2):
        marta.post(f"/models/small/rule?version={newest().number}&about=field", TITLE | {"called": "long " * 40})
    assert newest().number == 3


def test_a_case_after_the_first_that_is_left_empty_is_none(marta: Any) -> None:
    empty = TITLE | {"operator.1": "any_word", "value.1": "", "points.1": ""}
    assert "fault" not in told(marta, "field", empty)
    assert (
        added(marta, "field", empty)
        == "- {id: job_title, kind: fields, field: job_title, points: 15, bands: [{any_word: [head, director]}]}"
    )
    for half in ({"value.1": "clerk"}, {"points.1": "3"}, {"operator.1": "unknown"}):
        assert "1 fault Case 2" in text_of(read(marta.post(f"{RULE}&about=field", empty | half)))


@pytest.mark.parametrize(
    ("about", "given"),
    [
        ("field", {"field": "gone", "operator.0": "any_word", "value.0": "x", "points.0": "1"}),
        ("field", {"field": "employees", "operator.0": "any_word", "value.0": "50", "points.0": "1"}),
        ("activity", {"activity": "gone", "points": "1"}),
        ("activity", {"activity": "form_submitted", "property": "path", "points": "1"}),
    ],
)
def test_what_was_chosen_and_is_no_choice_any_more_is_said_and_nothing_else_taken_for_it(
    marta: Any, about: str, given: dict[str, str]
) -> None:
    """Without scripts the boxes are those of what was chosen before; and activities come and go."""
    assert "choose again" in told(marta, about, given)
    page = read(marta.post(f"{RULE}&about={about}", given))
    assert 'aria-describedby="wrong-' in page and newest().number == 1


def test_a_value_that_is_offered_may_hold_commas(marta: Any) -> None:
    make_field("lead", "sector", "choice", ("Leisure, Travel & Tourism", "Software", "Travel"))
    given = {"field": "sector", "operator.0": "in", "value.0": "Software, leisure, travel & tourism", "points.0": "5"}
    assert 'bands: [{in: [Software, "leisure, travel & tourism"]}]' in added(marta, "field", given)


def test_signs_and_numbers_that_a_document_can_hold_are_held(marta: Any) -> None:
    added(marta, "field", TITLE | {"operator.0": "contains", "value.0": "a\x85b\u2028c"})
    make_field("lead", "share", "number")
    given = {"field": "share", "operator.0": "from", "points.0": "1"}
    assert "at most 15" in told(marta, "field", given | {"value.0": "123456789012345.123456"})
    marta.post(f"{RULE}&about=field", given | {"value.0": "0.000001"})
    assert "{from: 0.000001}" in newest().text


def test_a_property_that_no_condition_can_name_is_not_offered(marta: Any) -> None:
    send(make_source(), {"type": "track", "userId": "u", "event": "Page Viewed", "properties": {"all": "x", "title": "y"}})
    part = read(marta.post(f"{RULE}&about=activity", {"activity": "page_viewed", "do": "redraw"}, headers=PART))
    assert 'value="title"' in part and 'value="all"' not in part


def test_several_cases_are_told_apart_as_the_faults_in_them_are(marta: Any) -> None:
    assert "Case 1</p>" not in read(marta.get(RULE))
    more = read(marta.post(f"{RULE}&about=field", TITLE | {"do": "case"}, headers=PART))
    assert 'role="group" aria-label="Case 2"' in more and "Case 1</p>" in more


def test_yes_and_no_are_told_as_they_were_chosen(marta: Any) -> None:
    make_field("lead", "partner", "boolean")
    for chosen in ("yes", "no"):
        assert f"when partner is {chosen}" in told(marta, "field", {"field": "partner", "operator.0": chosen, "points.0": "5"})


def test_only_marketers_add_rules(marta: Any) -> None:
    from vaglio_server.users.models import User

    seller = signed_in(User.objects.get(username="luca"))
    assert seller.get(RULE).status_code == 403
    assert "Add a rule" not in read(seller.get("/models/small"))


def test_what_is_not_typed_yet_is_no_fault_before_it_is_kept(marta: Any) -> None:
    for about, given in (
        ("activity", {"activity": "page_viewed", "points": ""}),
        ("silence", {"after": "", "points": "-1"}),
        ("field", {"field": "job_title", "operator.0": "any_word", "value.0": "", "points.0": "5"}),
    ):
        part = told(marta, about, given)
        assert "fault" not in part and "Nothing yet" in part
        assert "write a value" in text_of(read(marta.post(f"{RULE}&about={about}", given)))
    assert newest().number == 1


def test_who_begins_with_an_older_version_is_told_of_the_newer_draft(marta: Any) -> None:
    from vaglio_server.scoring.actions import discard_version, push_model

    draft = push_model(text=MODEL.replace("points: 60", "points: 55"), by="marta", at=AT)
    for page in ("rule", "tune", "edit"):
        said = read(marta.get(f"/models/small/{page}?version=1"))
        assert "Version 2 is a newer draft" in said and "Go on from version 2" in said
        assert "newer draft" not in read(marta.get(f"/models/small/{page}?version=2"))
    discard_version(version=draft, by="marta", at=AT)
    assert "newer draft" not in read(marta.get("/models/small/tune?version=1"))


def test_conditions_that_have_to_hold_besides_are_joined(marta: Any) -> None:
    make_field("account", "tier", "choice", ("Gold", "Silver"))
    given = TITLE | {
        "also.0": "employees", "also_operator.0": "between", "also_value.0": "50 to 500",
        "also.1": "account.tier", "also_operator.1": "in", "also_value.1": "Gold", "also.2": "",
    }  # fmt: skip
    assert added(marta, "field", given) == (
        "- {id: job_title, kind: fields, field: job_title, points: 15, bands: [{all: [{any_word: [head, director]}, "
        "{field: employees, from: 50, below: 500}, {field: account.tier, in: [Gold]}]}]}"
    )
    assert "account_fields: {tier: string}" in newest().text
    said = text_of(read(marta.get("/models/small?version=2")))
    asked = said[said.index("+15 when") :][:160]
    assert "job title has the word head, director and (employees is at least 50 and is below 500) and the company" in asked, asked
    assert "tier is Gold" in asked


def test_a_condition_that_is_taken_back_takes_no_other_with_it(marta: Any) -> None:
    given = TITLE | {
        "also.0": "",
        "also_operator.0": "from",
        "also_value.0": "9",
        "also.1": "employees",
        "also_operator.1": "from",
        "also_value.1": "50",
    }
    part = read(marta.post(f"{RULE}&about=field", given | {"do": "redraw"}, headers=PART))
    assert 'name="also_value.1" value="50"' in part and 'name="also_operator.0"' not in part and 'name="also.0"' in part
    assert "{field: employees, from: 50}" in added(marta, "field", given)


def test_several_properties_of_one_activity(marta: Any) -> None:
    given = {
        "activity": "page_viewed", "property": "path", "operator": "starts_with", "value": "/docs", "once": "each", "points": "3",
        "also.0": "path", "also_operator.0": "contains", "also_value.0": "price",
    }  # fmt: skip
    assert "where: {all: [{path: {starts_with: [/docs]}}, {path: {contains: [price]}}]}" in added(marta, "activity", given)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"also.0": "employees", "also_operator.0": "from", "also_value.0": "many"}, "write a number"),
        ({"also.0": "gone", "also_operator.0": "from", "also_value.0": "1"}, "choose again"),
        ({"also.0": "employees", "also_operator.0": "from", "also_value.0": ""}, "write a value"),
    ],
)
def test_what_is_wrong_with_another_condition_is_said(marta: Any, more: dict[str, str], said: str) -> None:
    assert said in text_of(read(marta.post(f"{RULE}&about=field", TITLE | more)))
    assert newest().number == 1
