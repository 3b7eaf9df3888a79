"""A value set in a text is that value and no other: what cannot be set by itself is refused, and many at once take no longer than one."""

from decimal import Decimal
from time import monotonic

import pytest

from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.logic.tuning import NotAlone, tuned

TEXT = """\
format: 1
name: small
inputs: {fields: {job_title: string}, activities: {page_viewed: {path: string}, form_submitted: {form: string}}}
profile:
  rules:
    - {id: boss, kind: fields, field: job_title, points: 60, bands: [{any_word: [chief, cto]}]}
  letters: {A: 75, B: 50, C: 25}
engagement:
  digits: {1: 75, 2: 50, 3: 25}
  rules:
"""
SHARED = """\
    - {id: first, kind: activity, activity: page_viewed, points: 30, where: &where {path: /x}}
    - {id: other, kind: activity, activity: form_submitted, points: 7}
    - {id: last, kind: activity, activity: page_viewed, points: 5, where: *where, within: 60d}
"""
SHARED_BLOCK = """\
    - id: first
      kind: activity
      activity: page_viewed
      points: 30
      where: &where {path: /x}
    - id: last
      kind: activity
      activity: page_viewed
      points: 5
      where: *where
"""
KEPT = """\
    - id: first
      kind: activity
      activity: page_viewed
      points: 30
      description: |+
        Line ends count here.


"""
EMPTY = """\
    - id: first
      kind: activity
      within:
      activity: page_viewed
      points: 30
"""


@pytest.mark.parametrize(
    ("rules", "position", "key", "value"),
    [
        (SHARED_BLOCK, 1, "at_most", Decimal(17)),  # it would have been a cap of the first rule
        (KEPT, 0, "at_most", Decimal(17)),  # the description would have been another
    ],
)
def test_what_would_change_something_else_is_refused(rules: str, position: int, key: str, value: Decimal | str | None) -> None:
    document_of(TEXT + rules)
    with pytest.raises(NotAlone):
        tuned(TEXT + rules, {("engagement", "rules", position, key): value}, [])
    with pytest.raises(NotAlone):
        tuned(TEXT + SHARED_BLOCK, {}, [("engagement", "rules", 1)])


def test_where_nothing_stands_or_something_else_does_before_it_only_that_is_changed() -> None:
    made = tuned(TEXT + EMPTY, {("engagement", "rules", 0, "within"): "30d"}, [])
    assert made == (TEXT + EMPTY).replace("within:", "within: 30d")
    made = tuned(TEXT + SHARED, {("engagement", "rules", 2, "within"): None}, [])
    assert made == (TEXT + SHARED).replace("*where, within: 60d", "*where, ")


def test_what_is_no_model_afterwards_is_told_by_its_faults() -> None:
    made = tuned(TEXT + SHARED, {("profile", "letters", "A"): Decimal(10)}, [])
    assert made == (TEXT + SHARED).replace("A: 75", "A: 10")


def test_the_only_rule_of_an_axis_is_taken_out() -> None:
    made = tuned(TEXT + SHARED, {("profile", "rules", 0, "points"): Decimal(1)}, [("profile", "rules", 0)])
    assert document_of(made).profile.rules == () and len(document_of(made).engagement.rules) == 3


def test_many_are_set_as_soon_as_one() -> None:
    rule = "    - {id: p%d, kind: activity, activity: page_viewed, points: 1, half_life: 14d}\n"
    text = TEXT + "".join(rule % number for number in range(200))
    values = {("engagement", "rules", number, key): value for number in range(200) for key, value in (("points", 2), ("within", "9d"))}
    before = monotonic()
    made = tuned(text, values | {("engagement", "at_most"): 90}, [("engagement", "rules", number) for number in range(100, 150)])
    assert monotonic() - before < 30, "it took a minute and more where each value reads the text again"
    rules = document_of(made).engagement.rules
    assert len(rules) == 150 and {(rule.points, rule.within) for rule in rules} == {(2, 9 * 86_400)}  # type: ignore[attr-defined]
    assert document_of(made).engagement.at_most == 90
