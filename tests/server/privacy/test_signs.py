"""Signs of life that are easily overlooked: who gives one is not deleted by age."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.privacy.test_erasing import MAIL, identify, score
from tests.server.privacy.test_retention import BOB, age, delete, keep, later, two_leads
from tests.server.web.people import make_people
from tests.server.world import leads, make_live, make_source, post, send, take

pytestmark = pytest.mark.usefixtures("tables")


def now() -> datetime:
    return datetime.now(UTC)


def _campaign(lead: Any) -> Any:
    from vaglio_server.campaigns.actions import add_members, create_campaign
    from vaglio_server.campaigns.models import CampaignMember

    add_members(campaign=create_campaign(values={"name": "Fair"}, by="marta", at=now()), leads=[lead.pk], contacts=[], by="marta", at=now())
    return CampaignMember.objects.get(lead=lead)


def test_who_answered_a_campaign_of_late_stays() -> None:
    """She was added to the campaign 30 months ago, and attended yesterday, as marketing (or the webinar's API) says."""
    from vaglio_server.campaigns.actions import set_member_status

    make_people()
    two_leads()
    member = _campaign(leads()[MAIL])
    age(30)
    set_member_status(member=member, status="attended", by="marta", at=now())
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads()


def test_who_opted_out_of_late_stays() -> None:
    from vaglio_server.campaigns.actions import set_member_status

    make_people()
    two_leads()
    member = _campaign(leads()[MAIL])
    age(30)
    set_member_status(member=member, status="opted_out", by="marta", at=now())
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads()


def test_of_a_merge_undone_of_late_both_stay() -> None:
    """A marketer decided today that they are two people: the other is gone the next night."""
    from vaglio_server.tracking.actions import merge_leads, put_lead, undo_merge

    make_people()
    two_leads()
    put_lead(user_id="late", fields={"email": "late@nest.example"}, by="ada", at=now())
    made = merge_leads(lead=leads()["late@nest.example"], other=leads()[MAIL], by="marta", at=now())
    age(30)
    made.refresh_from_db()
    undo_merge(merge=made, by="marta", at=now())
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads() and "late@nest.example" in leads()


def test_of_a_pair_somebody_decided_on_both_stay() -> None:
    from vaglio_server.tracking.actions import dismiss_match
    from vaglio_server.tracking.models import Match

    make_people()
    two_leads()
    one, other = sorted(leads().values(), key=lambda each: each.pk)
    age(30)
    match = Match.objects.create(lead=one, other=other, reason="alias", known_at=now())
    dismiss_match(match=match, by="marta", at=now())
    keep(24, 24)
    delete(later(0))
    assert len(leads()) == 2


def test_who_was_taken_off_a_list_with_many_stays() -> None:
    from vaglio_server.crm.actions import add_list_member, remove_leads_from_list

    make_people()
    two_leads()
    add_list_member(name="targets", lead=leads()[MAIL], by="marta", at=now())
    age(30)
    remove_leads_from_list(name="targets", leads=[leads()[MAIL].pk], by="marta", at=now())
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads()


def test_who_came_with_another_device_of_late_stays() -> None:
    """She signed in on a new phone two months ago: an identify call with nothing new but the device."""
    from vaglio_server.tracking.models import Delivery, IdentityLink

    make_people()
    site = two_leads()
    age(30)
    send(site, identify(MAIL, "canary-1", first_name="Canary") | {"anonymousId": "new-phone"})
    age(2)
    assert IdentityLink.objects.filter(identity__value="new-phone").exists() and Delivery.objects.exists()
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads()


def test_whose_call_waits_to_be_put_right_stays() -> None:
    """Her click of two months ago was refused for a wrong value, and waits on the page of refused events."""
    make_people()
    site = two_leads()
    age(30)
    post(site, "track", {"userId": "canary-1", "event": "Form Submitted", "properties": {"duration": -5}})
    take()
    age(2)
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads()


def test_whose_call_still_waits_to_be_taken_stays() -> None:
    """The workers stood still for six weeks; what came meanwhile is taken next."""
    make_people()
    site = two_leads()
    age(30)
    post(site, "track", {"userId": "canary-1", "event": "Demo Requested"})
    age(2)
    keep(24, 24)
    delete(later(0))
    assert MAIL in leads()


def test_whose_next_step_is_to_come_stays() -> None:
    """A seller said eight months ago: call her in ten months. People are kept six."""
    from vaglio_server.lifecycle.actions import say_next_step
    from vaglio_server.lifecycle.models import LeadStage

    make_people()
    two_leads()
    lead = leads()[MAIL]
    LeadStage.objects.create(lead=lead, stage="sales_accepted", since=now())
    say_next_step(lead=lead, step="Call her, budget is next year", on=now() + timedelta(days=305), by="luca", at=now())
    age(8)
    keep(6, 6)
    assert LeadStage.objects.get(lead=lead).next_step_at > now()
    delete(later(0))
    assert MAIL in leads()


def test_who_opted_out_stays_or_nobody_would_know_it_when_they_come_again() -> None:
    from vaglio_server.campaigns.models import CampaignMember

    make_people()
    two_leads()
    _campaign(leads()[MAIL])
    CampaignMember.objects.update(status="opted_out")
    age(30)
    keep(24, 24)
    delete(later(0))
    assert set(leads()) == {MAIL}


def test_who_had_the_keys_of_somebody_who_stays_stays_too_and_all_replays() -> None:
    """Merged by mistake, scored, undone: what the score of the one who stays counted is the other's."""
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.scorers import a_scorer
    from vaglio_server.tracking.actions import merge_leads, undo_merge

    make_people()
    make_live()
    site = two_leads()
    send(site, {"type": "page", "userId": "canary-1", "properties": {"path": "/pricing"}})
    score()
    made = merge_leads(lead=leads()[BOB], other=leads()[MAIL], by="marta", at=now())
    score()
    undo_merge(merge=made, by="marta", at=now())
    score()
    age(30)
    send(site, {"type": "track", "userId": "bob", "event": "Demo Requested"})
    keep(24, 24)
    delete(later(0))
    assert set(leads()) == {BOB, MAIL}
    score()
    with a_scorer() as scorer:
        assert recheck(scorer=scorer, sample=100, by="ada", at=now()).different == []


def test_who_quotes_nobody_is_left_as_they_are_in_the_trail() -> None:
    """A quiet lead is called as somebody else's list is."""
    from vaglio_server.crm.actions import add_list_member
    from vaglio_server.users.models import AuditEntry

    make_people()
    site = two_leads()
    send(site, identify("news@nest.example", "newsletter"))
    age(30)
    add_list_member(name="newsletter", lead=leads()[BOB], by="marta", at=now())
    keep(24, 24)
    delete(later(0))
    assert set(leads()) == {BOB} and AuditEntry.objects.get(verb="add_list_member").detail["list"] == "newsletter"


def test_what_was_emptied_is_not_opened_again() -> None:
    """Somebody presses a button of a page that still shows it."""
    from vaglio_server.tracking.actions import replay_refused
    from vaglio_server.tracking.models import Delivery, RefusedEvent

    site = make_source()
    post(site, "track", {"userId": "canary-1", "event": "Form Submitted", "properties": {"duration": -5}})
    take()
    stale = RefusedEvent.objects.get()
    age(30)
    keep(24, None)
    assert delete(later(0))["requests"] == 1
    assert replay_refused(refused=stale, by="marta", at=now()) == 0
    assert not Delivery.objects.filter(is_open=True).exists()


def test_after_a_backup_a_day_goes_by() -> None:
    from vaglio_server.privacy.actions import begin_deleting, put_off_deleting

    keep(24, 24)
    put_off_deleting(at=later(1))
    assert not begin_deleting(at=later(1) + timedelta(hours=23)) and begin_deleting(at=later(1) + timedelta(hours=25))


def test_refused_forms_go_with_requests(tables: Any) -> None:
    from tests.server.forms.making import make_form
    from tests.server.forms.making import send as submit
    from vaglio_server.forms.models import Submission

    submit(make_form(), email=MAIL, message="I am canary", website="http://spam.example")
    Submission.objects.update(state="refused", reason="honeypot")
    age(14)
    keep(13, None)
    assert delete(later(0))["forms_submission"] == 1 and not Submission.objects.exists()
