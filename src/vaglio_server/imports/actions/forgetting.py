"""Letting go of what is kept of files once it is old: rows that could not be taken, and files that nobody brought in."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from vaglio_server.imports.actions.files import discard_import
from vaglio_server.imports.models import Import, ImportState, RefusedRow
from vaglio_server.refused import Refused

RESTS = (ImportState.DONE, ImportState.FAILED, ImportState.UNDONE)


@transaction.atomic
def forget_old_rows(*, before: datetime, at: datetime) -> int:
    """Delete the rows that were not taken, or not whole, of a file that was begun before an instant; return how many that were.

    How many there were of which kind stays, with the first of their lines; what a reason quotes of a row goes. A file is done at a time:
    after the last one nothing is returned.
    """
    old = Import.objects.select_for_update().filter(state__in=RESTS, started_at__lt=before, rows_forgotten_at=None)
    its = old.filter(pk__in=RefusedRow.objects.values("of")).order_by("pk").first()
    if its is None:
        return 0
    gone, _each = RefusedRow.objects.filter(of=its).delete()
    for kinds in its.reasons.values():
        for kind, told in kinds.items():
            told["first"] = kind
    its.rows_forgotten_at = at
    its.save(update_fields=["reasons", "rows_forgotten_at"])
    return gone


def discard_old_files(*, before: datetime, by: str, at: datetime) -> int:
    """Throw away the files that were uploaded before an instant and never brought in; return how many that were."""
    gone = 0
    for each in Import.objects.filter(state=ImportState.READY, created_at__lt=before):
        with suppress(Refused):  # somebody begins it
            discard_import(each=each, by=by, at=at)
            gone += 1
    return gone
