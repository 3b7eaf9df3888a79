"""Leads that lie idle between stages: nobody's, without a first answer in time, taken on and then left."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from vaglio_server.lifecycle.models import LeadStage, SlaClock, Stage
from vaglio_server.lifecycle.queries.clocks import LONGEST_WAIT
from vaglio_server.lifecycle.queries.inbox import IN_SALES, NOBODYS, first, nobodys_of, present, standing_of, without_step
from vaglio_server.users.models import User

WITHOUT_PROMISE = timedelta(days=2)  # so long may a lead wait to which no answer is promised


class Idle(StrEnum):
    """Why a lead lies idle."""

    NOBODYS = "nobodys"
    UNANSWERED = "unanswered"
    LEFT = "left"


COUNTED = 1_000  # further on nobody counts
STAGES = {Idle.NOBODYS: NOBODYS, Idle.UNANSWERED: (Stage.MARKETING_QUALIFIED,), Idle.LEFT: IN_SALES}


@dataclass(frozen=True)
class Lying:
    """Leads that lie idle for a reason: how many, one more than ``COUNTED`` where they are more, and those that do for longest."""

    why: Idle
    count: int
    leads: list[LeadStage]


def idle(user: User, now: datetime, limit: int) -> list[Lying]:
    """Return what lies idle, of what a user sees, by why."""
    found = []
    for why in Idle:
        those = idle_for(user, why, now)
        longest = first(those, STAGES[why], limit)
        found.append(Lying(why, len(longest) if len(longest) < limit else those.order_by()[: COUNTED + 1].count(), longest))
    return found


def idle_for(user: User, why: Idle, now: datetime, leads: Collection[int] | None = None) -> QuerySet[LeadStage]:
    """Return what lies idle for one reason, of what a user sees; ``leads``: only these."""
    of = {Idle.NOBODYS: _nobodys, Idle.UNANSWERED: _unanswered, Idle.LEFT: _left}[why]
    found = present(of(user, now))
    return found if leads is None else found.filter(lead__in=leads)


def _nobodys(user: User, _now: datetime) -> QuerySet[LeadStage]:
    return nobodys_of(user).filter(stage__in=NOBODYS)


def _unanswered(user: User, now: datetime) -> QuerySet[LeadStage]:
    """Return what waits though its promise is broken, for days where none was made, or though it was put off long ago."""
    running = SlaClock.objects.filter(lead=OuterRef("lead"), ended_at=None)
    waited = Q(pauses__from_at__lt=now - LONGEST_WAIT)  # however often it was said again since
    is_late = Exists(running.filter(Q(breached_at__isnull=False) | waited)) | Q(~Exists(running), since__lt=now - WITHOUT_PROMISE)
    waiting = standing_of(user).filter(stage=Stage.MARKETING_QUALIFIED, lead__owner__isnull=False)
    return waiting.filter(is_late).exclude(postponed_until__gt=now)


def _left(user: User, now: datetime) -> QuerySet[LeadStage]:
    return standing_of(user).filter(without_step(now), stage__in=IN_SALES)
