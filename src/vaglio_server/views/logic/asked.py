"""What somebody asks of the list of leads: which leads and which columns, as it stands in the address and in a saved view."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from vaglio_server.views.logic.conditions import Condition, Unclear, read

MINE, NOBODY = "me", "none"
USUAL = ("company", "fit", "engagement", "owner", "seen")
COLUMNS = (*USUAL, "created", "temperature", "buying_stage", "stage")
# Other than by rank; down with a minus before. By what happened last only down: decision 22.
SORTS = ("-active", "-changed", "name", "-name", "company", "-company", "-created", "created")
MOST = 20  # conditions, and columns
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Asked:
    """Which leads, which columns beside rating and name, and by what they are sorted (nothing: by rank).

    ``faults``: what was asked and could not be understood, with why.
    """

    search: str = ""
    owner: str = ""
    ratings: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    columns: tuple[str, ...] = USUAL
    sort: str = ""
    faults: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, given: Mapping[str, list[str]], ratings: Iterable[str]) -> Self:
        """Return what parameters of an address ask; ``ratings`` are those there are."""
        conditions, faults = _conditions(given.get("where", []))
        columns = tuple(dict.fromkeys(name for name in given.get("col", []) if name in COLUMNS or name.startswith(("lead.", "account."))))
        return cls(
            search=_last(given, "q")[:LONGEST_SEARCH],
            owner=_owner(_last(given, "owner")),
            ratings=tuple(rating for rating in ratings if rating in given.get("rating", [])),
            conditions=tuple(conditions[:MOST]),
            columns=columns[:MOST] or USUAL,
            sort=sort if (sort := _last(given, "sort")) in SORTS else "",
            faults=tuple(faults[:MOST]),
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return it as parameters of an address; what is usual is left out."""
        found = [("q", self.search), ("owner", self.owner)]
        found += [("rating", rating) for rating in self.ratings] + [("where", str(each)) for each in self.conditions]
        found += [("col", name) for name in self.columns if self.columns != USUAL] + [("sort", self.sort)]
        return [(name, value) for name, value in found if value]

    @property
    def query(self) -> str:
        """It as the query of an address."""
        return urlencode(self.pairs())

    @property
    def is_by_happening(self) -> bool:
        """Whether leads are sorted by what happened to them last."""
        return self.sort in ("-active", "-changed")

    @property
    def is_all(self) -> bool:
        """Whether every lead is asked for."""
        return not (self.search or self.owner or self.ratings or self.conditions)

    def without(self, condition: Condition) -> Self:
        """Return it without a condition."""
        return replace(self, conditions=tuple(each for each in self.conditions if each != condition))


def _last(given: Mapping[str, list[str]], name: str) -> str:
    return "".join(sign for sign in (given.get(name) or [""])[-1] if sign != "\x00" and not "\ud800" <= sign <= "\udfff")


def _owner(text: str) -> str:
    is_one = text.isascii() and text.isdigit() and len(text) < 19
    return text if is_one or text in (MINE, NOBODY) else ""


def _conditions(texts: Iterable[str]) -> tuple[list[Condition], list[tuple[str, str]]]:
    conditions: list[Condition] = []
    faults: list[tuple[str, str]] = []
    for text in dict.fromkeys(texts):
        try:
            conditions.append(read(text))
        except Unclear as fault:
            faults.append((text[:80].encode("utf-8", "replace").decode(), str(fault)))
    return conditions, faults
