"""What is known already of what a file says of leads: who is on which list, and what became of them."""

from collections.abc import Collection
from typing import Any

from vaglio_server.crm.models import LeadOutcome, ListMember
from vaglio_server.imports.models import Holds, Import, ImportedFact
from vaglio_server.tracking.queries import Named, counted

# A lead with what is said of it: the list it is on, or its outcome and when that was.
Fact = tuple[Any, ...]
COLUMN = {Holds.MEMBERS: "member", Holds.OUTCOMES: "outcome"}  # of what a file said, by what it holds


def known_facts(what: str, leads: Collection[int]) -> dict[Fact, int]:
    """Return what is known of some leads now, with the number it is kept by."""
    if what == Holds.MEMBERS:
        rows: Any = ListMember.objects.filter(lead__in=leads, to_at=None).values_list("lead_id", "list", "pk")
    else:
        rows = LeadOutcome.objects.present().filter(lead__in=leads).values_list("lead_id", "outcome", "occurred_at", "pk")
    return {tuple(row[:-1]): row[-1] for row in rows}


def facts_of(each: Import) -> Named:
    """Return how much a file said of leads, and what became of that when it was taken back."""
    return counted(ImportedFact.objects.filter(of=each))
