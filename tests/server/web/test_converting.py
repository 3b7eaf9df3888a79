"""Converting a lead in its page and in the inbox, and taking it back."""

import html
import re
from typing import Any

import pytest

from tests.server.lifecycle.test_convert import convert, named
from tests.server.lifecycle.world import stage
from tests.server.web.people import signed_in
from tests.server.world import HOST, make_account, make_contact, make_opportunity

pytestmark = pytest.mark.usefixtures("tables")


def form(page: str) -> dict[str, str]:
    """Return what a form would send as it stands."""
    radios = re.findall(r'<input type="radio" name="(\w+)"[^>]*value="(\w+)"[^>]* checked', page)
    texts = re.findall(r'<input (?:type="(?:hidden|date)" )?name="(\w+)"[^>]*? value="([^"]*)"', page)
    chosen = re.findall(r"<option selected>(\w+)", page)
    found = {name: html.unescape(value) for name, value in texts} | dict(radios) | {"currency": chosen[0]}
    return {name: value for name, value in found.items() if name not in ("csrfmiddlewaretoken", "q")}


def test_what_stands_there_is_the_best_choice(people: dict[str, Any]) -> None:
    lead = named(people["luca"], company="Acme & Sons")
    luca = signed_in(people["luca"])
    page = luca.get(f"/leads/{lead.pk}/convert").content.decode()
    sent = form(page)
    assert (sent["contact"], sent["account"], sent["opportunity"]) == ("new", "new", "new")
    assert sent["name"] == "Acme & Sons, Anna Rossi" and sent["currency"] == "EUR" and re.fullmatch(r"\d{4}-\d\d-\d\d", sent["close_date"])
    said = luca.post(f"/leads/{lead.pk}/convert", sent, headers=HOST, follow=True).content.decode()
    assert "Anna Rossi is a contact at Acme &amp; Sons now, with an opportunity." in said and stage(lead) == "opportunity"
    again = luca.post(f"/leads/{lead.pk}/convert", sent, headers=HOST, follow=True).content.decode()
    assert "was converted already" in again and lead.conversions.count() == 1
    assert luca.get(f"/leads/{lead.pk}/convert").status_code == 302


def test_what_is_there_is_offered_with_reasons(people: dict[str, Any]) -> None:
    acme = make_account()
    anna, other = make_contact(acme, people["luca"]), make_contact(acme, people["luca"], first_name="Ana", email="ana.r@acme.example")
    make_contact(acme, people["luca"], first_name="Zoe", last_name="Quark", email="zoe@acme.example")
    hers = make_contact(acme, people["jonas"], email="a.rossi@acme.example")
    suite = make_opportunity(acme, people["luca"], amount=900, currency="RON")
    make_opportunity(acme, people["jonas"], name="Theirs")
    lead = named(people["luca"], account=acme)
    page = signed_in(people["luca"]).get(f"/leads/{lead.pk}/convert").content.decode()
    assert form(page) == form(page) | {"contact": str(anna.pk), "account": str(acme.pk), "opportunity": "new", "currency": "RON"}
    assert "same mail address" in page and "99%" in page and "the lead works there" in page
    assert f'value="{other.pk}"' in page and "name with a slip" in page
    assert "Zoe" not in page and "Theirs" not in page and "Suite for 90" in page and f'value="{hers.pk}"' not in page
    sent = form(page) | {"opportunity": str(suite.pk)}
    signed_in(people["luca"]).post(f"/leads/{lead.pk}/convert", sent, headers=HOST)
    made = lead.conversions.get()
    assert (made.contact, made.account, made.opportunity, made.made) == (anna, acme, suite, [])


def test_a_contact_of_another_team_is_offered_where_it_surely_is_the_person(people: dict[str, Any]) -> None:
    hers = make_contact(make_account(), people["jonas"])
    lead = named(people["luca"])
    page = signed_in(people["luca"]).get(f"/leads/{lead.pk}/convert").content.decode()
    assert form(page)["contact"] == str(hers.pk)


