"""Leads as people and programs write them, told to those who are to know whose they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from vaglio_server.lifecycle.actions.telling import given_by_hand, tell
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
    made = tracking.put_lead(user_id=user_id, fields=fields, by=by, at=at, seller=seller)
    if seller is not None and made.is_theirs_now:
        tell(given_by_hand([made.lead], seller.pk, by, at))
    return made.lead
