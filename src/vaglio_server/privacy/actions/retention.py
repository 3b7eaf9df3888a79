"""Deleting what has grown old: requests as they came, people of whom nothing was heard, devices that nobody is known by.

A transaction is short, so that what comes in waits for a moment only; whether somebody is still quiet is asked again under the locks.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import hold_contacts, lock_leads, make_due, now_known
from vaglio_server.crm.logic.erased import Key
from vaglio_server.crm.models import Erasure, accounts_ever
from vaglio_server.database import is_away
from vaglio_server.forms.actions import forget_refused
from vaglio_server.imports.actions import discard_old_files, forget_old_rows
from vaglio_server.privacy.actions.erasing import forget
from vaglio_server.privacy.models import Retention
from vaglio_server.privacy.queries import (
    Person,
    is_quiet,
    known_now,
    months_before,
    person_of,
    quiet_devices,
    quiet_leads,
    submissions_of,
)
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import empty_requests, forget_identities, one_at_a_time
from vaglio_server.tracking.models import Activity, IdentityKind, IdentityLink
from vaglio_server.tracking.queries import keys_sent
from vaglio_server.users.actions import audit

logger = logging.getLogger(__name__)
Rows = Counter[str]  # how many of which tables
WORKER = "worker"
LEAST_REQUESTS, LEAST_PEOPLE, MOST = 2, 3, 240  # months
EVERY, GRACE = timedelta(days=7), timedelta(days=1)
HELD = timedelta(minutes=15)  # by whoever deletes, from step to step: after an error, or where a worker ended, another begins then
STILL_SENT = timedelta(days=31)  # whom a sender named since, it still knows: deleted, they would come back as somebody new
REQUESTS, PEOPLE, DEVICES, KEYS = 5_000, 50, 500, 10_000  # at a time


class UnfitRetention(Refused):
    """Things are not to be kept for so long, or so short."""


def set_retention(*, requests_months: int | None, people_months: int | None, by: str, at: datetime) -> Retention:
    """Decide for how long requests, and people of whom nothing is heard, are kept [months]; None: for ever. Deleting begins a day later.

    Raises
    ------
    UnfitRetention
        As of :func:`check_retention`.
    """
    check_retention(requests_months=requests_months, people_months=people_months)
    with transaction.atomic():
        kept, _made = Retention.objects.update_or_create(
            pk=1, defaults={"requests_months": requests_months, "people_months": people_months, "ran_at": _so_that_due(at + GRACE)}
        )
        audit(by=by, verb="set_retention", subject="retention", at=at, requests_months=requests_months, people_months=people_months)
    return kept


def check_retention(*, requests_months: int | None, people_months: int | None) -> None:
    """Look whether things can be kept for so many months.

    Raises
    ------
    UnfitRetention
        A period is too short or too long, or people would be deleted before what they sent.
    """
    _need_within(requests_months, LEAST_REQUESTS, _("requests as they came"))
    _need_within(people_months, LEAST_PEOPLE, _("people nothing is heard of"))
    if people_months is not None and (requests_months is None or requests_months > people_months):
        said = _("requests name people: keep them no longer than people, at most {months} months")
        raise UnfitRetention(said.format(months=people_months))


def _need_within(months: int | None, least: int, what: str) -> None:
    if months is not None and not least <= months <= MOST:
        said = _("{what}: {months} months; keep them from {least} to {most} months, or for ever")
        raise UnfitRetention(said.format(what=what, months=months, least=least, most=MOST))


def begin_deleting(*, at: datetime) -> datetime | None:
    """Begin to look for what is old where that is due: once a week, by one worker, where anything is not kept for ever.

    Return what the run is held by, None where it is not due. One that is neither gone on with nor ended is due again after a while.
    """
    is_due = Q(ran_at=None) | Q(ran_at__lte=at - EVERY)
    held = _so_that_due(at + HELD)
    return held if Retention.objects.filter(is_due).exclude(requests_months=None, people_months=None).update(ran_at=held) else None


def go_on_deleting(*, held: datetime, at: datetime) -> datetime | None:
    """Hold a run for its next step; None where it was decided otherwise meanwhile, or another worker has begun."""
    again = _so_that_due(at + HELD)
    return again if Retention.objects.filter(ran_at=held).update(ran_at=again) else None


def end_deleting(*, held: datetime, at: datetime) -> None:
    """Say that all that is old was looked for, so that it is due in a week."""
    Retention.objects.filter(ran_at=held).update(ran_at=at)


def put_off_deleting(*, at: datetime) -> None:
    """Let a day go by before what is old is looked for: to think better of it, as after a backup was brought back."""
    Retention.objects.update(ran_at=_so_that_due(at + GRACE))


def _so_that_due(at: datetime) -> datetime:
    return at - EVERY


def delete_old(*, by: str = WORKER, at: datetime) -> Generator[Rows]:
    """Delete what is old, some of it with each step, and say how many rows that were; what is done is done when it is broken off.

    Nobody is remembered by a hash: who comes again is taken in, as somebody new.
    """
    kept, total = Retention.objects.first(), Rows()
    if kept is None:
        return
    decided = Retention.objects.filter(requests_months=kept.requests_months, people_months=kept.people_months)
    try:
        for rows in _steps(kept, by, at):
            total.update(rows)
            yield rows
            if not decided.exists():  # otherwise, meanwhile
                break
    finally:
        if total:
            audit(by=by, verb="delete_old", subject="retention", at=at, rows=dict(sorted(total.items())))


def _steps(kept: Retention, by: str, at: datetime) -> Iterator[Rows]:
    if kept.people_months:
        # Before requests are emptied: who is named in them is still known to somebody.
        yield from _people(months_before(at, kept.people_months), by, at)
    if kept.requests_months:
        before = months_before(at, kept.requests_months)
        yield from _requests(before, by, at)
        yield from _refused(before, by, at)


def _requests(before: datetime, by: str, at: datetime) -> Iterator[Rows]:
    while True:
        with transaction.atomic():
            kept = Retention.objects.select_for_update().get()
            done = empty_requests(before=before, after=kept.requests_through, limit=REQUESTS)
            if not done.requests:
                return
            kept.requests_through = done.through
            kept.save(update_fields=["requests_through"])
            rows = _written_down(Rows({"requests": done.requests, "tracking_refusedevent": done.refused}), (), by, at)
        yield rows


def _refused(before: datetime, by: str, at: datetime) -> Iterator[Rows]:
    """Delete what was not taken of files and forms."""
    while rows := forget_old_rows(before=before, at=at):
        yield _written_down(Rows({"rows of files": rows}), (), by, at)
    if files := discard_old_files(before=before, by=by, at=at):
        yield _written_down(Rows({"files": files}), (), by, at)
    while forms := forget_refused(before=before):
        yield _written_down(Rows({"forms_submission": forms}), (), by, at)


def _people(since: datetime, by: str, at: datetime) -> Iterator[Rows]:
    """Delete people nothing is heard of, then devices nobody is known by; whom senders still name stays."""
    leads = list(quiet_leads(since).filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    sent: set[int] = set()
    for number, key in enumerate(keys_sent(at - STILL_SENT) if leads or quiet_devices(since).exists() else ()):
        sent.add(hash(key))
        if number % KEYS == 0:
            yield Rows()  # it takes its time: whoever asks may stop it here
    for first in range(0, len(leads), PEOPLE):
        yield _tried(partial(_delete, _unsent(leads[first : first + PEOPLE], sent, since), since, by))
    devices = list(quiet_devices(since).order_by("pk").values_list("pk", flat=True))  # with those whom only a lead was known by
    for first in range(0, len(devices), DEVICES):
        yield _tried(partial(_delete_devices, devices[first : first + DEVICES], sent, since, by, at))


def _tried(step: Callable[[], Rows]) -> Rows:
    """Take a step; one that meets somebody else's work is left for the next time, and keeps no other from being taken."""
    try:
        return step()
    except DatabaseError as error:
        if is_away(error):
            raise
        logger.warning("some of what is old is left until the next time: %s", str(error).strip().splitlines()[:1])
        return Rows()


