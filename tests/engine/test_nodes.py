"""libyaml gives the nodes of a text as ruamel.yaml does, which knows all of YAML 1.2; what it does not take that one reads."""

import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from vaglio.document import loads
from vaglio.document import nodes as made
from vaglio.document.nodes import Node, anew, nodes
from vaglio.document.text import parse
from vaglio.errors import DocumentError

TEXTS = int(os.environ.get("VAGLIO_TEXTS", "600"))
MODELS = Path(__file__).parents[2] / "models"
# What changes the meaning of a text where it is put.
BITS = ("{", "}", "[", "]", ":", " ", "\n", "  ", "- ", "#", "'", '"', "|", ">", "&a ", "*a", "? ", "!", "!!str ", ",", "%", "@", "\\",
        "\t", "---\n", "...\n", "<<: ", "~", "\r", "\x85", "\u2028", "\xa0", "é", "\\\n")  # fmt: skip


def plain(node: Node | None) -> Any:
    if node is None:
        return None
    inside = (
        node.value if node.id == "scalar" else [plain(each) if isinstance(each, Node) else tuple(map(plain, each)) for each in node.value]
    )
    line = node.line if inside else 0  # where nothing stands is a matter of taste
    return (node.id, line, inside, (node.style or "") in ("'", '"', "|", ">"))


def by_the_other(text: str) -> Any:
    try:
        return plain(made._as_ours(anew(text), {}))
    except DocumentError:
        return "not YAML"


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.yaml")), ids=lambda path: path.stem)
def test_models_are_read_alike_and_by_the_fast_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = by_the_other(text)
    monkeypatch.setattr(made, "anew", lambda text: pytest.fail("it was left to ruamel.yaml"))
    assert plain(nodes(text)) == wanted


def test_what_both_take_they_take_alike() -> None:
    drawn = random.Random(5)
    texts = [path.read_text(encoding="utf-8").splitlines() for path in sorted(MODELS.glob("*.yaml"))]
    taken = 0
    for _ in range(TEXTS):
        lines = drawn.choice(texts)
        first = drawn.randrange(len(lines))
        text = "\n".join(lines[first : first + drawn.randrange(1, 14)])
        for _ in range(drawn.randrange(4)):
            place = drawn.randrange(len(text) + 1)
            text = text[:place] + drawn.choice(BITS) + text[place + drawn.randrange(2) :]
        try:
            found = plain(nodes(text))
        except DocumentError:
            found = "not YAML"
        wanted = by_the_other(text)
        taken += "not YAML" not in (found, wanted)
        # libyaml lets a comment follow the sign of a block at once, and a pair stand in a list without a space.
        assert wanted in (found, "not YAML"), repr(text)
    assert taken > TEXTS // 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: " + "[" * 100_000, "nested more than 100 deep"), ("- " * 50_000, "nested more than 100 deep"),
        ("{a: " * 5_000, "nested more than 100 deep"), ("a: 1\n b: 2\n", "line 2: is not YAML"), ("a: 1\n---\nb: 2\n", "is not YAML"),
        ("a: *b\n", "is not YAML"), ("a: \ud800", "is not YAML"), ("a: \x00", "is not YAML"),
        ("a: é\nb: x\x0cy\n", "line 2: is not YAML"),
    ],
    ids=["brackets", "dashes", "braces", "indentation", "two documents", "no anchor", "half a character", "no text", "new page"],
)  # fmt: skip
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(said)):
        loads(text)


def test_it_is_libyaml() -> None:
    """The slow one in Python would do, and take as long as ruamel.yaml."""
    assert yaml.__with_libyaml__


def test_a_part_named_twice_is_there_twice() -> None:
    assert plain(nodes("a: &x [1]\nb: *x\n"))[2][1][1] == ("sequence", 1, [("scalar", 1, "1", False)], False)


@pytest.mark.parametrize("begins", ["", "note: &left [1]\n"], ids=["libyaml", "ruamel.yaml"])
def test_folded_lines_are_one(begins: str) -> None:
    found = dict(parse(f"{begins}description: >\n  one two\n  three\n\n  four\n").data)
    assert found["description"] == "one two three\nfour\n"


def test_a_list_is_no_key_however_often_it_names_its_parts() -> None:
    again = ", ".join(f"&x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 20))  # ten to the eighteenth, spelled out
    for key in (f"[&x0 [1], {again}]", "{a: 1}"):
        with pytest.raises(DocumentError, match="line 1: is no key"):
            loads(f"? {key}\n: 1\n")
