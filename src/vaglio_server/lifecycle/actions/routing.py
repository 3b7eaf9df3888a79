"""Giving leads to sellers: several workers may do so at once, and each sees what the one before gave."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from vaglio_server.crm.actions import assign_leads, now_known, write_owners
from vaglio_server.crm.models import PRESENT, among
from vaglio_server.lifecycle.actions.along import go_along, hold_waiting
from vaglio_server.lifecycle.actions.clocks import end_wait
from vaglio_server.lifecycle.actions.happenings import assigned, given_by_hand, write_happenings
from vaglio_server.lifecycle.actions.steps import show_at_once
from vaglio_server.lifecycle.logic.assignment import Arrival, Firms, Given, Route, allocate
from vaglio_server.lifecycle.models import BY, ClockPause, Escalation, LeadStage, SlaClock, Stage, Step
from vaglio_server.lifecycle.queries import IN_WORK, NOBODYS, WAITING, pools, routes_of
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

_ASSIGN = """INSERT INTO lifecycle_assignment (lead_id, owner_id, rule_id, rating, at, why) SELECT lead, owner, rule, rating, %s, why
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS given (lead, owner, rule, rating, why)"""
ROUTING = 730_450  # an advisory lock: who gives reads what was given before
# Whose companies are, and whose people there are, though the company is nobody's: who has most of them, of several the first to be a user.
_OWNED = "SELECT id, owner_id FROM crm_account WHERE id = ANY(%s) AND owner_id IS NOT NULL"
_KNOWN = f"""SELECT DISTINCT ON (account_id) account_id, owner_id FROM (
        SELECT account_id, owner_id, count(*) AS leads FROM crm_lead
        WHERE account_id = ANY(%s) AND owner_id IS NOT NULL AND {PRESENT} GROUP BY account_id, owner_id
    ) AS each ORDER BY account_id, leads DESC, owner_id"""


def hold_routing(cursor: Any) -> None:
    """Have nobody else give leads away until the transaction ends: after every lock on a lead, and before what becomes known."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING])


def give(cursor: Any, arrivals: Sequence[Arrival], by: str, at: datetime, known_at: datetime | None = None) -> list[Given]:
    """Give leads whose rows are held to sellers, as rules say where they go, and return who got which; the others wait in a queue.

    ``known_at``: when what the caller writes with it became known; None: it writes nothing else.
    """
    if not arrivals:
        return []
    contacts = hold_waiting(cursor, [each.lead for each in arrivals if each.route.team is not None])
    hold_routing(cursor)
    sent = _sent(arrivals, at)
    given = allocate(sent, pools({each.route.team for each in sent}, at), _firms(cursor, sent))
    _queue(cursor, sent)
    owners, known_at = {each.arrival.lead: each.owner for each in given}, known_at or now_known(cursor)
    write_owners(cursor, owners, known_at, by=by)
    go_along(cursor, contacts, owners, known_at, by)
    _assign(cursor, given, at)
    _show_again([each.arrival.lead for each in given], at)
    write_happenings(assigned(given, at))
    if given:
        audit(by=by, verb="route_leads", subject="leads", at=at, leads={str(each.arrival.lead): each.owner for each in given})
    return given


def _assign(cursor: Any, given: Sequence[Given], at: datetime) -> None:
    """Write down who was given which."""
    rows = [(each.arrival.lead, each.owner, each.arrival.route.rule, each.arrival.rating, each.why) for each in given]
    if rows:
        cursor.execute(_ASSIGN, [at, *(list(column) for column in zip(*rows, strict=True))])


def _sent(arrivals: Sequence[Arrival], at: datetime) -> list[Arrival]:
    """Return leads with where they go; who goes somewhere already goes there."""
    routes = routes_of({each.lead: each.rating for each in arrivals if not (each.route.team or each.route.user)}, at)
    return [replace(each, route=routes.get(each.lead, each.route)) for each in arrivals]


def _firms(cursor: Any, arrivals: Iterable[Arrival]) -> Firms:
    accounts = sorted({each.account for each in arrivals if each.account is not None})
    cursor.execute(_OWNED, [accounts])
    owned = dict(cursor.fetchall())
    cursor.execute(_KNOWN, [accounts])
    return Firms(owned, dict(cursor.fetchall()))


def _queue(cursor: Any, arrivals: Sequence[Arrival]) -> None:
    """Write down in whose queue leads are."""
    cursor.execute(
        """UPDATE lifecycle_leadstage AS standing SET team_id = its.team FROM unnest(%s::bigint[], %s::bigint[]) AS its (lead, team)
        WHERE lead_id = its.lead AND team_id IS DISTINCT FROM its.team""",
        [[each.lead for each in arrivals], [each.route.team for each in arrivals]],
    )


@dataclass(frozen=True)
class Waited:
    """How many leads that waited somebody got, and after which one the next look goes on; None: from the first."""

    given: int
    further: tuple[datetime, int] | None


@transaction.atomic
def give_waiting(*, limit: int, after: tuple[datetime, int] | None = None, at: datetime) -> Waited:
    """Give leads that wait for sales and are nobody's to whoever can take them now, those that wait for longest first.

    Some of them; which nobody can take do not keep the next look from those that come ``after``.
    """
    nobodys = LeadStage.objects.filter(stage__in=NOBODYS, lead__owner=None, is_kept_back=False)
    waiting = nobodys.filter(lead__merged_into=None, lead__taken_back_at=None)
    if after is not None:
        waiting = waiting.filter(Q(since__gt=after[0]) | Q(since=after[0], lead__gt=after[1]))
    rows = list(waiting.order_by("since", "lead").values_list("since", "lead")[:limit])
    further = rows[-1] if len(rows) == limit else None
    if not rows:
        return Waited(0, further)
    with connection.cursor() as cursor:
        arrivals = arrivals_of(cursor, [lead for _since, lead in rows], NOBODYS, is_nobodys=True)
        return Waited(len(give(cursor, arrivals, BY, at)), further)


