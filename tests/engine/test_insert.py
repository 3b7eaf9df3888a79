"""What is added to a document's text stands where it is meant to, and nothing else is touched."""

from decimal import Decimal
from typing import Any

import pytest

from vaglio.document.insert import NoSuchPlace, flow, root_of, with_all, with_item, with_key, with_value

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


WORDS = 'a:\n  any_word:\n    - one  # first\n    # of old\n    - "two"\n    - three  # last\n  b: 1\n'


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (["two", "three", "four"], WORDS.replace("    - one  # first\n", "").replace("# last\n", "# last\n    - four\n")),
        (["one", "two", "on"], WORDS.replace("    - three  # last\n", '    - "on"\n')),
        (["new"], "a:\n  any_word:\n    - new\n    # of old\n  b: 1\n"),
        (["one", "two", "three"], WORDS),
    ],
)
def test_of_a_list_with_a_line_for_each_item_only_the_lines_that_change_are_others(words: list[str], after: str) -> None:
    assert with_value(WORDS, ("a", "any_word"), words) == after
    assert with_value(WORDS.replace("\n", "\r\n"), ("a", "any_word"), words) == after.replace("\n", "\r\n")


def test_items_in_another_order_take_their_remarks_along() -> None:
    after = 'a:\n  any_word:\n    # of old\n    - "two"\n    - new\n    - one  # first\n  b: 1\n'
    assert with_value(WORDS, ("a", "any_word"), ["two", "new", "one"]) == after
    assert with_value("a: ['x y', z, w]\n", ("a",), ["z", "on", "x y"]) == "a: [z, \"on\", 'x y']\n"


def test_the_last_items_go_and_the_remarks_of_others_stay() -> None:
    text = "a: [one, # first\n   two, # second\n   three, # third\n   ]\n"
    assert with_value(text, ("a",), ["one", "two"]) == text.replace("   three, # third\n", "")
    assert with_value(text, ("a",), ["one", "four"]) == "a: [one, four, # first\n   ]\n"
    assert with_value(text, ("a",), ["two", "three"]) == text.replace("one, # first", "")
    assert with_value("a: [1, 2, 3]\n", ("a",), [2]) == "a: [2]\n"
    assert with_value("a: [1, 2, 3]\n", ("a",), [1, 5, 6]) == "a: [1, 5, 6]\n"
    assert with_value("a: [1, 2, 3]\n", ("a",), []) == "a: []\n"


def test_a_list_on_lines_may_lose_its_last_item_and_end_the_text() -> None:
    assert with_value("a:\n  - 1\n  - 2\n", ("a",), []) == "a:\n    []\n"
    assert with_value("a:\n  - 1\n  - 2", ("a",), [1, 3]) == "a:\n  - 1\n  - 3"
    assert with_value("a:\n  - 1", ("a",), [5, 1]) == "a:\n  - 5\n  - 1"


def test_where_nothing_stands_something_is_put() -> None:
    assert with_value("a:\nb: 1\n", ("a",), 5) == "a: 5\nb: 1\n"
    assert with_value("a:  # later\nb: 1\n", ("a", "c"), 5) == "a: {c: 5}  # later\nb: 1\n"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_condition_on_several_lines_gets_another_beside_it(ends: str) -> None:
    text = "x: 1\na:\n  field: country  # where\n  # of Europe\n  in:\n    - IT\n\n# b\nb: 2\n".replace("\n", ends)
    after = (
        "x: 1\na:\n  all:\n    - field: country  # where\n      # of Europe\n      in:\n        - IT\n    - {field: size}\n\n# b\nb: 2\n"
    )
    assert with_all(text, ("a",), {"field": "size"}) == after.replace("\n", ends)


def test_items_that_others_mean_too_are_left_to_whoever_writes_the_text() -> None:
    for text, words in ((WORDS, ["three", "one"]), (WORDS.replace("one", "&x one"), ["two"]), (WORDS.replace("one", "[one]"), ["two"])):
        with pytest.raises(NoSuchPlace):
            with_value(text, ("a", "any_word"), words)


def test_a_list_that_says_the_same_is_not_written_again() -> None:
    text = "a: [one,  # first\n  two]\n"
    assert with_value(text, ("a",), ["one", "two"]) == text


def test_a_line_more_ends_as_the_others_do() -> None:
    text = BLOCK.replace("\n", "\r\n")
    added = BLOCK.replace("points: 3}\n", "points: 3}\n      at_most: 9\n", 1).replace("\n", "\r\n")
    assert with_value(text, ("profile", "rules", 0, "at_most"), 9) == added


def test_every_sign_of_a_text_and_every_digit_of_a_number_reads_back() -> None:
    from vaglio.document.text import parse

    odd = "a\x7fb\x85c\u2028d\ufeffe\0f\U0001f600\u200d\uffff"
    numbers = [Decimal("0.000001"), Decimal("123456789012345.123456"), Decimal("100.00")]
    assert parse(f"a: {flow([odd, *numbers])}\n").data == {"a": [odd, *numbers]}
    assert flow(numbers) == "[0.000001, 123456789012345.123456, 100]"


def test_a_text_is_read_once_while_a_form_over_it_is_filled_in() -> None:
    assert root_of(BLOCK) is root_of(BLOCK)


@pytest.mark.parametrize("text", ["a:\n  -\n    b: 1\n", "a:\n-\n  b: 1\n", "-\n  - b: 1\n", "-   - b: 1\n", "a:\r\n  -\r\n    b: 1"])
def test_a_dash_may_stand_on_a_line_of_its_own(text: str) -> None:
    from vaglio.document.text import parse

    place: tuple[str | int, ...] = ("a",) if text.startswith("a") else (0,)
    found = parse(made := with_item(text, place, {"c": 2})).data
    assert found["a" if place == ("a",) else 0] == [{"b": 1}, {"c": 2}]
    assert made.count("\r") == made.count("\n") * ("\r" in text)
