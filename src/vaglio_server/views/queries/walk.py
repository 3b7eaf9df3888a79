"""A page of leads in the order of a list, looked at one after the other until it is full, or so many were looked at.

Where many fit, the first some fill it. Where those do not, indexes are asked whether few fit. Where there are not few either, a page looks
at so many more, and says where it ended: it may be short, or empty, and the next goes on from there. See decision 24.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from vaglio_server.crm.models import RARE, Lead, among
from vaglio_server.crm.queries import LeadPage, cursor_after, cursor_at, few_in_order, in_order, page_of_leads, sorted_by
from vaglio_server.views.queries.leads import COUNTED, Check, Found, counted
from vaglio_server.views.queries.sql import Clause

# How much is looked at, where a value of a lead costs 1: at first, then where few fit; and where a page goes on that was begun before.
FIRST, THEN, FURTHER = 4_000, 8_000, 20_000
BESIDE = 2  # what it costs to read a lead in the order of another table
_READ = ("id", "fields", "account_id", "created_at", "place")  # of a lead, what checks ask of it

# ``walked``: the lead by another name, for whoever asks its own table again.
_LOOK = """SELECT crm_lead.id FROM ({inner}) AS crm_lead CROSS JOIN LATERAL (SELECT crm_lead.id AS lead_id) AS walked
    WHERE {asked} ORDER BY place{down}, crm_lead.id{down} LIMIT %s"""


@dataclass(frozen=True)
class Count:
    """How many leads were counted, and where counting goes on; ``is_more``: there are more, and nobody counts them."""

    number: int
    is_more: bool = False
    next_cursor: str | None = None


@dataclass
class _Walk:
    """How far a page is: the leads that fit so far, how many were looked at, and where it goes on (None: nowhere)."""

    found: Found
    sort: str
    place: str | None
    rows: list[int]
    looked: int = 0
    is_over: bool = False

    def on(self, most: int, enough: int) -> None:
        """Look at some more leads, until there are enough."""
        for ahead in self._ahead(most):
            self.rows += _fitting(ahead, self.sort, self.found.checks, enough - len(self.rows))
            if len(self.rows) >= enough:
                return

    def count(self, most: int) -> int:
        """Look at some more leads, and return how many of them fit."""
        return sum(len(_fitting(ahead, self.sort, self.found.checks, COUNTED + 1)) for ahead in self._ahead(most))

    def _ahead(self, most: int) -> Iterator[QuerySet[Lead]]:
        """Yield the leads to be looked at next, part after part, and remember where they end."""
        each = sum(check.clause.cost for check in self.found.checks) + (BESIDE if self.sort else 0)
        window = max(1, most // each)
        for part in self.found.parts if not self.sort else (Q(),):
            found = in_order(self.found.base.filter(part), self.sort, self.place)
            ahead = found.annotate(place=F(sorted_by(self.sort)[0]))[:window]  # a name apart: two tables have a created_at
            yield ahead
            if last := list(ahead.values_list("place", "pk")[window - 1 : window]):
                self.place, self.looked = cursor_at(*last[0]), self.looked + window
                return
            passed = ahead.count()
            self.looked, window = self.looked + passed, max(1, window - passed)
        self.place, self.is_over = None, True


def page_in_order(found: Found, *, cursor: str | None, limit: int, sort: str, goes_on: bool = False) -> LeadPage:
    """Return a page of leads by rank, or by what they are sorted by; ``goes_on``: one that was begun before, and short.

    Raises
    ------
    ValueError
        The cursor is none that a page gave.
    """
    if sort and found.parts != (Q(),) and not found.is_few:
        few = list(found.base.filter(found.ranked).order_by().values_list("pk", flat=True)[: RARE + 1])
        if len(few) <= RARE and not found.checks:
            return _sorted(few, cursor, limit, sort)
        found = _rated(found, few)
    if found.is_few:
        return _of_few(found, cursor, limit, sort)
    if not found.checks:
        return _in_one(found, cursor, limit, sort)
    return _page_walked(found, cursor, limit, sort, goes_on)


def _in_one(found: Found, cursor: str | None, limit: int, sort: str) -> LeadPage:
    """Return a page by one question."""
    leads = found.leads.select_related("account", "owner")
    return page_of_leads(leads, cursor=cursor, limit=limit, sort=sort, parts=found.parts)


def _of_few(found: Found, cursor: str | None, limit: int, sort: str) -> LeadPage:
    """Return a page of few leads."""
    if not sort:
        return _in_one(found, cursor, limit, sort)
    return _sorted(list(found.leads.filter(found.ranked).order_by().values_list("pk", flat=True)), cursor, limit, sort)


def _sorted(few: list[int], cursor: str | None, limit: int, sort: str) -> LeadPage:
    """Return a page of few leads that are sorted: their numbers are, and of those on the page all is read."""
    ids = list(few_in_order(few, sort, cursor).values_list("lead", flat=True)[: limit + 1]) if few else []
    leads = _loaded(ids[:limit], sort)
    return LeadPage(leads, cursor_after(leads[-1], sort) if leads and len(ids) > limit else None)


def _rated(found: Found, few: list[int]) -> Found:
    """Return leads of some ratings for a list that is sorted otherwise; ``few``: the first of them, one more than few.

    Few an index named; of more, it is asked of one lead after the other. PostgreSQL believes that few leads have any range of ranks.
    """
    if len(few) <= RARE:
        return Found(Lead.objects.filter(among(few)), checks=found.checks, is_few=True)
    text, given = found.base.order_by().filter(pk=RawSQL("walked.lead_id", ())).values("pk").query.sql_with_params()
    rated = Check(Clause(f"({text}) IS NOT NULL", given))
    return Found(Lead.objects.present(), checks=(rated, *found.checks))


def _page_walked(found: Found, cursor: str | None, limit: int, sort: str, goes_on: bool) -> LeadPage:
    """Return a page of leads of whom something is asked that no index answers at once."""
    if not goes_on and any(check.is_first for check in found.checks) and found.narrowed.is_few:
        return _of_few(found, cursor, limit, sort)
    walk = _Walk(found, sort, cursor, [])
    try:
        walk.on(FURTHER if goes_on else FIRST, limit + 1)
        if not goes_on and len(walk.rows) <= limit and not walk.is_over:
            if found.narrowed.is_few:
                return _of_few(found, cursor, limit, sort)
            walk.on(THEN, limit + 1)
    except EmptyResultSet:  # Django knows that nobody is asked for
        return LeadPage([], None)
    leads = _loaded(walk.rows[:limit], sort)
    if len(walk.rows) > limit:
        return LeadPage(leads, cursor_after(leads[-1], sort) if leads else None)
    return LeadPage(leads, walk.place, 0 if walk.is_over else walk.looked)


def count_on(found: Found, *, cursor: str | None, before: int) -> Count:
    """Count leads, or go on counting: by looking at some of them, where no index names those that fit.

    Raises
    ------
    ValueError
        The cursor is none that was given.
    """
    if not found.checks or (not cursor and found.narrowed.is_few):
        return Count(*counted(found))
    walk = _Walk(found, "", cursor, [])
    try:
        number = before + walk.count(FURTHER)
    except EmptyResultSet:
        return Count(before)
    return Count(min(number, COUNTED), number > COUNTED, None if number > COUNTED else walk.place)


def _fitting(ahead: QuerySet[Lead], sort: str, checks: tuple[Check, ...], most: int) -> list[int]:
    """Return the first leads that fit; what is ahead is read in its order, and no further than until there are enough."""
    inner, given = ahead.values(*_READ).query.sql_with_params()
    asked = " AND ".join(f"({check.clause.text})" for check in checks)
    down = " DESC" if sorted_by(sort)[2] else ""
    params = [*given, *(each for check in checks for each in check.clause.given), most]
    with connection.cursor() as cursor:
        cursor.execute(_LOOK.format(inner=inner, asked=asked, down=down), params)
        return [row[0] for row in cursor.fetchall()]


def _loaded(ids: list[int], sort: str) -> list[Lead]:
    rows = Lead.objects.select_related("account", "owner", *(("order",) if sort else ())).in_bulk(ids)
    return [rows[each] for each in ids if each in rows]
