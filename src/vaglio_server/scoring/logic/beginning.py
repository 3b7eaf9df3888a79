"""A model of its own that begins as a copy of another; all else in the text, comments too, stays as somebody wrote it."""

from vaglio.document.edit import without_section
from vaglio.document.insert import NoSuchPlace, with_value
from vaglio.document.names import name_from
from vaglio_server.scoring.logic.tuning import NotAlone


def begun_with(text: str, title: str) -> str:
    """Return the text of a model under another title and name; it does not take over from others which rating moves leads.

    Raises
    ------
    NotAlone
        Aliases mean what it says there, too.
    """
    try:
        return with_value(with_value(without_section(text, "drives"), ("name",), name_from(title, "model")), ("title",), title)
    except NoSuchPlace as error:
        raise NotAlone from error
