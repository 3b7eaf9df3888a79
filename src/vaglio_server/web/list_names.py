"""The names of lists as people type them, and what is said where that made a new list."""

from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.views.queries import is_list
from vaglio_server.web.access import Signed
from vaglio_server.web.words import plain

LONGEST_NAME = 100


def list_named(request: Signed, place: str = "list") -> str:
    """Return the list that a request names in a place of its form, as lists are named.

    Raises
    ------
    Refused
        It is no name of a list.
    """
    name = "_".join(request.POST.get(place, "").lower().split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or ":" in name:
        raise Refused(_("Give the name of a list, of up to {n} characters.").format(n=LONGEST_NAME))
    return name


def said_if_new(name: str) -> str:
    """Return that somebody who is put on a list makes it, as one sentence more; empty where there is such a list already."""
    return "" if is_list(name) else " " + _("There was no list {name}: this made a new one.").format(name=plain(name))
