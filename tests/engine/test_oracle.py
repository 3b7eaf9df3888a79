"""The oracle judged by hand: text, conditions, facts, bounds and the columns of a row."""

from decimal import Decimal
from typing import Any

import pytest

from tests.engine.oracle_examples import AS_OF, DAY, Row, did, made, model, row, scored
from tests.engine.oracle_text import SECOND, clean, fold, instant, seconds, words

# Text and numbers


def test_text_is_folded_and_cut_into_words() -> None:
    assert fold("Técnico STRASSE Straße ﬁn İ Ø ł ı") == "tecnico strasse strasse fin i ø ł ı"
    assert words("VP, user_1/e\u0301t\u00e9 x²") == {"vp", "user", "1", "ete", "x2"}
    assert clean(" select ", ["Select"]) is None
    assert clean(" \u00a0", []) is None
    assert clean(" vp ", ["Select"]) == " vp "
    assert clean(0, ["0"]) == 0


def test_durations_and_instants() -> None:
    assert [seconds(text) for text in ("90s", "30m", "4h", "14d", "2w")] == [
        90,
        1800,
        14400,
        1209600,
        1209600,
    ]
    assert instant("1970-01-02") == DAY * SECOND
    assert instant("1970-01-01T01:00:00.5+01:00") == 500_000


def band_holds(band: Row, lead: Row) -> bool:
    rule = {"kind": "fields", "points": 1, "bands": [band]}
    return made(rule, leads=[{"lead_id": "L", **lead}]) == 1000


@pytest.mark.parametrize(
    ("band", "lead", "holds"),
    [
        ({"field": "job_title", "equals": "STRASSE"}, {"job_title": "straße"}, True),
        ({"field": "job_title", "equals": "vp"}, {"job_title": " vp"}, False),
        ({"field": "job_title", "not_in": ["vp"]}, {"job_title": "Select"}, False),
        ({"not": {"field": "job_title", "in": ["vp"]}}, {"job_title": " "}, True),
        ({"field": "job_title", "known": False}, {"job_title": " SELECT "}, True),
        ({"field": "job_title", "any_word": ["head", "VP"]}, {"job_title": "SVP,vp"}, True),
        ({"field": "job_title", "any_word": "vp"}, {"job_title": "SVP"}, False),
        ({"field": "job_title", "contains": "É"}, {"job_title": "chef"}, True),
        ({"field": "job_title", "starts_with": ["x", "CH"]}, {"job_title": "Chef"}, True),
        ({"field": "job_title", "ends_with": "ß"}, {"job_title": "BOSS"}, True),
        ({"field": "job_title", "matches": r"\bvp\b"}, {"job_title": "the VP!"}, True),
        ({"field": "job_title", "matches": "VP"}, {"job_title": "VP"}, False),
        ({"field": "employees", "from": 50, "below": 200}, {"employees": 50}, True),
        ({"field": "employees", "from": 50, "below": 200}, {"employees": 200}, False),
        ({"field": "revenue", "from": Decimal("0.3")}, {"revenue": 0.1 + 0.2}, True),
        ({"field": "revenue", "equals": Decimal("0.3")}, {"revenue": 0.1 + 0.2}, False),
        ({"field": "signed_at", "older_than": "1d"}, {"signed_at": AS_OF - DAY * SECOND}, True),
        ({"field": "signed_at", "older_than": "1d"}, {"signed_at": AS_OF - DAY * SECOND + 1}, False),
        ({"field": "signed_at", "newer_than": "1s"}, {"signed_at": AS_OF + 5}, True),
        ({"field": "signed_at", "from": "2026-03-02"}, {"signed_at": AS_OF}, True),
        (
            {"all": [{"field": "employees", "from": 5}, {"field": "revenue", "known": False}]},
            {"employees": 5},
            True,
        ),
        (
            {"any": [{"field": "employees", "below": 5}, {"field": "revenue", "known": True}]},
            {"employees": 5},
            False,
        ),
    ],
)
def test_conditions(band: Row, lead: Row, holds: bool) -> None:
    assert band_holds(band, lead) is holds


# Facts