def test_it_leads_to_what_one_may_see(people: dict[str, Any]) -> None:
    lead = named(people["luca"])
    made = convert(lead, people["luca"])
    type(made.opportunity).objects.filter(pk=made.opportunity_id).update(owner=people["jonas"])
    luca = signed_in(people["luca"])
    assert luca.post(f"/leads/{lead.pk}/convert", {}, headers=HOST).headers["Location"] == f"/companies/contacts/{made.contact_id}"
    type(made.contact).objects.filter(pk=made.contact_id).update(owner=people["jonas"])
    assert luca.post(f"/leads/{lead.pk}/convert", {}, headers=HOST).headers["Location"] == f"/leads/{lead.pk}"


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(people: dict[str, Any]) -> None:
    lead = named(people["luca"])
    luca = signed_in(people["luca"])
    sent = form(luca.get(f"/leads/{lead.pk}/convert").content.decode()) | {"amount": "many", "name": "Suite & more"}
    answer = luca.post(f"/leads/{lead.pk}/convert", sent, headers=HOST)
    page = answer.content.decode()
    assert answer.status_code == 422 and "is no amount" in page and 'value="Suite &amp; more"' in page and 'value="many"' in page
    assert form(page)["key"] == sent["key"] and stage(lead) == "marketing_qualified"
    page = luca.post(f"/leads/{lead.pk}/convert", sent | {"amount": "1.500,505"}, headers=HOST).content.decode()
    assert "is no amount" in page and 'value="1.500,505"' in page and stage(lead) == "marketing_qualified"
    page = luca.post(f"/leads/{lead.pk}/convert", sent | {"amount": "", "opportunity": "none"}, headers=HOST, follow=True).content.decode()
    assert "is a contact at Acme S.p.A. now." in page and stage(lead) == "sales_qualified"


def test_an_opportunity_that_is_none_of_those_offered_is_not_taken_for_none(people: dict[str, Any]) -> None:
    lead = named(people["luca"])
    answer = signed_in(people["luca"]).post(f"/leads/{lead.pk}/convert", {"opportunity": "nwe"}, headers=HOST)
    assert answer.status_code == 422 and "Choose a new opportunity" in answer.content.decode() and not lead.conversions.exists()


def test_it_rejects_a_new_company_without_a_name(people: dict[str, Any]) -> None:
    lead = named(people["luca"], account=(acme := make_account()), company=acme.name)
    luca = signed_in(people["luca"])
    page = luca.get(f"/leads/{lead.pk}/convert").content.decode()
    assert f'placeholder="{lead}"' not in page and 'placeholder="Name of the company"' in page and form(page)["account_name"] == ""
    sent = form(page) | {"account": "another", "account_name": " ", "amount": "900"}
    answer = luca.post(f"/leads/{lead.pk}/convert", sent, headers=HOST)
    page = answer.content.decode()
    assert answer.status_code == 422 and 'aria-describedby="account-fault" autofocus' in page and not lead.conversions.exists()
    assert "Write the name of the new company" in page and form(page)["account"] == "another" and 'value="900"' in page
    luca.post(f"/leads/{lead.pk}/convert", sent | {"account_name": "Zeta GmbH"}, headers=HOST)
    assert lead.conversions.get().account.name == "Zeta GmbH"


def test_a_new_company_is_proposed_by_the_domain_and_never_called_as_the_person(people: dict[str, Any]) -> None:
    luca = signed_in(people["luca"])
    by_mail = named(people["luca"], company="", email="anna@nova.example")
    assert form(luca.get(f"/leads/{by_mail.pk}/convert").content.decode())["account_name"] == "nova.example"
    nowhere = named(people["luca"], company="", email="anna@gmail.com")
    sent = form(luca.get(f"/leads/{nowhere.pk}/convert").content.decode())
    assert sent["account_name"] == "" and luca.post(f"/leads/{nowhere.pk}/convert", sent, headers=HOST).status_code == 422
    sale = make_opportunity(make_account(), people["luca"])
    luca.post(f"/leads/{nowhere.pk}/convert", sent | {"opportunity": str(sale.pk)}, headers=HOST)
    assert nowhere.conversions.get().account == sale.account


def test_it_requires_a_role(people: dict[str, Any]) -> None:
    lead = named(people["luca"])
    for name, status in (("marta", 403), ("vera", 403), ("jonas", 404), ("irina", 200), ("ada", 200)):
        assert signed_in(people[name]).get(f"/leads/{lead.pk}/convert").status_code == status, name
    for name, sees in (("marta", False), ("vera", False), ("luca", True)):
        for page in (f"/leads/{lead.pk}", "/inbox"):
            assert (f"/leads/{lead.pk}/convert" in signed_in(people[name]).get(page).content.decode()) is sees, (name, page)


def test_it_asks_as_often_however_much_is_there(people: dict[str, Any], django_assert_max: Any) -> None:
    acme = make_account()
    for number in range(12):
        make_contact(acme, people["luca"], first_name=f"Anna{number}", email=f"a{number}@acme.example")
        make_opportunity(acme, people["luca"], name=f"Sale {number}")
    lead = named(people["luca"], account=acme)
    luca = signed_in(people["luca"])
    luca.get(f"/leads/{lead.pk}/convert")
    with django_assert_max(16):
        luca.get(f"/leads/{lead.pk}/convert")
