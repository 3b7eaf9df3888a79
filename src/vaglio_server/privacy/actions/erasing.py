"""Erasing a person: nothing of them stays but hashes by which they are not taken in again.

What is looked for at length is looked for before anything is locked; what came in meanwhile is looked at under the locks.
"""

from collections.abc import Collection
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
from vaglio_server.crm.models import Contact, ErasedKey, Erasure, FieldChange, Lead, Opportunity
from vaglio_server.imports.actions import forget_rows
from vaglio_server.imports.models import Import, ImportState
from vaglio_server.lifecycle.models import Conversion
from vaglio_server.privacy.queries import Person, accounts_of, hanging_on, person_of, submissions_of, trail_of
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import blank, forget_calls, forget_identities, forget_merges, one_at_a_time
from vaglio_server.tracking.queries import calls_of, deliveries_naming
from vaglio_server.users.actions import audit
from vaglio_server.users.models import AuditEntry

WAITING = (ImportState.READY, ImportState.RUNNING)  # files that are read yet


class NobodyThere(Refused):
    """There is nobody to erase."""


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
    if not person:
        raise NobodyThere(_("nothing is stored of whoever this is"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM tracking_delivery")
        newest = cursor.fetchone()[0]
        naming = deliveries_naming(cursor, person.values)
    with transaction.atomic(), connection.cursor() as cursor:
        one_at_a_time(cursor)
        hold_contacts(cursor)
        held = person_of(leads=person.leads, contacts=person.contacts, email=next(iter(person.emails), ""))
        colleagues = lock_leads(cursor, sorted(held.leads))
        accounts, told = accounts_of(held), receivers_told(held.leads)
        naming += deliveries_naming(cursor, held.values, after=newest)
        if joined := held.values - person.values:
            naming += deliveries_naming(cursor, joined)
        rows = _forget(cursor, held, sorted(set(naming)))
        known_at = now_known(cursor)
        made = Erasure.objects.create(at=known_at, by=by, accounts=accounts, rows=rows)
        keys = [ErasedKey(digest=digest_of(key, settings.SECRET_KEY), at=known_at, erasure=made) for key in held.keys]
        ErasedKey.objects.bulk_create(keys, ignore_conflicts=True)
        make_due(cursor, sorted(set(colleagues) - held.leads), known_at)
        audit(by=by, verb="erase_person", subject=f"erasure:{made.pk}", at=at, rows=rows)
        return Erased(rows, told, _files_left())


def _forget(cursor: Any, person: Person, naming: Collection[int]) -> dict[str, int]:
    """Delete everything, and return how many rows of which tables that were; calls that were taken out of requests are counted as those."""
    rows = {model._meta.db_table: len(found) for model, found in hanging_on(person).items()}
    places = calls_of(person.keys, person.named, naming)
    blank(cursor, places, person.named)
    forget_calls(cursor, places)
    submissions_of(person).delete()
    rows |= {"requests": sum(map(len, places.values())), "rows of files": forget_rows(person.named), "trail": _forget_trail(person)}
    _rename_opportunities(person)
    _forget_records(person)
    forget_identities(person.identities)
    return {name: count for name, count in sorted(rows.items()) if count}


def _forget_trail(person: Person) -> int:
    """Take out of the trail what it says of them, not that something was done."""
    held = AuditEntry.objects.annotate(told=Cast("detail", TextField())).exclude(detail={}).filter(told__iregex=person.named)
    return trail_of(person).exclude(detail={}).update(detail={}) + held.update(detail={})


def _forget_records(person: Person) -> None:
    Conversion.objects.filter(Q(lead__in=person.leads) | Q(contact__in=person.contacts)).delete()
    Contact.objects.filter(pk__in=person.contacts).delete()
    forget_merges(person.leads)
    leads = Lead.objects.filter(pk__in=person.leads)
    leads.update(merged_into=None)
    leads.delete()


def _rename_opportunities(person: Person) -> None:
    """Take their name out of what opportunities are called; these stay, for they are the company's."""
    leads, contacts = Lead.objects.filter(pk__in=person.leads), Contact.objects.filter(pk__in=person.contacts)
    names = sorted({each.name for each in (*leads, *contacts) if each.name}, key=len, reverse=True)
    sales = Opportunity.objects.filter(Q(conversions__lead__in=person.leads) | Q(contacts__in=person.contacts)).distinct()
    for sale in sales.select_related("account"):
        Opportunity.objects.filter(pk=sale.pk).update(name=_without(sale.name, names) or sale.account.name)
        for change in FieldChange.objects.filter(opportunity=sale, field="name"):
            FieldChange.objects.filter(pk=change.pk).update(value=_without(str(change.value or ""), names) or sale.account.name)


def _without(text: str, names: Collection[str]) -> str:
    for name in names:
        text = text.replace(f", {name}", "").replace(name, "").strip(" ,-")
    return text


def _files_left() -> list[str]:
    """Return the files that wait to be brought in; rows of people who were erased are refused when they are."""
    return list(Import.objects.filter(state__in=WAITING).order_by("pk").values_list("file_name", flat=True))
