"""Points from data: intervals that cover, proposals that say what the formula says, and rules judged by what came of their leads."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.engine.learning.made import AT, DECLARED, engine, facts, made
from vaglio.document import loads
from vaglio.learning.candidates import Choice
from vaglio.learning.evidence import evidence
from vaglio.learning.origin import Made, When
from vaglio.learning.revise import Revised, revised
from vaglio.learning.suggest import Proposal, proposals, proposed, rule_evidence
from vaglio.proportion import Proportion
from vaglio.report.bands import test_words as words_of
from vaglio.scoring import score_rows, score_tables


@pytest.fixture(scope="module")
def world() -> tuple[Any, Any, Any]:
    rows, became, _true = made(2000)
    made_in = engine()

    def labels(ids: Sequence[str]) -> Any:
        return np.array([became.get(each, np.nan) for each in ids])

    return made_in, facts(made_in, rows), labels


@pytest.fixture(scope="module")
def found(world: tuple[Any, Any, Any]) -> Sequence[Proposal]:
    made_in, given, labels = world
    return proposals(made_in, DECLARED, given, AT, labels, Choice())[0]


@pytest.mark.parametrize("share", [0.03, 0.2, 0.5])
def test_intervals_hold_the_truth_as_often_as_they_say(share: float) -> None:
    drawn = np.random.default_rng(5).binomial(200, share, 4_000)
    held = np.mean([low <= share <= high for low, high in (Proportion(int(each), 200).interval() for each in drawn)])
    assert 0.93 <= held <= 0.975


def test_few_leads_are_shrunk_and_a_sentence_says_how_sure_it_is() -> None:
    labels = np.array([1.0] * 100 + [0.0] * 900)
    three, many = np.zeros(1000), np.zeros(1000)
    three[:3], many[:60], many[100:140] = 1, 1, 1
    few, sure = evidence(labels, three), evidence(labels, many)
    assert few.lift == 10 and 0 < few.points < 20 < sure.points
    assert sure.is_sure and sure.sentence().startswith("converts 6.0× the average (95%: 5.2–") and "100 leads" in sure.sentence()
    assert evidence(labels, np.zeros(1000)).points == 0


def test_a_sure_little_more_does_not_read_as_once() -> None:
    labels, whom = np.zeros(40_000), np.zeros(40_000)
    whom[:20_000] = labels[:4_300] = labels[20_000:23_700] = 1
    assert evidence(labels, whom).sentence() == "converts 1.07× the average (95%: 1.06–1.09, 20,000 leads)"
    assert "0.92× the average (95%: 0.91–0.94" in evidence(labels, 1 - whom).sentence()


def test_what_is_worth_more_gets_more(found: Sequence[Proposal]) -> None:
    points = {(each.field, str(each.test)): each.evidence.points for each in found}
    assert points["sector", "{'in': ['software']}"] > points["sector", "{'in': ['finance']}"] > points["sector", "{'in': ['Retail']}"]
    asked = {each.test.get("from", 0): each.evidence.points for each in found if each.field == "demo_asked"}
    assert asked[1] > 0 > asked[0]
    assert "first_name" not in {each.field for each in found}


def test_the_proposed_model_scores_and_leaves_out_what_is_unsure(world: Any, found: Sequence[Proposal]) -> None:
    made_in, given, labels = world
    document = proposed(made_in, DECLARED, given, AT, labels, found, "proposed")
    rules = {rule.id for _axis, rule in document.rules()}
    assert {"sector", "size", "demo_asked"} <= rules and "wants_news" not in rules
    why = next(rule.description for _axis, rule in document.rules() if rule.id == "sector") or ""
    assert "; software: converts 1.39× the average (95%: 1.29–1.49, 409 leads); " in why
    rows = score_rows(made_in, document, given, AT)
    assert len({row["rating"] for row in rows}) > 4
    became = labels([row["lead_id"] for row in rows])
    best = np.array([row["letter"] in "AB" and row["digit"] in "12" for row in rows])
    assert became[best].mean() > 1.4 * became.mean()


RULES = """
format: 1
name: judged
inputs:
  fields: {sector: string, wants_news: boolean}
  activities: {demo_asked: {}, page_viewed: {}}
profile:
  rules:
    - {id: wrong, kind: fields, field: sector, bands: [{in: [software], points: -20}]}
    - {id: right, kind: fields, field: sector, bands: [{in: [Software], points: 20}]}
    - {id: nobody, kind: fields, field: sector, bands: [{in: [space], points: 20}]}
    - {id: all_of_them, kind: fields, field: wants_news, bands: [{equals: true, points: 1}, {equals: false, points: 2}]}
  letters: {A: 3, B: 2, C: 1}
engagement:
  rules:
    - {id: asked, kind: activity_count, activity: demo_asked, bands: [{at_least: 1, points: 10}]}
  digits: {1: 3, 2: 2, 3: 1}
