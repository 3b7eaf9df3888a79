"""Each check on one model that it doubts, for exactly that reason, and on one that it leaves alone."""

import copy
from pathlib import Path
from typing import Any

import pytest

from vaglio.document import dump, fingerprint, loads
from vaglio.document.checks import CHECKS, doubts
from vaglio.errors import DocumentError

MODELS = Path(__file__).parents[2] / "models"

SOUND = """format: 1
name: sound
inputs:
  fields: {job_title: string, employees: integer, is_spam: boolean, signed_on: date}
  account_fields: {size: integer}
  activities: {page_viewed: {path: string}, form_submitted: {form: string}}
exclude:
  - {id: spam, when: {field: is_spam, equals: true}}
profile:
  groups: {extra: {at_most: 15}}
  rules:
    - {id: title, kind: fields, field: job_title, weight: 60,
       bands: [{any_word: [ceo, cfo], award: 100%}, {any_word: head, award: 50%}]}
    - {id: staff, kind: fields, field: employees, weight: 40,
       bands: [{from: 50, below: 500, award: 100%}, {from: 500, award: 50%}]}
    - {id: firm, kind: fields, field: account.size, points: 10, group: extra, bands: [{from: 50}]}
    - {id: fresh, kind: fields, field: signed_on, points: 10, group: extra, bands: [{newer_than: 30d}]}
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules:
    - {id: pricing, kind: activity, activity: page_viewed, where: {path: {starts_with: /pricing}},
       points: 5, half_life: 14d, at_most: 50}
    - {id: docs, kind: activity, activity: page_viewed, where: {path: {starts_with: /docs}},
       points: 2, half_life: 14d, at_most: 20}
    - {id: demo, kind: activity, activity: form_submitted, where: {form: demo}, points: 30, within: 60d}
  digits: {1: 75, 2: 50, 3: 25}
journey:
  - {stage: looking, any: [{activity: page_viewed}]}
temperature: {hot: [A1, A2], warm: [B1], cold: rest}
ratings:
  sales: [A1, A2, B1]
  nurture: {later: [A3, A4, B2, B3, B4, C1, C2, C3, C4]}
  none: [D1, D2, D3, D4]
promises:
  horizon: 90d
  expect: {A1: {accepted: 60%}}
  first_response: {A1: 1h}
  share: {A1: {at_most: 7%}}
  review_by: 2027-03-31
"""


def after(old: str, new: str) -> str:
    """Return the sound model with one part changed."""
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


