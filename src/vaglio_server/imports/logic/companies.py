"""Rows of a file as what they say of a company, and the list it is put on; or why they cannot be taken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vaglio_server.crm.logic.fields import Definition, check_all
from vaglio_server.crm.logic.fields import Unfit as NoName
from vaglio_server.crm.logic.lists import list_name as named_list
from vaglio_server.crm.logic.standard import columns as own_columns
from vaglio_server.imports.logic.headings import LIST
from vaglio_server.imports.logic.people import Spelling, Unfit, as_written, texts, typed


@dataclass(frozen=True)
class Company:
    """What a row says of a company: its name and domain, values of fields, and a list it is put on (None: it names none).

    ``left_out``: which cells cannot be read, and why.
    """

    name: str | None
    domain: str | None
    fields: dict[str, Any]
    list_name: str | None
    left_out: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """What a preview shows of it."""
        return {"name": self.name, "domain": self.domain, LIST: self.list_name, **self.fields}


def company(
    cells: Sequence[str],
    columns: Sequence[str | None],
    fields: Mapping[str, Definition],
    spelling: Spelling,
    lists: Collection[str] = (),
) -> Company:
    """Return what a row says of a company; a cell that does not fit is left out, with why; ``lists``: those that are there.

    Raises
    ------
    Unfit
        It names none; what cannot be read of it is named too.
    """
    said = texts(cells, columns)
    list_text = said.pop(LIST, None)
    known = {**fields, **own_columns("account")}
    if "domain" in said:
        said["domain"] = _host(said["domain"])
    spelled = {name: typed(known.get(name), text, spelling) for name, text in said.items()}
    checked = check_all(known, spelled)
    faults = [as_written(fault, said, spelled, known, spelling) for fault in checked.faults]
    values = {name: value for name, value in checked.values.items() if value is not None}
    if not {"name", "domain"} & values.keys():
        raise Unfit("; ".join([*faults, "it names no company: neither a name nor a domain"]))
    list_name = None
    try:
        list_name = named_list(list_text, lists) if list_text else None
    except NoName as fault:
        faults.append(str(fault))
        list_name = ""  # on none: not on the one for rows that name none
    return Company(values.pop("name", None), values.pop("domain", None), values, list_name, tuple(faults))


def _host(text: str) -> str:
    """Return the host of an address: ``https://www.acme.example/about`` is ``www.acme.example``; of a mail address what stands behind @."""
    bare = text.strip().lower().rpartition("@")[2]
    return bare.partition("://")[2].partition("/")[0] if "://" in bare else bare.partition("/")[0]