def test_the_first_row_of_a_message_stays_and_keeps_every_mark() -> None:
    rule = {"kind": "activity", "activity": "page_viewed", "points": 1}
    early = did(10, message_id="m", received_at=AS_OF - 3, lead_id="other")
    late = did(5, message_id="m", received_at=AS_OF - 2)
    assert made(rule, activities=[early, late]) == 0
    assert made(rule, activities=[{**early, "received_at": AS_OF + 1}, late]) == 1000
    mark = {**late, "received_at": AS_OF - 1, "is_machine": True, "machine_known_at": AS_OF + 1}
    assert made(rule, activities=[late, mark]) == 1000
    assert made(rule, AS_OF + 1, activities=[late, mark]) == 0
    sooner = {**mark, "machine_known_at": AS_OF}
    assert made(rule, activities=[late, mark, sooner]) == 0
    tie = {**late, "properties": {"path": "/a"}}
    asked = {**rule, "where": {"path": {"known": True}}}
    assert made(asked, activities=[tie, late]) == 0  # no value first
    assert made(rule, activities=[did(1), did(1)]) == 2000


def test_history_of_fields() -> None:
    rule = {"kind": "fields", "field": "job_title", "points": 1, "bands": [{"equals": "vp"}]}
    change = {"subject": "lead", "id": "L", "field": "job_title", "value": "vp", "known_at": AS_OF}
    leads = [{"lead_id": "L", "job_title": "vp"}]
    assert made(rule, leads=leads, field_changes=[{**change, "known_at": AS_OF + 1}]) == 0
    assert made(rule, leads=[{"lead_id": "L"}], field_changes=[change]) == 1000
    later = {**change, "value": None, "known_at": AS_OF + 1}
    assert made(rule, leads=leads, field_changes=[later, change]) == 1000
    assert made(rule, AS_OF + 1, leads=leads, field_changes=[later, change]) == 0
    assert made(rule, field_changes=[{**change, "value": "va"}, change, {**change, "value": None}]) == 1000


# Bounds, ratings and the rest of a row


def test_caps_and_floors_are_lines_of_their_own() -> None:
    ten = {"kind": "activity", "activity": "page_viewed", "points": 10}
    rules = [{**ten, "id": "a", "at_most": 15, "group": "g"}, {**ten, "id": "b", "group": "g"}]
    axis = {"groups": {"g": {"at_most": 20}}, "at_most": 12, "intercept": Decimal("-0.5")}
    silent = {"id": "s", "kind": "list_member", "list": "l", "points": -5}
    document = model([silent], rules, on_engagement=axis)
    member = {"list": "l", "member_type": "lead", "member_id": "L"}
    assert scored(document, activities=[did(1), did(2)], lists=[member]).contributions == [
        ("L", "engagement", "a", "cap", -5_000),
        ("L", "engagement", "a", "rule", 20_000),
        ("L", "engagement", "b", "rule", 20_000),
        ("L", "engagement", "engagement", "cap", -7_500),
        ("L", "engagement", "g", "cap", -15_000),
        ("L", "engagement", "intercept", "rule", -500),
        ("L", "profile", "profile", "floor", 5_000),
        ("L", "profile", "s", "rule", -5_000),
    ]


def test_a_cap_keeps_the_sign() -> None:
    rule = {"kind": "activity", "activity": "page_viewed", "points": -10, "at_most": 4}
    assert made(rule, activities=[did(1)]) == -4000


def test_rating_temperature_exclusion_and_rank() -> None:
    bands = [{"in": ["vp"], "points": 75}, {"in": ["head"], "points": 50}]
    fields = [{"id": "f", "kind": "fields", "field": "job_title", "bands": bands}]
    money = {"field": "employees", "bands": [{"below": 5, "value": 10}, {"from": 5, "value": 20}]}
    more: Row = {"potential": money, "temperature": {"hot": ["A4"], "cold": "rest"}}
    more["exclude"] = [
        {"id": "big", "when": {"field": "employees", "from": 100}},
        {"id": "foe", "list": "foes"},
    ]
    titles = {
        "c": ("vp", 1),
        "b": ("vp", None),
        "a": ("head", 9),
        "e": ("head", 9),
        "x": ("vp", 100),
        "d": ("vp", 7),
    }
    leads = [{"lead_id": id_, "job_title": t, "employees": n} for id_, (t, n) in titles.items()]
    lists = [{"list": "foes", "member_type": "lead", "member_id": "x"}]
    scores = scored(model(fields, **more), leads=leads, lists=lists).scores
    assert sorted(scores, key=lambda id_: scores[id_]["rank"]) == ["d", "c", "b", "a", "e", "x"]
    assert [scores["d"][name] for name in ("rating", "letter", "digit", "temperature")] == [
        "A4",
        "A",
        4,
        "hot",
    ]
    assert scores["a"]["temperature"] == "cold"
    excluded = ("excluded_by", "rating", "letter", "digit", "temperature", "rank", "profile_millipoints")
    assert [scores["x"][name] for name in excluded] == ["big", None, None, None, None, 6, 75_000]
    first = scored(model(fields, rank=["B4"], **more), leads=leads).scores
    assert first["a"]["rank"] == 1


