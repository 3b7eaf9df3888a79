"""A model that somebody wrote, with what outcomes say: what is changed, what is left, and that doing it again changes nothing more."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.engine.learning.made import AT, NOW, engine
from vaglio.document import dump, loads
from vaglio.document.insert import flow
from vaglio.errors import DataError
from vaglio.learning.candidates import Choice
from vaglio.learning.evidence import evidence
from vaglio.learning.origin import Made, When
from vaglio.learning.reads import shared
from vaglio.learning.revise import Revised, revised
from vaglio.learning.suggest import Proposal, RuleEvidence, SamePoints, as_rule, proposals, rule_evidence
from vaglio.plan import Facts
from vaglio.scoring import score_tables

MADE = Made("suggest", 2_000, 800, When())


class World:
    """Leads with a field ``kind``, so many of each, of whom so many came out well; ``others`` are more fields, of the same leads."""

    def __init__(self, groups: Mapping[str, tuple[int, int]], others: Mapping[str, Mapping[str, str]] | None = None) -> None:
        kinds = [kind for kind, (leads, _good) in groups.items() for _ in range(leads)]
        good = [float(place < well) for leads, well in groups.values() for place in range(leads)]
        ids = [f"l{place:05}" for place in range(len(kinds))]
        nobody = pa.nulls(len(ids), pa.string())
        more = {f"f_{name}": [said.get(kind) for kind in kinds] for name, said in (others or {}).items()}
        columns = {"lead_id": ids, "account_id": nobody, "created_us": pa.array([NOW - 1] * len(ids), pa.int64()),
                   "f_kind": [kind or None for kind in kinds]}  # fmt: skip
        columns |= {name: pa.array(each, pa.string()) for name, each in more.items()}
        self.engine = engine()
        self.facts = Facts(leads=self.engine.load("made_leads", pa.table(columns)))
        self.declared: dict[str, Any] = {"fields": dict.fromkeys(["kind", *(others or {})], "string")}
        self.of = dict(zip(ids, good, strict=True))

    def labels(self, ids: Sequence[str]) -> Any:
        return np.array([self.of[each] for each in ids])

    def judged(self, text: str) -> dict[str, RuleEvidence]:
        return {each.rule: each for each in rule_evidence(self.engine, loads(text), self.facts, AT, self.labels)}

    def revised(self, text: str, found: Sequence[Proposal] = ()) -> Revised:
        return revised(text, list(self.judged(text).values()), found, self.declared, MADE)

    def proposals(self) -> list[Proposal]:
        return proposals(self.engine, self.declared, self.facts, AT, self.labels, Choice())[0]


def model(*rules: str, more: str = "", fields: str = "kind: string") -> str:
    lines = "\n".join(f"    - {each}" for each in rules)
    return (
        f"format: 1\nname: m\n{more}inputs: {{fields: {{{fields}}}}}\nprofile:\n  rules:\n{lines}\n  letters: {{A: 9, B: 5, C: 1}}\n"
        "engagement:\n  digits: {1: 3, 2: 2, 3: 1}\n"
    )


def rule(*bands: str, name: str = "kind", more: str = "") -> str:
    return f"{{id: {name}, kind: fields, field: kind, {more}bands: [{', '.join(bands)}]}}"


@pytest.fixture(scope="module")
def world() -> World:
    return World({"good": (400, 300), "fair": (400, 200), "bad": (400, 60), "none": (400, 0)})


def points(found: Revised, name: str = "kind") -> list[int]:
    (own,) = (each for _axis, each in found.document.rules() if each.id == name)
    return [int(band.points) for band in own.bands]  # type: ignore[attr-defined]


WRONG = model(rule("{in: [good], points: 50}", "{in: [bad], points: -2}"))


def test_what_was_revised_is_revised_again_and_says_once_where_its_points_come_from(world: World) -> None:
    """The section ``learned`` stands in lines of its own, and is written anew."""
    origin = Made("suggest", 7, 3, When(NOW, NOW, NOW), metrics={"auc": 0.6, "calibration_error": 0.01}).plain()
    text = dump(loads(WRONG + f"learned: {flow(origin)}\n"))
    assert "\nlearned:\n  method: suggest\n" in text
    found = world.revised(text)
    assert found.document.learned is not None and found.document.learned.leads == 2_000 and found.text.count("learned:") == 1
    again = world.revised(found.text)
    assert again.revisions == () and again.text == found.text


def test_a_description_in_lines_of_its_own_is_written_on(world: World) -> None:
    block = (
        "id: kind\n      kind: fields\n      field: kind\n      description: |\n        As agreed.\n\n"
        "      bands:\n        - {in: [good], points: 50}\n        - {in: [bad], points: -2}"
    )
    found = world.revised(model(block))
    (own,) = (each for _axis, each in found.document.rules())
    assert (own.description or "").startswith("As agreed. Before, +50 points: converts") and "      bands:\n" in found.text
    assert found.text.count("Before, ") == 1 and world.revised(found.text).text == found.text


def test_what_changed_before_is_said_once(world: World) -> None:
    first = world.revised(WRONG)
    (band,) = set(points(first)) - {min(points(first))}
    spoilt = first.text.replace(f"points: {band}", "points: 70")
    second = world.revised(spoilt)
    (own,) = (each for _axis, each in second.document.rules())
    assert (own.description or "").count("Before, ") == 1 and "Before, +70 points" in (own.description or "")


def test_the_worst_band_is_corrected(world: World) -> None:
    """Of leads none of whom came out well the lift is 0; it says most of all."""
    found = world.revised(model(rule("{in: [good], points: 10}", "{in: [none], points: -1}")))
    good, none = points(found)
    assert none < -2 * good < 0
    (changed,) = found.revisions
    assert changed.change == "changed" and -1.0 in changed.before and float(none) in changed.after


def test_points_keep_their_sign_however_little_they_are_worth() -> None:
    """Of many leads a lift of 1.02 is sure, and worth no whole point."""
    labels, whom = np.zeros(400_000), np.zeros(400_000)
    whom[:200_000] = labels[:20_400] = labels[200_000:219_600] = 1
    told = evidence(labels, whom)
    assert told.is_sure and told.points == 0
    text = model(rule("{in: [good], points: 10}"))
    judged = RuleEvidence("profile", "kind", 10.0, told, evidence(labels, 1 - whom), "works", (), (SamePoints(10.0, told, 0),))
    assert points(revised(text, [judged], (), {"fields": {"kind": "string"}}, MADE)) == [1]


def test_bands_of_the_same_points_are_judged_each_by_its_own_leads(world: World) -> None:
    told = world.judged(model(rule("{in: [good], points: 10}", "{in: [bad], points: 10}", "{in: [fair], points: 0}")))["kind"]
    assert [(each.band, each.points, each.evidence.leads, each.evidence.outcomes) for each in told.by_points] == [
        (0, 10.0, 400, 300), (1, 10.0, 400, 60),
    ]  # fmt: skip


def test_what_goes_the_wrong_way_is_left_for_people_also_where_it_is_one_band(world: World) -> None:
    found = world.revised(model(rule("{in: [good], points: 10}", "{in: [bad], points: 10}", "{in: [fair], points: 1}")))
    assert points(found)[1] == 10 and points(found)[2] > 1
    assert [each.change for each in found.revisions] == ["changed", "left"]
    assert found.revisions[1].why.startswith("+10 points: converts 0.") and "harmful: it gives points" in found.revisions[1].why


ACTIVE = """format: 1
name: m
inputs:
  activities: {page_viewed: {path: string}}
