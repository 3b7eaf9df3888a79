"""What a seller's home shows first: what waits for an answer with its clock, and what is to be done today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import LeadStage
from vaglio_server.lifecycle.queries import Waiting, Waits, asked_of, due_until, inbox, lacks_step, postponed
from vaglio_server.users.models import User
from vaglio_server.web.time_left import left
from vaglio_server.web.working import next_working

WAITING, TO_DO = 8, 8


@dataclass(frozen=True)
class Todo:
    """Something to be done today with a lead: what, and when; ``is_late``: it should have been done, or nobody says what comes next."""

    lead: Lead
    what: str
    when: str
    is_late: bool = False


@dataclass(frozen=True)
class Desk:
    """What a seller came for: the most urgent of what waits, how many do and are late, and what is to be done today."""

    waiting: list[tuple[Waiting, str]]
    waits: Waits
    todos: list[Todo]
    opinions: int


def desk(user: User, now: datetime) -> Desk:
    """Return what waits for a seller and what their day holds."""
    waits = inbox(user, now, WAITING)
    return Desk(
        waiting=[(each, left(each.due)) for each in waits.rows],
        waits=waits,
        todos=list(_todos(user, now)),
        opinions=len(asked_of(user)),
    )


def _todos(user: User, now: datetime) -> Iterator[Todo]:
    today = timezone.localdate(now)
    until = datetime.combine(today, time.max, timezone.get_current_timezone())
    for each in due_until(user, now, until, TO_DO):
        yield Todo(each.lead, next_working(each), _when(each, now), is_late=lacks_step(each, now))
    for each in postponed(user, now, TO_DO):
        if each.postponed_until is not None and each.postponed_until <= until:
            at = date_format(timezone.localtime(each.postponed_until), "H:i")
            yield Todo(each.lead, _("Look at it again"), _("at {time}").format(time=at))


def _when(standing: LeadStage, now: datetime) -> str:
    """Return by which day a next step is to be done."""
    if standing.next_step_at is None:
        return _("no next step")
    day = timezone.localdate(standing.next_step_at)
    return _("today") if day == timezone.localdate(now) else date_format(day, "j M")
