"""What files say of leads that are there: places on lists and outcomes, written by the verbs of people and taken back one by one."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from vaglio_server.crm.actions import Became, end_entries, lock_leads, put_on_lists, record_outcomes, take_back_outcomes
from vaglio_server.crm.models import LeadOutcome, ListMember
from vaglio_server.imports.logic import outcomes
from vaglio_server.imports.logic.headings import LIST
from vaglio_server.imports.logic.members import Member
from vaglio_server.imports.models import Holds, Import, ImportedFact
from vaglio_server.imports.queries.facts import COLUMN, Fact, known_facts
from vaglio_server.imports.queries.rows import Read
from vaglio_server.tracking.models import TakenBack
from vaglio_server.tracking.queries import undone_by

FACTS = 200  # taken back together


def take_facts(*, each: Import, read: Read, at: datetime) -> None:
    """Write what rows say of leads, and which of it the file made."""
    rows_of = zip(read.leads, read.taken, strict=True)
    said = [(lead, found) for lead, (_line, found) in rows_of if isinstance(found, Member | outcomes.Became)]
    made: Collection[ListMember | LeadOutcome]
    if each.holds == Holds.MEMBERS:
        lists: dict[str, list[int]] = {}
        for lead, found in said:
            lists.setdefault(str(found.values[LIST]), []).append(lead)
        made = put_on_lists(lists=lists, by=each.bringer, at=at)
    else:
        told = [(lead, Became(found.outcome, found.occurred_at, found.reason, found.value, found.currency)) for lead, found in said
                if isinstance(found, outcomes.Became)]  # fmt: skip
        made = record_outcomes(became=told, by=each.bringer, at=at)
    new, there = {row.pk for row in made}, known_facts(each.holds, read.leads)
    numbers = dict.fromkeys(there[lead, *found.fact()] for lead, found in said)
    column = f"{COLUMN[Holds(each.holds)]}_id"
    rows = [ImportedFact(of=each, is_made=number in new, **{column: number}) for number in numbers]
    ImportedFact.objects.bulk_create(rows, ignore_conflicts=True)  # an earlier row said so


def take_back_facts(*, each: Import, at: datetime) -> int:
    """Take back the next of what a file said of leads, and return how much that was; 0: it is done."""
    column = COLUMN[Holds(each.holds)]
    waiting = ImportedFact.objects.filter(of=each, result=TakenBack.NOT_YET).select_related(column)
    rows = {getattr(row, f"{column}_id"): row for row in waiting.order_by("id")[:FACTS]}
    if not rows:
        return 0
    leads = sorted({getattr(row, column).lead_id for row in rows.values()})
    with connection.cursor() as cursor:
        lock_leads(cursor, leads)  # so that no other file says the same meanwhile
    others = set(_said(column, rows).filter(result=TakenBack.NOT_YET).exclude(of=each).values_list(f"{column}_id", flat=True))
    made = set(_said(column, rows).filter(is_made=True).values_list(f"{column}_id", flat=True))
    there = known_facts(each.holds, leads)
    going = (made - others) & set(there.values())
    if going and each.holds == Holds.MEMBERS:
        end_entries(entries=going, by=undone_by(each.bringer), at=at)
    elif going:
        take_back_outcomes(outcomes=going, by=undone_by(each.bringer), at=at)
    for number, row in rows.items():
        row.result, row.left = _result(number, _fact(getattr(row, column)), there, going, made & others)
    ImportedFact.objects.bulk_update(rows.values(), ["result", "left"])
    return len(rows)


def _said(column: str, numbers: Collection[int]) -> QuerySet[ImportedFact]:
    return ImportedFact.objects.filter(**{f"{column}__in": numbers})


def _fact(row: ListMember | LeadOutcome) -> Fact:
    return (row.lead_id, row.list) if isinstance(row, ListMember) else (row.lead_id, row.outcome, row.occurred_at)


def _result(number: int, fact: Fact, there: dict[Fact, int], going: set[int], shared: set[int]) -> tuple[str, list[str]]:
    """Return what became of something that a file said, and why it stays."""
    if number in going:
        return TakenBack.GONE, []
    if number in shared:
        return TakenBack.LEFT, ["said"]
    is_anew = fact in there and there[fact] != number
    return (TakenBack.LEFT, ["anew"]) if is_anew else (TakenBack.BACK, [])
