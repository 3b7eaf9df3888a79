"""A country asked for by its name: leads hold its two letters, so nobody would be found."""

from collections.abc import Iterator

from vaglio.condition import FieldInput, Test, leaves
from vaglio.countries import code_of
from vaglio.document.checks.unused_input import expressions
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue

CODE = "country_name"
_FIELD = "country"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield the field of a lead or of its company that is held against names of countries."""
    tested = [leaf for expr in expressions(document) for leaf in leaves(expr)]
    for section in ("fields", "account_fields"):
        field = FieldInput(_FIELD, section == "account_fields")
        texts = dict.fromkeys(text for leaf in tested if leaf.input == field for text in _asked(leaf.test))
        named = {text: code for text in texts if len(text) > 2 and (code := code_of(text))}
        if named:
            shown = ", ".join(f"{text} is {code}" for text, code in named.items())
            yield (
                ("inputs", section, _FIELD),
                Issue(CODE, f"countries are asked for by name; {shown}", "write the two letters, unless the files you score hold names"),
            )


def _asked(test: Test) -> list[str]:
    return [each for each in (test.equals, *(test.in_ or ()), *(test.not_in or ())) if isinstance(each, str)]
