"""Leads belong to the company their mail address says."""

from typing import Any

import pytest

from tests.server.world import MODEL, leads, make_live, make_source, send
from vaglio.dates import to_microseconds
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.models import Account, FieldChange


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("anna@acme.example", "acme.example"),
        ("Anna@Mail.ACME.co.uk ", "acme.co.uk"),
        ("anna@bücher.de", "xn--bcher-kva.de"),
        ("anna@gmail.com", None),
        ("anna@libero.it", None),
        ("anna@mailinator.com", None),
        ("anna@co.uk", None),
        ("anna@", None),
        ("anna", None),
        ("anna@" + "a" * 300 + ".com", None),
        ("anna@a..b", None),
    ],
)
def test_which_company_an_address_belongs_to(email: str, domain: str | None) -> None:
    assert company_domain(email) == domain


def identify(user: str, email: str) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": email}}


@pytest.mark.usefixtures("tables")
def test_colleagues_share_an_account_and_others_have_none() -> None:
    source = make_source()
    send(source, identify("anna", "anna@acme.example"), identify("bob", "bob@mail.acme.example"), identify("cat", "cat@gmail.com"))
    found = leads()
    acme = Account.objects.get()
    assert (acme.domain, acme.name) == ("acme.example", "acme.example")
    assert [found[email].account_id for email in ("anna@acme.example", "bob@mail.acme.example", "cat@gmail.com")] == [
        acme.pk,
        acme.pk,
        None,
    ]
    changes = FieldChange.objects.filter(field="account_id").order_by("lead_id")
    assert [(change.value, change.known_at) for change in changes] == [(str(acme.pk), lead.created_at) for lead in list(found.values())[:2]]


@pytest.mark.usefixtures("tables")
def test_a_lead_stays_with_its_account() -> None:
    source = make_source()
    send(source, identify("anna", "anna@acme.example"))
    send(source, identify("anna", "anna@other.example"))
    (anna,) = leads().values()
    assert anna.account.domain == "acme.example"


@pytest.mark.usefixtures("tables")
def test_what_a_colleague_does_moves_a_score_and_its_past_replays() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    committee = "- {id: committee, kind: engaged_colleagues, at_least: 2, within: 30d, points: 15}"
    version = make_live(MODEL.replace("  digits: {1", f"    {committee}\n  digits: {{1"))
    source = make_source()
    page = {"type": "page", "properties": {"path": "/home"}}
    with a_scorer() as scorer:
        send(source, identify("anna", "anna@acme.example"), page | {"userId": "anna"})
        score_due(scorer=scorer, limit=100)
        assert leads()["anna@acme.example"].engagement_millipoints == 0
        send(source, identify("bob", "bob@acme.example"), page | {"userId": "bob"})
        send(source, identify("cat", "cat@acme.example"), page | {"userId": "cat"})
        score_due(scorer=scorer, limit=100)
        anna = leads()["anna@acme.example"]
        assert anna.engagement_millipoints == 15_000
        for stored in Score.objects.filter(lead=anna):
            us = to_microseconds(stored.as_of)
            again = scorer.replay(document_of(version.text), anna.pk, Instants(us, us))
            assert again["engagement_millipoints"] == stored.engagement_millipoints