# check, changed part, its replacement, path of the doubt, a piece of its message
DOUBTFUL: list[tuple[str, str, str, str, str]] = [
    ("unreachable_rating", "{A: 75, B", "{A: 175, B", "profile.letters.A", "at most +115.000"),
    ("unreachable_rating", "{A: 75, B: 50,", "{A: 75, B: 75,", "profile.letters.B", "the same points as A"),
    ("unreachable_rating", "C: 25}", "C: 0}", "profile.letters.C", "every lead reaches C"),
    (
        "unreachable_rating",
        "points: 30, within: 60d}",
        "points: 2, once_per: day, within: 1d}",
        "engagement.digits.1",
        "at most +74.000",
    ),
    (
        "never_fires",
        "{from: 50, below: 500, award",
        "{from: 5000, below: 50, award",
        "profile.rules[1] (staff).bands[0]",
        "exclude each other",
    ),
    (
        "never_fires",
        "{any_word: head, award",
        "{any_word: [ceo], award",
        "profile.rules[0] (title).bands[1]",
        "already cover it",
    ),
    (
        "never_fires",
        "{any_word: head, award",
        "{equals: The CEO, award",
        "profile.rules[0] (title).bands[1]",
        "already cover it",
    ),
    (
        "never_fires",
        "{from: 500, award",
        "{from: 60, below: 90, award",
        "profile.rules[1] (staff).bands[1]",
        "already cover it",
    ),
    (
        "never_fires",
        "{form: demo}, points",
        "{form: {equals: demo, in: [trial, call]}}, points",
        "engagement.rules[2] (demo)",
        "no activity can match",
    ),
    (
        "never_fires",
        "{form: demo}, points",
        "{all: [{form: demo}, {form: trial}]}, points",
        "engagement.rules[2] (demo)",
        "no activity can match",
    ),
    (
        "never_fires",
        "{form: demo}, points",
        "{form: demo, not: {form: Demo}}, points",
        "engagement.rules[2] (demo)",
        "no activity can match",
    ),
    (
        "never_fires",
        "{newer_than: 30d}",
        "{newer_than: 30d, older_than: 60d}",
        "profile.rules[3] (fresh).bands[0]",
        "exclude each other",
    ),
    (
        "never_fires",
        "inputs:\n",
        "audience: {field: employees, below: 500}\ninputs:\n",
        "profile.rules[1] (staff).bands[1]",
        "in the audience",
    ),
    (
        "never_fires",
        "inputs:\n",
        "audience: {all: [{field: employees, below: 5}, {field: employees, from: 5}]}\ninputs:\n",
        "audience",
        "nobody",
    ),
    ("never_fires", "equals: true}}", "equals: true, known: false}}", "exclude[0] (spam)", "excludes nobody"),
    (
        "never_fires",
        "any: [{activity: page_viewed}]",
        "any: [{activity: page_viewed, where: {path: {known: false, contains: a}}}]",
        "journey[0] (looking).any[0]",
        "no activity can meet",
    ),
    (
        "never_fires",
        "kind: activity, activity: form_submitted, where: {form: demo}, points: 30, within: 60d}",
        ("kind: activity_count, activity: form_submitted, where: {form: demo}, within: 60d, bands: [{at_least: 0, points: 30}]}"),
        "engagement.rules[2] (demo)",
        "every lead reaches at_least: 0",
    ),
    (
        "never_fires",
        "kind: activity, activity: form_submitted, where: {form: demo}, points: 30, within: 60d}",
        (
            "kind: activity_count, activity: form_submitted, where: {form: demo},"
            " bands: [{at_least: 2, points: 30}, {at_least: 2, points: 1}]}"
        ),
        "engagement.rules[2] (demo).bands[1]",
        "already cover it",
    ),
    ("never_fires", "points: 2, half_life", "points: 0, half_life", "engagement.rules[1] (docs)", "0 points"),
    (
        "cap_below_rule",
        "points: 5, half_life: 14d, at_most: 50",
        "points: 55, half_life: 14d, at_most: 50",
        "engagement.rules[0] (pricing).at_most",
        "+55",
    ),
    ("cap_below_rule", "extra: {at_most: 15}", "extra: {at_most: 9}", "profile.groups.extra", "the rule firm"),
    (
        "unused_input",
        "is_spam: boolean,",
        "is_spam: boolean, country: string,",
        "inputs.fields.country",
        "the field country",
    ),
    (
        "country_name",
        "inputs:\n  fields: {job_title: string,",
        "audience: {field: country, in: [Italia, IT, ro, Atlantis]}\ninputs:\n  fields: {country: string, job_title: string,",
        "inputs.fields.country",
        "Italia is IT",
    ),
    ("unused_input", "{size: integer}", "{size: integer, city: string}", "inputs.account_fields.city", "city"),
    (
        "unused_input",
        "{form: string}}",
        "{form: string}, mail_opened: {}}",
        "inputs.activities.mail_opened",
        "the activity mail_opened",
    ),
    (
        "unused_input",
        "{form: string}}",
        "{form: string, page: string}}",
        "inputs.activities.form_submitted.page",
        "the property page",
    ),
    (
        "double_counting",
        "{starts_with: /docs}",
        "{contains: price}",
        "engagement.rules[1] (docs)",
        "page_viewed as pricing",
    ),
    (
        "double_counting",
        "where: {form: demo}, points: 30, within: 60d}",
        (
            "where: {form: demo}, points: 30, within: 60d}\n    - {id: lately, kind: activity_recency,"
            " activity: form_submitted, bands: [{within: 7d, points: 5}]}"
        ),
        "engagement.rules[3] (lately)",
        "form_submitted as demo",
    ),
    ("weights", "weight: 40", "weight: 30", "profile.rules", "add up to 90"),
    (
        "promise_without_rating",
        "first_response: {A1: 1h}",
        "first_response: {A1: 1h, A3: 4h}",
        "promises.first_response.A3",
        "does not go to sales",
    ),
    (
        "promise_without_rating",
        "{accepted: 60%}}",
        "{accepted: 60%}, C1: {accepted: 5%}}",
        "promises.expect.C1",
        "does not go to sales",
    ),
    ("promise_without_rating", "  horizon: 90d\n", "", "promises.expect", "not until when"),
    ("promise_without_rating", "warm: [B1]", "warm: [A2]", "temperature.warm", "A2 is hot and warm"),
    ("promise_without_rating", "hot: [A1, A2]", "hot: [A1, D1]", "temperature.hot", "D1 is hot"),
    ("missing_destination", "none: [D1, D2, D3, D4]", "none: [D2, D3, D4]", "ratings", "D1 leads nowhere"),
    ("stale_review", "  review_by: 2027-03-31\n", "", "promises", "no date"),
    ("control_character", "name: sound\n", 'name: sound\ntitle: "a\\0b"\n', "title", "control character"),
    ("control_character", "name: sound\n", 'name: sound\ndescription: "line\\tone\\n\\e[2J"\n', "description", "control character"),
    ("control_character", "weight: 40", 'weight: 40, description: "\\x9b2J"', "profile.rules[1] (staff).description", "control character"),
]


