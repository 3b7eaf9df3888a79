"""Rows of people: whether each is known, named by an earlier row of the file, like a lead, or new."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vaglio_server.imports.logic.people import Person
from vaglio_server.imports.logic.sheets import Row
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries.keys import Key, held, keys
from vaglio_server.tracking.logic.copies import keys_of, said_by
from vaglio_server.tracking.models import BroughtLead, SaidAlike


@dataclass(frozen=True)
class Met:
    """Whether whom a row names is ``known`` as a lead, named ``twice`` in the file, ``alike`` to a lead, or ``new``.

    ``first``: of those named twice, the line of the earlier row.
    """

    how: str
    first: int = 0


def skipped(each: Import) -> frozenset[str]:
    """Return which rows are left out, by how they meet who is there."""
    known = {"known", "twice"} if each.skips_known else set[str]()
    return frozenset(known | ({"alike"} if each.skips_alike else set[str]()))


def message_id(each: Import, line: int) -> str:
    """Return by what a row is known as a call."""
    return f"import-{each.pk}-{line}"


def met(each: Import, said: Sequence[tuple[Row, Person]]) -> list[Met]:
    """Return how each row meets who is there. A row that is left out is no earlier row: whom it names is met as before."""
    named = [keys(each, found) for _row, found in said]
    links, left_out = held(named), skipped(each)
    first_in: dict[Key | int, int] = dict(_lines_before(each, set(links.values())))  # by keys, and leads by their numbers
    alike = _alike(found for _row, found in said)
    people = []
    for (row, found), mine in zip(said, named, strict=True):
        who: list[Key | int] = [*mine, *(links[key] for key in mine if key in links)]
        line = min((first_in[each] for each in who if each in first_in), default=0)
        how = "twice" if line else "known" if len(who) > len(mine) else "alike" if _name(found) in alike else "new"
        people.append(Met(how, line))
        if how not in left_out:
            first_in.update((key, line or row.line) for key in who)
    return people


def _lines_before(each: Import, leads: Collection[int]) -> Iterator[tuple[int, int]]:
    """Return some leads that rows taken before named, each with the line of the first of these."""
    rows = BroughtLead.objects.filter(bringer=each.bringer, lead__in=leads).exclude(first_message_id="")
    return ((lead, int(first.rpartition("-")[2])) for lead, first in rows.values_list("lead", "first_message_id"))


def _name(found: Person) -> str:
    """Return the name with the company by which somebody is compared with leads; empty where both are not said."""
    return keys_of(said_by(found.values)).get("name", "")


def _alike(people: Iterable[Person]) -> set[str]:
    """Return those names with companies that a lead has too: written by workers as leads come and change, found by an index."""
    names = {name for name in map(_name, people) if name}
    present = {"lead__merged_into": None, "lead__taken_back_at": None}
    return set(SaidAlike.objects.filter(what="name", value__in=names, **present).values_list("value", flat=True))
