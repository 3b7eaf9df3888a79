"""Which leads a view shows.

A page of leads is filled in their order, the first to call first, asking of each whether it fits: quick where many do. Where few do, an
index names them first. Which of the two, is found out by asking for one more than few.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

from vaglio_server.crm.models import LONGEST_FACET, RARE, Account, Lead, LeadQuerySet
from vaglio_server.scoring.queries import with_ratings
from vaglio_server.users.models import User
from vaglio_server.views.logic.asked import MINE, NOBODY, Asked
from vaglio_server.views.logic.conditions import ANY, Condition, Unclear, checked
from vaglio_server.views.queries import sql
from vaglio_server.views.queries.choices import Offer, named

LONGEST_MS = 5_000
COUNTED = 10_000
_NEWEST = 20_000  # activities looked at to see whether few leads did something


class TooSlow(Exception):
    """The question takes too long with so many leads."""


@contextmanager
def in_time(milliseconds: int = LONGEST_MS) -> Iterator[None]:
    """Give the database so long for each question.

    Raises
    ------
    TooSlow
        It took longer.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


@dataclass(frozen=True)
class Found:
    """Leads that are asked for.

    ``parts``: where all of them lie by rank, one part after the other; ``named``: leads that indexes alone name, among whom they are, None
    where they are these themselves; ``faults``: the filters that are left out, each with why.
    """

    leads: LeadQuerySet
    parts: tuple[Q, ...] = (Q(),)
    named: LeadQuerySet | None = None
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def ranked(self) -> Q:
        """Their ranks, for whoever asks an index for them; not to be asked of one lead after the other, which their ratings say too."""
        return reduce(or_, self.parts, Q())


def leads_of(asked: Asked, user: User, now: datetime, offer: Offer) -> Found:
    """Return the leads that a user may see and that are asked for."""
    found = _owned(asked.owner, user, Lead.objects.visible_to(user).found_by(asked.search))
    found, parts = with_ratings(found, asked.ratings) if asked.ratings else (found, (Q(),))
    conditions, faults = _understood(asked.conditions, offer)
    live = sql.Live(now, _versions(offer))
    clauses = []
    for condition, kind in conditions:
        few = _few(condition, kind, live)
        if few is not None:
            found = found.filter(pk__in=few)
        else:
            clauses.append(sql.clause(condition, kind, live))
    named = found
    for clause in clauses:
        found = found.filter(RawSQL(clause.text, clause.given, output_field=BooleanField()))
    return Found(found, parts, named if clauses else None, (*asked.faults, *faults))


def counted(found: Found) -> tuple[int, bool]:
    """Return how many leads there are, and whether there are more: counting ends at some thousands."""
    number = 0
    for part in found.parts:
        number += found.leads.filter(part).order_by()[: COUNTED + 1 - number].count() if number <= COUNTED else 0
    return min(number, COUNTED), number > COUNTED


def _owned(owner: str, user: User, found: LeadQuerySet) -> LeadQuerySet:
    if owner == MINE:
        return found.filter(owner=user)
    if owner == NOBODY:
        return found.filter(owner=None)
    return found.filter(owner=int(owner)) if owner else found


def _understood(conditions: tuple[Condition, ...], offer: Offer) -> tuple[list[tuple[Condition, str]], list[tuple[str, str]]]:
    good, faults = [], []
    for condition in conditions:
        choice = offer.choices.get(named(condition))
        try:
            if choice is None:
                raise Unclear("asks for something that this installation does not have")
            good.append((checked(condition, choice.kind), choice.kind))
        except Unclear as fault:
            faults.append((str(condition), str(fault)))
    return good, faults


def _versions(offer: Offer) -> dict[str | None, int]:
    found: dict[str | None, int] = {version.scoring_model.name: version.pk for version in offer.versions}
    return found | ({None: offer.driving.pk} if offer.driving else {})


def _few(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    """Return the leads that fit a condition where an index names them and they are few; else None."""
    ask = _BY_INDEX.get((condition.subject, condition.how))
    return ask(condition, kind, live) if ask else None


def _by_value(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    """Ask the index of values."""
    if kind == "number":
        return None  # 90 and 90.0 are one number and two texts
    word = f"{condition.name}={condition.value}"
    if len(word) > LONGEST_FACET:
        return None
    quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'" + (":*" if condition.how == "starts" else "")
    return _ids("SELECT lead_id FROM crm_leadwords WHERE facets @@ lower(%s)::tsquery LIMIT %s", quoted, RARE + 1)


def _by_account(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    clause = sql.account_clause(condition, kind, live)
    fits = Account.objects.filter(RawSQL(clause.text, clause.given, output_field=BooleanField()))
    accounts = [*fits.values_list("pk", flat=True)[: RARE + 1]]
    if len(accounts) > RARE:
        return None
    return _ids("SELECT id FROM crm_lead WHERE account_id = ANY(%s) LIMIT %s", accounts, RARE + 1)


def _by_activity(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    """Ask the index of activities by type for the newest, then whose they are."""
    if condition.name == ANY:
        return None
    question = """SELECT identity_id FROM tracking_activity WHERE activity_type = %s AND occurred_at >= %s AND NOT is_machine
        ORDER BY occurred_at DESC LIMIT %s"""
    newest = _read(question, condition.name, sql.since(condition, live), _NEWEST)
    if len(newest) == _NEWEST:
        return None
    return _ids(
        "SELECT DISTINCT lead_id FROM tracking_identitylink WHERE identity_id = ANY(%s) AND ended_at IS NULL LIMIT %s",
        sorted(set(newest)), RARE + 1,
    )  # fmt: skip


def _by_list(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    return _ids(
        """SELECT lead_id FROM crm_listmember WHERE list = %s AND to_at IS NULL AND lead_id IS NOT NULL UNION
        SELECT lead.id FROM crm_listmember AS member JOIN crm_lead AS lead USING (account_id) WHERE list = %s AND to_at IS NULL LIMIT %s""",
        condition.name, condition.name, RARE + 1,
    )  # fmt: skip


def _by_file(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    asked = [f"(SELECT DISTINCT {lead} FROM {rows} AND {lead} IS NOT NULL LIMIT {RARE + 1})" for rows, lead in sql.NAMED_BY_FILE]
    return _ids(" UNION ".join(asked), *sql.by_file(condition))


def _ids(question: str, *given: Any) -> list[int] | None:
    found = _read(question, *given)
    return found if len(found) <= RARE else None


def _read(question: str, *given: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return [row[0] for row in cursor.fetchall()]


_BY_INDEX: dict[tuple[str, str], Callable[[Condition, str, sql.Live], list[int] | None]] = {
    ("lead", "is"): _by_value,
    ("lead", "starts"): _by_value,
    **{("account", how): _by_account for how in ("is", "contains", "starts", "least", "most", "after", "before", "last")},
    ("activity", "did"): _by_activity,
    ("list", "on"): _by_list,
    ("file", "brought"): _by_file,
}
