"""Whom a model rates, taken out of its text; all else in it, comments too, stays as somebody wrote it."""

import re

# The key at the beginning of a line with what is indented below it, and the comment that stands right above it.
_AUDIENCE = re.compile(r"(?:^#[^\n]*\n)*^audience:[^\n]*\n(?:[ \t][^\n]*\n|\n(?=[ \t]))*", re.MULTILINE)


def without_audience(text: str) -> str:
    """Return the text of a model without its ``audience``: it rates everybody whom it does not leave out by name."""
    return _AUDIENCE.sub("", text, count=1)
