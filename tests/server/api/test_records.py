"""Leads written, accounts and lists by the API."""

import json
from typing import Any

import pytest

from tests.server.api.test_leads import get, token
from tests.server.world import HOST, make_live, make_source, send
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")
MODEL = """
format: 1
name: listed
inputs: {fields: {job_title: string}, activities: {page_viewed: {}}}
exclude: [{id: competitor, list: competitors}]
profile:
  rules:
    - {id: boss, kind: fields, field: job_title, points: 60, bands: [{any_word: [cto], award: 100%}]}
    - {id: target, kind: list_member, list: priority_accounts, points: 25}
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules: [{id: pages, kind: activity, activity: page_viewed, points: 10}]
  digits: {1: 75, 2: 50, 3: 25}
"""


def ask(method: str, path: str, body: Any = None, role: str = Role.MARKETING, scope: str = Scope.WRITE) -> Any:
    from django.test import Client

    headers = HOST | {"authorization": f"Bearer {token(role, scope)}"}
    return Client().generic(method, f"/api/{path}", b"" if body is None else json.dumps(body), "application/json", headers=headers)


def score() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=100)


def test_a_lead_is_made_once_and_written_to_afterwards() -> None:
    from vaglio_server.crm.models import FieldChange, Lead
    from vaglio_server.tracking.models import Delivery, Event
    from vaglio_server.users.models import AuditEntry

    first = ask("POST", "leads", {"user_id": "anna", "fields": {"email": "anna@acme.example", "job_title": "Clerk", "employees": 90}})
    assert first.status_code == 201, first.content
    again = ask("POST", "leads", {"fields": {"email": "anna@acme.example", "job_title": "CTO"}})
    assert again.json()["id"] == first.json()["id"] and Lead.objects.count() == 1
    assert again.json()["fields"] == {"email": "anna@acme.example", "job_title": "CTO", "employees": 90}
    assert [change.value for change in FieldChange.objects.filter(field="job_title").order_by("id")] == ["Clerk", "CTO"]
    assert Delivery.objects.filter(is_open=False).count() == Event.objects.count() == 2
    assert AuditEntry.objects.filter(verb="put_lead").count() == 2
    # Events with this user id are of the same lead.
    send(make_source(), {"type": "page", "userId": "anna", "properties": {"path": "/"}})
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"fields": {"job_title": "CTO"}}, 409),
        ({"user_id": "a\u0000b"}, 409),
        ({"user_id": "x" * 300}, 409),
        ({"user_id": "anna", "fields": {"nested": {"a": 1}}}, 422),
    ],
)
def test_what_names_nobody_or_cannot_be_kept_is_refused(body: Any, status: int) -> None:
    from vaglio_server.tracking.models import Delivery

    answer = ask("POST", "leads", body)
    assert answer.status_code == status, answer.content
    assert not Delivery.objects.exists()


def test_readers_write_nothing() -> None:
    assert ask("POST", "leads", {"user_id": "anna"}, Role.READ_ONLY).status_code == 403
    assert ask("POST", "leads", {"user_id": "anna"}, scope=Scope.READ).status_code == 401


def test_a_seller_writes_to_leads_that_they_see_and_owns_what_they_make() -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.models import Happening
    from vaglio_server.tracking.models import Delivery

    other = ask("POST", "leads", {"user_id": "anna", "fields": {"email": "anna@acme.example", "phone": "+39 02 1234"}}).json()["id"]
    for body in (
        {"user_id": "anna"},
        {"fields": {"email": "Anna@Acme.example", "phone": "none"}},
        {"user_id": "new", "fields": {"email": "anna@acme.example"}},
    ):
        answer = ask("POST", "leads", body, Role.SALES)
        assert answer.status_code == 409 and "1234" not in answer.content.decode()
    assert Lead.objects.get(pk=other).fields["phone"] == "+39 02 1234" and Delivery.objects.count() == 1  # nothing was kept of it
    mine = {"user_id": "bruno", "fields": {"email": "bruno@acme.example"}}
    made = [ask("POST", "leads", mine, Role.SALES) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201] and made[0].json()["id"] == made[1].json()["id"] != other
    lead = Lead.objects.get(pk=made[0].json()["id"])
    assert lead.owner is not None and lead.owner.role == Role.SALES
    (told,) = Happening.objects.filter(kind="lead.assigned")  # once, though it was sent twice
    assert (told.lead_id, told.detail["owner_id"], told.webhooks_wait) == (lead.pk, lead.owner_id, True)
    both = {"user_id": "bruno", "fields": {"email": "anna@acme.example"}}  # one's own and another's
    assert ask("POST", "leads", both, Role.SALES).status_code == 409


