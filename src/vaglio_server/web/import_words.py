"""What pages of imports call what a file holds: its new rows, the first of them, and what is gone when it is taken back."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from vaglio_server.imports.logic.days import DAY_FIRST
from vaglio_server.imports.models import Holds, Import
from vaglio_server.web.words import count


@dataclass(frozen=True)
class Words:
    """Titles of figures and cards."""

    new: Any
    first: Any
    gone: Any
    known: Any


_KNOWN = _("Known already")
WORDS: dict[str, Words] = {
    Holds.LEADS: Words(_("New leads"), _("The first leads"), _("Leads gone"), _KNOWN),
    Holds.ACTIVITIES: Words(_("New activities"), _("The first activities"), _("Leads gone"), _KNOWN),
    Holds.COMPANIES: Words(_("New companies"), _("The first companies"), _("Companies gone"), _KNOWN),
    Holds.MEMBERS: Words(_("Put on a list"), _("The first people"), _("Off the list again"), _("On it already")),
    Holds.CONTACTS: Words(_("New contacts"), _("The first contacts"), _("Contacts gone"), _KNOWN),
    Holds.OUTCOMES: Words(_("New outcomes"), _("The first outcomes"), _("Outcomes gone"), _KNOWN),
}

# As what cells of a column are read.
_AS = {"boolean": _("a yes or no"), "date": _("a day"), "integer": _("a whole number"), "number": _("a number")}
_WRITTEN_TO = (Holds.LEADS, Holds.CONTACTS)  # who is known already is written to


def came_of(each: Import) -> str:
    """Return what came of a file that is done, as a title."""
    n, new = each.rows_new, count(each.rows_new)
    if not n and each.rows_known and not each.skips_known and each.holds in _WRITTEN_TO:
        known = each.rows_known
        return ngettext("Nobody new, {n} brought up to date", "Nobody new, {n} brought up to date", known).format(n=count(known))
    titles = {
        Holds.LEADS: ngettext("{new} new lead", "{new} new leads", n),
        Holds.ACTIVITIES: ngettext("{new} new activity", "{new} new activities", n),
        Holds.COMPANIES: ngettext("{new} new company", "{new} new companies", n),
        Holds.MEMBERS: ngettext("{new} person put on a list", "{new} people put on a list", n),
        Holds.CONTACTS: ngettext("{new} new contact", "{new} new contacts", n),
        Holds.OUTCOMES: ngettext("{new} new outcome", "{new} new outcomes", n),
    }
    return titles[Holds(each.holds)].format(new=new)


def lost_of(each: Import, place: int, kind: str) -> list[str]:
    """Return what a column would lose as a field of a kind: cells that cannot be read so, and the times of days."""
    found = each.kinds.get(str(place), {})
    way = each.orders.get(str(place), {}).get("order", DAY_FIRST) if kind == "date" else kind
    if kind not in _AS or "unread" not in found:
        return []
    unread, timed = found["unread"].get(way), found["timed"] if kind == "date" else 0
    said = []
    if unread is None:
        said.append(_("Most cells cannot be read as {a_day}.").format(a_day=_AS[kind]))
    elif unread:
        told = ngettext("{n} cell cannot be read as {a_day}.", "{n} cells cannot be read as {a_day}.", unread)
        said.append(told.format(n=count(unread), a_day=_AS[kind]))
    if timed:
        told = ngettext("{n} cell has a time, which a day has no room for.", "{n} cells have a time, which a day has no room for.", timed)
        said.append(told.format(n=count(timed)))
    return said
