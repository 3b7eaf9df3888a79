"""By what rows name people: a mail address, or the id of another system; and which leads are known by that."""

from collections.abc import Iterable
from typing import Any, Protocol

from vaglio_server.imports.logic.headings import BY_HAND, EXTERNAL_ID, own_name
from vaglio_server.imports.models import Import
from vaglio_server.tracking.models import IdentityKind, IdentityLink

Key = tuple[str, str]


class Named(Protocol):
    """What a row says of somebody, by an id of another system or by a value that is a mail address."""

    @property
    def external_id(self) -> str | None:
        """The id, None where the row gives none."""

    @property
    def values(self) -> Any:
        """Values by field."""


def user_id(each: Import, found: Named) -> str | None:
    """Return by what a person is known: ids are the other system's, or the column's, so that those of two systems do not meet."""
    return f"{system_in(each)}:{found.external_id}" if found.external_id else None


def system_in(each: Import) -> str:
    """Return whose the ids of a file are: the system's that gave it, else the column's."""
    whose = each.system
    if whose == BY_HAND and EXTERNAL_ID in each.columns:
        whose = own_name(each.heading[each.columns.index(EXTERNAL_ID)])
    return whose or BY_HAND


def keys(each: Import, found: Named) -> list[Key]:
    """Return what a row names somebody by, the surest first."""
    email = found.values.get("email")
    named = [(str(IdentityKind.USER_ID), user_id(each, found)), (str(IdentityKind.EMAIL), email)]
    return [(kind, str(value)) for kind, value in named if value]


def held(named: Iterable[Iterable[Key]]) -> dict[Key, int]:
    """Return those of some keys that a lead is known by, with the lead."""
    values = {value for mine in named for _kind, value in mine}
    links = IdentityLink.objects.filter(ended_at=None, identity__value__in=values)
    return {(kind, value): lead for kind, value, lead in links.values_list("identity__kind", "identity__value", "lead_id")}
