"""What is said of a document that does not load."""

import pytest

from vaglio.document import loads
from vaglio.errors import DocumentError

RULE = "{id: t, kind: fields, field: title, weight: 100, bands: [{any_word: [ceo], award: 100%}]}"
SOUND = f"""format: 1
name: m
title: T
description: "line\\tone\\nline two"
inputs: {{fields: {{title: string}}}}
profile:
  rules:
    - &t {RULE}
  letters: {{A: 75, B: 50, C: 25}}
engagement: {{rules: [], digits: {{1: 75, 2: 50, 3: 25}}}}
"""


def faults(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        loads(text)
    return [str(issue) for issue in caught.value.issues]


def test_what_is_changed_below_is_sound() -> None:
    assert loads(SOUND).description == "line\tone\nline two"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n- b\n", "line 1: the document is a list, not keys with values; begin with format: 1, as `vaglio init` does"),
        (
            "7\n",
            "line 1: the document is the single value 7, not keys with values; begin with format: 1, as `vaglio init` does",
        ),
    ],
)
def test_a_document_that_is_none(text: str, said: str) -> None:
    assert faults(text) == [said]


CHANGES = {
    ("[ceo]", "[]"): "line 8: profile.rules[0] (t).bands[0].any_word: is empty; write what belongs there, or leave it out",
    ("title: T", "title: ''"): "line 3: title: is empty; write what belongs there, or leave it out",
    ("{fields: {title: string}}", "[title]"): "line 5: inputs: is a list, not keys with values; write lines of the form key: value",
    ("rules: []", "rules: {}"): "line 10: engagement.rules: is keys with values, not a list; write it as [a, b]",
    ("rules: []", "rules: [x]"):
        "line 10: engagement.rules[0]: is the single value 'x', not keys with values; write lines of the form key: value",
    ("  letters", "    - {<<: *t, id: u}\n  letters"):
        "line 9: profile.rules.1: merge keys (<<) are not read: YAML 1.2 has none; write the keys out",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_part_that_is_wrong(change: tuple[str, str]) -> None:
    assert SOUND.count(change[0]) == 1
    assert faults(SOUND.replace(*change)) == [CHANGES[change]]


def test_a_letter_that_needs_fewer_points_than_a_worse_one_is_named_with_it() -> None:
    said = faults(SOUND.replace("B: 50, C: 25", "B: 80, C: 25"))
    assert said == ["line 9: profile.letters: A begins at 75 points, below B at 80; A is the better one: it needs more points"]
    assert loads(SOUND.replace("B: 50, C: 25", "B: 75, C: 75")).axis("profile").thresholds()["C"] == 75
