"""To whom leads are given, as a form says it."""

from django.utils.translation import gettext as _

from vaglio_server.crm.queries import owners
from vaglio_server.refused import Refused
from vaglio_server.users.models import User
from vaglio_server.web.access import Signed

NOBODY = "none"  # as forms have it


def seller_chosen(request: Signed) -> User:
    """Return the seller whom a form names, of those to whom one may give leads.

    Raises
    ------
    Refused
        It names none.
    """
    text = request.POST.get("owner", "")
    found: User | None = next((each for each in owners(request.user) if str(each.pk) == text), None)
    if found is None:
        raise Refused(_("Choose a seller."))
    return found


def seller_or_nobody(request: Signed) -> User | None:
    """Return that seller; None where the form says that leads are to be nobody's. Raises as :func:`seller_chosen`."""
    return None if request.POST.get("owner") == NOBODY else seller_chosen(request)
