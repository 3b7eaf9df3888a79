"""Companies made and changed by hand."""

import re
from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.world import AT, HOST, audited, history, leads, make_account, make_field, make_opportunity, make_source, send
from vaglio_server.crm.logic.fields import Definition

pytestmark = pytest.mark.usefixtures("tables")
FIRM = {"name": "Tessuti SpA", "domain": "https://www.Tessuti.example/about", "industry": "Textiles", "employees": "1,500", "country": "IT"}


def firm() -> Any:
    from vaglio_server.crm.models import Account

    return Account.objects.get()


def form(page: str) -> dict[str, str]:
    """Return what a browser sends of a form that nobody touched."""
    body = page.partition("data-unsaved")[2]
    told = dict(re.findall(r'<input[^>]* name="([\w.]+)"[^>]*value="([^"]*)"', body))
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        told[name] = (chosen[1] or chosen[2]) if chosen else ""
    return told


def test_it_works(people: dict[str, Any]) -> None:
    marta = signed_in(people["marta"])
    assert 'href="/companies/new"' in read(marta.get("/companies")) and 'name="industry"' in read(marta.get("/companies/new"))
    page = marta.post("/companies/new", FIRM | {"city": ""}, headers=HOST, follow=True)
    made = firm()
    assert page.redirect_chain == [(f"/companies/{made.pk}", 302)] and "mail address at tessuti.example" in read(page)
    assert (made.name, made.domain, made.owner) == ("Tessuti SpA", "tessuti.example", None)
    assert made.fields == {"name": "Tessuti SpA", "domain": "tessuti.example", "industry": "Textiles", "employees": 1500, "country": "IT"}
    assert audited("create_account") == [("marta", f"account:{made.pk}")]
    assert "New, with nobody to call yet" in read(marta.get("/companies")) and "Tessuti SpA" in read(marta.get("/companies"))


def test_what_a_seller_makes_is_theirs(people: dict[str, Any]) -> None:
    luca = signed_in(people["luca"])
    luca.post("/companies/new", {"name": "Tessuti"}, headers=HOST)
    made = firm()
    assert made.owner == people["luca"] and ("owner_id", str(people["luca"].pk)) in history(made)
    assert f"/companies/{made.pk}/edit" in read(luca.get(f"/companies/{made.pk}"))
    luca.post(f"/companies/{made.pk}/edit", {"name": "Tessuti & Figli"}, headers=HOST)
    assert firm().name == "Tessuti & Figli" and audited("edit_account") == [("luca", f"account:{made.pk}")]


def test_new_companies_where_nobody_works_stand_beside_the_list(people: dict[str, Any]) -> None:
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})  # nobody's, so not Luca's to see
    alone = make_account(name="Alone", domain="alone.example")
    old = make_account(name="Old", domain="old.example")
    type(old).objects.filter(pk=old.pk).update(created_at=AT)
    luca = signed_in(people["luca"])

    def beside(address: str = "/companies") -> list[str]:
        return re.findall(r'class="name" href="/companies/\d+">([^<]*)', luca.get(address).content.decode())

    assert beside() == ["Alone"] and beside("/companies?q=alone") == []
    type(alone).objects.filter(domain="acme.example").update(owner=people["luca"])
    assert beside() == ["Alone", "acme.example"]  # it is his, though he may not see who works there


