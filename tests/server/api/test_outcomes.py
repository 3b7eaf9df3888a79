"""What became of a lead, by the API and on its page."""

from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_records import ask
from tests.server.web.people import make_people, signed_in
from tests.server.world import leads, make_source, send
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def anna(tables: Any) -> int:
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    return int(leads()["anna@acme.example"].pk)


def test_an_outcome_is_written_once_and_shown(anna: int) -> None:
    from vaglio_server.users.models import AuditEntry

    body = {"outcome": "won", "value": "12500.50", "currency": "eur", "occurred_at": "2026-10-01T09:00:00Z"}
    for _ in range(2):
        assert ask("POST", f"leads/{anna}/outcomes", body).status_code == 201
    no = {"outcome": "rejected", "reason": "bad_timing"}
    assert ask("POST", f"leads/{anna}/outcomes", no).status_code == 403  # a verdict is what sales says
    assert ask("POST", f"leads/{anna}/outcomes", {"outcome": "accepted"}).status_code == 403
    assert ask("POST", f"leads/{anna}/outcomes", no, Role.ADMINISTRATOR).status_code == 201
    rejected, won = get(f"leads/{anna}/outcomes").json()
    assert (rejected["outcome"], rejected["reason"], won["value"], won["by"]) == ("rejected", "bad_timing", "12500.50", Role.MARKETING)
    assert won["currency"] == "EUR" and rejected["currency"] is None
    assert won["known_at"] > won["occurred_at"]
    assert AuditEntry.objects.filter(verb="record_outcome").count() == 2
    page = signed_in(make_people()["marta"]).get(f"/leads/{anna}").content.decode()
    assert "Rejected by sales" in page and "bad timing" in page and "12,500.50 EUR" in page


def test_it_rejects_what_is_none(anna: int) -> None:
    for body in ({"outcome": "happy"}, {"outcome": "won", "value": "-1"}, {"outcome": "won", "value": "0.001"}):
        assert ask("POST", f"leads/{anna}/outcomes", body).status_code == 422, body
    strange = ask("POST", f"leads/{anna}/outcomes", {"outcome": "won", "value": "1", "currency": "XYZ"})
    assert strange.status_code == 422 and '\\"XYZ\\" is no currency; give its code of ISO 4217, such as EUR' in strange.content.decode()
    bare = ask("POST", f"leads/{anna}/outcomes", {"outcome": "won", "currency": "EUR"})
    assert bare.status_code == 422 and "give the value too" in bare.content.decode()
    later = ask("POST", f"leads/{anna}/outcomes", {"outcome": "won", "occurred_at": "2090-01-01T00:00:00Z"})
    assert (later.status_code, "not happened yet" in later.json()["title"]) == (409, True)


def test_it_requires_a_token_for_writing_a_role_that_writes_and_a_lead_one_sees(anna: int) -> None:
    for role, scope, status in ((Role.MARKETING, Scope.READ, 401), (Role.READ_ONLY, Scope.WRITE, 403), (Role.SALES, Scope.WRITE, 404)):
        assert ask("POST", f"leads/{anna}/outcomes", {"outcome": "won"}, role=role, scope=scope).status_code == status
