"""A document's text is changed where it is meant to be, and nowhere else."""

from decimal import Decimal

import pytest

from vaglio.document.edit import with_thresholds, without_section

BLOCK = """# A model.
name: m

# Whom it rates:
# only three countries.
audience:   # for now
  all:
    - field: country   # where they live
      in: [IT, RO]

# What it reads
inputs: {fields: {country: string}}
"""


def test_a_section_goes_with_the_comment_above_it() -> None:
    assert without_section(BLOCK, "audience") == ("# A model.\nname: m\n\n\n# What it reads\ninputs: {fields: {country: string}}\n")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a: 1\naudience: {all: [{field: x, in: [a, b]}]}  # these\nb: 2\n", "a: 1\nb: 2\n"),
        ('a: 1\n"audience": {all: []}\nb: 2\n', "a: 1\nb: 2\n"),
        ("a: 1\naudience:\n  all: []", "a: 1\n"),
        ("audience: {all: []}\nb: 2\n", "b: 2\n"),
        ("{a: 1, audience: {all: []}, b: 2}\n", "{a: 1, b: 2}\n"),
        ("{a: 1, audience: {all: []}}\n", "{a: 1}\n"),
        ("{audience: {all: []}}\n", "{}\n"),
        ("audience: |\n  all\n\n# below\nb: 2\n", "\n# below\nb: 2\n"),
        ("a: 1\n", "a: 1\n"),
        ("a: |\n  audience: not this\nb: 2\n", "a: |\n  audience: not this\nb: 2\n"),
    ],
)
def test_sections_of_every_spelling_go(text: str, rest: str) -> None:
    assert without_section(text, "audience") == rest


def test_a_block_of_cuts_is_edited_like_one_in_braces() -> None:
    text = "profile:\n  letters:   # who\n    A: 75  # best\n    B: 50\n    'C': 25\nengagement:\n  digits: {1: 75, 2: 50, 3: 25}\n"
    letters = {"A": Decimal("80.5"), "B": Decimal(40), "C": Decimal(-3)}
    assert with_thresholds(text, letters, {"1": Decimal(9), "2": Decimal(8), "3": Decimal(7)}) == (
        "profile:\n  letters:   # who\n    A: 80.5  # best\n    B: 40\n    'C': -3\nengagement:\n  digits: {1: 9, 2: 8, 3: 7}\n"
    )
