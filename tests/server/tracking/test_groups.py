"""Group calls: which company somebody belongs to, and what is said of it."""

from typing import Any

import pytest

from tests.server.world import leads, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
MODEL = """
format: 1
name: companies
inputs: {fields: {job_title: string}, account_fields: {employees: integer}, activities: {page_viewed: {}}}
profile:
  rules: [{id: size, kind: fields, field: account.employees, points: 80, bands: [{from: 50, award: 100%}]}]
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules: [{id: pages, kind: activity, activity: page_viewed, points: 10}]
  digits: {1: 75, 2: 50, 3: 25}
"""


def identify(user: str, email: str, **more: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": {"email": email}, **more}


def group(name: str = "g-1", traits: dict[str, Any] | None = None, **who: str) -> dict[str, Any]:
    return {"type": "group", "groupId": name, "traits": traits or {}, **who}


def accounts() -> dict[str, Any]:
    from vaglio_server.crm.models import Account

    return {account.name: account for account in Account.objects.all()}


def test_what_is_said_of_a_company_scores_everybody_there() -> None:
    from vaglio_server.crm.models import FieldChange
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    source = make_source()
    make_live(MODEL)
    send(source, identify("anna", "anna@acme.com"), identify("bob", "bob@acme.com"))
    with a_scorer() as scorer:
        assert score_due(scorer=scorer, limit=10) == 2
        send(source, group(traits={"name": "Acme Inc", "employees": 90, "address": {"country": "IT"}}, userId="anna"))
        (acme,) = accounts().values()
        assert (acme.name, acme.domain) == ("Acme Inc", "acme.com")
        assert acme.fields == {"name": "Acme Inc", "domain": "acme.com", "employees": 90, "country": "IT"}
        assert FieldChange.objects.get(account=acme, field="employees").value == 90
        assert score_due(scorer=scorer, limit=10) == 2
    assert {lead.rating for lead in leads().values()} == {"A4"}
    send(source, group(traits={"employees": 90}, userId="anna"))
    assert FieldChange.objects.filter(account=acme, field="employees").count() == 1


def test_who_has_no_company_joins_the_one_named() -> None:
    from vaglio_server.crm.models import FieldChange

    source = make_source()
    send(source, identify("anna", "anna@gmail.com"), group(traits={"name": "Acme"}, userId="anna"))
    anna = leads()["anna@gmail.com"]
    assert anna.account == accounts()["Acme"]
    assert FieldChange.objects.get(lead=anna, field="account_id").value == str(anna.account_id)


def test_a_device_joins_its_company_once_it_is_known_whose_it_is() -> None:
    source = make_source()
    send(source, group(traits={"name": "Acme", "website": "https://www.Acme.com/it"}, anonymousId="a"))
    assert accounts()["Acme"].domain == "acme.com"
    send(source, identify("anna", "anna@gmail.com", anonymousId="a"))
    assert leads()["anna@gmail.com"].account == accounts()["Acme"]


def test_a_company_is_found_by_its_domain_and_then_by_its_name() -> None:
    source = make_source()
    send(source, identify("bob", "bob@acme.com"), group(traits={"name": "Acme", "website": "acme.com"}, userId="guest1"))
    send(source, group(traits={"plan": "pro"}, userId="guest2"))
    assert accounts()["Acme"].fields["plan"] == "pro"
    assert len(accounts()) == 1


def test_who_has_a_company_stays_there() -> None:
    source = make_source()
    send(source, identify("anna", "anna@acme.com"), group("mine", {"name": "Acme"}, userId="anna"))
    send(source, group("client", {"name": "Beta", "employees": 9}, userId="anna"))
    assert leads()["anna@acme.com"].account == accounts()["Acme"]
    assert accounts()["Beta"].fields["employees"] == 9
    assert "employees" not in accounts()["Acme"].fields


def test_it_rejects_a_group_without_a_name() -> None:
    from vaglio_server.tracking.models import RefusedEvent

    send(make_source(), {"type": "group", "userId": "anna", "traits": {"name": "Acme"}}, group("null", userId="anna"))
    assert ["names no group" in each.reason for each in RefusedEvent.objects.all()] == [True, True]
    assert accounts() == {}


def test_colleagues_are_due_when_somebody_joins_them() -> None:
    from vaglio_server.crm.models import Lead

    source = make_source()
    send(source, identify("bob", "bob@gmail.com"), group(traits={"name": "Acme"}, userId="bob"), group(anonymousId="a"))
    Lead.objects.update(due_at=None)
    send(source, identify("anna", "anna@gmail.com", anonymousId="a"))
    assert leads()["anna@gmail.com"].account == leads()["bob@gmail.com"].account
    assert leads()["bob@gmail.com"].due_at is not None
