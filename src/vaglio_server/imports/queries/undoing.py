"""What taking a file back would do, in numbers."""

from dataclasses import dataclass

from vaglio_server.campaigns.queries import leads_in_campaigns
from vaglio_server.crm.models import Contact
from vaglio_server.imports.models import Holds, Import, ImportedContact, ImportState
from vaglio_server.imports.queries.companies import companies_of
from vaglio_server.imports.queries.contacts import contacts_of
from vaglio_server.imports.queries.facts import COLUMN, facts_of
from vaglio_server.tracking.queries import Named, counts_of, did_by, named_by, what_goes_back

LOOKED_AT = 2_000  # leads of a preview
TOGETHER = 500
STARTED = (ImportState.RUNNING, ImportState.DONE, ImportState.FAILED)


def may_undo(each: Import) -> bool:
    """Whether a file can be taken back: it started, what it brought was written down, and nobody took it back yet."""
    return each.is_undoable and each.state in STARTED


def files_naming(contact: Contact, *, limit: int) -> list[tuple[ImportedContact, bool]]:
    """Return the files that named a contact, the newest first, each with whether it can still be taken back."""
    rows = ImportedContact.objects.filter(contact=contact).select_related("of__by").order_by("-of__created_at", "-pk")[:limit]
    return [(row, may_undo(row.of)) for row in rows]


def named_in(each: Import) -> Named:
    """Return how much a file named, and what became of it when it was taken back: companies, contacts, what it said of leads, or leads."""
    if each.holds == Holds.COMPANIES:
        return companies_of(each)
    if each.holds == Holds.CONTACTS:
        return contacts_of(each)
    return facts_of(each) if each.holds in COLUMN else counts_of(each.bringer)


@dataclass(frozen=True)
class Undo:
    """What taking a file back would do to the leads looked at: who is ``gone``, who it made and ``stay``, and the values that go back.

    ``changed``: leads whose values go back; ``later``: values that somebody wrote over since, which stay. ``leads`` are all it named,
    ``activities`` what it said that those looked at did.
    """

    leads: int
    looked_at: int
    gone: int
    stay: int
    changed: int
    values: int
    later: int
    activities: int


def undo_preview(each: Import) -> Undo:
    """Return what taking a file back would do now, by the first leads it named."""
    leads = list(named_by(each.bringer).order_by("lead").values_list("lead", flat=True)[:LOOKED_AT])
    lots = [leads[start : start + TOGETHER] for start in range(0, len(leads), TOGETHER)]
    found = [what_goes_back(each.bringer, lot, leads_in_campaigns) for lot in lots]
    return Undo(
        leads=counts_of(each.bringer).leads,
        looked_at=len(leads),
        gone=sum(len(back.gone) for back in found),
        stay=sum(len(back.whole) for back in found),
        changed=sum(len(back.values) for back in found),
        values=sum(len(values) for back in found for values in back.values.values()),
        activities=sum(len(did_by(each.bringer, lot).activities) for lot in lots),
        later=sum(len(names) for back in found for names in back.fields.values()),
    )