@transaction.atomic
def give_to_others(*, leads: Sequence[int], is_nobodys: bool = False, by: str, at: datetime) -> int:
    """Give leads that wait to others than those who have them, as rules say, and return how many somebody got; the others stay as they are.

    ``is_nobodys``: leave out what somebody took meanwhile.
    """
    with connection.cursor() as cursor:
        arrivals = arrivals_of(cursor, leads, NOBODYS if is_nobodys else WAITING, is_nobodys=is_nobodys)
        return len(give(cursor, arrivals, by, at))


def give_or_free(cursor: Any, arrivals: Sequence[Arrival], by: str, at: datetime, known_at: datetime | None = None) -> None:
    """Give leads to others than who have them; where nobody can take one it is nobody's, for everybody to see."""
    given = {each.arrival.lead for each in give(cursor, arrivals, by, at, known_at)}
    _free(cursor, [each.lead for each in arrivals if each.lead not in given], by, at, known_at)


def _free(cursor: Any, leads: Iterable[int], by: str, at: datetime, known_at: datetime | None = None) -> None:
    """Have leads that are held be nobody's."""
    freed = write_owners(cursor, dict.fromkeys(leads), known_at or now_known(cursor), by=by)
    _keep_back(freed, is_so=False)
    _show_again(freed, at)
    write_happenings(given_by_hand(freed, None, by, at))


@transaction.atomic
def assign_by_hand(*, leads: Sequence[int], owner: User | None, by: str, at: datetime, is_undone: bool = False) -> None:
    """Give leads to a seller, or to nobody, because somebody says so: then they wait for somebody to give or take them.

    ``is_undone``: they were given away by mistake, and were nobody's before: whether they wait so is as it was.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM crm_lead WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(leads)])
        contacts = hold_waiting(cursor, leads) if owner is not None else {}
        changed = assign_leads(leads=list(leads), owner=owner, by=by, at=at)
        if owner is not None and contacts:
            go_along(cursor, contacts, dict.fromkeys(changed, owner.pk), now_known(cursor), by)
    if owner is None and not is_undone:
        _keep_back(leads, is_so=True)
    _show_again(changed, at)
    write_happenings(given_by_hand(changed, owner.pk if owner else None, by, at))


def _keep_back(leads: Collection[int], *, is_so: bool) -> None:
    """Have leads that sales is to answer be kept back, or not, from what is given away by itself."""
    LeadStage.objects.filter(among(leads), stage__in=NOBODYS).exclude(is_kept_back=is_so).update(is_kept_back=is_so)


def _show_again(leads: Collection[int], at: datetime) -> None:
    """Have leads be seen at once by whoever has them now, though who had them before put them off, or waited for them."""
    show_at_once(leads, at)
    for clock in SlaClock.objects.filter(among(leads, "lead"), ended_at=None, pauses__in=ClockPause.objects.filter(to_at=None)):
        end_wait(clock, at)


@transaction.atomic
def hand_on(*, user: User, by: str, at: datetime) -> tuple[int, int]:
    """Give away what a seller has who is gone: what is in work goes to others, the rest is nobody's. Return how many of each."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM crm_lead WHERE owner_id = %s AND {PRESENT} ORDER BY id FOR NO KEY UPDATE", [user.pk])
        theirs = [row[0] for row in cursor.fetchall()]
        working = list(LeadStage.objects.filter(lead__in=theirs, stage__in=IN_WORK).order_by("lead").values_list("lead", flat=True))
        arrivals = arrivals_of(cursor, working, IN_WORK, is_nobodys=False)
        hold_routing(cursor)
        _free(cursor, theirs, by, at)
        given = give(cursor, arrivals, by, at)
    audit(by=by, verb="hand_on_leads", subject=f"user:{user.pk}", at=at, leads=len(theirs), given=len(given))
    return len(given), len(theirs) - len(given)


def arrivals_of(cursor: Any, leads: Collection[int], stages: Collection[Stage], *, is_nobodys: bool) -> list[Arrival]:
    """Hold leads and return those that stand at some stages still, not to who has them, nor to who let their promise run out.

    ``is_nobodys``: leave out who has an owner. What was handed over to a team stays with it.
    """
    cursor.execute(
        f"""SELECT id, rating, account_id, owner_id FROM crm_lead WHERE id = ANY(%s) AND {PRESENT} AND (owner_id IS NULL OR NOT %s)
        ORDER BY id FOR NO KEY UPDATE""",
        [sorted(leads), is_nobodys],
    )
    rows = cursor.fetchall()
    # Read once the leads are held: whoever moves one holds it.
    standing = LeadStage.objects.filter(lead__in=[row[0] for row in rows], stage__in=stages).values_list("lead", "stage", "team")
    routes = {lead: Route(team=team if stage == Stage.SALES_QUALIFIED else None) for lead, stage, team in standing}
    had = {lead: set() if owner is None else {owner} for lead, _rating, _account, owner in rows if lead in routes}
    late = Escalation.objects.filter(clock__lead__in=list(had), clock__ended_at=None, owner__isnull=False).exclude(step=Step.AGAIN)
    for lead, owner in late.values_list("clock__lead", "owner"):
        had[lead].add(owner)
    return [
        Arrival(lead, rating or "", account, routes[lead], frozenset(had[lead])) for lead, rating, account, _owner in rows if lead in routes
    ]
