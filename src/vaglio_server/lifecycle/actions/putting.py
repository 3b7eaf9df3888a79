"""Leads as people, programs and files write them, told to those who are to know whose they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from vaglio_server.crm.models import Lead, OwnerChange, among
from vaglio_server.lifecycle.actions.happenings import given_by_hand, write_happenings
from vaglio_server.tracking import actions as tracking
from vaglio_server.users.models import User


@transaction.atomic
def put_lead(*, user_id: str | None, fields: Mapping[str, Any], by: str, at: datetime, seller: User | None = None) -> int:
    """Make a lead, or write to the one with this user id or mail address, and return its id; that a seller owns it is told.

    Raises
    ------
    Refused
        It names nobody, holds what no event may hold, or is a lead that the seller does not see.
    """
    return _told(tracking.put_lead(user_id=user_id, fields=fields, by=by, at=at, seller=seller), by, at, seller)


@transaction.atomic
def make_lead(*, fields: Mapping[str, Any], by: User, at: datetime) -> int:
    """Make a lead of whom nothing was known, and return its id; that a seller owns it is told. It refuses as in tracking."""
    return _told(tracking.make_lead(fields=fields, by=by, at=at), by.username, at, by)


def _told(made: tracking.Put, by: str, at: datetime, seller: User | None) -> int:
    if seller is not None and made.is_theirs_now:
        write_happenings(given_by_hand([made.lead], seller.pk, by, at))
    return made.lead


@transaction.atomic
def tell_owners(*, limit: int) -> int:
    """Tell whose leads became by files and merges, once, and return how many changes that was; one that holds no more is told no more."""
    changes = list(OwnerChange.objects.select_for_update(of=("self",), skip_locked=True).order_by("id")[:limit])
    if not changes:
        return 0
    newest = {each.lead_id: each for each in changes}
    held = Lead.objects.present().select_for_update(no_key=True, of=("self",)).filter(among(newest)).order_by("pk")
    now = dict(held.values_list("pk", "owner"))
    those = [each for lead, each in newest.items() if lead in now and now[lead] == each.owner_id]
    write_happenings(told for each in those for told in given_by_hand([each.lead_id], each.owner_id, each.by, each.at))
    OwnerChange.objects.filter(pk__in=[each.pk for each in changes]).delete()
    return len(changes)
