"""Companies, one with its people, and the priority accounts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.web.test_pages import shown
from tests.server.world import HOST, audited, leads


def firm(domain: str = "acme.example") -> Any:
    from vaglio_server.crm.models import Account

    return Account.objects.get(domain=domain)


def names(page: str) -> list[str]:
    return re.findall(r'class="person"><a href="/companies/\d+">([^<]*)</a>', page)


def test_companies_come_by_their_best_lead(company: dict[str, Any]) -> None:
    page = shown(signed_in(company["marta"]), "/companies")
    assert names(page) == ["acme.example", "zeta.example"]
    assert re.search(r'A1</b></td>\s*<td class="person">.*?<td class="num">2</td>', page, re.DOTALL)
    assert names(shown(signed_in(company["jonas"]), "/companies")) == ["acme.example"]  # by Bruno, whom he may see
    assert "C4" in shown(signed_in(company["jonas"]), "/companies") and "Anna" not in shown(signed_in(company["jonas"]), "/companies")


def test_they_come_in_pages(company: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.web import accounts

    monkeypatch.setattr(accounts, "PAGE", 1)
    client = signed_in(company["marta"])
    first = shown(client, "/companies")
    more = re.search(r'href="(\?cursor[^"]*)"', first)
    assert names(first) == ["acme.example"] and more
    assert names(shown(client, f"/companies{more[1]}")) == ["zeta.example"]
    assert client.get("/companies?cursor=x", headers=HOST).status_code == 400


def test_they_are_found_by_name_also_with_a_slip(company: dict[str, Any]) -> None:
    client = signed_in(company["marta"])
    for text, found in (("acme", ["acme.example"]), ("zet", ["zeta.example"]), ("zetta", ["zeta.example"]), ("nobody", []), ("\x00'", [])):
        assert names(read(client.get("/companies", {"q": text}, headers=HOST))) == found, text


def test_a_company_shows_its_people_and_what_they_did(company: dict[str, Any]) -> None:
    page = shown(signed_in(company["marta"]), f"/companies/{firm().pk}")
    assert page.index("Anna Tărușă") < page.index("Bruno") and "Call first:" in page
    assert "2 activities in 26 weeks" in page and page.count("<rect") == 26
    mine = shown(signed_in(company["luca"]), f"/companies/{firm().pk}")
    assert "Bruno" not in mine and "Anna" in mine
    assert "Nobody you may see" in shown(signed_in(company["luca"]), f"/companies/{firm('zeta.example').pk}")


def test_weeks_are_counted_whole(company: dict[str, Any]) -> None:
    from vaglio_server.tracking.models import Activity
    from vaglio_server.tracking.queries import by_week

    anna = leads()["anna@acme.example"]
    last = Activity.objects.filter(identity__links__lead=anna).latest("occurred_at").occurred_at
    week = timedelta(weeks=1)
    assert by_week([anna.pk], last, 3) == [0, 0, 2]
    assert by_week([anna.pk], last + week, 3) == [0, 2, 0]
    assert by_week([anna.pk], last + 4 * week, 3) == [0, 0, 0]
    assert by_week([anna.pk], last - week, 3) == [0, 0, 0]  # not what comes later


def test_both_teams_keep_the_priority_accounts(company: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead, ListMember

    marta, luca = signed_in(company["marta"]), signed_in(company["luca"])
    assert "Add" in shown(marta, "/priority?q=acm")
    before = datetime.now(UTC)
    marta.post(f"/companies/{firm().pk}/lists", {"list": "priority_accounts", "priority": ""}, headers=HOST)
    assert names(shown(luca, "/priority")) == ["acme.example"]
    row = shown(marta, "/priority").split('<tr class="lead">')[1]
    assert 'data-label="Owner">nobody\'s</td>' in row and "CTO · luca</small>" in row  # the company's, and whom the lead is of
    type(firm()).objects.filter(pk=firm().pk).update(owner=company["irina"])
    assert 'data-label="Owner">irina</td>' in shown(marta, "/priority")
    type(firm()).objects.filter(pk=firm().pk).update(owner=None)
    assert Lead.objects.get(pk=leads()["anna@acme.example"].pk).due_at > before  # rated anew
    assert "priority accounts" in shown(marta, f"/companies/{firm().pk}")
    luca.post(f"/companies/{firm().pk}/lists", {"list": "priority_accounts", "remove": ""}, headers=HOST)
    assert names(shown(marta, "/priority")) == []
    assert [by for by, _subject in audited("add_list_member")] == ["marta"]
    assert [by for by, _subject in audited("remove_list_member")] == ["luca"]
    assert ListMember.objects.filter(list="priority_accounts", to_at=None).count() == 0


def test_priority_accounts_come_in_parts(company: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.crm.models import Account, ListMember
    from vaglio_server.web import accounts

    monkeypatch.setattr(accounts, "PAGE", 2)
    now = datetime.now(UTC)
    for name in ("omega", "beta", "alfa", "gamma"):  # nobody is known there
        ListMember.objects.create(
            list="priority_accounts", account=Account.objects.create(name=name, created_at=now), from_at=now, known_at=now
        )
    ListMember.objects.create(list="priority_accounts", account=firm(), from_at=now, known_at=now)
    client, seen, address = signed_in(company["marta"]), [], "/priority"
    for length in (2, 2, 1):
        page = read(client.get(address, headers=HOST | ({"HX-Request": "true"} if seen else {})))
        assert len(names(page)) == length
        seen += names(page)
        address = f"/priority{more[1]}" if (more := re.search(r'hx-get="/priority([^"]*)"', page)) else ""
    assert seen == ["acme.example", "alfa", "beta", "gamma", "omega"]
    assert address == ""


def test_it_rejects_what_is_no_list(company: dict[str, Any]) -> None:
    client = signed_in(company["marta"])
    for name in ("", "x" * 101, "\x00", ":"):
        page = read(client.post(f"/companies/{firm().pk}/lists", {"list": name}, headers=HOST, follow=True))
        assert "is no name of a list" in page, name
    page = read(client.post(f"/companies/{firm().pk}/lists", {"list": "vip", "remove": ""}, headers=HOST, follow=True))
    assert "is not on the list" in page


def test_it_requires_a_role(company: dict[str, Any]) -> None:
    assert signed_in(company["vera"]).post(f"/companies/{firm().pk}/lists", {"list": "vip"}, headers=HOST).status_code == 403
    assert signed_in(company["marta"]).get("/companies/999999", headers=HOST).status_code == 404
    assert "Take off" not in shown(signed_in(company["vera"]), "/priority")


def test_pages_ask_a_bounded_number_of_times(company: dict[str, Any], django_assert_max: Any) -> None:
    client = signed_in(company["marta"])
    for address, most in (("/companies", 12), (f"/companies/{firm().pk}", 20), ("/priority", 12)):
        with django_assert_max(most):
            shown(client, address)
