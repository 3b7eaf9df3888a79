"""What lists are called: one rule for pages, programs and files, so that a text means the same list wherever it stands."""

from collections.abc import Collection

from vaglio.text import snake_case
from vaglio_server.crm.logic.fields import LONGEST_NAME, Unfit, name_fault, shown
from vaglio_server.texts import gettext_noop

NO_NAME = gettext_noop(
    "{text} is no name of a list: give it letters and digits, with a letter first, such as Priority accounts, {n} characters at most."
)


def list_name(text: str, there: Collection[str] = ()) -> str:
    """Return the name of the list that a text means: of lists that are ``there`` the one that is called so, else one that models can read.

    ``there`` are lists with names from before there was this rule, too; they stay in use.

    Raises
    ------
    Unfit
        It is no name of a list, or has letters that such a name cannot hold.
    """
    for name in (text, "_".join(text.lower().split())):
        if name in there:
            return name
    name = snake_case(text)
    if name_fault("", name, "") or any(char.isalnum() and not snake_case(char) for char in text):
        raise Unfit(NO_NAME.format(text=shown_name(text), n=LONGEST_NAME))
    return name


def shown_name(text: str) -> str:
    """Return a text that is no name as a message quotes it, without what no page shows."""
    return shown("".join(char for char in text if char.isprintable()))