def test_a_sound_model_raises_no_doubt() -> None:
    assert doubts(SOUND) == []


@pytest.mark.parametrize(("check", "old", "new", "path", "says"), DOUBTFUL)
def test_it_doubts_for_this_reason_alone(check: str, old: str, new: str, path: str, says: str) -> None:
    found = doubts(after(old, new))
    assert [(issue.code, issue.path) for issue in found] == [(check, path)], found
    assert says in found[0].message
    assert found[0].hint
    assert found[0].line is not None


def test_scores_that_only_grow_are_doubted_once() -> None:
    text = SOUND.replace(", half_life: 14d", "").replace(", within: 60d", "")
    assert [(issue.code, issue.path) for issue in doubts(text)] == [("no_half_life", "engagement.rules")]


def test_an_expectation_needs_a_destination() -> None:
    text = after("ratings:\n  sales: [A1, A2, B1]\n", "ratings:\n  sales: [A2, B1]\n")
    found = {(issue.code, issue.path) for issue in doubts(text)}
    assert found == {
        ("missing_destination", "ratings"),
        ("promise_without_rating", "promises.expect.A1"),
        ("promise_without_rating", "promises.first_response.A1"),
        ("promise_without_rating", "promises.share.A1"),
    }


def test_a_cap_of_the_axis_holds_the_largest_rule_and_group() -> None:
    low = after("letters: {A: 75, B: 50,", "at_most: 59.5\n  letters: {A: 55, B: 50,")
    assert [(issue.code, issue.path) for issue in doubts(low)] == [("cap_below_rule", "profile.at_most")]
    group = low.replace("59.5", "70").replace("extra: {at_most: 15}", "extra: {at_most: 71}")
    assert [issue.message for issue in doubts(group)] == ["at_most: 70 is below the group extra, which alone gives +71"]


# Each of these looks close to a doubt and is none.
HARMLESS = [
    ("within: 60d}", "within: 3650d, half_life: 1d}"),  # a window longer than the fading is fine
    ("{any_word: head, award", "{contains: head, award"),
    ("{any_word: head, award", "{any_word: [head, ceo], award"),  # one word of two is new
    ("{from: 500, award", "{from: 20, award"),  # only in part covered
    ("{form: demo}, points", "{form: {not_in: [demo, trial]}}, points"),
    ("{form: demo}, points", "{any: [{form: demo}, {form: trial}]}, points"),
    ("{starts_with: /docs}", "{equals: /docs/start}"),  # cannot start with /pricing
    ("points: 2, half_life", "points: -2, half_life"),  # paying and fining one page is no double pay
    ("temperature: {hot: [A1, A2], warm: [B1], cold: rest}\n", ""),
    ("  share: {A1: {at_most: 7%}}\n", ""),
]


@pytest.mark.parametrize(("old", "new"), HARMLESS)
def test_it_does_not_doubt(old: str, new: str) -> None:
    assert doubts(after(old, new)) == []


def test_a_profile_of_points_alone_has_no_weights_to_add_up() -> None:
    assert doubts(SOUND.replace("weight: ", "points: ")) == []


def test_rules_of_one_group_may_share_an_activity() -> None:
    text = SOUND.replace("{starts_with: /docs}", "{contains: price}").replace("at_most: 20}", "at_most: 20, group: web}")
    text = text.replace("at_most: 50}", "at_most: 50, group: web}").replace(
        "engagement:\n", "engagement:\n  groups: {web: {at_most: 60}}\n"
    )
    assert doubts(text) == []


