"""Taking back what the rows of a file made and said, some leads at a time, each once. History stays: past scores replay."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from vaglio_server.crm.actions import ACCOUNT, lock_leads, make_due, now_known, take_back_accounts, take_back_leads, write_back
from vaglio_server.crm.models import Lead
from vaglio_server.tracking.actions.identities import one_at_a_time
from vaglio_server.tracking.models import BroughtLead, IdentityLink, TakenBack
from vaglio_server.tracking.queries.taking_back import Also, Back, Firms, did_by, named_by, undone_by, unnamed_accounts, what_goes_back


@transaction.atomic
def take_back(*, bringer: str, limit: int, also: Also, firms: Firms) -> tuple[int, int]:
    """Take back what a file brought of the next leads it named, and return how many leads and activities that is; no lead: it is done.

    A lead it made that nothing else touched is none any more: whoever it is may come again as a new one. Of others, fields have again
    what they held before, where nobody wrote them later. ``also`` says which leads campaigns hold, ``firms`` which companies files need.
    """
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        waiting = named_by(bringer).filter(result=TakenBack.NOT_YET).order_by("lead").values_list("lead", flat=True)
        leads = list(waiting[:limit])
        if not leads:
            return 0, 0
        held = lock_leads(cursor, sorted({*leads, *did_by(bringer, leads).leads}))
        known_at = now_known(cursor)
        did = _take_back_activities(cursor, bringer, leads, known_at)  # first: by these nobody was touched
        back = what_goes_back(bringer, leads, also)
        moved = {lead for lead, found in back.values.items() if ACCOUNT in found}
        before = _accounts(moved)
        companies = unnamed_accounts(before | _accounts(back.gone))
        _end(back, known_at)
        take_back_leads(leads=back.gone, known_at=known_at)
        write_back(cursor, back.values, known_at, by=undone_by(bringer))
        free, writers = firms(companies)
        take_back_accounts(cursor, free, {*back.writers, *writers}, known_at)
        # Whoever is gone never did anything, so only those whose values change are due, and the colleagues of who changes company.
        at = Lead.objects.filter(account__in=before | _accounts(moved)).values_list("pk", flat=True)
        make_due(cursor, sorted({*back.values, *at}), known_at)
        if did:
            make_due(cursor, held, known_at)
        _remember(bringer, leads, back)
    return len(leads), did


def _take_back_activities(cursor: Any, bringer: str, leads: Collection[int], known_at: datetime) -> int:
    """Let what a file said that leads did be worth nothing from now on; what it is known by is free, so that it can come again."""
    did = did_by(bringer, leads)
    cursor.execute(
        """UPDATE tracking_activity SET is_machine = true, machine_known_at = CASE WHEN is_machine THEN machine_known_at ELSE %s END,
            taken_back_at = %s WHERE id = ANY(%s)""",
        [known_at, known_at, did.activities],
    )
    cursor.execute("UPDATE tracking_event SET message_id = message_id || ' taken back ' || id WHERE id = ANY(%s)", [did.events])
    return len(did.activities)


def _accounts(leads: Collection[int]) -> set[int]:
    return set(Lead.objects.filter(pk__in=leads, account__isnull=False).values_list("account_id", flat=True))


def _end(back: Back, known_at: datetime) -> None:
    """End what leads are known by that are gone, and what others were known by through the file alone."""
    IdentityLink.objects.filter(lead__in=back.gone, ended_at=None).update(ended_at=known_at)
    IdentityLink.objects.filter(pk__in=back.links).update(ended_at=known_at)


def _remember(bringer: str, leads: Collection[int], back: Back) -> None:
    """Write down what became of each lead."""
    left: dict[int, list[Any]] = {**back.fields, **back.whole}
    result = {lead: TakenBack.LEFT if lead in left else TakenBack.BACK for lead in leads} | dict.fromkeys(back.gone, TakenBack.GONE)
    rows = list(named_by(bringer).filter(lead__in=leads))
    for row in rows:
        row.result, row.left = result[row.lead_id], left.get(row.lead_id, [])
    BroughtLead.objects.bulk_update(rows, ["result", "left"])
    # A lead that stayed because of this file, when the file that made it was taken back, went with this one.
    BroughtLead.objects.filter(lead__in=back.gone).exclude(result=TakenBack.NOT_YET).update(result=TakenBack.GONE, left=[])
