"""Taking out of what is kept of files what they said of somebody."""

import re
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from vaglio_server.imports.models import Import, RefusedRow


def forget_rows(named: str) -> int:
    """Forget rows that were not taken whole and name somebody, by a regular expression; return how many. Files that wait stay."""
    for each in Import.objects.annotate(told=Cast("reasons", TextField())).filter(told__iregex=named):
        each.reasons = {what: {kind: _without(kind, its, named) for kind, its in kinds.items()} for what, kinds in each.reasons.items()}
        each.save(update_fields=["reasons"])
    rows = RefusedRow.objects.annotate(told=Cast("cells", TextField())).filter(Q(told__iregex=named) | Q(reason__iregex=named))
    return rows.delete()[0]


def _without(kind: str, its: dict[str, Any], named: str) -> dict[str, Any]:
    """Return a reason whose first sentence names nobody: that of all of its kind stands in its place."""
    return its | {"first": kind} if re.search(named, its["first"], re.IGNORECASE) else its