def test_rank_puts_more_points_before_the_id() -> None:
    fields = {"id": "f", "kind": "fields", "field": "employees", "bands": [{"from": 2, "points": 2}]}
    leads = [{"lead_id": id_, "employees": n} for id_, n in (("a", 1), ("b", 2), ("Z", 1))]
    scores = scored(model([fields]), leads=leads).scores
    assert [scores[id_]["rank"] for id_ in ("b", "Z", "a")] == [1, 2, 3]


def test_audience_and_leads_of_the_future_have_no_row() -> None:
    leads = [{"lead_id": "L", "employees": 1}, {"lead_id": "M", "employees": 2}]
    leads.append({"lead_id": "N", "employees": 1, "created_at": AS_OF + 1})
    assert list(scored(model(audience={"field": "employees", "below": 2}), leads=leads).scores) == ["L"]


def test_coverage_counts_attainable_points_with_evidence() -> None:
    one = {
        "id": "one",
        "kind": "fields",
        "field": "job_title",
        "weight": 40,
        "bands": [{"known": True, "award": "50%"}],
    }
    two = {"id": "two", "kind": "fields", "bands": [{"field": "employees", "from": 1, "points": 5}]}
    minus = {"id": "minus", "kind": "fields", "field": "revenue", "bands": [{"known": True, "points": -5}]}
    listed = {"id": "listed", "kind": "list_member", "list": "l", "points": 25}
    document = model([one, two, minus, listed], minimum_coverage="60%")
    found = row(document, leads=[{"lead_id": "L", "employees": 0}])
    assert (found["coverage"], found["enough_evidence"]) == (0.6, True)
    assert row({**document, "minimum_coverage": "60.1%"}, leads=[{"lead_id": "L", "employees": 0}])["coverage"] == 0.6
    assert row(model())["coverage"] == 1.0


def test_flags_roles_and_answers_come_from_rules_that_fire() -> None:
    def rule(id_: str, points: int, **more: Any) -> Row:
        return {
            "id": id_,
            "kind": "fields",
            "bands": [{"field": "employees", "from": 1, "points": points}],
            **more,
        }

    profile = [
        rule("a", 0, flag="x", role="buyer"),
        rule("b", 1, flag="y", answer="need"),
        rule("c", 1, flag="x"),
    ]
    quiet = {"id": "d", "kind": "activity", "activity": "page_viewed", "points": 1, "flag": "z"}
    found = row(model(profile, [quiet]), leads=[{"lead_id": "L", "employees": 1}])
    assert (found["flags"], found["roles"], found["answers"]) == ("x;y", "buyer", "need")
    assert row(model(profile))["flags"] is None


def test_the_furthest_stage_counts_an_activity_once() -> None:
    page, form = {"activity": "page_viewed"}, {"activity": "form_submitted"}
    journey = [
        {"stage": "one", "any": [page]},
        {"stage": "two", "at_least": 2, "within": "1d", "any": [page, page, form]},
    ]
    document = model(journey=journey)
    assert row(document)["buying_stage"] is None
    assert row(document, activities=[did(1), did(DAY)])["buying_stage"] == "one"
    assert row(document, activities=[did(1), did(2, "form_submitted")])["buying_stage"] == "two"


@pytest.mark.parametrize(("points", "probability"), [(-1, 0.1), (0, 0.1), (5, 0.15), (10, 0.2), (25, 0.6), (99, 1.0)])
def test_calibration_is_linear_between_its_rows(points: int, probability: float) -> None:
    table = [{"points": p, "probability": Decimal(q)} for p, q in ((0, "0.1"), (10, "0.2"), (40, "1"))]
    on_profile = {"intercept": points, "floor": "none"}
    assert row(model(on_profile=on_profile, calibration=table))["probability"] == probability
