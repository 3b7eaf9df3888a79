"""What taking a file back would do to the leads it named: read the same way before somebody asks for it and while it is done."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet

from vaglio_server.crm.models import FieldChange, Lead
from vaglio_server.tracking.models import AccountKey, Activity, BroughtLead, Identity, IdentityKind, IdentityLink, TakenBack

# Which of some companies no file in force names, and what files that were taken back write in the histories of these; files are above here.
Firms = Callable[[Collection[int]], tuple[Collection[int], Collection[str]]]
Also = Callable[[Collection[int]], Collection[int]]  # which of some leads are in campaigns, which are above here
# By what a lead is known to have been touched by something else than files that were taken back; %(names)s are what those write.
_TOUCHED = """
    SELECT lead_id, 'values' FROM crm_fieldchange WHERE lead_id = ANY(%(leads)s) AND NOT by = ANY(%(names)s)
        AND field <> 'owner_id' AND NOT (field = 'lead_owner' AND value = 'null')
    UNION SELECT lead_id, 'known_by' FROM tracking_identitylink WHERE lead_id = ANY(%(leads)s) AND NOT by = ANY(%(names)s)
    UNION SELECT link.lead_id, 'activities' FROM tracking_identitylink AS link JOIN tracking_activity AS act USING (identity_id)
        WHERE link.lead_id = ANY(%(leads)s) AND link.ended_at IS NULL AND act.taken_back_at IS NULL
    UNION SELECT lead_id, 'file' FROM tracking_broughtlead
        WHERE lead_id = ANY(%(leads)s) AND result = '' AND NOT bringer = ANY(%(names)s)
    UNION SELECT id, 'owner' FROM crm_lead AS lead WHERE id = ANY(%(leads)s) AND owner_id IS NOT NULL AND NOT COALESCE((
        SELECT told.by = ANY(%(names)s) AND told.value #>> '{}' = lead.owner_id::text FROM crm_fieldchange AS told
        WHERE told.lead_id = lead.id AND told.field = 'owner_id' ORDER BY told.known_at DESC, told.id DESC LIMIT 1), false)
    UNION SELECT id, 'merged' FROM crm_lead WHERE id = ANY(%(leads)s) AND merged_into_id IS NOT NULL
    UNION SELECT lead_id, 'note' FROM crm_note WHERE lead_id = ANY(%(leads)s) AND removed_at IS NULL
    UNION SELECT lead_id, 'list' FROM crm_listmember WHERE lead_id = ANY(%(leads)s) AND to_at IS NULL
    UNION SELECT lead_id, 'outcome' FROM crm_leadoutcome WHERE lead_id = ANY(%(leads)s) AND taken_back_at IS NULL
    UNION SELECT lead_id, 'contact' FROM crm_contact WHERE lead_id = ANY(%(leads)s) AND taken_back_at IS NULL
    UNION SELECT lead_id, 'verdict' FROM tracking_suspicion WHERE lead_id = ANY(%(leads)s) AND verdict <> ''
