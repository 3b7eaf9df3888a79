"""Taking out of what is kept of files what they said of somebody."""

from collections.abc import Collection

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from vaglio_server.imports.models import Import, RefusedRow


def forget_rows(terms: Collection[str]) -> int:
    """Forget rows that were not taken whole and hold one of some texts; return how many. Files that wait stay as they are."""
    if not terms:
        return 0
    for each in Import.objects.annotate(told=Cast("reasons", TextField())).filter(_holding(terms)):
        each.reasons = {
            what: {kind: its | {"first": kind if _names(its["first"], terms) else its["first"]} for kind, its in kinds.items()}
            for what, kinds in each.reasons.items()
        }
        each.save(update_fields=["reasons"])
    rows = RefusedRow.objects.annotate(told=Cast("cells", TextField())).filter(_holding(terms) | _holding(terms, "reason"))
    return rows.delete()[0]


def _holding(terms: Collection[str], column: str = "told") -> Q:
    found = Q()
    for term in terms:
        found |= Q(**{f"{column}__icontains": term})
    return found


def _names(text: str, terms: Collection[str]) -> bool:
    return any(term.lower() in text.lower() for term in terms)