profile: {letters: {A: 3, B: 2, C: 1}}
engagement:
  rules:
    - {id: pricing, kind: activity_count, activity: page_viewed, where: {path: {starts_with: /pricing}}, bands: [{at_least: 1, points: 5}]}
    - {id: docs, kind: activity_count, activity: page_viewed, where: {path: {starts_with: /docs}}, bands: [{at_least: 1, points: 5}]}
  digits: {1: 3, 2: 2, 3: 1}
"""
EACH = "    - {id: view, kind: activity, activity: page_viewed, points: 1, within: 30d}\n"


def test_rules_read_the_same_if_one_activity_counts_for_both() -> None:
    assert shared(loads(ACTIVE)) == {}
    beside = shared(loads(ACTIVE.replace("  digits", EACH + "  digits")))
    assert beside == {"pricing": "view", "docs": "view", "view": "pricing"}


def test_what_is_declared_and_not_read_is_proposed_too(world: World) -> None:
    text = model("{id: other, kind: fields, field: other, bands: [{equals: x, points: 1}]}", fields="kind: string, other: string")
    found = World({"good": (400, 300), "bad": (400, 60)}, {"other": {"good": "x", "bad": "y"}})
    assert [each.rule for each in found.revised(text, found.proposals()).revisions if each.change == "added"] == ["kind"]


def test_who_is_not_surely_anything_does_not_get_the_points_of_the_rest() -> None:
    found = World({"a": (40, 20), "b": (400, 320), **{f"r{number}": (10, 3) for number in range(100)}}).proposals()
    made = as_rule("kind", [each for each in found if each.field == "kind"])
    assert made is not None and [band.get("in", "rest") for band in made["bands"]] == [["b"], ["a"], "rest"]
    assert made["bands"][0]["points"] > 0 == made["bands"][1]["points"] > made["bands"][2]["points"]


def test_a_text_that_means_no_value_is_none_in_an_added_rule_and_stays_one_in_others() -> None:
    """Where files are read with *Select* for no value, a rule of any value must not take it for one."""
    world = World({"b": (400, 320), "": (400, 120), **{f"r{number}": (10, 2) for number in range(80)}}, {"other": {"b": "x", "": "y"}})
    world.declared["no_value"] = ["Select"]
    text = model("{id: other, kind: fields, field: other, bands: [{equals: x, points: 20}]}", fields="other: string")
    new = world.revised(text, world.proposals())
    assert new.document.inputs.no_value == ()
    leads = pa.table({"lead_id": ["a", "b", "c", "d"], "account_id": pa.nulls(4, pa.string()), "created_us": [NOW - 1] * 4,
                      "f_kind": ["Select", None, "something", "b"], "f_other": pa.nulls(4, pa.string())})  # fmt: skip
    _scores, lines = score_tables(world.engine, new.document, Facts(leads=world.engine.load("four", leads)), AT)
    given = {each["lead_id"]: each["millipoints"] for each in lines.to_pylist() if each["rule_id"] == "kind"}
    assert given.get("a") == given.get("b") and given["c"] < 0 < given["d"] and given.get("a") != given["c"]


def test_an_audience_without_both_outcomes_is_refused(world: World) -> None:
    text = model(rule("{in: [good], points: 10}"), more="audience: {field: kind, equals: none}\n")
    with pytest.raises(DataError) as refused:
        world.judged(text)
    assert refused.value.code == "one_outcome" and "in the audience of m" in str(refused.value)
    with pytest.raises(DataError) as refused:
        world.judged(text.replace("equals: none", "equals: nobody"))
    assert refused.value.code == "no_leads_in_time"
