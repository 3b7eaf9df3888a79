"""A model of its own that begins as a copy of another; all else in the text, comments too, stays as somebody wrote it."""

from vaglio.document.edit import without_section
from vaglio.document.insert import with_value
from vaglio.document.names import name_from


def begun_with(text: str, title: str) -> str:
    """Return the text of a model under another title and name; it does not take over from others which rating moves leads."""
    return with_value(with_value(without_section(text, "drives"), ("name",), name_from(title, "model")), ("title",), title)
