"""What is added to a document's text stands where it is meant to, and nothing else is touched."""

from decimal import Decimal
from typing import Any

import pytest

from vaglio.document.insert import NoSuchPlace, flow, with_item, with_key, with_value

BLOCK = """# A model.
inputs:
  fields:      # of the lead
    city: string  # where
profile:
  rules:
    - id: one   # the first
      points: 5
      bands:
        - {in: [a], points: 3}
    # the end of the profile
  letters: {A: 3}
engagement: {digits: {1: 3}}
"""


@pytest.mark.parametrize(
    ("place", "value", "before", "after"),
    [
        (("profile", "rules", 0, "points"), 8, "points: 5", "points: 8"),
        (("profile", "rules", 0, "bands", 0, "points"), -2, "[a], points: 3", "[a], points: -2"),
        (("profile", "rules", 0, "description"), "so: “yes”", "points: 3}\n", 'points: 3}\n      description: "so: “yes”"\n'),
        (("inputs", "fields", "size"), "integer", "string  # where\n", "string  # where\n    size: integer\n"),
        (("inputs", "activities", "seen"), {}, "string  # where\n", "string  # where\n  activities: {seen: {}}\n"),
        (("title",), "no", "digits: {1: 3}}\n", 'digits: {1: 3}}\ntitle: "no"\n'),
    ],
)  # fmt: skip
def test_a_value_is_put_in_its_place(place: Any, value: Any, before: str, after: str) -> None:
    assert with_value(BLOCK, place, value) == BLOCK.replace(before, after, 1)


def test_an_item_comes_last() -> None:
    rule = {"id": "two", "points": Decimal("1.5"), "bands": [{"in": ["b c", "on"], "points": 1}]}
    made = with_item(BLOCK, ("profile", "rules"), rule)
    written = '    - {id: two, points: 1.5, bands: [{in: ["b c", "on"], points: 1}]}\n'
    assert made == BLOCK.replace("points: 3}\n", f"points: 3}}\n{written}", 1)
    assert with_item(BLOCK, ("engagement", "rules"), {"id": "x"}).endswith("engagement: {digits: {1: 3}, rules: [{id: x}]}\n")
    assert with_item("a: []\n", ("a",), 1) == "a: [1]\n"
    assert with_item("a: [1, 2]  # these\n", ("a",), 3) == "a: [1, 2, 3]  # these\n"


def test_what_stands_for_something_else_is_not_changed() -> None:
    text = "a: &x {points: 1}\nb: *x\n"
    for place in ("a", "b"):
        with pytest.raises(NoSuchPlace):
            with_value(text, (place, "points"), 2)
    with pytest.raises(NoSuchPlace):
        with_key("a: 1\n", ("a",), "b", 2)


def test_values_on_one_line_read_as_they_are() -> None:
    assert (
        flow({"in": ["Working Professional", "x"], "known": True, "m": None}) == '{in: ["Working Professional", x], known: true, m: null}'
    )


def test_a_remark_before_the_bracket_stays_one() -> None:
    text = "a:\n  - {id: one, points: 5,  # agreed\n     within: 3d  # in May\n    }\nb: {c: 1, }\n"
    made = with_value(text, ("a", 0, "at_most"), 9)
    assert made == text.replace("within: 3d  #", "within: 3d, at_most: 9  #")
    assert with_value(text, ("b", "d"), 2) == text.replace("{c: 1, }", "{c: 1, d: 2, }")
