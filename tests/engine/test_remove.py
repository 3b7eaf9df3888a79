"""A key or an item taken out of a text leaves all the rest as somebody wrote it."""

import pytest

from vaglio.document.insert import NoSuchPlace
from vaglio.document.remove import without, without_items

TEXT = """\
# What counts.
rules:
  - {id: a, points: 10, within: 30d}  # the first
  - id: b  # the second
    points: 5
    within: 7d  # a week
    where: {path: /x}
  # of the third
  - {id: c, points: 1}
letters: {A: 75, B: 50}
"""


@pytest.mark.parametrize(
    ("path", "gone", "instead"),
    [
        (("rules", 0, "within"), ", within: 30d", ""),
        (("rules", 0, "points"), "points: 10, ", ""),
        (("rules", 1, "within"), "    within: 7d  # a week\n", ""),
        (("rules", 1, "where"), "    where: {path: /x}\n", ""),
        (("rules", 1, "where", "path"), "path: /x", ""),
        (("rules", 0), "  - {id: a, points: 10, within: 30d}  # the first\n", ""),
        (("rules", 2), "  - {id: c, points: 1}\n", ""),
        (("letters", "B"), ", B: 50", ""),
        (("letters",), "letters: {A: 75, B: 50}\n", ""),
    ],
)
def test_only_what_is_named_goes(path: tuple[str | int, ...], gone: str, instead: str) -> None:
    assert gone in TEXT
    assert without(TEXT, path) == TEXT.replace(gone, instead)


def test_an_item_of_several_lines_goes_whole() -> None:
    whole = "  - id: b  # the second\n    points: 5\n    within: 7d  # a week\n    where: {path: /x}\n"
    assert without(TEXT, ("rules", 1)) == TEXT.replace(whole, "")


@pytest.mark.parametrize("path", [("rules", 1, "id"), ("rules", 0, "cap"), ("rules", 7), ("digits",)])
def test_what_is_not_there_or_begins_its_item_is_refused(path: tuple[str | int, ...]) -> None:
    with pytest.raises(NoSuchPlace):
        without(TEXT, path)


def test_what_an_alias_means_too_is_refused() -> None:
    with pytest.raises(NoSuchPlace):
        without("a: &x {b: 1, c: 2}\nd: *x\n", ("a", "b"))


def test_several_items_go_at_once() -> None:
    without_both = without(without(TEXT, ("rules", 2)), ("rules", 0))
    assert without_items(TEXT, ("rules",), [0, 2]) == without_items(TEXT, ("rules",), [2, 0, 2]) == without_both
    assert without_items("a: [1, 2, 3]\n", ("a",), [0, 2]) == "a: [2]\n"


def test_a_remark_on_a_line_of_its_own_is_about_what_follows() -> None:
    text = "a: [\n  {x: 1},  # one\n  # about two\n  {x: 2}, {x: 3},\n]\n"
    assert without(text, ("a", 0)) == text.replace("  {x: 1},  # one\n", "")
    assert without(text, ("a", 1)) == text.replace("{x: 2}, {x: 3}", "{x: 3}")
    assert without(text, ("a", 2)) == text.replace("{x: 2}, {x: 3}", "{x: 2}")
    assert without("a:\n  b:\n    c: 1\nd: 2\n", ("a", "b", "c")) == "a:\n  b:\n    {}\nd: 2\n"


def test_a_list_without_items_is_still_a_list() -> None:
    assert without("a:\n  - 1\nb: 2\n", ("a", 0)) == "a:\n   []\nb: 2\n"
    assert without_items("a:\n- {x: 1}  # one\n# of two\n- {x: 2}\n", ("a",), [0, 1]) == "a:\n []\n# of two\n"
    assert without("a:\r\n  - 1\r\nb: 2\r\n", ("a", 0)) == "a:\r\n   []\r\nb: 2\r\n"


def test_the_only_item_takes_the_comma_behind_it_along() -> None:
    assert without("a: [\n  {x: 1}, # one\n ]\n", ("a", 0)) == "a: [\n ]\n"
    assert without("a: {x: 1 , }\nb: [1]\n", ("a", "x")) == "a: { }\nb: [1]\n"
    assert without("c: [{x: 1}, 2]\n", ("c", 0, "x")) == "c: [{}, 2]\n"


def test_a_text_that_cannot_be_read_has_no_places() -> None:
    with pytest.raises(NoSuchPlace):
        without("a: [, 1]\nb: {c: 1}\n", ("b", "c"))
