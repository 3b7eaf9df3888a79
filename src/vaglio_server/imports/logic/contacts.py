"""Rows of a file as what they say of a contact; or why they cannot be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vaglio_server.crm.logic.fields import Definition
from vaglio_server.imports.logic.people import Person, Spelling, person

NAMES = ("first_name", "last_name", "name", "email")  # by one of them a contact is called


@dataclass(frozen=True)
class ContactRow(Person):
    """What a row says of a contact."""

    @property
    def email(self) -> str | None:
        """The mail address, in small letters."""
        found = self.values.get("email")
        return str(found) if found else None

    @property
    def is_called(self) -> bool:
        """Whether it gives a name or a mail address."""
        return any(self.values.get(name) for name in NAMES)


def contact_row(cells: Sequence[str], columns: Sequence[str | None], fields: Mapping[str, Definition], spelling: Spelling) -> ContactRow:
    """Return what a row says of a contact; a cell that does not fit is left out, with why.

    Raises
    ------
    Unfit
        It names nobody; what cannot be read of it is named too.
    """
    found = person(cells, columns, fields, spelling)
    return ContactRow(found.external_id, found.values, found.owner, found.left_out)
