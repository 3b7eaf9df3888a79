"""Whose an identity is: joins taken apart, devices joined by hand, leads that events say are one."""

from typing import Any

import pytest

from tests.server.world import AT, activities_of, leads, make_source, send
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def identify(user: str, **more: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": f"{user}@acme.example"}, **more}


def seen(**who: str) -> dict[str, Any]:
    return {"type": "track", "event": "Seen", **who}


def identity(kind: str, value: str) -> Any:
    from vaglio_server.tracking.models import Identity

    return Identity.objects.get(kind=kind, value=value)


def part(kind: str, value: str) -> int | None:
    from vaglio_server.tracking.actions import part_identity

    return part_identity(identity=identity(kind, value), by="test", at=AT)


def matches() -> list[tuple[str, str, str]]:
    from vaglio_server.tracking.models import Match

    return [(each.lead.fields["email"], each.other.fields["email"], each.reason) for each in Match.objects.order_by("id")]


def test_a_device_is_taken_from_a_lead_and_events_do_not_join_it_again() -> None:
    from vaglio_server.tracking.models import IdentityLink
    from vaglio_server.users.models import AuditEntry

    source = make_source()
    send(source, identify("anna", anonymousId="kiosk"), seen(anonymousId="kiosk"), seen(userId="anna"))
    anna = leads()["anna@acme.example"]
    assert activities_of(anna) == ["seen", "seen"]
    assert part("anonymous_id", "kiosk") is None
    assert activities_of(anna) == ["seen"]
    send(source, identify("anna", anonymousId="kiosk"), seen(anonymousId="kiosk"))
    assert activities_of(anna) == ["seen"]
    send(source, identify("bob", anonymousId="kiosk"))
    assert activities_of(leads()["bob@acme.example"]) == ["seen", "seen"]
    ended = IdentityLink.objects.get(is_parted=True)
    assert (ended.lead_id, ended.ended_at is not None) == (anna.pk, True)
    assert AuditEntry.objects.get(verb="part_identity").subject == f"lead:{anna.pk}"


def test_an_address_that_is_taken_away_is_a_lead_of_its_own() -> None:
    source = make_source()
    send(source, identify("anna"), {"type": "identify", "userId": "anna", "traits": {"email": "bob@acme.example"}})
    anna = next(iter(leads().values()))
    bob = part("email", "bob@acme.example")
    anna.refresh_from_db()
    assert anna.fields["email"] is None
    assert leads()["bob@acme.example"].pk == bob != anna.pk
    send(source, {"type": "identify", "traits": {"email": "bob@acme.example", "title": "CFO"}})
    assert leads()["bob@acme.example"].fields["job_title"] == "CFO"


def test_it_rejects_taking_away_all_that_a_lead_is_known_by() -> None:
    send(make_source(), seen(userId="anna"), seen(anonymousId="nobody"))
    with pytest.raises(Refused, match="is all that lead"):
        part("user_id", "anna")
    with pytest.raises(Refused, match="belongs to no lead"):
        part("anonymous_id", "nobody")


def test_a_device_is_joined_by_hand_and_due() -> None:
    from vaglio_server.tracking.actions import join_identity

    source = make_source()
    send(source, identify("anna"), seen(anonymousId="tv"))
    anna = leads()["anna@acme.example"]
    due_at = anna.due_at
    join_identity(identity=identity("anonymous_id", "tv"), lead=anna, by="test", at=AT)
    anna.refresh_from_db()
    assert activities_of(anna) == ["seen"]
    assert anna.due_at > due_at
    send(source, identify("bob"))
    with pytest.raises(Refused, match="merge the two leads"):
        join_identity(identity=identity("anonymous_id", "tv"), lead=leads()["bob@acme.example"], by="test", at=AT)


def test_alias_gives_a_person_a_new_name_whatever_comes_first() -> None:
    source = make_source()
    send(source, identify("anna"), {"type": "alias", "userId": "a-2", "previousId": "anna"}, seen(userId="a-2"))
    send(source, {"type": "alias", "userId": "b-2", "previousId": "bob"}, seen(userId="b-2"), identify("bob"))
    assert {email: activities_of(lead) for email, lead in leads().items()} == {"anna@acme.example": ["seen"], "bob@acme.example": ["seen"]}


def test_two_known_people_that_events_call_one_are_proposed_and_not_joined() -> None:
    from vaglio_server.tracking.actions import dismiss_match, merge_leads
    from vaglio_server.tracking.models import Match
    from vaglio_server.tracking.queries import matches_of
    from vaglio_server.users.models import Role, User

    source = make_source()
    send(source, identify("anna"), identify("bob"), identify("carl"))
    for _ in range(2):
        send(source, {"type": "alias", "userId": "bob", "previousId": "anna"})
    send(source, {"type": "identify", "userId": "carl", "traits": {"email": "anna@acme.example", "title": "CTO"}})
    assert len(leads()) == 3 - 1  # two leads show the same address now
    from vaglio_server.crm.models import Lead

    anna, bob, carl = Lead.objects.order_by("pk")
    assert [(each.lead, each.other, each.reason) for each in Match.objects.order_by("id")] == [
        (anna, bob, "alias"),
        (anna, carl, "mail_address"),
    ]
    reader = User(role=Role.MARKETING)
    assert [other for other, _match in matches_of(anna, reader)] == [carl, bob]
    merge_leads(lead=anna, other=carl, by="test", at=AT)
    dismiss_match(match=Match.objects.get(other=bob), by="test", at=AT)
    assert matches_of(anna, reader) == []


@pytest.mark.parametrize("nobody", ["null", "undefined", "Guest", "0", "00000000-0000-0000-0000-000000000000", "[object Object]"])
def test_an_id_that_programs_send_for_want_of_one_is_nobody(nobody: str) -> None:
    from vaglio_server.tracking.models import RefusedEvent

    send(make_source(), seen(userId=nobody), seen(userId=nobody, anonymousId="a"), identify(nobody) | {"traits": {}})
    assert leads() == {}
    assert [each.place for each in RefusedEvent.objects.order_by("place")] == [0, 2]


def test_a_lead_is_edited_and_known_by_its_new_address() -> None:
    from vaglio_server.crm.models import FieldChange
    from vaglio_server.tracking.actions import edit_lead

    source = make_source()
    send(source, identify("anna"), identify("bob"))
    anna = leads()["anna@acme.example"]

    def edit(**fields: Any) -> list[str]:
        return edit_lead(lead=anna, fields=fields, by="marta", at=AT)

    assert edit(email=" New@Acme.example ", job_title="CTO", city=" ") == ["email", "job_title"]
    assert edit(job_title="CTO") == []
    assert edit(job_title=None) == ["job_title"]
    changes = FieldChange.objects.filter(lead=anna, field="job_title").order_by("known_at")
    assert [(each.value, each.by) for each in changes] == [("CTO", "marta"), (None, "marta")]
    send(source, seen(userId="x"), {"type": "identify", "traits": {"email": "new@acme.example"}, "userId": "x2"})
    assert activities_of(anna) == []
    assert leads()["new@acme.example"] == anna
    for fields, reason in (
        ({"email": "bob@acme.example"}, "merge the two leads"),
        ({"email": "nonsense"}, "no mail address"),
        ({"account_id": "7"}, "account_id: is no field"),
        ({"Job Title": "x", "employees": "many"}, "Job Title: is no field.*; employees: .*not a whole number"),
    ):
        with pytest.raises(Refused, match=reason):
            edit(**fields)
    send(source, {"type": "identify", "traits": {"email": "new@acme.example", "shoeSize": "44"}})
    anna.refresh_from_db()
    assert edit(shoe_size=45) == ["shoe_size"]
