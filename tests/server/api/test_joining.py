"""Who a lead is, by the API: identities, merges and their undoing, matches, its company."""

from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_records import ask, score
from tests.server.world import AT, leads, make_live, make_source, send
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def two(tables: Any) -> tuple[int, int]:
    """Anna with a tablet, who asked for a demonstration, and Bob: their numbers."""
    source = make_source()
    send(
        source,
        {"type": "identify", "userId": "anna", "anonymousId": "tablet", "traits": {"email": "anna@acme.example", "title": "CTO"}},
        {"type": "identify", "userId": "bob", "traits": {"email": "bob@gmail.com", "company": "ACME Italia S.r.l.", "employees": 90}},
        {"type": "track", "userId": "bob", "event": "Form Submitted", "properties": {"form": "demo"}},
        {"type": "alias", "userId": "bob", "previousId": "anna"},
        {"type": "track", "anonymousId": "phone", "event": "Seen"},
    )
    return leads()["anna@acme.example"].pk, leads()["bob@gmail.com"].pk


def test_a_merge_is_made_and_undone_and_the_past_stays_to_be_asked(two: tuple[int, int]) -> None:
    anna, bob = two
    make_live()
    score()
    before = get(f"leads/{bob}").json()["scores"][0]
    made = ask("POST", f"leads/{anna}/merges", {"other": bob})
    assert made.status_code == 201, made.content
    score()
    assert get(f"leads/{anna}").json()["rating"] == "A2"
    gone = get(f"leads/{bob}")
    assert (gone.status_code, gone.json()["title"]) == (404, f"lead {bob} was merged into lead {anna}")
    assert [each["id"] for each in get("leads").json()["leads"]] == [anna]
    past = get(f"leads/{bob}/replay", as_of=before["as_of"]).json()
    assert past == before
    assert get(f"leads/{bob}/explanation", as_of=before["as_of"]).status_code == 200
    now = get(f"leads/{bob}/replay")
    assert (now.status_code, f"was merged into lead {anna}" in now.json()["title"]) == (404, True)
    assert [each["as_of"] for each in get(f"leads/{bob}/history").json()["scores"]] == [before["as_of"]]
    undone = ask("DELETE", f"leads/{anna}/merges/{made.json()['id']}")
    assert (undone.status_code, undone.json()["id"]) == (200, bob)
    (kept,) = get(f"leads/{anna}/merges").json()
    assert (kept["other_id"], kept["undone_by"]) == (bob, Role.MARKETING)
    assert ask("DELETE", f"leads/{anna}/merges/{made.json()['id']}").status_code == 409


def test_identities_are_shown_taken_away_and_joined(two: tuple[int, int]) -> None:
    anna, bob = two
    known = {each["value"]: each["id"] for each in get(f"leads/{anna}/identities").json()}
    assert set(known) == {"anna", "anna@acme.example", "tablet"}
    assert ask("DELETE", f"leads/{anna}/identities/{known['tablet']}").json() == {"lead_id": None}
    assert ask("DELETE", f"leads/{bob}/identities/{known['anna']}").status_code == 404
    assert ask("POST", f"leads/{bob}/identities", {"anonymous_id": "tablet"}).status_code == 204
    assert ask("POST", f"leads/{anna}/identities", {"anonymous_id": "tablet"}).status_code == 409
    assert ask("POST", f"leads/{anna}/identities", {"anonymous_id": "never seen"}).status_code == 404
    assert "tablet" in {each["value"] for each in get(f"leads/{bob}/identities").json()}


def test_a_match_is_proposed_and_dismissed(two: tuple[int, int]) -> None:
    anna, bob = two
    (match,) = get(f"leads/{bob}/matches").json()
    assert (match["lead"]["id"], match["reason"]) == (anna, "an alias call names both")
    assert ask("DELETE", f"leads/{bob}/matches/{match['id']}").status_code == 204
    assert get(f"leads/{anna}/matches").json() == []
    assert ask("DELETE", f"leads/{bob}/matches/{match['id']}").status_code == 404


def test_a_company_is_proposed_by_its_name_and_joined_when_somebody_says_so(two: tuple[int, int]) -> None:
    from vaglio_server.crm.models import Account, FieldChange

    _anna, bob = two
    for name, domain in (("Acme Italia SpA", "acme-italia.example"), ("Acne Institute", "acne.example"), ("Italia Tours", None)):
        Account.objects.create(name=name, domain=domain, created_at=AT)
    (found,) = get(f"leads/{bob}/account-candidates").json()
    assert (found["name"], found["likeness_share"]) == ("Acme Italia SpA", 1)
    assert ask("PUT", f"leads/{bob}/account", {"account_id": found["account_id"]}).status_code == 200
    assert leads()["bob@gmail.com"].account_id == found["account_id"]
    assert get(f"leads/{bob}/account-candidates").json() == []
    assert FieldChange.objects.get(lead=bob, field="account_id").value == str(found["account_id"])
    assert ask("PUT", f"leads/{bob}/account", {"account_id": 99}).status_code == 404


def test_fields_are_edited(two: tuple[int, int]) -> None:
    anna, _bob = two
    edited = ask("PATCH", f"leads/{anna}", {"fields": {"job_title": None, "city": "Milano"}})
    assert (edited.status_code, edited.json()["fields"]["job_title"], edited.json()["fields"]["city"]) == (200, None, "Milano")
    refused = ask("PATCH", f"leads/{anna}", {"fields": {"email": "bob@gmail.com"}})
    assert (refused.status_code, "merge the two leads" in refused.json()["title"]) == (409, True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "leads/{0}", {"fields": {"city": "x"}}),
        ("POST", "leads/{0}/merges", {"other": "{1}"}),
        ("POST", "leads/{0}/identities", {"anonymous_id": "phone"}),
        ("PUT", "leads/{0}/account", {"account_id": None}),
    ],
)
def test_it_requires_a_token_for_writing_a_role_that_writes_and_a_lead_one_sees(
    two: tuple[int, int], method: str, path: str, body: dict[str, Any]
) -> None:
    body = {name: two[1] if value == "{1}" else value for name, value in body.items()}
    for role, scope, status in ((Role.MARKETING, Scope.READ, 401), (Role.READ_ONLY, Scope.WRITE, 403), (Role.SALES, Scope.WRITE, 404)):
        assert ask(method, path.format(*two), body, role=role, scope=scope).status_code == status
