"""Names as users, teams and tokens have them."""

from django.utils.translation import gettext as _

from vaglio_server.refused import Refused

LONGEST = 100


def fitting(what: str, text: str) -> str:
    """Return a name as it is kept, without needless spaces; ``what`` it is called in a refusal.

    Raises
    ------
    Refused
        It is empty, too long, or holds what no database does.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Refused(_("{what} has 1 to {longest} characters that can be printed; give it such a name").format(what=what, longest=LONGEST))
    return name
