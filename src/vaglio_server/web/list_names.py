"""The names of lists as people type them, and what is said where that made a new list."""

from django.utils.translation import gettext as _

from vaglio_server.crm.actions import list_called
from vaglio_server.views.queries import is_list
from vaglio_server.web.access import Signed
from vaglio_server.web.words import plain


def list_named(request: Signed, place: str = "list") -> str:
    """Return the list that a request names in a place of its form.

    Raises
    ------
    Refused
        It is no name of a list.
    """
    return list_called(request.POST.get(place, ""))


def said_if_new(name: str) -> str:
    """Return that somebody who is put on a list makes it, as one sentence more; empty where there is such a list already."""
    return "" if is_list(name) else " " + _("There was no list {name}: this made a new one.").format(name=plain(name))
