"""Rows of a file as who is on which list; or why they cannot be taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vaglio_server.crm.logic.fields import Unfit as NoName
from vaglio_server.crm.logic.lists import list_name as named_list
from vaglio_server.imports.logic.headings import LIST
from vaglio_server.imports.logic.people import Unfit, texts, who


@dataclass(frozen=True)
class Member:
    """Who a row puts on a list; None: on the one that somebody says for all."""

    external_id: str | None
    email: str | None
    list_name: str | None

    @property
    def values(self) -> dict[str, str | None]:
        """What a preview shows of it."""
        return {"external_id": self.external_id, "email": self.email, LIST: self.list_name}

    def fact(self) -> tuple[str | None]:
        """Return what is said of whoever it is, to tell whether that is known."""
        return (self.list_name,)


def member(cells: Sequence[str], columns: Sequence[str | None], list_name: str, there: Collection[str] = ()) -> Member:
    """Return who a row puts on a list: the one it names, of those that are ``there`` or a new one, else ``list_name``.

    Raises
    ------
    Unfit
        It names nobody, or there is a column for lists and it names none, or by no name; every fault is named.
    """
    said, faults = texts(cells, columns), list[str]()
    external_id, email = who(said, faults)
    try:
        named = named_list(said[LIST], there) if LIST in said else list_name
        if not named and LIST in columns:
            faults.append("it names no list; name one for all rows that name none, or fill it in")
    except NoName as fault:
        faults.append(str(fault))
    if faults:
        raise Unfit("; ".join(faults))
    return Member(external_id, email, named or None)
