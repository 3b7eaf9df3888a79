"""Taking files back: asked for once, done by workers lot by lot, each lead once."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from vaglio_server.campaigns.queries import leads_in_campaigns
from vaglio_server.imports.actions.companies import take_back_company
from vaglio_server.imports.actions.contacts import take_back_named
from vaglio_server.imports.actions.facts import take_back_facts
from vaglio_server.imports.models import Holds, Import, ImportedCompany, ImportState
from vaglio_server.imports.queries import may_undo, named_in
from vaglio_server.imports.queries.companies import unneeded
from vaglio_server.imports.queries.facts import COLUMN
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import take_back
from vaglio_server.tracking.models import Delivery, TakenBack
from vaglio_server.users.actions import audit

LEADS = 200  # taken back together


@transaction.atomic
def undo_import(*, each: Import, by: str, at: datetime) -> None:
    """Have the workers take back what a file brought; one that still runs is stopped first.

    Raises
    ------
    Refused
        It did not start, was taken back already, or was brought in before files could be.
    """
    held = Import.objects.select_for_update().get(pk=each.pk)  # waits for the lot that is being taken
    if not may_undo(held):
        raise Refused(_("this import cannot be taken back: it did not start, or is being taken back already"))
    was = held.state
    Import.objects.filter(pk=held.pk).update(state=ImportState.UNDOING, undo_started_at=at, undo_by=by)
    audit(by=by, verb="undo_import", subject=f"import:{held.pk}", at=at, was=was, rows=held.rows_read)


class Undoer:
    """Takes back files, some leads at a time; what is taken back is counted with it, so that a worker may die at any moment."""

    def step(self, at: datetime) -> int:
        """Take back the next leads of one file, and return how many those are; 0: there is nothing to do now."""
        with transaction.atomic():
            each = Import.objects.select_for_update(skip_locked=True).filter(state=ImportState.UNDOING).order_by("id").first()
            if each is None or Delivery.objects.filter(bringer=each.bringer, is_open=True).exists():
                return 0  # rows that wait become leads first
            done = _take_back(each, at)
            if not done:
                _finish(each, at)
            return done


def _take_back(each: Import, at: datetime) -> int:
    """Take back the next of what a file brought, by what it holds, and return how much that was."""
    if each.holds == Holds.COMPANIES:
        return take_back_company(each=each, at=at)
    if each.holds == Holds.CONTACTS:
        return take_back_named(each=each, at=at)
    if each.holds in COLUMN:
        return take_back_facts(each=each, at=at)
    firms = partial(unneeded, each=each)
    done, activities = take_back(bringer=each.bringer, limit=LEADS, also=leads_in_campaigns, firms=firms)
    Import.objects.filter(pk=each.pk).update(activities_back=F("activities_back") + activities)
    return done


def _finish(each: Import, at: datetime) -> None:
    Import.objects.filter(pk=each.pk).update(state=ImportState.UNDONE, undone_at=at)
    # Companies that stayed when other files were taken back, because of people whom this one brought, went with those.
    stayed = ImportedCompany.objects.filter(account__taken_back_at__isnull=False)
    stayed.exclude(result__in=[TakenBack.NOT_YET, TakenBack.GONE]).update(result=TakenBack.GONE, left=[])
    named = named_in(each)
    audit(by=each.undo_by, verb="finish_undo", subject=f"import:{each.pk}", at=at, gone=named.gone, back=named.back, left=named.left)
