"""The lists there are: how many are on each, which live models read it, and when it last changed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q

from vaglio.errors import VaglioError
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.crm.queries import list_names
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.queries import live_versions
from vaglio_server.tracking.models import Verdict
from vaglio_server.users.models import User

OWN_LISTS = ("priority_accounts", Verdict.SPAM.value)  # that pages and verdicts of Vaglio read by their names
_ON = Q(to_at=None, lead__merged_into__isnull=True, lead__taken_back_at__isnull=True)
# The first who is on each: members are not counted, however many there are.
_WITH_MEMBERS = """SELECT list FROM unnest(%s::text[]) AS each (list) WHERE EXISTS (
        SELECT FROM crm_listmember AS its LEFT JOIN crm_lead AS lead ON lead.id = its.lead_id
        WHERE its.list = each.list AND its.to_at IS NULL AND lead.merged_into_id IS NULL AND lead.taken_back_at IS NULL)"""


@dataclass(frozen=True)
class Reader:
    """A live model that reads a list."""

    name: str
    title: str


@dataclass(frozen=True)
class KnownList:
    """A list. ``leads``: those on it now whom a user may see; ``members``: all leads and companies on it; ``changed_at``: None if never."""

    name: str
    leads: int
    companies: int
    members: int
    changed_at: datetime | None
    readers: tuple[Reader, ...]

    @property
    def is_own(self) -> bool:
        """Whether Vaglio itself reads it by its name."""
        return self.name in OWN_LISTS

    @property
    def is_in_use(self) -> bool:
        """Whether anybody is on it, or anything reads it."""
        return bool(self.members or self.readers)


def lists_known(user: User, now: datetime) -> list[KnownList]:
    """Return the lists that anybody ever was on or that a live model reads, by name."""
    reading = _reading()
    counted = {row["list"]: row for row in _counted(now)}
    seen = ListMember.objects.filter(to_at=None, lead__in=Lead.objects.visible_to(user)).values("list").order_by()
    leads = {row["list"]: row["leads"] for row in seen.annotate(leads=Count("pk"))}
    return [_known(name, counted.get(name, {}), leads.get(name, 0), reading.get(name, ())) for name in sorted({*counted, *reading})]


def _counted(now: datetime) -> list[Any]:
    rows = ListMember.objects.values("list").order_by()
    counted = rows.annotate(
        members=Count("pk", filter=_ON),
        companies=Count("pk", filter=Q(to_at=None, account__isnull=False)),
        told_at=Max("known_at"),
        ended_at=Max("to_at", filter=Q(to_at__lte=now)),
    )
    return list(counted)


def _known(name: str, row: Mapping[str, Any], leads: int, reading: Iterable[Reader]) -> KnownList:
    instants = [at for at in (row.get("told_at"), row.get("ended_at")) if at is not None]
    return KnownList(name, leads, row.get("companies", 0), row.get("members", 0), max(instants, default=None), tuple(reading))


def readers(name: str) -> tuple[Reader, ...]:
    """Return the live models that read a list."""
    return tuple(_reading().get(name, ()))


def lists_in_use() -> list[str]:
    """Return the lists that anybody is on now or that a live model reads, by name: those that are offered.

    All that ever were, where a live version cannot be read: nobody can say then which it reads.
    """
    try:
        reading = _reading()
    except VaglioError:
        return list_names()
    return sorted({*with_members(list_names()), *reading})


def with_members(names: Collection[str]) -> list[str]:
    """Return those of some lists that anybody is on now."""
    if not names:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WITH_MEMBERS, [list(names)])
        return [row[0] for row in cursor.fetchall()]


def is_list(name: str) -> bool:
    """Whether there is a list of a name: somebody is on it now, a live model reads it, or Vaglio itself does."""
    return name in OWN_LISTS or ListMember.objects.filter(_ON, list=name).exists() or bool(readers(name))


def _reading() -> dict[str, list[Reader]]:
    """Return the live models that read lists, by list."""
    found: dict[str, list[Reader]] = {}
    for version in live_versions():
        model = version.scoring_model.name
        for name in document_of(version.text).lists():
            found.setdefault(name, []).append(Reader(model, version.title or model.replace("_", " ")))
    return found
