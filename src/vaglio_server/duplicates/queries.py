"""Reading the leads that are compared, the pairs that were found, and what was done with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from vaglio_server.crm.models import Lead
from vaglio_server.duplicates.logic.cleaning import FIELDS
from vaglio_server.duplicates.logic.deciding import SURE
from vaglio_server.duplicates.models import Bulk, Pair, PairState, Search, SearchState
from vaglio_server.tracking.models import Match
from vaglio_server.users.models import User

READ = 20_000
LATELY = 8


def leads_to_compare() -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Yield leads in batches, all as of one instant, with what is compared of them; who gave no company has that of the account."""
    columns = ", ".join(f"fields ->> '{name}'" for name in FIELDS)
    place = FIELDS.index("company")
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            f"""SELECT lead.id, NULLIF(account.name, account.domain), {columns.replace("fields", "lead.fields")}
            FROM crm_lead AS lead LEFT JOIN crm_account AS account ON account.id = lead.account_id
            WHERE lead.merged_into_id IS NULL AND lead.taken_back_at IS NULL"""
        )
        while rows := cursor.fetchmany(READ):
            yield [(row[0], dict(zip(FIELDS, _with_company(row, place), strict=True))) for row in rows]


def _with_company(row: tuple[Any, ...], place: int) -> list[Any]:
    values = list(row[2:])
    values[place] = values[place] or row[1]
    return values


def open_pairs(user: User, after: int | None = None) -> QuerySet[Pair]:
    """Return the pairs nobody decided on yet, the surest first, of leads that a user may see; those after a pair, decided on or not."""
    seen = Lead.objects.visible_to(user)
    last = Pair.objects.filter(pk__in=[] if after is None else [after]).values_list("probability", flat=True).first()
    below = Q() if last is None else Q(probability__lt=last) | Q(probability=last, pk__gt=after)
    return (
        Pair.objects.filter(below, state=PairState.OPEN, lead__in=seen, other__in=seen)
        .select_related("lead__account", "lead__owner", "other__account", "other__owner")
        .order_by("-probability", "id")
    )


@dataclass(frozen=True)
class Counts:
    """How many pairs are open, how many of these are nearly certain, were merged, and are said not to be the same."""

    open: int
    sure: int
    merged: int
    different: int


def counts() -> Counts:
    """Return how many pairs there are of each kind."""
    here = {"merged_into": None, "taken_back_at": None}
    present = Q(state=PairState.OPEN, **{f"{side}__{name}": value for side in ("lead", "other") for name, value in here.items()})
    found = Pair.objects.aggregate(
        open=Count("id", filter=present),
        sure=Count("id", filter=present & Q(probability__gte=SURE)),
        merged=Count("id", filter=Q(state=PairState.MERGED)),
        different=Count("id", filter=Q(state=PairState.DIFFERENT)),
    )
    return Counts(**found)


def last_search() -> Search | None:
    """Return the search that runs, or the last that did."""
    return Search.objects.order_by("-id").first()


def last_done() -> datetime | None:
    """Return when leads were looked through to the end the last time."""
    return Search.objects.filter(state=SearchState.DONE).order_by("-id").values_list("finished_at", flat=True).first()


@dataclass(frozen=True)
class BulkNow:
    """A bulk, with how many of its pairs are merged, are still to be merged or undone, and could not be."""

    bulk: Bulk
    merged: int
    waiting: int
    refused: int


def bulks() -> list[BulkNow]:
    """Return what was merged in bulk of late."""
    found = Bulk.objects.annotate(
        merged=Count("pairs", filter=Q(pairs__state=PairState.MERGED)),
        waiting=Count("pairs", filter=Q(pairs__state__in=[PairState.ASKED, PairState.UNDO])),
        refused=Count("pairs", filter=~Q(pairs__refused_because="")),
    ).order_by("-id")[:LATELY]
    return [BulkNow(each, each.merged, each.waiting, each.refused) for each in found]


def merged_lately() -> QuerySet[Pair]:
    """Return pairs that were merged one by one, the newest first."""
    found = Pair.objects.filter(state=PairState.MERGED, bulk=None, merge__undone_at=None).select_related("lead", "other", "stays")
    return found.order_by("-decided_at")[:LATELY]


def dismissed() -> set[tuple[int, int]]:
    """Return the pairs of leads that somebody said are not one person when events said they are."""
    return set(Match.objects.filter(dismissed_at__isnull=False).values_list("lead_id", "other_id"))