def _unsent(leads: Collection[int], sent: Collection[int], since: datetime) -> list[Person]:
    """Return the quiet people some leads are, without those whom a sender still knows by more than a device.

    All of them as if they were one where nothing speaks against any: that asks a fiftieth of the questions.
    """
    links = IdentityLink.objects.filter(lead__in=leads, ended_at=None).values_list("lead", "identity__kind", "identity__value")
    known = {lead for lead, kind, value in links if _is_named((kind, value), sent)}
    left = [lead for lead in leads if lead not in known]
    whole = person_of(leads=left)
    if _goes(whole, sent, since):
        return [whole]
    return [each for each in (person_of(leads=[lead]) for lead in left) if _goes(each, sent, since)]


def _goes(people: Person, sent: Collection[int], since: datetime) -> bool:
    """Whether somebody, or some people at once, are there, quiet, and named by no sender."""
    if not people.leads or any(_is_named(key, sent) for key in people.keys) or not is_quiet(people, since):
        return False
    return quiet_leads(since).filter(pk__in=people.leads).count() == len(people.leads)


def _is_named(key: Key, sent: Collection[int]) -> bool:
    return key[0] != IdentityKind.ANONYMOUS_ID and hash(key) in sent


@transaction.atomic
def _delete(people: Collection[Person], since: datetime, by: str) -> Rows:
    """Delete those of some people who are still quiet; nothing that is said of them meanwhile is lost, for it waits."""
    whole = _whole(people)
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        hold_contacts(cursor)
        colleagues = lock_leads(cursor, sorted(whole.leads), to_delete=True)
        gone = _still_quiet(people, whole, since)
        if not gone:
            return Rows()
        accounts = accounts_ever(gone.leads)
        rows = Rows(forget(cursor, gone, {}, [], by_age=True))
        known_at = now_known(cursor)
        _written_down(rows, accounts, by, known_at)
        make_due(cursor, sorted(set(colleagues) - gone.leads), known_at)
    return rows


