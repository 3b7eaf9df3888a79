"""Lists: priority accounts, competitors, customers, partners, and whatever else a model reads."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.knowledge import lock_joining, lock_leads, lock_staff, make_due, now_known
from vaglio_server.crm.logic.fields import LONGEST_NAME, Unfit
from vaglio_server.crm.logic.lists import NO_NAME, list_name, shown_name
from vaglio_server.crm.models import Account, Lead, ListMember
from vaglio_server.crm.queries import list_names
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@dataclass(frozen=True)
class Members:
    """How many leads and companies were on a list."""

    leads: int
    companies: int


def list_called(text: str, there: Collection[str] | None = None) -> str:
    """Return the name of the list that a text means: one that is ``there`` (None: it is looked up), else one that can be made.

    Raises
    ------
    Refused
        It is no name of a list.
    """
    try:
        return list_name(text, list_names() if there is None else there)
    except Unfit:
        raise Refused(_(NO_NAME).format(text=shown_name(text), n=LONGEST_NAME)) from None


@transaction.atomic
def add_list_member(*, name: str, lead: Lead | None = None, account: Account | None = None, by: str, at: datetime) -> None:
    """Put a lead or an account on a list from now on; who is on it already stays as they are.

    Raises
    ------
    Refused
        It is no name of a list.
    """
    name = list_called(name)
    with connection.cursor() as cursor:
        held, now = _hold(cursor, lead, account)
        if not _now_on(name, lead, account).exists():
            ListMember.objects.create(list=name, lead=lead, account=account, from_at=now, known_at=now)
            make_due(cursor, held, now)
            audit(by=by, verb="add_list_member", subject=_subject(lead, account), at=at, list=name)


@transaction.atomic
def remove_list_member(*, name: str, lead: Lead | None = None, account: Account | None = None, by: str, at: datetime) -> None:
    """Take a lead or an account off a list from now on; that it was on it stays known.

    Raises
    ------
    Refused
        It is not on the list.
    """
    with connection.cursor() as cursor:
        held, now = _hold(cursor, lead, account)
        if not _now_on(name, lead, account).update(to_at=now):
            raise Refused(_("{member} is not on the list {name}").format(member=lead or account, name=name))
        make_due(cursor, held, now)
    audit(by=by, verb="remove_list_member", subject=_subject(lead, account), at=at, list=name)


@transaction.atomic
def add_leads_to_list(*, name: str, leads: list[int], by: str, at: datetime) -> int:
    """Put leads on a list from now on; return how many were not on it."""
    return len(put_on_lists(lists={name: leads}, by=by, at=at))


@transaction.atomic
def put_on_lists(*, lists: Mapping[str, Collection[int]], by: str, at: datetime) -> list[ListMember]:
    """Put leads on lists from now on, all of them at one instant; return the entries of those who were not on them.

    Raises
    ------
    Refused
        A name is none of a list.
    """
    there, meant = list_names(), dict[str, list[int]]()
    for name, named in lists.items():  # two names may mean one list
        meant.setdefault(list_called(name, there), []).extend(named)
    leads = sorted({lead for named in meant.values() for lead in named})
    with connection.cursor() as cursor:
        held = lock_leads(cursor, leads)
        now = now_known(cursor)
        on = set(ListMember.objects.filter(list__in=meant, lead__in=leads, to_at=None).values_list("list", "lead_id"))
        asked = [(name, lead) for name, named in meant.items() for lead in dict.fromkeys(named)]
        new = ListMember.objects.bulk_create(
            ListMember(list=name, lead_id=lead, from_at=now, known_at=now) for name, lead in asked if (name, lead) not in on
        )
        make_due(cursor, held, now)
    for name in meant:
        audit(by=by, verb="add_leads_to_list", subject=f"list:{name}", at=at, leads=[each.lead_id for each in new if each.list == name])
    return new


@transaction.atomic
def remove_leads_from_list(*, name: str, leads: list[int], by: str, at: datetime) -> int:
    """Take leads off a list from now on; that they were on it stays known. Return how many were on it."""
    gone = _end(leads, ListMember.objects.filter(list=name, lead__in=leads))
    audit(by=by, verb="remove_leads_from_list", subject=f"list:{name}", at=at, leads=sorted(lead for _list, lead in gone))
    return len(gone)


@transaction.atomic
def end_entries(*, entries: Collection[int], by: str, at: datetime) -> int:
    """Take leads off lists by their entries, from now on; entries that ended before stay as they are. Return how many ended."""
    rows = ListMember.objects.filter(pk__in=entries, lead__isnull=False)
    gone = _end(sorted(set(rows.values_list("lead_id", flat=True))), rows)
    for name in sorted({name for name, _lead in gone}):
        leads = sorted(lead for its, lead in gone if its == name)
        audit(by=by, verb="remove_leads_from_list", subject=f"list:{name}", at=at, leads=leads)
    return len(gone)


@transaction.atomic
def empty_list(*, name: str, by: str, at: datetime) -> Members:
    """Take everybody off a list from now on; that they were on it stays known. Return how many were.

    Raises
    ------
    Refused
        Nobody is on it.
    """
    with connection.cursor() as cursor:
        on, held, now = _hold_all(cursor, name)
        ListMember.objects.filter(pk__in=[each.pk for each in on]).update(to_at=now)
        make_due(cursor, held, now)
    members = _members(on)
    audit(by=by, verb="empty_list", subject=f"list:{name}", at=at, leads=members.leads, companies=members.companies)
    return members


@transaction.atomic
def move_list(*, name: str, to: str, by: str, at: datetime) -> Members:
    """Put everybody who is on a list on one of another name instead, from now on. Return how many were.

    Raises
    ------
    Refused
        Nobody is on it; the other name is none, its own, or that of a list with somebody on it.
    """
    to = list_called(to)
    if name == to:
        raise Refused(_("The list is called {name} already.").format(name=name.replace("_", " ")))
    with connection.cursor() as cursor:
        on, held, now = _hold_all(cursor, name)
        if ListMember.objects.filter(list=to, to_at=None).exists():
            raise Refused(_("There is a list {name} already, with somebody on it; choose another name.").format(name=to.replace("_", " ")))
        ListMember.objects.filter(pk__in=[each.pk for each in on]).update(to_at=now)
        ListMember.objects.bulk_create(
            [ListMember(list=to, lead_id=each.lead_id, account_id=each.account_id, from_at=now, known_at=now) for each in on],
            batch_size=5_000,
        )
        make_due(cursor, held, now)
    members, names = _members(on), {"before": name, "after": to}
    audit(by=by, verb="rename_list", subject=f"list:{to}", at=at, name=names, leads=members.leads, companies=members.companies)
    return members


def _hold_all(cursor: Any, name: str) -> tuple[list[ListMember], list[int], datetime]:
    """Take the rows of all leads that a list touches; return who is on it, those leads, and the instant at which it becomes known."""
    lock_joining(cursor)
    on = list(ListMember.objects.filter(list=name, to_at=None).order_by("pk"))
    if not on:
        raise Refused(_("Nobody is on the list {name}.").format(name=name.replace("_", " ")))
    leads, accounts = ([each for each in ids if each is not None] for ids in zip(*((it.lead_id, it.account_id) for it in on), strict=True))
    return on, lock_leads(cursor, leads, accounts=accounts), now_known(cursor)


def _members(on: list[ListMember]) -> Members:
    leads = sum(each.lead_id is not None for each in on)
    return Members(leads, len(on) - leads)


def _end(leads: list[int], entries: QuerySet[ListMember]) -> list[tuple[str, int]]:
    """End entries of some leads, and return of which list and whose those are that had not ended. Who they were merged into is due too."""
    into = Lead.objects.filter(pk__in=leads, merged_into__isnull=False).values_list("merged_into_id", flat=True)
    with connection.cursor() as cursor:
        held = lock_leads(cursor, sorted({*leads, *into}))
        now = now_known(cursor)
        on = entries.filter(to_at=None)
        gone = list(on.values_list("list", "lead_id"))
        on.update(to_at=now)
        make_due(cursor, held, now)
    return gone


def _now_on(name: str, lead: Lead | None, account: Account | None) -> QuerySet[ListMember]:
    return ListMember.objects.filter(list=name, lead=lead, account=account, to_at=None)


def _hold(cursor: Any, lead: Lead | None, account: Account | None) -> tuple[list[int], datetime]:
    """Take the rows of the leads that a list entry touches, then the instant at which it becomes known."""
    held = lock_leads(cursor, [lead.pk]) if lead is not None else lock_staff(cursor, account.pk if account else 0)
    return held, now_known(cursor)


def _subject(lead: Lead | None, account: Account | None) -> str:
    return f"lead:{lead.pk}" if lead is not None else f"account:{account.pk if account else None}"