"""


def test_rules_are_judged_by_what_came_of_their_leads(world: Any) -> None:
    made_in, given, labels = world
    told = {each.rule: each for each in rule_evidence(made_in, loads(RULES), given, AT, labels)}
    assert {name: each.verdict for name, each in told.items()} == {
        "wrong": "harmful", "right": "works", "nobody": "dead", "all_of_them": "everybody", "asked": "works",
    }  # fmt: skip
    assert told["wrong"].like == ("right",) and told["asked"].like == ()
    assert told["asked"].touched.rate > told["asked"].others.rate and told["asked"].points == 10


def test_the_rest_of_a_learned_input_is_not_said_to_be_what_it_is_not() -> None:
    """Joined bands of the readable learner may be *any but these*: a report that named these alone would say the opposite."""
    assert words_of({"in": ["CEO", "CFO"]}) == "CEO, CFO"
    assert words_of({"not_in": ["CEO", "CFO"]}) == "any but CEO, CFO"


AGREED = """# Agreed with sales.
format: 1
name: agreed
inputs:
  fields: {sector: string, first_name: string, wants_news: boolean}
  activities:
    demo_asked: {}
profile:
  rules:
    # Who buys.
    - id: sector
      kind: fields
      field: sector
      bands:
        - {in: [software], points: 2}   # too few
        - {in: [retail], points: -9}
    - {id: zoe, kind: fields, field: first_name, points: 5, bands: [{equals: Zoe}]}
    - {id: news, kind: fields, field: wants_news, points: 1, bands: [{equals: true}]}
  letters: {A: 9, B: 5, C: 1}   # as agreed
engagement:
  rules:
    - {id: asked, kind: activity_count, activity: demo_asked, bands: [{at_least: 1, points: 12}]}
  digits: {1: 30, 2: 20, 3: 10}
"""


@pytest.fixture(scope="module")
def written(world: Any, found: Sequence[Proposal]) -> Revised:
    made_in, given, labels = world
    told = rule_evidence(made_in, loads(AGREED), given, AT, labels)
    return revised(AGREED, told, found, DECLARED, Made("suggest", 2_000, 884, When()))


def test_a_model_is_written_with_what_outcomes_say_and_nothing_else(written: Revised) -> None:
    assert loads(written.text) == written.document
    said = {each.rule: each for each in written.revisions}
    assert {name: each.change for name, each in said.items()} == {
        "sector": "changed", "zoe": "left", "size": "added", "page_viewed": "added",
    }  # fmt: skip
    assert said["zoe"].why == "dead: it touches nobody"
    before, after = AGREED.splitlines(), written.text.splitlines()
    assert [line for line in before if line not in after] == [
        "  fields: {sector: string, first_name: string, wants_news: boolean}",
        "        - {in: [software], points: 2}   # too few",
        "        - {in: [retail], points: -9}",
    ]
    assert "        - {in: [software], points: 5}   # too few" in after and "        - {in: [retail], points: -6}" in after
    (size,) = (rule for _axis, rule in written.document.rules() if rule.id == "size")
    assert "is at least 129.6: converts 1.56× the average (95%: 1.46–1.66, 362 leads)" in (size.description or "")
    assert written.document.learned is not None and written.document.learned.method == "suggest"


def test_leads_whom_no_change_touches_keep_their_points(world: Any, written: Revised) -> None:
    made_in, given, _labels = world
    changed = {each.rule for each in written.revisions if each.change != "left"}
    sums: list[dict[str, int]] = []
    for document in (loads(AGREED), written.document):
        scores, lines = score_tables(made_in, document, given, AT)
        own = dict.fromkeys(scores.column("lead_id").to_pylist(), 0)
        for line in lines.to_pylist():
            own[line["lead_id"]] += line["millipoints"] if line["part"] == "rule" and line["rule_id"] not in changed else 0
        sums.append(own)
    assert sums[0] == sums[1] and any(sums[0].values())


def test_an_activity_is_not_declared_where_that_would_change_other_rules(world: Any, found: Sequence[Proposal]) -> None:
    """Silence is counted from any declared activity: one more declared, and fewer leads are silent."""
    made_in, given, labels = world
    text = AGREED.replace("  digits: {1: 30", "    - {id: silent, kind: inactivity, after: 30d, points: -3}\n  digits: {1: 30")
    told = rule_evidence(made_in, loads(text), given, AT, labels)
    new = revised(text, told, found, DECLARED, Made("suggest", 2_000, 884, When()))
    (left,) = (each for each in new.revisions if each.rule == "page_viewed")
    assert left.change == "left" and left.why.startswith("not added: to declare page_viewed would change silent")
    assert set(new.document.inputs.activities) == {"demo_asked"} and "size" in {rule.id for _axis, rule in new.document.rules()}


def test_what_cannot_be_changed_by_itself_is_said(world: Any, found: Sequence[Proposal]) -> None:
    """An award, a weight, and a field that two rules read; and a text whose parts stand for others is written in its plain form."""
    made_in, given, labels = world
    text = AGREED.replace("points: 2}   # too few", "award: 100%}").replace("field: sector\n", "field: sector\n      weight: 2\n").replace(
        "    - {id: zoe", "    - {id: again, kind: fields, field: wants_news, points: 1, bands: [{equals: true}]}\n    - {id: zoe"
    ).replace("fields: {sector", "fields: &read {sector")  # fmt: skip
    new = revised(text, rule_evidence(made_in, loads(text), given, AT, labels), found, DECLARED, Made("suggest", 2_000, 884, When()))
    (sector,) = (each for each in new.revisions if each.rule == "sector")
    assert sector.change == "left" and "it stays, for its bands are shares of what it or all weights are worth" in sector.why
    assert loads(new.text) == new.document and "#" not in new.text and {"size", "page_viewed"} <= {each.rule for each in new.revisions}
    rules = {rule.id: rule for _axis, rule in new.document.rules()}
    assert all(rules[rule.id] == rule for _axis, rule in loads(text).rules())