def test_a_list_moves_ratings_and_remembers_who_was_on_it() -> None:
    from vaglio_server.crm.models import Lead, ListMember
    from vaglio_server.scoring.models import Crossing

    make_live(MODEL)
    ask("POST", "leads", {"user_id": "anna", "fields": {"email": "anna@acme.example", "job_title": "CTO"}})
    account = get("accounts", domain="acme.example").json()["accounts"][0]["id"]
    score()
    assert Lead.objects.get().rating == "B4"
    for _ in range(2):  # again changes nothing
        assert ask("PUT", f"lists/priority_accounts/accounts/{account}").status_code == 204
    assert get("lists").json() == [{"name": "priority_accounts", "members": 1}]
    assert [each["name"] for each in get("lists/priority_accounts").json()] == ["acme.example"]
    score()
    assert Lead.objects.get().rating == "A4"
    assert ask("DELETE", f"lists/priority_accounts/accounts/{account}").status_code == 204
    assert ask("DELETE", f"lists/priority_accounts/accounts/{account}").status_code == 409
    score()
    assert Lead.objects.get().rating == "B4" and ListMember.objects.get().to_at is not None
    lead = Lead.objects.get().pk
    assert ask("PUT", f"lists/competitors/leads/{lead}").status_code == 204
    score()
    assert Lead.objects.get().rating is None
    assert list(Crossing.objects.order_by("id").values_list("rating_after", flat=True)) == ["B4", "A4", "B4", None]


def test_a_list_is_called_as_on_pages() -> None:
    from vaglio_server.crm.models import ListMember

    ask("POST", "leads", {"user_id": "anna", "fields": {"email": "anna@acme.example"}})
    account = get("accounts").json()["accounts"][0]["id"]
    for name in ("%20", ":", "2026%20fair", "x" * 101, "%00"):
        answer = ask("PUT", f"lists/{name}/accounts/{account}")
        assert answer.status_code == 422 and "is no name of a list" in answer.json()["title"], name
    assert not ListMember.objects.exists()
    assert ask("PUT", f"lists/Key-Accounts/accounts/{account}").status_code == 204
    assert get("lists").json() == [{"name": "key_accounts", "members": 1}]
    assert [each["name"] for each in get("lists/Key%20Accounts").json()] == ["acme.example"]
    assert ask("DELETE", f"lists/KeyAccounts/accounts/{account}").status_code == 204


def test_lists_are_kept_by_both_teams_but_not_by_readers() -> None:
    ask("POST", "leads", {"user_id": "anna", "fields": {"email": "anna@acme.example"}})
    account = get("accounts").json()["accounts"][0]["id"]
    assert ask("PUT", f"lists/partners/accounts/{account}", role=Role.SALES).status_code == 204
    assert ask("PUT", f"lists/partners/accounts/{account}", role=Role.READ_ONLY).status_code == 403
    for path in ("lists/partners/accounts/99", "lists/partners/leads/99999999999999999999", "lists/partners/others/1"):
        assert ask("PUT", path).status_code in (404, 422), path


def test_an_account_names_the_leads_one_may_see() -> None:
    for name in ("anna", "bruno"):
        ask("POST", "leads", {"user_id": name, "fields": {"email": f"{name}@acme.example"}})
    account = get("accounts").json()["accounts"][0]
    assert (account["domain"], get("accounts", cursor=account["id"]).json()["accounts"]) == ("acme.example", [])
    assert len(get(f"accounts/{account['id']}").json()["leads"]) == 2
    assert get(f"accounts/{account['id']}", token(Role.SALES)).json()["leads"] == []
    assert get("accounts/99").status_code == 404
