"""Leads whose names are nearly as somebody typed: each longer word, with at most one slip, in the lead's name or in its company's.

An index finds names with all of the words at once, and companies with some of them. Where so many fit that an index has no more to say,
a page is soon full when leads are looked at one by one, the first to call first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Func, Q, QuerySet

from vaglio_server.crm.logic.search import slipped
from vaglio_server.crm.models import RARE, Account, Lead, LeadWords, among
from vaglio_server.crm.models.records import says, slips
from vaglio_server.views.queries import sql
from vaglio_server.views.queries.leads import Check, Found


class _TooMany(Exception):
    """So many rows that looking at leads one by one fills a page sooner."""


def nearly(found: Found, search: str) -> Found:
    """Leave those whose names are nearly as somebody typed; none if no word of it is long enough to have a slip."""
    words = slips(search)
    if not words:
        return replace(found, base=found.base.none())
    clauses = [sql.in_words("said.near && crm_hashes(%s::text[])", each) for each in slipped(search)]
    every = sql.Clause(
        " AND ".join(each.text for each in clauses), tuple(each.given[0] for each in clauses for _ in each.given), 10 * len(clauses)
    )
    return replace(found, checks=(*found.checks, Check(every, partial(_indexed, words))))


def _indexed(words: list[Func]) -> set[int] | None:
    try:
        with _by_index():
            return _named(words) | _at_companies(words)
    except _TooMany:
        return None


def _named(words: list[Func]) -> set[int]:
    """Return leads with all words in their own names."""
    return _few(_with_all(LeadWords.objects.all(), words))


def _at_companies(words: list[Func]) -> set[int]:
    """Return leads at companies with one of the words in their names or more, and with the others in their own or in the company's."""
    found: set[int] = set()
    often = []
    for word in words:
        others = [each for each in words if each is not word]
        try:
            companies = _few(_with_all(Account.objects.all(), [word]))
        except _TooMany:
            if not others:
                raise
            often.append(word)  # too many companies are called so to tell people apart by it: the other words do
            found |= _few(Lead.objects.filter(_fits(word), among(_named(others))))
        else:
            found |= _few(Lead.objects.filter(*map(_fits, others), among(companies, "account"))) if companies else set()
    if len(often) > 1:
        others = [each for each in words if each not in often]
        companies = _few(_with_all(Account.objects.all(), often))
        found |= _few(Lead.objects.filter(*map(_fits, others), among(companies, "account")))
    return found


def _with_all(rows: QuerySet[Any], words: list[Func]) -> QuerySet[Any]:
    for word in words:
        rows = rows.filter(near__overlap=word)
    return rows


def _few(rows: QuerySet[Any]) -> set[int]:
    """Return the numbers of some rows.

    Raises
    ------
    _TooMany
        They are more than some thousands.
    """
    found = {*rows.order_by().values_list("pk", flat=True)[: RARE + 1]}
    if len(found) > RARE:
        raise _TooMany
    return found


@contextmanager
def _by_index() -> Iterator[None]:
    """Ask the indexes: PostgreSQL believes that slips are common, and would read everything until it has met enough that are not there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")  # for whoever goes on in the same transaction


def _fits(word: Func) -> Q:
    """Return whether a word stands in a lead's name or its company's, to be asked of one lead after the other."""
    fits = Q(near__overlap=word)
    return Q(says(LeadWords, "pk", fits)) | Q(says(Account, "account_id", fits))
