"""What only the demo does: time passes by a click, so that one sees in a minute what takes a day."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from vaglio_server.lifecycle.actions.escalation import TURNS, find_breaches
from vaglio_server.lifecycle.logic.working_time import Calendar, elapsed_seconds
from vaglio_server.lifecycle.models import About, ClockPause, Notice, SlaClock
from vaglio_server.lifecycle.queries import calendars_of, selling_users

_FURTHEST = timedelta(days=120)


@transaction.atomic
def let_time_pass(*, seconds: int, at: datetime) -> int:
    """Have promised responses run as if so much working time had passed, take the steps that are due then, and return how many."""
    running = list(SlaClock.objects.filter(ended_at=None).select_related("lead"))
    calendars = calendars_of([each.lead.owner_id for each in running])
    for each in running:
        earlier = _earlier(calendars[each.lead.owner_id], each.started_at, seconds + 1)
        ClockPause.objects.filter(clock=each, to_at__lte=at).delete()
        each.started_at = earlier
        for turn in each.escalations.filter(step__in=TURNS):  # whoever has it by that has it for as much longer
            turn.at = _earlier(calendars[each.lead.owner_id], turn.at, seconds + 1)
            turn.save(update_fields=["at"])
    SlaClock.objects.bulk_update(running, ["started_at"])
    return len(find_breaches(at=at))


def _earlier(calendar: Calendar, start: datetime, seconds: int) -> datetime:
    """Return the instant from which so much working time lies before another."""
    low, high = start - _FURTHEST, start
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if elapsed_seconds(calendar, middle, start) >= seconds else (low, middle)
    return low


@transaction.atomic
def begin_day(*, at: datetime) -> int:
    """Send every seller the summary with which a day begins, whatever the hour, and return how many."""
    last = Notice.objects.filter(day__isnull=False).aggregate(day=Max("day"))["day"]
    day = max(at.date(), last + timedelta(days=1)) if last else at.date()
    sellers = [each for each in selling_users() if each.email]
    made = [Notice(user=each, about=About.DIGEST, day=day, created_at=at, next_at=at) for each in sellers]
    return len(Notice.objects.bulk_create(made))
