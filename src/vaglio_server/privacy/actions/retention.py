"""Deleting what has grown old: requests as they came, people of whom nothing was heard, devices that nobody is known by.

A transaction is short, so that what comes in waits for a moment only; whether somebody is still quiet is asked again under the locks.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import hold_contacts, lock_leads, make_due, now_known
from vaglio_server.crm.models import Erasure, accounts_ever
from vaglio_server.imports.actions import discard_old_files, forget_old_rows
from vaglio_server.privacy.actions.erasing import forget
from vaglio_server.privacy.models import Retention
from vaglio_server.privacy.queries import (
    Person,
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

Rows = Counter[str]  # how many of which tables
WORKER = "worker"
LEAST_REQUESTS, LEAST_PEOPLE, MOST = 1, 3, 240  # months
EVERY = timedelta(days=1)
STILL_SENT = timedelta(days=31)  # whom a sender named since, it still knows: deleted, they would come back as somebody new
REQUESTS, PEOPLE, DEVICES, KEYS = 5_000, 50, 500, 10_000  # at a time


class UnfitRetention(Refused):
    """Things are not to be kept for so long, or so short."""


def set_retention(*, requests_months: int | None, people_months: int | None, by: str, at: datetime) -> Retention:
    """Decide for how long requests, and people of whom nothing is heard, are kept [months]; None: for ever. It is gone by from a day later.

    Raises
    ------
    UnfitRetention
        As of :func:`check_retention`.
    """
    check_retention(requests_months=requests_months, people_months=people_months)
    with transaction.atomic():
        kept, _made = Retention.objects.update_or_create(
            pk=1, defaults={"requests_months": requests_months, "people_months": people_months, "ran_at": at}
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


def begin_deleting(*, at: datetime) -> bool:
    """Return whether what is old is to be looked for now: once a day, by one worker, where anything is not kept for ever."""
    is_due = Q(ran_at=None) | Q(ran_at__lte=at - EVERY)
    return bool(Retention.objects.filter(is_due).exclude(requests_months=None, people_months=None).update(ran_at=at))


def delete_old(*, by: str = WORKER, at: datetime) -> Iterator[Rows]:
    """Delete what is old, some of it with each step, and say how many rows that were; what is done is done when it is broken off.

    Nobody is remembered by a hash: who comes again is taken in, as somebody new.
    """
    kept, total = Retention.objects.first(), Rows()
    if kept is None:
        return
    decided = Retention.objects.filter(requests_months=kept.requests_months, people_months=kept.people_months)
    for rows in _steps(kept, by, at):
        total.update(rows)
        yield rows
        if not decided.exists():  # otherwise, meanwhile
            break
    if total:
        audit(by=by, verb="delete_old", subject="retention", at=at, rows=dict(sorted(total.items())))


def _steps(kept: Retention, by: str, at: datetime) -> Iterator[Rows]:
    if kept.requests_months:
        before = months_before(at, kept.requests_months)
        yield from _requests(before, by, at)
        yield from _files(before, by, at)
    if kept.people_months:
        since = months_before(at, kept.people_months)
        yield from _people(since, by, at)
        yield from _devices(since, by, at)


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


def _files(before: datetime, by: str, at: datetime) -> Iterator[Rows]:
    while rows := forget_old_rows(before=before, at=at):
        yield _written_down(Rows({"rows of files": rows}), (), by, at)
    if files := discard_old_files(before=before, by=by, at=at):
        yield _written_down(Rows({"files": files}), (), by, at)


def _people(since: datetime, by: str, at: datetime) -> Iterator[Rows]:
    quiet = list(quiet_leads(since).filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    sent: set[int] = set()
    for number, key in enumerate(keys_sent(at - STILL_SENT) if quiet else ()):
        if key[0] != IdentityKind.ANONYMOUS_ID:
            sent.add(hash(key))
        if number % KEYS == 0:
            yield Rows()  # it takes its time: whoever asks may stop it here
    for first in range(0, len(quiet), PEOPLE):
        yield _delete(_unsent(quiet[first : first + PEOPLE], sent), since, by, at)


def _unsent(leads: Collection[int], sent: Collection[int]) -> list[Person]:
    """Return the people some leads are, without those whom a sender still knows and without contacts."""
    links = IdentityLink.objects.filter(lead__in=leads, ended_at=None).values_list("lead", "identity__kind", "identity__value")
    known = {lead for lead, kind, value in links if hash((kind, value)) in sent}
    people = [person_of(leads=[lead]) for lead in leads if lead not in known]
    return [each for each in people if each.leads and not any(hash(key) in sent for key in each.keys)]


@transaction.atomic
def _delete(people: Collection[Person], since: datetime, by: str, at: datetime) -> Rows:
    """Delete those of some people who are still quiet."""
    with connection.cursor() as cursor:
        whole = _whole(people)
        one_at_a_time(cursor)
        hold_contacts(cursor)
        colleagues = lock_leads(cursor, sorted(whole.leads))
        still = set(quiet_leads(since).filter(pk__in=whole.leads).values_list("pk", flat=True))
        gone = _whole([each for each in people if each.leads <= still and known_now(each) == each and _is_quiet(each, since)])
        if not gone:
            return Rows()
        accounts = accounts_ever(gone.leads)
        rows = Rows(forget(cursor, gone, {}, []))
        known_at = now_known(cursor)
        _written_down(rows, accounts, by, known_at)
        make_due(cursor, sorted(set(colleagues) - gone.leads), known_at)
    return rows


def _is_quiet(person: Person, since: datetime) -> bool:
    """Whether nobody who is a contact has an address of theirs, and they sent no form since, confirmed or not."""
    return not person.contacts and not submissions_of(person).filter(received_at__gte=since).exists()


def _whole(people: Collection[Person]) -> Person:
    """Return some people as if they were one, to be deleted at once."""
    return Person(
        *(frozenset().union(*(getattr(each, name) for each in people)) for name in ("leads", "contacts", "identities", "keys"))
    )  # fmt: skip


def _devices(since: datetime, by: str, at: datetime) -> Iterator[Rows]:
    quiet = list(quiet_devices(since).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(quiet), DEVICES):
        with transaction.atomic(), connection.cursor() as cursor:
            one_at_a_time(cursor)
            still = list(quiet_devices(since).filter(pk__in=quiet[first : first + DEVICES]).values_list("pk", flat=True))
            rows = Rows({"devices": len(still), "tracking_activity": Activity.objects.filter(identity__in=still).count()})
            if still:
                forget_identities(still)
                _written_down(rows, (), by, at)
        yield rows


def _written_down(rows: Rows, accounts: Collection[int], by: str, at: datetime) -> Rows:
    told = {name: count for name, count in sorted(rows.items()) if count}
    Erasure.objects.create(at=at, by=by, person=uuid.uuid4(), accounts=list(accounts), rows=told, is_by_age=True)
    return rows
