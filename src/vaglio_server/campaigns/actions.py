"""Campaigns: made, changed, and people put into them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.campaigns.logic.campaign import COLUMNS, MEMBER_STATUSES, RESPONSES, faults_together
from vaglio_server.campaigns.models import Campaign, CampaignMember
from vaglio_server.crm.actions import FaultyValues, column_text
from vaglio_server.crm.logic.fields import check_all, shown
from vaglio_server.crm.models import Contact, Lead
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit

NAMES = 730_416  # an advisory lock: names of campaigns are given one at a time
MOST_NAMED = 20


class NameTaken(Refused):
    """There is a campaign of this name."""


@dataclass(frozen=True)
class Added:
    """How many came into a campaign, and how many were there already."""

    added: int
    already: int


@transaction.atomic
def create_campaign(*, values: Mapping[str, Any], by: str, at: datetime) -> Campaign:
    """Make a campaign of values by name (name, channel, status, starts_on, ends_on, budget, currency).

    Raises
    ------
    FaultyValues, NameTaken
        Something does not fit; there is a campaign of this name.
    """
    campaign = Campaign(created_at=at)
    changed = _write(campaign, {"name": None} | dict(values))
    audit(by=by, verb="create_campaign", subject=f"campaign:{campaign.pk}", at=at, **changed)
    return campaign


@transaction.atomic
def edit_campaign(*, campaign: Campaign, values: Mapping[str, Any], by: str, at: datetime) -> Campaign:
    """Change a campaign; what is not named stays, None takes away.

    Raises
    ------
    FaultyValues, NameTaken
        Something does not fit; there is a campaign of this name.
    """
    held = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    changed = _write(held, values)
    if changed:
        audit(by=by, verb="edit_campaign", subject=f"campaign:{held.pk}", at=at, **changed)
    return held


def _write(campaign: Campaign, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write what changed, and return it as the audit trail keeps it: values by name."""
    checked = check_all(COLUMNS, values)
    whole = {name: getattr(campaign, name) for name in COLUMNS} | checked.values
    if faults := [*checked.faults, *faults_together(whole)]:
        raise FaultyValues(faults)
    changed = {name: value for name, value in checked.values.items() if column_text(getattr(campaign, name)) != column_text(value)}
    if "name" in changed:
        _check_name(campaign, changed["name"])
    for name, value in changed.items():
        column: Any = Campaign._meta.get_field(name)
        setattr(campaign, name, column.to_python(value))
    if changed or campaign.pk is None:
        campaign.save()
    return {name: column_text(value) for name, value in changed.items()}


def _check_name(campaign: Campaign, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NAMES])
    other = Campaign.objects.filter(name=name).exclude(pk=campaign.pk).first()
    if other is not None:
        raise NameTaken(_("{name} is the name of campaign {other}; choose another").format(name=name, other=other.pk))


@transaction.atomic
def add_members(
    *, campaign: Campaign, leads: Collection[int] = (), contacts: Collection[int] = (), by: str, at: datetime
) -> Added:  # fmt: skip
    """Put leads and contacts into a campaign; who is in it already stays as they are.

    Raises
    ------
    FaultyValues
        Some of them are not there, or were merged into others; nobody is added.
    """
    known = set(Lead.objects.present().filter(pk__in=leads).values_list("pk", flat=True))
    faults = _missing("leads", leads, known)
    faults += _missing("contacts", contacts, set(Contact.objects.present().filter(pk__in=contacts).values_list("pk", flat=True)))
    if faults:
        raise FaultyValues(faults)
    people = [(lead, None) for lead in sorted(set(leads))] + [(None, contact) for contact in sorted(set(contacts))]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO campaigns_campaignmember (campaign_id, lead_id, contact_id, status, added_at)
            SELECT %s, lead, contact, 'added', %s FROM unnest(%s::bigint[], %s::bigint[]) AS its (lead, contact)
            ON CONFLICT DO NOTHING RETURNING id""",
            [campaign.pk, at, [lead for lead, _contact in people], [contact for _lead, contact in people]],
        )
        added = len(cursor.fetchall())
    if added:
        audit(by=by, verb="add_members", subject=f"campaign:{campaign.pk}", at=at, added=added, leads=len(leads), contacts=len(contacts))
    return Added(added, len(people) - added)


def _missing(what: str, asked: Collection[int], known: set[int]) -> list[str]:
    missing = sorted(set(asked) - known)
    named = ", ".join(map(str, missing[:MOST_NAMED])) + (", …" if len(missing) > MOST_NAMED else "")
    return [f"{what}: {named} cannot be added; they are not there, or were merged into others"] if missing else []


@transaction.atomic
def set_member_status(*, member: CampaignMember, status: str, by: str, at: datetime) -> CampaignMember:
    """Say what became of a member. The first positive answer (registered, responded, attended) is remembered with its time.

    Raises
    ------
    FaultyValues
        It is no status.
    """
    if status not in MEMBER_STATUSES:
        said = _("{status} is none; give one of {statuses}").format(status=shown(status), statuses=", ".join(MEMBER_STATUSES))
        raise FaultyValues([f"status: {said}"])
    held = CampaignMember.objects.select_for_update().get(pk=member.pk)
    if held.status != status:
        before, held.status = held.status, status
        if status in RESPONSES and held.first_responded_at is None:
            held.first_responded_at = at
        held.save()
        audit(by=by, verb="set_member_status", subject=f"campaign:{held.campaign_id}", at=at, **_who(held), status=status, before=before)
    return held


@transaction.atomic
def remove_member(*, member: CampaignMember, by: str, at: datetime) -> None:
    """Take somebody out of a campaign, as if they had never been in it; the audit trail says that they were.

    Raises
    ------
    Refused
        They are not in it.
    """
    who = _who(member)
    count, _each = CampaignMember.objects.filter(pk=member.pk).delete()
    if not count:
        raise Refused(_("{member} is not in this campaign").format(member=member))
    audit(by=by, verb="remove_member", subject=f"campaign:{member.campaign_id}", at=at, **who, status=member.status)


def _who(member: CampaignMember) -> dict[str, int | None]:
    return {"lead": member.lead_id, "contact": member.contact_id}
