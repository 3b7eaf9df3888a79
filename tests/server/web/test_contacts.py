"""Contacts: the list with roles and when they were last seen, one with its past, its consents and its files; and who may see it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.forms.making import make_form
from tests.server.forms.making import send as send_form
from tests.server.imports.test_undo import brought
from tests.server.web.people import make_people, signed_in
from tests.server.web.test_pages import shown
from tests.server.world import AT, HOST, leads, make_account, make_contact, make_opportunity, take

FILE = "First Name,Last Name,Email,Title,Department,Account Name,Contact ID,Contact Owner\n" + "".join(
    f"Anna,Rossi,nina@acme.example,Buyer,{department},Acme,003A,luca\n" for department in ("Purchasing",)
)


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return make_people()


def link(contact: Any, role: str | None = "economic_buyer", **sale: Any) -> Any:
    from vaglio_server.crm.actions import set_opportunity_contact

    opportunity = make_opportunity(contact.account, **sale)
    set_opportunity_contact(opportunity=opportunity, contact=contact, role=role, by="test", at=AT)
    return opportunity


def page_of(client: Any, contact: Any) -> str:
    page: str = shown(client, f"/companies/contacts/{contact.pk}")
    return page


def cells(page: str) -> list[str]:
    row = re.search(r"<tbody.*?<tr>(.*?)</tr>", page, re.DOTALL)
    assert row is not None
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[1], re.DOTALL)]


def test_one_is_shown_with_company_say_and_past(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import Told, add_note, edit_contact

    contact = make_contact(make_account(), people["luca"], job_title="CFO", city="Torino", phone="+39 011 1")
    link(contact, amount="9000", currency="EUR", owner=people["luca"])
    later = AT + timedelta(days=3)
    edit_contact(contact=contact, told=Told(fields={"city": "Milano"}, links={"account": make_account(name="Beta", domain="beta.example")}),
                 by="marta", at=later)  # fmt: skip
    add_note(about=contact, text="Calls back on Monday", by="luca", at=datetime.now(UTC) + timedelta(hours=1))
    client = signed_in(people["marta"])
    page = page_of(client, contact)
    for said in ("Anna Rossi", "CFO", 'href="tel:+390111"', "economic buyer", "Suite for 90", "9,000", "luca", "Milano"):
        assert said in page, said
    assert re.search(r'/companies/\d+">Beta</a>', page)
    times = re.findall(r'<li class="is-(\w+)"', page)
    assert times == ["note", "field", "field"]
    assert "works for Beta" in page and "works for Acme" in page and "Calls back on Monday" in page
    history = client.get(f"/companies/contacts/{contact.pk}/fields/city", headers=HOST | {"HX-Request": "true"}).content.decode()
    assert history.index("Milano") < history.index("Torino") and "marta" in history
    assert "No lead is known to be this person" in page


def test_what_it_did_as_a_lead_and_agreed_to_is_there(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import Told, edit_contact

    form = make_form(name="Ask for a demo", slug="demo", consent="You may write to me.")
    send_form(form)
    take()
    lead = leads()["nina@acme.example"]
    contact = make_contact(email="nina@acme.example")
    edit_contact(contact=contact, told=Told(links={"lead": lead}), by="test", at=AT)
    page = page_of(signed_in(people["marta"]), contact)
    assert f'href="/leads/{lead.pk}"' in page and "form submitted" in page
    assert "You may write to me." in page and "version 1" in page and re.search(r'href="/forms/\d+/submissions/\d+">Ask for a demo', page)
    assert "no confirmation mail was needed" in page
    seller = page_of(signed_in(people["vera"]), contact)
    assert "You may write to me." in seller and "/submissions/" not in seller


def test_what_a_lead_agreed_to_is_on_its_page_with_whether_a_mail_was_confirmed(people: dict[str, Any]) -> None:
    from vaglio_server.forms.actions import confirm_submission
    from vaglio_server.forms.models import Submission

    form = make_form(name="Ask for a demo", slug="demo", consent="You may write to me.")
    send_form(form)
    take()
    lead, client = leads()["nina@acme.example"], signed_in(people["marta"])
    page = shown(client, f"/leads/{lead.pk}")
    assert "You may write to me." in page and "version 1" in page and "no confirmation mail was needed" in page
    twice = make_form(name="News", slug="news", consent="You may send me news.", is_double_opt_in=True)
    send_form(twice, email="Nina@acme.example")
    page = shown(client, f"/leads/{lead.pk}")
    assert "You may send me news." in page and "not confirmed by mail yet: no consent" in page
    confirm_submission(submission=Submission.objects.get(form=twice), at=datetime.now(UTC))
    take()
    page = shown(client, f"/leads/{lead.pk}")
    assert "not confirmed" not in page and "confirmed by mail, " in page and page.count("You may send me news.") == 1


def test_the_timeline_goes_on_where_it_ended(people: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.crm.actions import Told, edit_contact
    from vaglio_server.web import contact as page

    monkeypatch.setattr(page, "ITEMS", 2)
    made = make_contact(city="Torino")
    for days, city in enumerate(("Roma", "Bari", "Pisa"), 1):
        edit_contact(contact=made, told=Told(fields={"city": city}), by="test", at=AT + timedelta(days=days))
    client = signed_in(people["marta"])
    first = page_of(client, made)
    seen = re.findall(r"city (\w+)", first)
    address = re.search(r'hx-get="(/companies/contacts/\d+/timeline\?before=[^"]+)"', first)
    assert seen == ["Pisa", "Bari"] and address
    rest = client.get(address[1], headers=HOST | {"HX-Request": "true"}).content.decode()
    assert re.findall(r"city (\w+)", rest) == ["Roma", "Torino"] and "Earlier" not in rest
    assert client.get(f"/companies/contacts/{made.pk}/timeline?before=x", headers=HOST).status_code == 200


def test_the_file_it_came_from_is_named_and_can_be_taken_back(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Contact

    marta = signed_in(people["marta"])
    made = brought(marta, FILE)
    contact = Contact.objects.get()
    page = page_of(marta, contact)
    assert f'href="/imports/{made.pk}">' in page and "made the contact" in page and f'href="/imports/{made.pk}/undo"' in page
    his = page_of(signed_in(people["luca"]), contact)
    assert "made the contact" in his and "/imports/" not in his


def test_who_may_not_see_it_gets_none(people: dict[str, Any]) -> None:
    contact = make_contact(owner=people["luca"])
    for name, status in (("luca", 200), ("irina", 200), ("jonas", 404), ("vera", 200)):
        for tail in ("", "/fields/email", "/timeline"):
            answer = signed_in(people[name]).get(f"/companies/contacts/{contact.pk}{tail}", headers=HOST)
            assert answer.status_code == status, (name, tail)
    assert signed_in(people["marta"]).get("/companies/contacts/999999", headers=HOST).status_code == 404


def test_of_leads_and_sales_of_others_nothing_is_said(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import Told, assign_leads, edit_contact

    send_form(make_form(name="Contact us", slug="contact"))
    take()
    lead = leads()["nina@acme.example"]
    assign_leads(leads=[lead.pk], owner=people["jonas"], by="test", at=AT)
    contact = make_contact(make_account(name="Zeta", domain="zeta.example"), people["luca"])
    edit_contact(contact=contact, told=Told(links={"lead": lead}), by="test", at=AT)
    link(contact, owner=people["jonas"])
    page = page_of(signed_in(people["luca"]), contact)
    assert "belongs to somebody else" in page
    for said in (f"/leads/{lead.pk}", "Suite for 90", "economic buyer", "form submitted"):
        assert said not in page, said


def test_the_list_says_role_and_when_they_were_last_seen(people: dict[str, Any], django_assert_max: Any) -> None:
    from vaglio_server.crm.actions import Told, edit_contact

    send_form(make_form(name="Contact us", slug="contact"))
    take()
    account = make_account(name="Zeta", domain="zeta.example")
    contact = make_contact(account, people["luca"], job_title="CFO", phone="+39 011 1")
    edit_contact(contact=contact, told=Told(links={"lead": leads()["nina@acme.example"]}), by="test", at=datetime.now(UTC))
    link(contact)
    client = signed_in(people["marta"])
    with django_assert_max(12):
        name, company, mail, role, owner, _lead, last = cells(shown(client, "/companies/contacts"))
    assert name.startswith("Anna Rossi CFO") and (company, role, owner) == ("Zeta", "economic buyer", "luca")
    assert mail.startswith("anna@acme.example") and ("now" in last or "second" in last)
    assert f'href="/companies/contacts/{contact.pk}"' in shown(client, "/companies/contacts")
    assert f'href="/companies/contacts/{contact.pk}"' in shown(client, f"/companies/{account.pk}")
    assert 'data-find="/companies/contacts"' in shown(client, "/")


def test_it_asks_a_bounded_number_of_times(people: dict[str, Any], django_assert_max: Any) -> None:
    contact = make_contact(make_account(), people["luca"], city="Torino")
    for name in ("A", "B", "C"):
        link(contact, name=name)
    client = signed_in(people["marta"])
    with django_assert_max(17):
        page_of(client, contact)
