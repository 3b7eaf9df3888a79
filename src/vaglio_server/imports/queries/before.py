"""What the columns of a file are and hold: as it seems by itself, but for what somebody said of the newest file with the same columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from vaglio_server.crm.logic.standard import TAKEN
from vaglio_server.crm.queries import fields_of
from vaglio_server.imports.logic.contact_headings import proposed_contact
from vaglio_server.imports.logic.days import BY_HAND
from vaglio_server.imports.logic.fact_headings import MEMBER_OF, OUTCOME_OF, proposed_fact
from vaglio_server.imports.logic.guessing import holds
from vaglio_server.imports.logic.headings import OURS, proposed, proposed_company, proposed_doing
from vaglio_server.imports.models import Holds, Import

FACTS: dict[str, dict[str, str]] = {Holds.MEMBERS: MEMBER_OF, Holds.OUTCOMES: OUTCOME_OF}


def said_before(heading: list[str], orders: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return what a file with this heading holds, what its columns are, and how their days and kinds are read; and as in which file."""
    before, seems = _before(heading), holds(heading)
    if before is None:
        what = proposed_of(seems, heading)
        return {"holds": seems, "proposed": what, "columns": what, "orders": orders, "kinds": kinds}
    places = _places(before.heading, heading)
    fields = {places[place]: field for place, field in corrections(before).items() if place in places}
    days = {there: said for there, said in _moved(before.orders, places).items() if said["by"] == BY_HAND and there in orders}
    new = {there: kinds[there] | {"kind": said["kind"]} for there, said in _moved(before.kinds, places).items()
           if there in kinds and said.get("kind") and (said["kind"] != "choice" or kinds[there]["values"])}  # fmt: skip
    is_as_before = before.holds != seems or bool(fields or days or new or before.countries)
    what = proposed_of(before.holds, heading)
    return {
        "holds": before.holds, "proposed": what, "columns": corrected(what, fields), "orders": orders | days, "kinds": kinds | new,
        "countries": before.countries, "as_in": before.file_name if is_as_before else "",
    }  # fmt: skip


def _before(heading: list[str]) -> Import | None:
    """Return the newest file with this heading; rows that were given back have two columns of ours more."""
    found = Import.objects.filter(heading=heading)
    if tuple(heading[-len(OURS) :]) == OURS:
        found |= Import.objects.filter(heading=heading[: -len(OURS)])
    return found.order_by("-id").first()


def _places(before: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """Return which column each column of an earlier file is now, by its heading; of several called so the first is the first."""
    there = {called: place for place, called in enumerate(_numbered(now))}
    return {place: there[called] for place, called in enumerate(_numbered(before)) if called in there}


def _numbered(heading: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, heading[:place].count(name)) for place, name in enumerate(heading)]


def _moved(said: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    return {str(places[int(place)]): each for place, each in said.items() if int(place) in places}


def corrections(each: Import) -> dict[int, str | None]:
    """Return which columns somebody said to be something else than was proposed, and what."""
    both = enumerate(zip(each.columns, each.proposed, strict=False))
    return {place: said for place, (said, proposed) in both if said != proposed}


def corrected(proposed: Sequence[str | None], said: Mapping[int, str | None]) -> list[str | None]:
    """Return what columns are with what somebody said of some; a field that is one of these is no other column besides."""
    taken = {field for field in said.values() if field is not None}
    return [said.get(place, None if field in taken else field) for place, field in enumerate(proposed)]


def proposed_of(what: str, heading: Sequence[str]) -> list[str | None]:
    """Return what the columns of a file that holds such rows are taken for by their headings."""
    if what == Holds.COMPANIES:
        return proposed_company(heading, fields_of("account"))
    if what == Holds.CONTACTS:
        return proposed_contact(heading, fields_of("contact"))
    if what in FACTS:
        return proposed_fact(heading, FACTS[what])
    return proposed_doing(heading) if what == Holds.ACTIVITIES else proposed(heading, TAKEN)
