"""Campaigns are made and changed; people come in, answer, and go."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, audited, make_contact
from vaglio_server.campaigns.actions import NameTaken, add_members, create_campaign, edit_campaign, remove_member, set_member_status
from vaglio_server.campaigns.logic.campaign import MEMBER_STATUSES, RESPONSES, STATUSES
from vaglio_server.campaigns.models import Campaign, CampaignMember, CampaignStatus, MemberStatus
from vaglio_server.campaigns.queries import member_counts, members_of
from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def make_campaign(name: str = "Fair", **values: Any) -> Any:
    return create_campaign(values={"name": name} | values, by="test", at=AT)


def make_leads(count: int) -> list[int]:
    return [Lead.objects.create(created_at=AT).pk for _ in range(count)]


def test_it_works() -> None:
    fair = make_campaign(channel="event", starts_on="2026-10-01", ends_on="2026-10-01", budget="1500.5", currency="eur")
    found = Campaign.objects.get()
    assert (found.status, found.starts_on, found.budget, found.currency) == ("planned", date(2026, 10, 1), Decimal("1500.50"), "EUR")
    edit_campaign(campaign=fair, values={"status": "running", "channel": None, "budget": 1500.5}, by="test", at=AT)
    edit_campaign(campaign=fair, values={"status": "running", "name": "Fair "}, by="test", at=AT)
    assert (Campaign.objects.get().status, Campaign.objects.get().channel) == ("running", None)
    subject = f"campaign:{fair.pk}"
    assert (audited("create_campaign"), audited("edit_campaign")) == ([("test", subject)], [("test", subject)])


@pytest.mark.parametrize(
    ("values", "faulty"),
    [
        ({"name": " "}, ["name"]),
        ({"budget": 5}, ["currency"]),
        ({"status": "soon", "starts_on": "x", "colour": "red"}, ["status", "starts_on", "colour"]),
        ({"starts_on": "2026-10-02", "ends_on": "2026-10-01"}, ["ends_on"]),
    ],
)
def test_it_rejects_what_does_not_fit(values: dict[str, Any], faulty: list[str]) -> None:
    with pytest.raises(FaultyValues) as found:
        make_campaign(**values)
    assert [fault.partition(":")[0] for fault in found.value.faults] == faulty
    fair = make_campaign(starts_on="2026-10-02")
    with pytest.raises(FaultyValues, match="lies before 2026-10-02"):
        edit_campaign(campaign=fair, values={"ends_on": "2026-10-01"}, by="test", at=AT)


def test_it_rejects_a_name_that_is_taken() -> None:
    fair, other = make_campaign(), make_campaign("Webinar")
    for attempt in (make_campaign, lambda: edit_campaign(campaign=other, values={"name": "Fair"}, by="test", at=AT)):
        with pytest.raises(NameTaken, match=f"campaign {fair.pk}"):
            attempt()


def test_many_come_in_and_nobody_twice() -> None:
    fair, leads, anna = make_campaign(), make_leads(3), make_contact().pk
    first = add_members(campaign=fair, leads=leads[:2], by="test", at=AT)
    second = add_members(campaign=fair, leads=[*leads, *leads], contacts=[anna], by="test", at=AT)
    third = add_members(campaign=fair, leads=leads, contacts=[anna], by="test", at=AT)
    assert [(each.added, each.already) for each in (first, second, third)] == [(2, 0), (2, 2), (0, 4)]
    assert add_members(campaign=fair, by="test", at=AT).added == 0
    assert audited("add_members") == [("test", f"campaign:{fair.pk}")] * 2
    assert member_counts([fair, make_campaign("Empty")]) == {fair.pk: {"added": 4}, fair.pk + 1: {}}


def test_it_rejects_who_is_not_there_and_adds_nobody() -> None:
    fair, leads = make_campaign(), make_leads(2)
    Lead.objects.filter(pk=leads[1]).update(merged_into=leads[0])
    with pytest.raises(FaultyValues) as found:
        add_members(campaign=fair, leads=[*leads, 99], contacts=[5], by="test", at=AT)
    assert [fault.partition(" cannot")[0] for fault in found.value.faults] == [f"leads: {leads[1]}, 99", "contacts: 5"]
    assert not CampaignMember.objects.exists()


def test_the_first_positive_answer_is_remembered() -> None:
    fair = make_campaign()
    add_members(campaign=fair, leads=make_leads(1), by="test", at=AT)
    member = CampaignMember.objects.get()
    seen = []
    for hours, status in enumerate(("sent", "opened", "registered", "registered", "attended", "opted_out")):
        member = set_member_status(member=member, status=status, by="test", at=AT + timedelta(hours=hours))
        seen.append(member.first_responded_at)
    assert seen == [None, None, *[AT + timedelta(hours=2)] * 4]
    assert len(audited("set_member_status")) == 5
    with pytest.raises(FaultyValues, match="status: "):
        set_member_status(member=member, status="happy", by="test", at=AT)
    remove_member(member=member, by="test", at=AT)
    assert audited("remove_member") == [("test", f"campaign:{fair.pk}")] and not CampaignMember.objects.exists()
    member.pk = 99
    with pytest.raises(Refused, match="not in this campaign"):
        remove_member(member=member, by="test", at=AT)


def test_sellers_see_the_members_they_may_see() -> None:
    people, fair, leads = make_people(), make_campaign(), make_leads(2)
    Lead.objects.filter(pk=leads[0]).update(owner=people["luca"])
    add_members(campaign=fair, leads=leads, contacts=[make_contact(owner=people["jonas"]).pk], by="test", at=AT)
    assert {name: members_of(fair, user).count() for name, user in people.items()} == {
        "ada": 3, "marta": 3, "luca": 1, "irina": 1, "jonas": 1, "vera": 3,
    }  # fmt: skip


def test_words_of_logic_and_tables_are_the_same() -> None:
    assert set(MEMBER_STATUSES) == set(MemberStatus.values) and set(STATUSES) == set(CampaignStatus.values)
    assert set(MEMBER_STATUSES) >= RESPONSES
