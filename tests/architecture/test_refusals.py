"""What somebody is refused goes through gettext: pages show it."""

import ast
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[2] / "src" / "vaglio_server"
FILES = sorted(str(path.relative_to(SERVER)) for path in (*SERVER.glob("*/actions/*.py"), *SERVER.glob("*/actions.py")))


def bare_texts(tree: ast.AST) -> list[str]:
    """Return the texts that refusals are made of, and that no translation is asked for."""
    found = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in ("Refused", "FaultyValues"):
            continue
        for part in (inner for given in call.args for inner in (given.elts if isinstance(given, ast.List) else [given])):
            texts = [each for each in part.values if isinstance(each, ast.Constant)] if isinstance(part, ast.JoinedStr) else [part]
            said = [str(each.value).strip() for each in texts if isinstance(each, ast.Constant)]
            found += [text for text in said if " " in text]  # one word and a colon name a field
    return found


@pytest.mark.parametrize("name", FILES)
def test_refusals_are_asked_of_gettext(name: str) -> None:
    assert bare_texts(ast.parse((SERVER / name).read_text(encoding="utf-8"))) == []


def test_a_bare_text_is_found() -> None:
    said = """
raise Refused(f"{a} is gone")
raise FaultyValues(["name: is missing"])
raise Refused(_("all is well"))
raise FaultyValues([f"x: {_('is well')}"])
"""
    assert bare_texts(ast.parse(said)) == ["is gone", "name: is missing"]
