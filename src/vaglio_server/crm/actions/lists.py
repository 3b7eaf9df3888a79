"""Lists: priority accounts, competitors, customers, partners, and whatever else a model reads."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from vaglio_server.crm.actions.knowledge import lock_leads, lock_staff, make_due, now_known
from vaglio_server.crm.models import Account, Lead, ListMember
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@transaction.atomic
def add_list_member(*, name: str, lead: Lead | None = None, account: Account | None = None, by: str, at: datetime) -> None:
    """Put a lead or an account on a list from now on; who is on it already stays as they are."""
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
            raise Refused(f"{lead or account} is not on the list {name}")
        make_due(cursor, held, now)
    audit(by=by, verb="remove_list_member", subject=_subject(lead, account), at=at, list=name)


@transaction.atomic
def add_leads_to_list(*, name: str, leads: list[int], by: str, at: datetime) -> int:
    """Put leads on a list from now on; return how many were not on it."""
    with connection.cursor() as cursor:
        held = lock_leads(cursor, leads)
        now = now_known(cursor)
        on = set(ListMember.objects.filter(list=name, lead__in=leads, to_at=None).values_list("lead_id", flat=True))
        new = [lead for lead in leads if lead not in on]
        ListMember.objects.bulk_create(ListMember(list=name, lead_id=lead, from_at=now, known_at=now) for lead in new)
        make_due(cursor, held, now)
    audit(by=by, verb="add_leads_to_list", subject=f"list:{name}", at=at, leads=new)
    return len(new)


@transaction.atomic
def remove_leads_from_list(*, name: str, leads: list[int], by: str, at: datetime) -> int:
    """Take leads off a list from now on; that they were on it stays known. Return how many were on it."""
    with connection.cursor() as cursor:
        held = lock_leads(cursor, leads)
        now = now_known(cursor)
        on = ListMember.objects.filter(list=name, lead__in=leads, to_at=None)
        gone = sorted(on.values_list("lead_id", flat=True))
        on.update(to_at=now)
        make_due(cursor, held, now)
    audit(by=by, verb="remove_leads_from_list", subject=f"list:{name}", at=at, leads=gone)
    return len(gone)


def _now_on(name: str, lead: Lead | None, account: Account | None) -> QuerySet[ListMember]:
    return ListMember.objects.filter(list=name, lead=lead, account=account, to_at=None)


def _hold(cursor: Any, lead: Lead | None, account: Account | None) -> tuple[list[int], datetime]:
    """Take the rows of the leads that a list entry touches, then the instant at which it becomes known."""
    held = lock_leads(cursor, [lead.pk]) if lead is not None else lock_staff(cursor, account.pk if account else 0)
    return held, now_known(cursor)


def _subject(lead: Lead | None, account: Account | None) -> str:
    return f"lead:{lead.pk}" if lead is not None else f"account:{account.pk if account else None}"