def test_its_fields_are_changed_and_nothing_else_is(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import Told, edit_account

    for name, kind, choices in (("tier", "choice", ("Gold", "Silver")), ("is_partner", "boolean", ()), ("renewal", "date", ())):
        make_field("account", name, kind, choices)
    acme = make_account(annual_revenue=1.125, description="cloth", tier="Gold", is_partner=True, renewal="2027-01-31", country="IT")
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    marta, there = signed_in(people["marta"]), f"/companies/{acme.pk}/edit"
    untouched = form(read(marta.get(there)))
    assert (untouched["annual_revenue"], untouched["is_partner"], untouched["tier"], untouched["country"]) == (
        "1.1250",
        "true",
        "Gold",
        "IT",
    )
    known = history(acme)
    assert "Nothing was changed." in read(marta.post(there, untouched, headers=HOST, follow=True)) and history(acme) == known
    edit_account(account=acme, told=Told(fields={"description": "fine cloth"}), by="api", at=AT)  # by somebody else meanwhile
    type(leads()["anna@acme.example"]).objects.update(due_at=None)
    page = marta.post(there, untouched | {"name": "Acme S.p.A.", "annual_revenue": "2,500,000", "tier": "", "is_partner": "false"},
                      headers=HOST, follow=True)  # fmt: skip
    assert "Acme S.p.A. is changed; models that read it rate its people anew." in read(page)
    assert firm().fields == {
        "name": "Acme S.p.A.", "domain": "acme.example", "annual_revenue": 2500000, "description": "fine cloth", "is_partner": False,
        "renewal": "2027-01-31", "country": "IT",
    }  # fmt: skip
    assert leads()["anna@acme.example"].due_at is not None


def test_a_value_that_its_field_would_refuse_is_no_fault_until_it_is_changed(people: dict[str, Any]) -> None:
    acme = make_account()
    type(acme).objects.update(fields=acme.fields | {"employees": "many", "description": "two\nlines"})  # as group calls say it
    marta, there = signed_in(people["marta"]), f"/companies/{acme.pk}/edit"
    untouched = form(read(marta.get(there)))
    marta.post(there, untouched | {"city": "Prato"}, headers=HOST)
    assert firm().fields == {"name": "Acme", "domain": "acme.example", "employees": "many", "description": "two\nlines", "city": "Prato"}
    answer = marta.post(there, untouched | {"employees": "some"}, headers=HOST)
    assert answer.status_code == 422 and "employees: " in read(answer) and 'value="some"' in read(answer)


def test_a_domain_that_another_company_has_is_refused_with_the_way_there(people: dict[str, Any]) -> None:
    acme, other = make_account(), make_account(name="Acme Ltd", domain="acme-ltd.example")
    marta = signed_in(people["marta"])
    for there in ("/companies/new", f"/companies/{other.pk}/edit"):
        answer = marta.post(there, {"name": "Acme <two>", "domain": "www.acme.example"}, headers=HOST)
        page = read(answer)
        assert answer.status_code == 422 and f'acme.example is the domain of <a href="/companies/{acme.pk}">Acme</a>' in page
        assert 'value="Acme &lt;two&gt;"' in answer.content.decode()  # what was typed stays
    other.refresh_from_db()
    assert (other.name, other.domain) == ("Acme Ltd", "acme-ltd.example")


def test_every_fault_is_named_and_nothing_is_kept(people: dict[str, Any]) -> None:
    make_field("account", "is_partner", "boolean")
    marta = signed_in(people["marta"])
    answer = marta.post("/companies/new", {"name": " ", "domain": "gmail.com", "employees": "many", "is_partner": "true"}, headers=HOST)
    page = read(answer)
    assert answer.status_code == 422 and "name: cannot be without a value" in page
    assert "s domain; give the one of its mail addresses" in page and "employees: " in page and 'value="true" selected' in page
    assert "write 1500 or 1.5" in read(marta.post("/companies/new", FIRM | {"annual_revenue": "1,500"}, headers=HOST))
    assert not type(make_account()).objects.exclude(name="Acme").exists()


def test_it_requires_a_role_and_of_sellers_that_it_is_theirs(people: dict[str, Any]) -> None:
    acme = make_account()
    for name, makes, changes in (("vera", 403, 403), ("luca", 200, 403), ("marta", 200, 200), ("ada", 200, 200)):
        client = signed_in(people[name])
        there = f"/companies/{acme.pk}/edit"
        assert (client.get("/companies/new").status_code, client.get(there).status_code) == (makes, changes), name
        assert client.post(there, {"name": "Mine"}, headers=HOST).status_code == (302 if changes == 200 else 403), name
        assert (there in read(client.get(f"/companies/{acme.pk}"))) is (changes == 200), name
        assert ('href="/companies/new"' in read(client.get("/companies"))) is (makes == 200), name
    type(acme).objects.update(owner=people["irina"])  # of Luca's team, and not his
    assert signed_in(people["luca"]).get(there).status_code == 403
    assert signed_in(people["marta"]).get("/companies/999999/edit").status_code == 404


@pytest.mark.parametrize(
    ("kind", "value", "filled_in"),
    [
        ("boolean", True, "true"), ("boolean", "perhaps", ""), ("choice", "Gold", "Gold"), ("choice", "Lead", ""),
        ("date", "2027-01-31", "2027-01-31"), ("date", "soon", ""), ("integer", 1500, "1500"), ("number", 1.125, "1.1250"),
        ("string", None, ""), ("string", " a\r\nb ", "a\nb"),
    ],
)  # fmt: skip
def test_a_place_holds_what_a_browser_sends_back(kind: str, value: Any, filled_in: str) -> None:
    from vaglio_server.web.account_edit import filled

    assert filled(Definition("x", "X", kind, ("Gold", "Silver")), value) == filled_in


LINES = "Looms, since 1921.\n\nTwo plants:\n- Biella\n- Iași"
AS_SENT = LINES.replace("\n", "\r\n")  # as browsers send it


def test_a_text_keeps_its_lines(people: dict[str, Any]) -> None:
    firm_there, marta = make_account(description=LINES), signed_in(people["marta"])
    page = marta.get(f"/companies/{firm_there.pk}/edit").content.decode()
    assert re.search(rf'<textarea name="description"[^>]*>{LINES}</textarea>', page)
    sent = {"description": AS_SENT, "was.description": AS_SENT, "industry": "Textiles", "was.industry": ""}
    marta.post(f"/companies/{firm_there.pk}/edit", sent, headers=HOST)
    assert (firm().fields["description"], firm().fields["industry"]) == (LINES, "Textiles")
    marta.post(f"/companies/{firm_there.pk}/edit", {"description": f"{AS_SENT}\r\n- Prato", "was.description": AS_SENT}, headers=HOST)
    assert firm().fields["description"] == f"{LINES}\n- Prato"
    assert "Two plants:<br>- Biella<br>- Iași" in read(marta.get(f"/companies/{firm_there.pk}"))
    marta.post(f"/companies/{firm_there.pk}/edit", {"name": "Tessuti\r\nSpA", "was.name": "Acme"}, headers=HOST)
    assert firm().name == "TessutiSpA"  # a name stays one line


def test_texts_of_leads_and_sales_keep_their_lines(people: dict[str, Any]) -> None:
    make_field("lead", "history", "string")
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "history": LINES}})
    anna, marta = leads()["anna@acme.example"], signed_in(people["marta"])
    assert re.search(
        rf'<textarea name="value"[^>]*>{LINES}</textarea>', marta.get(f"/leads/{anna.pk}/change?field=history").content.decode()
    )
    said = read(marta.post(f"/leads/{anna.pk}/do/change", {"field": "history", "value": AS_SENT}, headers=HOST, follow=True))
    assert "was so already" in said and "Two plants:<br>- Biella" in said
    marta.post(f"/leads/{anna.pk}/do/note", {"text": AS_SENT}, headers=HOST)
    assert "since 1921.<br><br>Two plants" in read(marta.get(f"/leads/{anna.pk}")).partition("Timeline")[2]
    sale = make_opportunity(make_account(domain="other.example"), people["luca"], description=LINES)
    assert f">{LINES}</textarea>" in marta.get(f"/opportunities/{sale.pk}").content.decode()
    marta.post(f"/opportunities/{sale.pk}/do/edit", {"name": "Suite", "next_step": "call", "description": AS_SENT}, headers=HOST)
    sale.refresh_from_db()
    assert sale.fields["description"] == LINES and "description" not in [name for name, _value in history(sale)[-2:]]