def test_a_run_pays_for_the_pattern_not_for_its_activities() -> None:
    fast = "    - {id: fast, kind: velocity, activity: page_viewed, at_least: %d, within: 3d, points: 9, half_life: 7d}\n  digits:"
    assert doubts(SOUND.replace("  digits:", fast % 5)) == []
    assert {issue.code for issue in doubts(SOUND.replace("  digits:", fast % 1))} == {"double_counting"}


def test_a_learned_grid_is_checked_side_by_side() -> None:
    grid = """    - id: grid
      kind: bands_2d
      first: {input: {field: employees}, bands: [{below: 50}, {below: 20}, {from: 50}]}
      second: {input: {activity: page_viewed, count: true}, bands: [{below: 3}, {from: 3}]}
      points: [[1, 2], [3, 4], [5, 6]]
  digits:"""
    found = doubts(SOUND.replace("  digits:", grid))
    assert [(issue.code, issue.path) for issue in found] == [("never_fires", "engagement.rules[3] (grid).first.bands[1]")]
    assert found[0].line is not None


def test_digits_may_be_quoted() -> None:
    found = doubts(SOUND.replace("{1: 75, 2: 50, 3: 25}", '{"1": 75, "2": 50, "3": 0}'))
    assert [(issue.code, issue.path) for issue in found] == [("unreachable_rating", "engagement.digits.3")]


def test_an_invalid_model_has_faults_not_doubts() -> None:
    with pytest.raises(DocumentError):
        doubts(SOUND.replace("form: {form: string}", "form: {form: text}").replace("kind: fields", "kind: field"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("signed_on: date}", "signed_on: date, Employees: integer}"),
        ("{size: integer}", "{size: integer, SIZE: integer}"),
        ("{form: string}", "{form: string, Path: string}"),
    ],
)
def test_names_that_are_one_column_to_a_database_are_a_fault(old: str, new: str) -> None:
    with pytest.raises(DocumentError, match="differ in capitals only"):
        doubts(SOUND.replace(old, new))


@pytest.mark.parametrize("number", ["1e309", "-1e400"])
def test_a_number_beyond_all_numbers_is_a_fault(number: str) -> None:
    text = SOUND.replace("signed_on: date}", "signed_on: date, ratio: number}")
    with pytest.raises(DocumentError, match="larger than any number"):
        doubts(text.replace("field: is_spam, equals: true", f"field: ratio, from: {number}"))


@pytest.mark.parametrize("bound", ["9007199254740993.5", "2.00000000000000000001"])
def test_a_fraction_of_more_digits_than_are_kept_is_a_fault(bound: str) -> None:
    """Written down it would be another number: two documents of one fingerprint, and a score that another copy does not give."""
    with pytest.raises(DocumentError, match="more digits than a number with a fraction keeps; write at most 15"):
        loads(SOUND.replace("{from: 50}", f"{{from: {bound}}}"))
    for kept in ("9007199254740993", "0.1", "123456789.123456", "-1.5e-7"):
        document = loads(SOUND.replace("{from: 50}", f"{{from: {kept}}}"))
        assert fingerprint(loads(dump(document))) == fingerprint(document) != fingerprint(loads(SOUND))


@pytest.mark.parametrize("operator", ["contains", "starts_with", "ends_with"])
def test_a_text_that_every_text_holds_is_a_fault(operator: str) -> None:
    with pytest.raises(DocumentError, match="is nothing once accents are taken off, and every text holds that"):
        loads(SOUND.replace("{any_word: head, award", f'{{{operator}: "\\u0301", award'))


def test_every_check_is_tested() -> None:
    tested = {row[0] for row in DOUBTFUL} | {"no_half_life"}
    assert tested == set(CHECKS)
    folder = Path(__file__).parents[2] / "src" / "vaglio" / "document" / "checks"
    assert set(CHECKS) == {path.stem for path in folder.glob("*.py")} - {"__init__", "reach", "reasoning"}


# The founding document is kept byte for byte; it declares the minutes of a webinar and no rule reads them.
KNOWN: dict[str, list[tuple[str, str]]] = {
    "b2b_software": [("unused_input", "inputs.activities.webinar_attended.minutes")],
}


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_ready_models_raise_no_other_doubt(path: Path) -> None:
    found: list[Any] = [(issue.code, issue.path) for issue in doubts(path.read_text(encoding="utf-8"))]
    assert found == copy.copy(KNOWN.get(path.stem, []))
