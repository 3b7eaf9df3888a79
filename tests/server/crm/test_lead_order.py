"""Leads sorted by name, company and when they were made, both ways, in pages that join without gap."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.server.conftest import as_if_new, empty_tables
from tests.server.world import AT, leads, make_source, send
from vaglio_server.cursors import cursor_of

SORTS = ("name", "-name", "company", "-company", "created", "-created")
WHO = (
    ("zoe@acme.example", "Zoë", "Ähren"), ("anna@acme.example", "anna", "Rossi"), ("bruno@zeta.example", "Bruno", "ROSSI"),
    ("stefan@zeta.example", "Ștefan", "Popa"), ("nameless@beta.example", "", ""), ("ugo@gmail.com", "Ugo", "Bassi"),
)  # fmt: skip


def bring_people() -> None:
    names = ("email", "firstName", "lastName")
    calls = [{"type": "identify", "userId": who[0], "traits": {n: v for n, v in zip(names, who, strict=True) if v}} for who in WHO]
    send(make_source(), *calls, {"type": "page", "userId": "nobody", "properties": {"path": "/"}})


def walked(sort: str, size: int = 2) -> list[str]:
    """Return who stands in the list, page after page."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.crm.queries import page_of_leads

    found: list[str] = []
    cursor: str | None = None
    while True:
        page = page_of_leads(Lead.objects.present(), cursor=cursor, limit=size, sort=sort)
        found += [lead.name for lead in page.leads]
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_it_works(tables: Any) -> None:
    bring_people()
    by_name = walked("name")
    assert by_name == ["anna Rossi", "Bruno ROSSI", "nameless@beta.example", "Ștefan Popa", "Ugo Bassi", "Zoë Ähren", ""]
    assert walked("-name") == by_name[::-1]
    companies = walked("company")
    assert (
        companies[:2] == ["Zoë Ähren", "anna Rossi"] and companies[2] == "nameless@beta.example"
    )  # acme.example, beta.example, zeta.example
    assert set(companies[-2:]) == {"Ugo Bassi", ""}  # of no company
    assert walked("-company") == companies[::-1]
    assert walked("created") == walked("-created")[::-1]


def test_it_follows_names_companies_and_merges(tables: Any) -> None:
    from vaglio_server.crm.models import Account, Lead
    from vaglio_server.tracking.actions import merge_leads

    bring_people()
    send(make_source("other"), {"type": "identify", "userId": "zoe@acme.example", "traits": {"firstName": "Ada"}})
    assert walked("name")[0] == "Ada Ähren"
    Account.objects.filter(domain="zeta.example").update(name="Aaa")
    assert set(walked("company")[:2]) == {"Bruno ROSSI", "Ștefan Popa"}
    Lead.objects.filter(fields__email="ugo@gmail.com").update(account=Account.objects.get(domain="beta.example"))
    assert walked("company")[-1] == ""
    anna, bruno = leads()["anna@acme.example"], leads()["bruno@zeta.example"]
    merge_leads(lead=anna, other=bruno, by="test", at=AT)
    assert "Bruno ROSSI" not in walked("name")


def test_who_belongs_to_no_company_is_sorted_by_the_one_they_say(tables: Any) -> None:
    from vaglio_server.crm.models import Account, Lead

    bring_people()
    send(make_source("said"), {"type": "identify", "userId": "ugo@gmail.com", "traits": {"company": " Aaardvark S.p.A. "}})
    ugo = Lead.objects.get(fields__email="ugo@gmail.com")
    assert (ugo.account, ugo.works_at, walked("company")[0], walked("-company")[-1]) == (None, "Aaardvark S.p.A.", "Ugo Bassi", "Ugo Bassi")
    Lead.objects.filter(pk=ugo.pk).update(account=Account.objects.get(domain="beta.example"))
    assert Lead.objects.get(pk=ugo.pk).works_at == "beta.example" and walked("company")[0] == "Zoë Ähren"
    Lead.objects.filter(pk=ugo.pk).update(account=None, fields={"email": "ugo@gmail.com", "company": ["no", "text"]})
    assert Lead.objects.get(pk=ugo.pk).works_at == ""


@pytest.fixture(scope="module")
def thousands(database: Any) -> Iterator[None]:
    """Six thousand leads of three hundred companies, made once for all orders."""
    from vaglio_server.crm.models import Account, Lead

    empty_tables()
    drawn = random.Random(3)
    accounts = Account.objects.bulk_create(Account(name=f"Firm {n}", domain=f"firm{n}.example", created_at=AT) for n in range(300))
    made = [AT - timedelta(hours=drawn.randrange(9999)) for _n in range(6_000)]
    Lead.objects.bulk_create(
        Lead(fields={"first_name": f"N{drawn.randrange(900)}"}, account=drawn.choice(accounts), created_at=at) for at in made
    )
    as_if_new("crm_lead", "crm_leadorder", "crm_account")
    yield
    empty_tables()


@pytest.mark.parametrize("sort", SORTS)
def test_pages_are_read_in_the_order_of_an_index(thousands: None, sort: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.crm.models import Lead
    from vaglio_server.crm.queries import page_of_leads

    cursor_: str | None = None
    for _page in range(2):
        with CaptureQueriesContext(connection) as asked:
            page = page_of_leads(Lead.objects.present().select_related("account", "owner"), cursor=cursor_, limit=50, sort=sort)
        assert len(asked) == 1 and len(page.leads) == 50
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked[0]['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        index = f"order_{sort.removeprefix('-')}"
        assert f"{index} on crm_leadorder" in plan and "Sort" not in plan and "Seq Scan on crm_lead" not in plan, plan
        assert ("Backward" in plan) == sort.startswith("-")
        cursor_ = page.next_cursor
    everybody = walked(sort, 700)
    assert len(set(everybody)) > 5 and len(everybody) == 6_000


@pytest.mark.parametrize(
    "cursor", ["x", "[]", '["a"]', '["a", "1"]', '["a", true]', '["a", -1]', '["\\u0000", 1]', '["\\ud800", 1]', "[" * 3000, "[1, 2]"]
)
def test_it_rejects_a_cursor_that_no_page_gave(tables: Any, cursor: str) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.crm.queries import page_of_leads

    for sort in ("name", "created"):
        with pytest.raises(ValueError, match="none that this list gave"):
            page_of_leads(Lead.objects.all(), cursor=cursor_of(cursor), limit=5, sort=sort)
    with pytest.raises(ValueError, match="none that this list gave"):
        page_of_leads(Lead.objects.all(), cursor=cursor_of('["yesterday", 1]'), limit=5, sort="-created")


def test_the_list_is_sorted_in_the_address_and_in_files(tables: Any) -> None:
    from tests.server.web.people import make_people, signed_in

    bring_people()
    marta = signed_in(make_people()["marta"])
    page = marta.get("/leads?sort=-name").content.decode()
    places = [page.index(name) for name in ("Zoë", "Ugo", "Ștefan", "Bruno", "anna Rossi")]
    assert places == sorted(places)
    assert '<option value="-name" selected>' in page
    file = b"".join(marta.post("/leads/export.csv", {"query": "sort=name"}).streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[2] for line in file[1:3]] == ["anna", "Bruno"]
    assert '<option value="" selected>' in marta.get("/leads?sort=nonsense").content.decode()
    assert marta.get("/leads?sort=name&cursor=x").status_code == 400
