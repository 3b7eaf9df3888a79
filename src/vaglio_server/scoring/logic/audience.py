"""Whom a model rates, taken out of its text; all else in it, comments too, stays as somebody wrote it."""

from vaglio.document.edit import without_section


def without_audience(text: str) -> str:
    """Return the text of a model without its ``audience``: it rates everybody whom it does not leave out by name."""
    return without_section(text, "audience")
