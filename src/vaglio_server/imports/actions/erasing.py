"""Taking out of what is kept of files what they said of somebody."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from vaglio_server.crm.logic.erased import Key, Naming
from vaglio_server.imports.models import Import, RefusedRow
from vaglio_server.imports.queries.erased import is_of_row


def rows_naming(naming: Naming) -> "QuerySet[RefusedRow]":
    """Return the rows that were not taken whole and name somebody in any cell, or in why they were not."""
    told = RefusedRow.objects.annotate(told=Cast("cells", TextField()))
    found = Q(told__iregex=naming.pattern) | Q(reason__iregex=naming.pattern)
    for value in naming.values:
        found |= Q(cells__contains=[value])
    return told.filter(found).select_related("of").order_by("pk")


def hold_files(naming: Naming) -> list[int]:
    """Take the rows of the files that said something of somebody, in one order, before any other lock."""
    said = Q(pk__in=rows_naming(naming).values("of")) | Q(told__iregex=naming.pattern)
    files = Import.objects.annotate(told=Cast("reasons", TextField())).filter(said).order_by("pk")
    return [each.pk for each in Import.objects.select_for_update().filter(pk__in=[each.pk for each in files]).order_by("pk")]


def forget_rows(keys: Collection[Key], naming: Naming, files: Collection[int]) -> int:
    """Forget a person's rows that were not taken whole, and what others' rows and reasons quote of them; return how many rows that were.

    ``files``: those that are held. Files that wait stay as they are.
    """
    gone: dict[int, set[str]] = {}
    rows = 0
    for row in rows_naming(naming).filter(of__in=files):
        gone.setdefault(row.of_id, set()).add(row.reason)
        if is_of_row(row.of, row.cells, keys):
            rows += 1
            row.delete()
        else:
            row.cells, row.reason = naming.without(row.cells), naming.without(row.reason)
            row.save(update_fields=["cells", "reason"])
    for each in Import.objects.filter(pk__in=files):
        quoted = gone.get(each.pk, set())
        for kinds in each.reasons.values():
            kinds |= {kind: _without(kind, its, quoted, naming) for kind, its in kinds.items()}
        each.save(update_fields=["reasons"])
    return rows


def _without(kind: str, its: dict[str, Any], quoted: Collection[str], naming: Naming) -> dict[str, Any]:
    """Return a kind of reason whose first sentence is of nobody's row: what all of its kind have in common stands in its place."""
    return its | {"first": kind} if its["first"] in quoted or naming.means(its["first"]) else its