def _still_quiet(people: Collection[Person], whole: Person, since: datetime) -> Person:
    """Return those of some people who are as they were, and still quiet; asked of all at once, and of each where that does not hold."""
    still = set(quiet_leads(since).filter(pk__in=whole.leads).values_list("pk", flat=True))
    if whole.leads <= still and known_now(whole) == whole and is_quiet(whole, since):
        return whole
    return _whole([each for each in people if each.leads <= still and known_now(each) == each and is_quiet(each, since)])


def _whole(people: Collection[Person]) -> Person:
    """Return some people as if they were one, to be deleted at once."""
    return Person(
        *(frozenset().union(*(getattr(each, name) for each in people)) for name in ("leads", "contacts", "identities", "keys"))
    )  # fmt: skip


@transaction.atomic
def _delete_devices(devices: Collection[int], sent: Collection[int], since: datetime, by: str, at: datetime) -> Rows:
    """Delete those of some devices that are still quiet and that no sender named lately, with forms they sent without a mail address."""
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        held = quiet_devices(since).filter(pk__in=devices).values_list("pk", "kind", "value")
        gone = {pk: (kind, value) for pk, kind, value in held if hash((kind, value)) not in sent}
        if not gone:
            return Rows()
        rows = Rows({"devices": len(gone), "tracking_activity": Activity.objects.filter(identity__in=gone).count()})
        rows["forms_submission"], _each = submissions_of(Person(keys=frozenset(gone.values()))).delete()
        forget_identities(cursor, list(gone), keeps_events=True)
        return _written_down(rows, (), by, at)


def _written_down(rows: Rows, accounts: Collection[int], by: str, at: datetime) -> Rows:
    told = {name: count for name, count in sorted(rows.items()) if count}
    Erasure.objects.create(at=at, by=by, person=uuid.uuid4(), accounts=list(accounts), rows=told, is_by_age=True)
    return rows
