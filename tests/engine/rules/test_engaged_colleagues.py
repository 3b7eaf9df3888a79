"""Kind `engaged_colleagues`: how many leads of the same account were active."""

from tests.engine.rules.score import DAY, HOUR, Row, at, did, score

RULE = "kind: engaged_colleagues, at_least: 2, within: 30d, points: 15"
LEADS: list[Row] = [{"lead_id": name, "account_id": "acme"} for name in "ABC"] + [
    {"lead_id": "D", "account_id": "other"},
    {"lead_id": "E"},
    {"lead_id": "F", "account_id": ""},
]


def test_everybody_of_the_account_gets_the_points() -> None:
    activities = [
        did(1, lead_id="A"),
        did(1, lead_id="B"),
        did(2, lead_id="B"),
        did(1, lead_id="D"),
        did(1, lead_id="E"),
    ]
    found = score(RULE, leads=LEADS, activities=activities)
    assert found == {"A": 15_000, "B": 15_000, "C": 15_000, "D": 0, "E": 0, "F": 0}


def test_the_lead_itself_counts_only_if_it_was_active() -> None:
    assert score(RULE, leads=LEADS, activities=[did(1, lead_id="A")])["A"] == 0
    assert score(RULE, leads=LEADS, activities=[did(1, lead_id="A"), did(1, lead_id="C")])["B"] == 15_000


def test_no_account_is_not_a_shared_account() -> None:
    leads: list[Row] = [{"lead_id": "A"}, {"lead_id": "B"}]
    assert score(RULE, leads=leads, activities=[did(1, lead_id=name) for name in "AB"]) == {"A": 0, "B": 0}


def test_an_age_of_exactly_within_is_outside() -> None:
    edge = [did(30 * DAY - 1, lead_id="A"), did(1, lead_id="B")]
    assert score(RULE, leads=LEADS, activities=edge)["C"] == 15_000
    edge = [did(30 * DAY, lead_id="A"), did(1, lead_id="B")]
    assert score(RULE, leads=LEADS, activities=edge)["C"] == 0


def test_bands_on_the_number_of_people() -> None:
    rule = "kind: engaged_colleagues, activity: page_viewed, points: 12, bands: [{at_least: 3}, {at_least: 2, award: 25%}]"
    two = [did(1, lead_id="A"), did(1, lead_id="B"), did(1, "email_clicked", lead_id="C")]
    assert score(rule, leads=LEADS, activities=two)["A"] == 3_000
    assert score(rule, leads=LEADS, activities=[*two, did(1, lead_id="C")])["A"] == 12_000


def test_points_may_be_taken() -> None:
    rule = "kind: engaged_colleagues, at_least: 2, points: -1.5"
    assert score(rule, leads=LEADS, activities=[did(1, lead_id=name) for name in "AB"])["C"] == -1_500


def test_late_and_machine_activities_do_not_make_colleagues() -> None:
    late = [did(5 * DAY, lead_id="A"), did(5 * DAY, lead_id="B", received=DAY)]
    assert score(RULE, leads=LEADS, activities=late)["C"] == 15_000
    assert score(RULE, leads=LEADS, activities=late, known_at=at(DAY) - 1)["C"] == 0
    marked = [did(5 * DAY, lead_id="A"), did(5 * DAY, lead_id="B", is_machine=True, machine_known=HOUR)]
    assert score(RULE, leads=LEADS, activities=marked)["C"] == 0
    assert score(RULE, leads=LEADS, activities=marked, known_at=at(HOUR) - 1)["C"] == 15_000


def test_a_colleague_who_moved_counts_where_they_were_known_to_be() -> None:
    moved: Row = {"subject": "lead", "id": "D", "field": "account_id", "value": "acme", "known_at": at(DAY)}
    earlier: Row = {**moved, "value": "other", "known_at": at(9 * DAY)}
    activities = [did(5 * DAY, lead_id="A"), did(5 * DAY, lead_id="D")]
    changes = [moved, earlier]
    assert score(RULE, leads=LEADS, activities=activities, field_changes=changes)["C"] == 15_000
    assert score(RULE, leads=LEADS, activities=activities, field_changes=changes, known_at=at(DAY) - 1)["C"] == 0
