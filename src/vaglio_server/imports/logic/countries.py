"""Countries that the rows of a file name and that are not known, counted, with what they could mean."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vaglio.countries import code_of, offers
from vaglio_server.crm.logic.countries import COUNTRY, written


@dataclass(frozen=True)
class NamedCountry:
    """What some ``rows`` call a country, though none is called so; ``meant``: the letters that somebody said it means."""

    name: str
    rows: int
    meant: str = ""

    @property
    def offers(self) -> tuple[str, ...]:
        """What it could mean; worked out for those that are shown, a column that holds no countries has one in each row."""
        return offers(self.name)


def strange_countries(values: Iterable[Mapping[str, Any]]) -> list[NamedCountry]:
    """Return what rows call countries and is none: those that nobody said the meaning of first, the most named before others."""
    counted, meant = Counter[str](), dict[str, str]()
    for each in values:
        found = each.get(COUNTRY)
        name = written(found) or found
        if isinstance(name, str) and name and code_of(name) is None:
            counted[name] += 1
            meant[name] = str(found) if found != name else ""
    named = [NamedCountry(name, rows, meant[name]) for name, rows in counted.items()]
    return sorted(named, key=lambda each: (bool(each.meant), -each.rows, each.name))
