"""Merging two leads that are one person, and taking that back.

No activity moves: a merge moves identities, and what was done under them counts for the other lead from then on. Fields that the lead
lacks come from the other. Past scores of both stay what they were, and replay.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import Learned, learn, lock_leads, now_known, refuse_gone, set_account_of, write_owners
from vaglio_server.crm.logic.standard import LEAD_OWNER
from vaglio_server.crm.models import UNRANKED, Lead, ListMember, Objection
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions.events import link
from vaglio_server.tracking.actions.identities import one_at_a_time
from vaglio_server.tracking.models import IdentityLink, Merge
from vaglio_server.users.actions import audit


@transaction.atomic
def merge_leads(*, lead: Lead, other: Lead, prefer_other: Collection[str] = (), by: str, at: datetime) -> Merge:
    """Merge ``other`` into ``lead``: its identities, its lists and the fields that the lead lacks; of ``prefer_other``, also those it has.

    Raises
    ------
    Refused
        They are the same, one of them was merged into another already, or only the other objected to being rated.
    """
    if lead.pk == other.pk:
        raise Refused(_("lead {lead} cannot be merged into itself").format(lead=lead.pk))
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        held = lock_leads(cursor, [lead.pk, other.pk])
        refuse_gone(lead.pk, other.pk)
        lead, other = Lead.objects.get(pk=lead.pk), Lead.objects.get(pk=other.pk)
        if {each.lead_id for each in Objection.objects.filter(lead__in=[lead.pk, other.pk], until=None)} == {other.pk}:
            raise Refused(
                _("lead {other} objected to being rated: rate this one no more first, under Personal data").format(other=other.pk)
            )
        known_at = now_known(cursor)
        merge = Merge.objects.create(lead=lead, other=other, known_at=known_at, by=by)
        _retire(other, lead)
        _move(cursor, _open_links(other.pk), lead.pk, known_at, by=by, merge=merge.pk)
        merge.taken = _take(cursor, lead, other, held, prefer_other, known_at, by)
        merge.save()
    audit(by=by, verb="merge_leads", subject=f"lead:{lead.pk}", at=at, other=other.pk, merge=merge.pk, fields=sorted(merge.taken["fields"]))
    return merge


def _retire(other: Lead, into: Lead) -> None:
    gone = {"due_at": None, "rating": None, "profile_millipoints": None, "engagement_millipoints": None, "rank": [UNRANKED]}
    Lead.objects.filter(pk=other.pk).update(merged_into=into, **gone)


def _open_links(lead: int) -> list[int]:
    return list(IdentityLink.objects.filter(lead=lead, ended_at=None).values_list("identity_id", flat=True))


def _move(cursor: Any, identities: Iterable[int], lead: int, known_at: datetime, *, by: str, merge: int | None) -> None:
    """End the links of some identities, and make ones to another lead."""
    moved = list(identities)
    IdentityLink.objects.filter(identity__in=moved, ended_at=None).update(ended_at=known_at)
    link(cursor, [(identity, lead) for identity in moved], known_at, by=by, merge=merge)


def _take(
    cursor: Any, lead: Lead, other: Lead, held: list[int], prefer_other: Collection[str], known_at: datetime, by: str
) -> dict[str, Any]:  # fmt: skip
    """Give the lead what it lacks of the other, and return what that was, as it is needed to give it back."""
    values = {
        name: value for name, value in other.fields.items()
        if value is not None and (lead.fields.get(name) is None or (name in prefer_other and lead.fields[name] != value))
    }  # fmt: skip
    joins = lead.account_id is None and other.account_id is not None
    if joins:
        set_account_of(cursor, lead.pk, other.account_id, known_at, by=by)
    learn(cursor, Learned([], {lead.pk: values}, held), known_at, by=by)
    owned = lead.owner_id is None and other.owner_id is not None
    if owned:
        write_owners(cursor, {lead.pk: other.owner_id}, known_at, by=by, is_told_later=True)
        values = values | {LEAD_OWNER: None} if lead.fields.get(LEAD_OWNER) is not None else values  # it goes by that
    return {
        "fields": {name: [lead.fields.get(name), value] for name, value in values.items()},
        "lists": _join_lists(lead, other, known_at),
        "owner": owned,
        "account": joins,
    }


def _join_lists(lead: Lead, other: Lead, known_at: datetime) -> list[str]:
    mine, theirs = (set(ListMember.objects.filter(lead=each, to_at=None).values_list("list", flat=True)) for each in (lead, other))
    new = sorted(theirs - mine)
    ListMember.objects.bulk_create(ListMember(list=name, lead=lead, from_at=known_at, known_at=known_at) for name in new)
    return new


@transaction.atomic
def undo_merge(*, merge: Merge, by: str, at: datetime) -> None:
    """Take a merge back: the other lead has its identities again, and what the lead had from it is gone where nothing newer stands there.

    What came in under the other's identities meanwhile is the other's. Scores given meanwhile stay, and replay.

    Raises
    ------
    Refused
        It was undone already, or the lead was itself merged into another: that is to be undone first.
    """
    with connection.cursor() as cursor:
        one_at_a_time(cursor)
        held = lock_leads(cursor, [merge.lead_id, merge.other_id])
        merge.refresh_from_db()
        if merge.undone_at is not None:
            raise Refused(_("this merge was undone already"))
        refuse_gone(merge.lead_id)
        known_at = now_known(cursor)
        for tag, identities in _came_with(merge).items():
            _move(cursor, identities, merge.other_id, known_at, by=by, merge=tag)
        Lead.objects.filter(pk=merge.other_id).update(merged_into=None)
        _give_back(cursor, merge, held, known_at, by)
        Merge.objects.filter(pk=merge.pk).update(undone_at=known_at, undone_by=by)
    audit(by=by, verb="undo_merge", subject=f"lead:{merge.lead_id}", at=at, other=merge.other_id, merge=merge.pk)


def _came_with(merge: Merge) -> Mapping[int | None, list[int]]:
    """Return the identities that a merge moved and that are still there, by the earlier merge that had brought them to the other lead."""
    moved = IdentityLink.objects.filter(merge=merge, lead=merge.lead_id, ended_at=None).values_list("identity_id", flat=True)
    before = IdentityLink.objects.filter(identity__in=moved, lead=merge.other_id, ended_at=merge.known_at)
    found: dict[int | None, list[int]] = {}
    for identity, tag in before.values_list("identity_id", "merge_id"):
        found.setdefault(tag, []).append(identity)
    return found


def _give_back(cursor: Any, merge: Merge, held: list[int], known_at: datetime, by: str) -> None:
    lead, taken = Lead.objects.get(pk=merge.lead_id), merge.taken
    values = {name: before for name, (before, value) in taken["fields"].items() if lead.fields.get(name) == value}
    other = Lead.objects.get(pk=merge.other_id)
    if taken["account"] and lead.account_id == other.account_id:
        set_account_of(cursor, lead.pk, None, known_at, by=by)
    learn(cursor, Learned([], {lead.pk: values}, held), known_at, by=by)
    if taken["owner"] and lead.owner_id == other.owner_id:
        write_owners(cursor, {lead.pk: None}, known_at, by=by, is_told_later=True)
    ListMember.objects.filter(lead=lead, list__in=taken["lists"], to_at=None).update(to_at=known_at)
