"""Into what somebody wishes a lead to be converted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from vaglio_server.crm.queries import LARGEST_ID
from vaglio_server.refused import Refused

LONGEST_NAME = 200


@dataclass(frozen=True)
class Into:
    """Which record a lead becomes: that of a number; else the one that is surely it, or a new one.

    ``is_another``: a new one in any case. ``name`` is that of a new company.
    """

    number: int | None = None
    is_another: bool = False
    name: str = ""


@dataclass(frozen=True)
class Wish:
    """Into what a lead is converted. ``opportunity`` is one that is there, ``sale`` the values of a new one; with neither there is none."""

    account: Into = field(default_factory=Into)
    contact: Into = field(default_factory=Into)
    opportunity: int | None = None
    sale: Mapping[str, Any] | None = None


def check_wish(wish: Wish) -> None:
    """Refuse what contradicts itself.

    Raises
    ------
    Refused
        It does, or names what no record is called by.
    """
    if wish.opportunity is not None and wish.sale is not None:
        raise Refused(_("choose an opportunity that is there, or a new one; not both"))
    if any(not -LARGEST_ID <= number <= LARGEST_ID for number in (wish.account.number, wish.contact.number, wish.opportunity) if number):
        raise Refused(_("there is no record of such a number"))
    for into in (wish.account, wish.contact):
        if into.number is not None and into.is_another:
            raise Refused(_("choose a record that is there, or a new one; not both"))
    if len(wish.account.name) > LONGEST_NAME or not wish.account.name.isprintable():
        raise Refused(_("the name of a company has at most {n} characters").format(n=LONGEST_NAME))