"""


def undone_by(bringer: str) -> str:
    """Return by whom the history says that a value went back when a file was taken back."""
    return f"{bringer} undo"


@dataclass(frozen=True)
class Back:
    """What goes back of some leads: who is ``gone``, what ``values`` others have again, links that end, and what is ``left``.

    ``left``: of a lead that the file made, why it stays as it is; of one known before, the fields somebody wrote later. ``writers``: what
    files that were taken back write in histories.
    """

    gone: list[int]
    values: dict[int, dict[str, Any]]
    links: list[int]
    whole: dict[int, list[str]] = field(default_factory=dict)
    fields: dict[int, list[str]] = field(default_factory=dict)
    writers: frozenset[str] = frozenset()


def what_goes_back(bringer: str, leads: Collection[int], also: Also) -> Back:
    """Return what taking a file back does to some of the leads it named."""
    of_these = BroughtLead.objects.filter(lead__in=leads)
    undone = {bringer, *of_these.exclude(result=TakenBack.NOT_YET).values_list("bringer", flat=True)}
    writers = frozenset({*undone, *map(undone_by, undone)})
    made = set(of_these.filter(is_made=True, bringer__in=undone).values_list("lead", flat=True))
    own = set(of_these.filter(is_made=True, bringer=bringer).values_list("lead", flat=True))
    touched = _touched(leads, writers, also)
    gone = made - set(touched)
    stays = {lead: sorted(touched[lead]) for lead in sorted(own - gone)}
    known = [lead for lead in leads if lead not in gone and lead not in own and "merged" not in touched.get(lead, ())]
    values, later = _values(bringer, known, writers)
    named = {lead for lead in known if "file" in touched.get(lead, ())}
    return Back(sorted(gone), values, _links(bringer, set(known) - named, values), stays, later, writers)


def _touched(leads: Collection[int], writers: Collection[str], also: Also) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"leads": list(leads), "names": list(writers)})
        for lead, why in cursor.fetchall():
            found.setdefault(lead, set()).add(why)
    for lead in also(leads):
        found.setdefault(lead, set()).add("campaign")
    return found


def _values(bringer: str, leads: Iterable[int], writers: Collection[str]) -> tuple[dict[int, dict[str, Any]], dict[int, list[str]]]:
    """Return the values that fields have again, and the fields that somebody wrote later."""
    mine = FieldChange.objects.filter(lead__in=list(leads), by=bringer).values_list("lead", "field")
    wrote = set(mine)
    rows = FieldChange.objects.filter(lead__in={lead for lead, _field in wrote}, field__in={name for _lead, name in wrote})
    ordered = rows.order_by("lead", "field", "known_at", "pk").values_list("lead", "field", "value", "by")
    values: dict[int, dict[str, Any]] = {}
    later: dict[int, list[str]] = {}
    for (lead, name), changes in groupby(ordered, key=lambda row: row[:2]):
        if (lead, name) not in wrote:
            continue
        history = [(value, by) for _lead, _name, value, by in changes]
        if history[-1][1] not in writers:
            later.setdefault(lead, []).append(name)
            continue
        before = next((value for value, by in reversed(history) if by not in writers), None)
        if before != history[-1][0]:
            values.setdefault(lead, {})[name] = before
    return values, later


def _links(bringer: str, leads: Collection[int], values: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Return the links that a file made and nothing else needs, of leads that are known by something else too."""
    open_links = IdentityLink.objects.filter(lead__in=leads, ended_at=None)
    used = Activity.objects.filter(identity=OuterRef("identity"), taken_back_at=None)
    made = open_links.filter(~Exists(used), by=bringer).select_related("identity")
    address = {
        lead: values.get(lead, {}).get("email", email)
        for lead, email in Lead.objects.filter(pk__in=leads).values_list("pk", "fields__email")
    }  # fmt: skip
    going = [
        link for link in made if not (link.identity.kind == IdentityKind.EMAIL and link.identity.value == address[link.lead_id])
    ]  # fmt: skip
    numbers = [link.pk for link in going]
    known = set(open_links.exclude(pk__in=numbers).values_list("lead", flat=True))
    return [link.pk for link in going if link.lead_id in known]


# What was done under anything that a lead was ever known by, and whose it is now.
_DONE = """SELECT DISTINCT act.id, act.event_id, link.lead_id
    FROM tracking_identitylink AS was JOIN tracking_activity AS act USING (identity_id)
    JOIN tracking_event AS event ON event.id = act.event_id JOIN tracking_delivery AS sent ON sent.id = event.delivery_id
    LEFT JOIN tracking_identitylink AS link ON link.identity_id = act.identity_id AND link.ended_at IS NULL
    WHERE was.lead_id = ANY(%s) AND sent.bringer = %s AND act.taken_back_at IS NULL"""


@dataclass(frozen=True)
class Did:
    """What a file said that leads did: activities, the events they came in, and whose they are now."""

    activities: list[int]
    events: list[int]
    leads: list[int]


def did_by(bringer: str, leads: Collection[int]) -> Did:
    """Return what a file said that some of the leads it named did, without what was taken back."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [list(leads), bringer])
        rows = cursor.fetchall()
    owners = {lead for _act, _event, lead in rows if lead is not None}
    return Did(sorted({row[0] for row in rows}), sorted({row[1] for row in rows}), sorted(owners))


def unnamed_accounts(found: Collection[int]) -> list[int]:
    """Return those of some companies that no sender has a name for."""
    kept = {*AccountKey.objects.filter(account__in=found).values_list("account", flat=True),
            *Identity.objects.filter(account__in=found).values_list("account", flat=True)}  # fmt: skip
    return sorted(set(found) - kept)


def named_by(bringer: str) -> QuerySet[BroughtLead]:
    """Return the leads that a file named."""
    return BroughtLead.objects.filter(bringer=bringer)


@dataclass(frozen=True)
class Named:
    """How many leads a file named, made, and, once it was taken back, are gone, as before, or left."""

    leads: int
    made: int
    waiting: int
    gone: int
    back: int
    left: int


def counts_of(bringer: str) -> Named:
    """Return how many leads a file named, and what became of them."""
    return counted(named_by(bringer))


def counted(rows: QuerySet[Any]) -> Named:
    """Return how many of something a file named (``is_made``: by it), and what became of them (``result``)."""
    counted = list(rows.order_by().values_list("is_made", "result").annotate(leads=Count("pk")))

    def of(result: str) -> int:
        return sum(leads for _made, its, leads in counted if its == result)

    return Named(
        leads=sum(leads for _made, _result, leads in counted),
        made=sum(leads for is_made, _result, leads in counted if is_made),
        waiting=of(TakenBack.NOT_YET),
        gone=of(TakenBack.GONE),
        back=of(TakenBack.BACK),
        left=of(TakenBack.LEFT),
    )


def left_by(bringer: str) -> QuerySet[BroughtLead]:
    """Return the leads of a file that was taken back of which something stays, with what."""
    return named_by(bringer).filter(result=TakenBack.LEFT).select_related("lead").order_by("lead")
