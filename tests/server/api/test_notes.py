"""Notes by the API."""

from typing import Any

import pytest

from tests.server.api.test_leads import get, token
from tests.server.api.test_records import ask
from tests.server.world import AT, make_account, make_contact, make_opportunity
from vaglio_server.crm.models import Lead
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def records(tables: Any) -> list[str]:
    """The address of one record of each kind."""
    acme = make_account()
    lead = Lead.objects.create(created_at=AT)
    return [f"leads/{lead.pk}", f"contacts/{make_contact().pk}", f"accounts/{acme.pk}", f"opportunities/{make_opportunity(acme).pk}"]


def test_it_works(records: list[str]) -> None:
    for record in records:
        notes = [ask("POST", f"{record}/notes", {"text": text}).json() for text in ("first", "second")]
        page = get(f"{record}/notes", limit=1).json()
        assert page["notes"] == [notes[1]] and notes[1]["by"] == Role.MARKETING
        assert get(f"{record}/notes", cursor=page["next_cursor"]).json() == {"notes": [notes[0]], "next_cursor": None}
        assert ask("DELETE", f"{record}/notes/{notes[0]['id']}").status_code == 204
        assert ask("DELETE", f"{record}/notes/{notes[0]['id']}").status_code == 404
        assert [each["text"] for each in get(f"{record}/notes").json()["notes"]] == ["second"]


def test_notes_of_a_lead_that_was_merged_are_on_the_other(records: list[str]) -> None:
    ask("POST", f"{records[0]}/notes", {"text": "called"})
    other, last = Lead.objects.create(created_at=AT), Lead.objects.create(created_at=AT)
    Lead.objects.filter(pk=records[0].removeprefix("leads/")).update(merged_into=other)
    Lead.objects.filter(pk=other.pk).update(merged_into=last)
    assert [each["text"] for each in get(f"leads/{last.pk}/notes").json()["notes"]] == ["called"]
    assert [each["text"] for each in get(f"{records[0]}/notes").json()["notes"]] == ["called"]
    assert ask("POST", f"{records[0]}/notes", {"text": "again"}).status_code == 404


@pytest.mark.parametrize("text", ["", " ", "x" * 10_001, "a\x00", "\ud800", 5])
def test_it_rejects_what_is_no_note(records: list[str], text: Any) -> None:
    assert ask("POST", f"{records[2]}/notes", {"text": text}).status_code == 422


def test_it_requires_that_one_sees_the_record_and_wrote_the_note(records: list[str]) -> None:
    lead, contact, account, opportunity = records
    for record in (lead, contact, opportunity):
        assert get(f"{record}/notes", token(Role.SALES)).status_code == 404
        assert ask("POST", f"{record}/notes", {"text": "x"}, Role.SALES).status_code == 404
    note = ask("POST", f"{account}/notes", {"text": "by a seller"}, Role.SALES).json()["id"]
    assert ask("DELETE", f"{account}/notes/{note}", role=Role.MARKETING).status_code == 403
    assert ask("DELETE", f"{account}/notes/{note}", role=Role.READ_ONLY).status_code == 403
    assert ask("DELETE", f"{account}/notes/{2**63}").status_code == 404
    assert ask("DELETE", f"{account}/notes/{note}", role=Role.ADMINISTRATOR).status_code == 204
    assert ask("POST", f"{account}/notes", {"text": "x"}, scope=Scope.READ).status_code == 401
    assert get("users/1/notes").status_code in {404, 422}
