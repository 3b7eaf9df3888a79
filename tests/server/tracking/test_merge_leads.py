"""Two leads that are one person are merged, and a merge is taken back; past scores stay what they were."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.world import AT, activities_of, history, leads, make_live, make_source, send
from vaglio.dates import to_microseconds
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def identify(user: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example", **traits}}


def demo(user: str) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": "Form Submitted", "properties": {"form": "demo"}}


@pytest.fixture
def two(tables: Any) -> Any:
    """Anna, a CTO, and A. Rossi at home, who asked for a demonstration: one person."""
    source = make_source()
    send(source, identify("anna", title="CTO", city="Milano"), demo("anna"))
    send(source, identify("rossi", title="Director", employees=90) | {"anonymousId": "tablet"}, demo("rossi"))
    return source


def anna() -> Any:
    return leads()["anna@acme.example"]


def rossi() -> Any:
    return leads()["rossi@acme.example"]


def merge(**changes: Any) -> Any:
    from vaglio_server.tracking.actions import merge_leads

    return merge_leads(**{"lead": anna(), "other": rossi(), "by": "test", "at": AT} | changes)


def undo(made: Any) -> None:
    from vaglio_server.tracking.actions import undo_merge

    undo_merge(merge=made, by="test", at=AT)


def score(scorer: Any) -> int:
    from vaglio_server.scoring.actions import score_due

    return score_due(scorer=scorer, limit=100)


@pytest.mark.usefixtures("two")
def test_it_works() -> None:
    from vaglio_server.crm.models import FieldChange, Lead
    from vaglio_server.users.models import AuditEntry

    made = merge()
    assert activities_of(anna()) == ["form_submitted", "form_submitted"]
    assert anna().fields == {"email": "anna@acme.example", "job_title": "CTO", "city": "Milano", "employees": 90}
    gone = Lead.objects.get(pk=made.other_id)
    assert (gone.merged_into_id, gone.due_at, gone.rating) == (made.lead_id, None, None)
    assert list(Lead.objects.present()) == [anna()]
    change = FieldChange.objects.get(lead=made.lead_id, field="employees")
    assert (change.value, change.known_at, change.by) == (90, made.known_at, "test")
    assert AuditEntry.objects.get(verb="merge_leads").detail == {"other": gone.pk, "merge": made.pk, "fields": ["employees"]}


@pytest.mark.usefixtures("two")
def test_fields_can_be_asked_of_the_other() -> None:
    made = merge(prefer_other=["job_title"])
    assert anna().fields["job_title"] == "Director"
    undo(made)
    assert anna().fields["job_title"] == "CTO"


def test_scores_follow_and_past_ones_replay(two: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score

    version = make_live()
    score(scorer)
    other = rossi().pk
    before = to_microseconds(datetime.now(UTC))
    made = merge()
    assert score(scorer) == 1
    assert (anna().profile_millipoints, anna().engagement_millipoints) == (100_000, 100_000)
    undo(made)
    assert score(scorer) == 2
    assert (anna().profile_millipoints, anna().engagement_millipoints) == (60_000, 50_000)
    assert (rossi().profile_millipoints, rossi().engagement_millipoints) == (40_000, 50_000)
    assert recheck(scorer=scorer, sample=100, by="test", at=AT).different == []
    past = scorer.replay(document_of(version.text), other, Instants(before, before))
    assert past["engagement_millipoints"] == 50_000
    assert Score.objects.filter(lead=made.lead_id).count() == 3


def test_what_comes_in_after_a_merge_is_the_leads_and_after_undoing_it_the_others(two: Any) -> None:
    made = merge()
    send(two, demo("rossi"), identify("anna", city="Torino"))
    send(two, {"type": "track", "anonymousId": "tablet", "event": "Seen"})
    assert len(activities_of(anna())) == 4
    undo(made)
    assert (len(activities_of(anna())), len(activities_of(rossi()))) == (1, 3)
    assert anna().fields == {"email": "anna@acme.example", "job_title": "CTO", "city": "Torino", "employees": None}


def test_a_value_that_came_later_is_not_taken_back(two: Any) -> None:
    made = merge()
    send(two, identify("anna", employees=200))
    undo(made)
    assert anna().fields["employees"] == 200


@pytest.mark.usefixtures("two")
def test_an_owner_comes_and_goes_with_history() -> None:
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.crm.models import Lead
    from vaglio_server.users.actions import create_user

    seller = create_user(name="luca", email="luca@vaglio.example", password=None, role="sales", by="test", at=AT)
    assign_leads(leads=[rossi().pk], owner=seller, by="test", at=AT)
    Lead.objects.filter(pk=anna().pk).update(fields=anna().fields | {"lead_owner": "Nora Nowhere"})
    made = merge()
    assert anna().owner == seller and anna().fields["lead_owner"] is None
    undo(made)
    assert anna().owner is None and anna().fields["lead_owner"] == "Nora Nowhere"
    told = [each for each in history(anna()) if each[0] in ("owner_id", "lead_owner")]
    assert set(told[:2]) == {("owner_id", str(seller.pk)), ("lead_owner", None)}
    assert set(told[2:]) == {("owner_id", None), ("lead_owner", "Nora Nowhere")}


def test_lists_and_owner_come_along_and_go_back(two: Any) -> None:
    from vaglio_server.crm.actions import add_list_member, assign_leads
    from vaglio_server.crm.models import ListMember
    from vaglio_server.users.actions import create_user

    seller = create_user(name="s", email="", password=None, role="sales", by="test", at=AT)
    add_list_member(name="partners", lead=rossi(), by="test", at=AT)
    assign_leads(leads=[rossi().pk], owner=seller, by="test", at=AT)
    made = merge()
    assert (anna().owner, ListMember.objects.filter(lead=anna(), to_at=None).count()) == (seller, 1)
    undo(made)
    assert (anna().owner, ListMember.objects.filter(lead=anna(), to_at=None).count()) == (None, 0)
    assert ListMember.objects.filter(lead=rossi(), to_at=None).count() == 1


def test_merges_of_merged_leads_are_undone_from_the_last(two: Any) -> None:
    send(two, identify("third"), demo("third"))
    first = merge()
    second = merge(lead=leads()["third@acme.example"], other=anna())
    assert len(activities_of(leads()["third@acme.example"])) == 3
    with pytest.raises(Refused, match="was merged into lead"):
        undo(first)
    undo(second)
    assert (len(activities_of(anna())), len(activities_of(leads()["third@acme.example"]))) == (2, 1)
    undo(first)
    assert (len(activities_of(anna())), len(activities_of(rossi()))) == (1, 1)


@pytest.mark.usefixtures("two")
def test_it_rejects_what_makes_no_sense() -> None:
    with pytest.raises(Refused, match="into itself"):
        merge(other=anna())
    made, other = merge(), rossi()
    with pytest.raises(Refused, match="was merged into lead"):
        merge(other=other)
    undo(made)
    with pytest.raises(Refused, match="undone already"):
        undo(made)


def test_an_export_and_a_new_version_leave_out_who_was_merged_away(two: Any, scorer: Any) -> None:
    merge()
    make_live()
    assert score(scorer) == 1


def test_the_account_of_the_other_comes_along(two: Any) -> None:
    from vaglio_server.crm.models import FieldChange

    send(two, {"type": "identify", "userId": "mail", "traits": {"email": "anna@gmail.com"}})
    private = leads()["anna@gmail.com"]
    made = merge(lead=private, other=rossi())
    private.refresh_from_db()
    assert private.account == anna().account
    undo(made)
    private.refresh_from_db()
    assert private.account is None
    assert [each.value for each in FieldChange.objects.filter(lead=private, field="account_id").order_by("id")] == [
        str(anna().account_id),
        None,
    ]
