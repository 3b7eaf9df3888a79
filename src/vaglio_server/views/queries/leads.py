"""Which leads a view shows.

A page of leads is filled in their order, the first to call first, asking of each whether it fits: quick where many do. Where few do, an
index names them. Which of the two, is found out by asking for one more than few.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial, reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.db.utils import OperationalError
from django.utils import timezone
from psycopg.errors import QueryCanceled

from vaglio_server.crm.logic.search import prefixes
from vaglio_server.crm.models import LONGEST_FACET, RARE, Account, Lead, LeadQuerySet, among, few_named
from vaglio_server.scoring.queries import with_ratings
from vaglio_server.users.models import User
from vaglio_server.views.logic.asked import MINE, NOBODY, Asked
from vaglio_server.views.logic.conditions import ANY, Condition, Unclear, checked, side_by_side
from vaglio_server.views.queries import sql
from vaglio_server.views.queries.choices import Choice, Offer, named
from vaglio_server.views.queries.ids import called

LONGEST_MS = 5_000
INDEX_MS, FIRMS_MS = 250, 25  # an index that takes longer to name leads names no few; companies are read one by one where none does
COUNTED = 10_000
MANY_FOR, REMEMBERED = timedelta(minutes=1), 1_000  # so long, and of so many questions, it is remembered that an index named many
_MANY: dict[str, datetime] = {}
_NEWEST = 20_000  # activities looked at to see whether few leads did something
# Asked at once: an index says within some milliseconds that there are many.
_QUICK = {("lead", "is"), ("list", "on"), ("file", "brought"), *(("record", how) for how in ("last", "after", "before", "is"))}
_TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"


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
                cursor.execute("SELECT current_setting('statement_timeout')")
                before = cursor.fetchone()[0]
                cursor.execute(_TIMEOUT, [str(milliseconds)])
            yield
            with connection.cursor() as cursor:  # for whoever goes on in the same transaction
                cursor.execute(_TIMEOUT, [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


@dataclass(frozen=True)
class Check:
    """What is asked of one lead after the other.

    ``few`` has an index name those that fit, or says None where they are not few; ``facet`` is how the index of values is asked for them
    together with others. ``is_first``: an index is asked before any lead is looked at, as it will hardly name many.
    """

    clause: sql.Clause
    few: Callable[[], Collection[int] | None] | None = None
    facet: str = ""
    is_first: bool = False


@dataclass(frozen=True)
class Found:
    """Leads that are asked for.

    ``base``: those among whom they are, as far as columns of the lead and cheap looks into an index say; ``parts``: where all of these lie
    by rank, one part after the other; ``checks``: what else must hold; ``faults``: the filters that are left out, each with why.
    ``is_few``: an index named few already, and no other need be asked.
    """

    base: LeadQuerySet
    parts: tuple[Q, ...] = (Q(),)
    checks: tuple[Check, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    is_few: bool = False

    @property
    def ranked(self) -> Q:
        """Their ranks, for whoever asks an index for them; not to be asked of one lead after the other, which their ratings say too."""
        return reduce(or_, self.parts, Q())

    @cached_property
    def narrowed(self) -> "Found":
        """The same leads, after indexes were asked, one after the other, until one named few."""
        if self.is_few:
            return self
        for check in self.checks:
            if check.few and (few := _soon(check.few)) is not None:
                return self._among(few, [each for each in self.checks if each is not check])
        words = [check.facet for check in self.checks if check.facet]
        if len(words) > 1 and (few := _soon(partial(_with_values, words))) is not None:
            return self._among(few, [check for check in self.checks if not check.facet])
        return self

    def _among(self, few: Collection[int], checks: list[Check]) -> "Found":
        return Found(self.base.filter(among(few)), self.parts, tuple(checks), self.faults, is_few=True)

    @property
    def named(self) -> LeadQuerySet | None:
        """Leads that indexes alone name, among whom they are; None where they are these themselves."""
        return self.narrowed.base if self.narrowed.checks else None

    @property
    def leads(self) -> LeadQuerySet:
        """All of them."""
        found = self.narrowed.base
        for check in self.narrowed.checks:
            found = found.filter(RawSQL(check.clause.text, check.clause.given, output_field=BooleanField()))
        return found


def leads_of(asked: Asked, user: User, now: datetime, offer: Offer) -> Found:
    """Return the leads that a user may see and that are asked for."""
    found = _owned(asked.owner, user, Lead.objects.visible_to(user))
    found, parts = with_ratings(found, asked.ratings) if asked.ratings else (found, (Q(),))
    conditions, faults = understood(asked.conditions, offer)
    live = live_of(offer, now)
    checks = [_named_like(words, called(asked.search), now)] if (words := prefixes(asked.search)) else []
    is_few = False
    for those in _side_by_side(conditions):
        ask = _index(those, live)
        is_quick = all((condition.subject, condition.how) in _QUICK for condition, _kind in those)
        key = " ".join(f"{condition} {kind}" for condition, kind in those)
        few = _unless_many(key, ask, now) if ask and is_quick else None
        if few is not None:
            found, is_few = found.filter(among(few)), True
        else:
            later = partial(_unless_many, key, ask, now) if ask and not is_quick else None
            fits = sql.either([sql.clause(condition, kind, live) for condition, kind in those])
            checks.append(Check(fits, later, _facets(those)))
    return Found(found, parts, tuple(checks), (*asked.faults, *faults), is_few)


Those = list[tuple[Condition, str]]  # conditions of which one is enough, each with the kind of what it asks


def _side_by_side(conditions: "Understood") -> list[Those]:
    kinds = {condition: kind for _asked, condition, kind in conditions}
    return [[(each, kinds[each]) for each in those] for those in side_by_side(kinds)]


def _index(those: Those, live: sql.Live) -> Callable[[], Collection[int] | None] | None:
    """Return how an index is asked for the leads of which one of some conditions holds; None where there is no such index."""
    asks = [
        partial(_BY_INDEX[condition.subject, condition.how], condition, kind, live)
        for condition, kind in those
        if (condition.subject, condition.how) in _BY_INDEX
    ]
    if len(asks) < len(those):
        return None
    return asks[0] if len(asks) == 1 else partial(_together, asks)


def _together(asks: list[partial[list[int] | None]]) -> list[int] | None:
    found: set[int] = set()
    for ask in asks:
        few = ask()
        if few is None:
            return None
        found.update(few)
    return sorted(found) if len(found) <= RARE else None


def _facets(those: Those) -> str:
    """Return how the index of values is asked for any of some conditions; nothing where it cannot be."""
    words = [_facet(condition, kind) for condition, kind in those]
    if not all(words):
        return ""
    return words[0] if len(words) == 1 else f"({' | '.join(words)})"


def _soon(few: Callable[[], Collection[int] | None]) -> Collection[int] | None:
    """Return what an index names, None where that takes long."""
    try:
        with in_time(INDEX_MS):
            return few()
    except TooSlow:
        return None


def _unless_many(key: str, few: Callable[[], Collection[int] | None], now: datetime) -> Collection[int] | None:
    """Return what an index names, None where it named many a moment ago: the same leads are shown, and it is then that an index costs most.

    An index that does not answer in time is remembered as naming many, too.
    """
    if _MANY.get(key, now) > now:
        return None
    found = None
    try:
        found = few()
    finally:
        if found is None:
            if len(_MANY) >= REMEMBERED:
                _MANY.clear()
            _MANY[key] = now + MANY_FOR
    return found


def _named_like(words: str, called_so: list[int], now: datetime) -> Check:
    """Return the check that a lead's own words, or its company's, start like those of a text, or that the lead is one of some."""
    clause = sql.in_words("said.words @@ to_tsquery('simple', %s)", words)
    if called_so:
        clause = sql.either([clause, sql.Clause("crm_lead.id = ANY(%s)", (called_so,))])
    return Check(clause, partial(_few_named, words, called_so, now), is_first=" & " in words)


def _few_named(words: str, called_so: list[int], now: datetime) -> Collection[int] | None:
    few = _unless_many(f"words {words}", partial(few_named, words), now)
    return None if few is None else {*few, *called_so}


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


Understood = list[tuple[Condition, Condition, str]]


def understood(conditions: tuple[Condition, ...], offer: Offer) -> tuple[Understood, list[tuple[str, str]]]:
    """Return conditions as they were asked, as they are compared, and the kind of what they ask; and those that are none, with why."""
    good, faults = [], []
    for condition in conditions:
        choice = offer.choices.get(named(condition))
        try:
            if choice is None:
                raise Unclear("asks for something that this installation does not have")
            good.append((condition, _one_of(choice, checked(condition, choice.kind, choice.field_kind)), choice.kind))
        except Unclear as fault:
            faults.append((str(condition), str(fault)))
    return good, faults


def _one_of(choice: Choice, condition: Condition) -> Condition:
    if choice.words and condition.value not in choice.words:
        raise Unclear("has a value that there is not; choose the filter again")
    return condition


def live_of(offer: Offer, now: datetime) -> sql.Live:
    """Return what conditions are read by; days are those of the time zone that is current, of whoever looks."""
    return sql.Live(
        now, versions_of(offer), timezone.get_current_timezone(), {its.choice.name.partition(".")[2]: its for its in offer.held}
    )


def versions_of(offer: Offer) -> dict[str | None, int]:
    """Return the live version of each model by its name; under None that of the driving one."""
    found: dict[str | None, int] = {version.scoring_model.name: version.pk for version in offer.versions}
    return found | ({None: offer.driving.pk} if offer.driving else {})


def _facet(condition: Condition, kind: str) -> str:
    """Return how the index of values is asked for a condition; nothing where it cannot be."""
    word = f"{condition.name}={condition.value}"
    if condition.subject != "lead" or condition.how not in ("is", "starts") or kind == "number" or len(word) > LONGEST_FACET:
        return ""  # 90 and 90.0 are one number and two texts
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'" + (":*" if condition.how == "starts" else "")


def _by_value(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    """Ask the index of values."""
    return _with_values([word]) if (word := _facet(condition, kind)) else None


def _with_values(words: list[str]) -> list[int] | None:
    """Ask the index of values for leads that have all of some."""
    return _ids("SELECT lead_id FROM crm_leadwords WHERE facets @@ lower(%s)::tsquery LIMIT %s", " & ".join(words), RARE + 1)


def _by_account(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    clause = sql.account_clause(condition, kind, live)
    of = Account.objects.all()
    if condition.name == "name" and condition.how in ("is", "starts") and (words := prefixes(condition.value)):
        of = of.filter(words=SearchQuery(words, config="simple", search_type="raw"))  # an index has them, and the clause is exact
    fits = of.filter(RawSQL(clause.text, clause.given, output_field=BooleanField()))
    try:
        with in_time(FIRMS_MS):
            accounts = [*fits.values_list("pk", flat=True)[: RARE + 1]]
    except TooSlow:
        return None
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
    leads = f"(SELECT lead_id FROM crm_listmember WHERE list = %s AND to_at IS NULL AND lead_id IS NOT NULL LIMIT {RARE + 1})"
    firms = f"""(SELECT lead.id FROM crm_listmember AS member JOIN crm_lead AS lead USING (account_id)
        WHERE list = %s AND to_at IS NULL AND member.account_id IS NOT NULL LIMIT {RARE + 1})"""
    return _ids(f"{leads} UNION {firms}", condition.name, condition.name)


def _by_creation(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    """Ask the index that gives the order by when leads were made."""
    sign = "<" if condition.how == "before" else ">="
    return _ids(f"SELECT lead_id FROM crm_leadorder WHERE created_at {sign} %s LIMIT %s", sql.instant_of(condition, live), RARE + 1)


def _by_held(condition: Condition, kind: str, live: sql.Live) -> list[int] | None:
    """Ask the index of what an app above keeps of leads."""
    its = live.held[condition.name]
    return _ids(its.few, condition.value, RARE + 1) if condition.value != its.usual else None


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
    **{("record", how): _by_creation for how in ("last", "after", "before")},
    ("record", "is"): _by_held,
    ("file", "brought"): _by_file,
}
