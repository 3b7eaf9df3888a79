"""A title or a description with signs that a terminal takes for commands; a doubt, so that what was signed with one is still read."""

from collections.abc import Iterator

from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.terms import AXES

CODE = "control_character"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield every text for people that holds one."""
    for path, text in _texts(document):
        if any((sign < " " and sign not in "\t\n\r") or "\x7f" <= sign < "\xa0" for sign in text or ""):
            yield path, Issue(CODE, "holds a control character", "write it without")


def _texts(document: ModelDocument) -> Iterator[tuple[Path, str | None]]:
    yield ("title",), document.title
    yield ("description",), document.description
    for axis in AXES:
        for number, rule in enumerate(document.axis(axis).rules):
            yield (axis, "rules", number, "description"), rule.description
