"""Campaigns by the API."""

import pytest

from tests.server.api.test_leads import get, token
from tests.server.api.test_records import ask
from tests.server.campaigns.test_campaigns import make_campaign, make_leads
from tests.server.world import make_contact
from vaglio_server.crm.models import Lead
from vaglio_server.users.models import Role, Scope, User

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    made = ask("POST", "campaigns", {"name": "Fair", "channel": "event", "budget": "1500.50", "currency": "EUR", "starts_on": "2026-10-01"})
    assert made.status_code == 201, made.content
    fair = made.json()
    assert (fair["status"], fair["budget"], fair["starts_on"], fair["members"]) == ("planned", "1500.50", "2026-10-01", {})
    leads, anna = make_leads(2), make_contact().pk
    path = f"campaigns/{fair['id']}"
    assert ask("POST", f"{path}/members", {"leads": leads, "contacts": [anna]}).json() == {"added": 3, "already": 0}
    assert ask("POST", f"{path}/members", {"leads": leads}).json() == {"added": 0, "already": 2}
    page = get(f"{path}/members", limit=2).json()
    rest = get(f"{path}/members", cursor=page["next_cursor"]).json()
    assert [each["lead_id"] for each in page["members"]] == leads
    assert [(each["contact_id"], each["name"]) for each in rest["members"]] == [(anna, "Anna Rossi")]
    member = f"{path}/members/{page['members'][0]['id']}"
    answered = ask("PATCH", member, {"status": "responded"}).json()
    assert answered["status"] == "responded" and answered["first_responded_at"] is not None
    assert ask("PATCH", path, {"status": "running"}).json()["members"] == {"added": 2, "responded": 1}
    assert get("campaigns", status="running").json()["campaigns"] == [get(path).json()]
    assert get("campaigns", status="ended").json() == {"campaigns": [], "next_cursor": None}
    assert len(get(f"{path}/members", status="responded").json()["members"]) == 1
    assert ask("DELETE", member).status_code == 204
    assert ask("DELETE", member).status_code == 404


def test_it_rejects_what_does_not_fit_and_what_is_not_there() -> None:
    fair = make_campaign().pk
    answer = ask("POST", "campaigns", {"status": "soon", "budget": "x", "name": "a\x00"})
    assert [fault.partition(":")[0] for fault in answer.json()["errors"]] == ["name", "status", "budget"]
    assert ask("POST", "campaigns", {"name": "Fair"}).status_code == 409
    assert ask("POST", f"campaigns/{fair}/members", {"leads": [99]}).status_code == 422
    assert ask("POST", f"campaigns/{fair}/members", {"leads": [2**63]}).status_code == 422
    assert ask("POST", f"campaigns/{fair}/members", {"leads": list(range(1, 10_002))}).status_code == 422
    for path in (f"campaigns/{2**63}", "campaigns/99/members"):
        assert get(path).status_code == 404, path
    assert ask("PATCH", f"campaigns/{fair}/members/{2**63}", {"status": "sent"}).status_code == 404


def test_it_requires_marketing_and_a_token_for_writing() -> None:
    fair, leads = make_campaign().pk, make_leads(2)
    for role in (Role.SALES, Role.READ_ONLY):
        assert ask("POST", "campaigns", {"name": "x"}, role).status_code == 403
        assert ask("POST", f"campaigns/{fair}/members", {"leads": leads}, role).status_code == 403
    assert ask("PATCH", f"campaigns/{fair}", {"name": "x"}, scope=Scope.READ).status_code == 401
    assert ask("POST", f"campaigns/{fair}/members", {"leads": leads}, Role.ADMINISTRATOR).status_code == 200
    Lead.objects.filter(pk=leads[0]).update(owner=User.objects.get(username=Role.SALES))
    assert [each["lead_id"] for each in get(f"campaigns/{fair}/members", token(Role.SALES)).json()["members"]] == [leads[0]]
