"""Erasing a person: nothing of them stays but hashes by which they are not taken in again.

What takes long is looked for before anything is locked; what came in meanwhile is looked at under the locks. These are taken in the order
in which everybody takes them: files, whose an identity is, contacts, leads, and last when something becomes known.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from vaglio_server.connectors.queries import receivers_told
from vaglio_server.crm.actions import hold_contacts, lock_leads, make_due, now_known
from vaglio_server.crm.logic.erased import digest_of
from vaglio_server.crm.models import Contact, ErasedKey, Erasure, Lead, accounts_ever
from vaglio_server.imports.actions import forget_rows, hold_files
from vaglio_server.imports.models import Import, ImportState
from vaglio_server.lifecycle.models import Conversion
from vaglio_server.privacy.actions.mentions import forget_mentions
from vaglio_server.privacy.actions.sales import hold_sales, rename_sales
from vaglio_server.privacy.queries import Person, hanging_on, known_now, submissions_of, trail_of
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import blank, forget_calls, forget_identities, forget_merges, one_at_a_time
from vaglio_server.tracking.queries import all_calls_of, calls_of, deliveries_naming
from vaglio_server.users.actions import audit
from vaglio_server.users.models import AuditEntry

WAITING = (ImportState.READY, ImportState.RUNNING)  # files that are read yet
Places = Mapping[int, set[int]]


class NobodyThere(Refused):
    """There is nobody to erase."""

    def __init__(self) -> None:
        super().__init__(_("nothing is stored of whoever this is"))


@dataclass(frozen=True)
class Erased:
    """What was deleted, and what is left to do.

    ``rows``: how many of which tables. ``receivers``: who was told of the person, to be asked to erase them, too. ``files``: what waits
    to be brought in, and may name them.
    """

    rows: dict[str, int]
    receivers: list[str]
    files: list[str]


def erase(*, person: Person, by: str, at: datetime) -> Erased:
    """Delete everything that is stored of a person, and remember their keys as hashes, so that nothing of them is taken in again.

    Companies and opportunities stay. Colleagues are scored again; their past scores may have counted what is gone.

    Raises
    ------
    NobodyThere
        Nothing is stored of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        began = cursor.fetchone()[0]
    before = all_calls_of(person.keys)
    with transaction.atomic(), connection.cursor() as cursor:
        files = hold_files(person.naming)
        one_at_a_time(cursor)
        hold_contacts(cursor)
        held = known_now(person, before.keys)
        colleagues = lock_leads(cursor, sorted(held.leads))
        hold_sales(held)
        told, accounts = receivers_told(held.leads), accounts_ever(held.leads)
        late = calls_of(held.keys, deliveries_naming(held.values, since=began))
        held = known_now(held, late.keys)
        more = all_calls_of(held.keys).places if held.keys - person.keys - before.keys else {}
        rows = forget(cursor, held, {**before.places, **late.places, **more}, files)
        if not rows:
            raise NobodyThere
        known_at = now_known(cursor)
        _remember(held, Erasure(at=known_at, by=by, person=uuid.uuid4(), accounts=accounts, rows=rows))
        make_due(cursor, sorted(set(colleagues) - held.leads), known_at)
        audit(by=by, verb="erase_person", subject="erased", at=at, rows=rows)
        return Erased(rows, told, _files_left())


def forget(cursor: Any, person: Person, places: Places, files: list[int], *, by_age: bool = False) -> dict[str, int]:
    """Delete everything of a person, and return how many rows of which tables that was; of calls taken out of requests, how many.

    ``by_age``: nobody asked for it. Then it stays known that their calls came, so that none is taken again, and what is said of others.
    """
    rows = {model._meta.db_table: len(found) for model, found in hanging_on(person).items()}
    blank(cursor, places, person.naming)
    forget_calls(cursor, places)
    submissions_of(person).delete()
    rows |= {"requests": sum(map(len, places.values())), "rows of files": forget_rows(person.keys, person.naming, files)}
    rename_sales(person)
    mentions = {} if by_age else forget_mentions(person)
    Conversion.objects.filter(Q(lead__in=person.leads) | Q(contact__in=person.contacts)).delete()
    Contact.objects.filter(pk__in=person.contacts).delete()
    forget_merges(person.leads)
    leads = Lead.objects.filter(pk__in=person.leads)
    leads.update(merged_into=None)
    leads.delete()
    forget_identities(cursor, person.identities, keeps_events=by_age)
    rows |= {"trail": _forget_trail(person), **mentions}
    if not by_age:
        _forget_quotes(person)
    return {name: count for name, count in sorted(rows.items()) if count}


def _forget_trail(person: Person) -> int:
    """Take out of the trail what it says of them, not that something was done."""
    return trail_of(person).exclude(detail={}).update(detail={})


def _forget_quotes(person: Person) -> None:
    """Take out of what the trail says of others what names a person."""
    told = AuditEntry.objects.annotate(told=Cast("detail", TextField())).filter(told__iregex=person.naming.pattern)
    for entry in told:
        entry.detail = person.naming.without(entry.detail)
        entry.save(update_fields=["detail"])


def _remember(person: Person, made: Erasure) -> None:
    made.save()
    keys = [ErasedKey(digest=digest_of(key, settings.SECRET_KEY), person=made.person, at=made.at) for key in person.keys]
    ErasedKey.objects.bulk_create(
        keys, update_conflicts=True, unique_fields=["digest"], update_fields=["person", "at", "let_in_at"]
    )  # fmt: skip


def _files_left() -> list[str]:
    """Return the files that wait to be brought in; rows of people who were erased are refused when they are."""
    return list(Import.objects.filter(state__in=WAITING).order_by("pk").values_list("file_name", flat=True))
