"""A lead made by hand, as from a business card."""

from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.world import HOST, leads, make_field

pytestmark = pytest.mark.usefixtures("tables")
CARD = {
    "email": "Gina@Tessuti.example",
    "first_name": "Gina",
    "last_name": "Tessuti",
    "job_title": "Buyer",
    "company": "Tessuti & Figli",
    "country": "IT",
}


def test_it_works(people: dict[str, Any]) -> None:
    luca = signed_in(people["luca"])
    assert 'href="/leads/new"' in read(luca.get("/leads")) and 'name="job_title"' in read(luca.get("/leads/new"))
    page = luca.post("/leads/new", CARD | {"employees": "1200", "bant_budget": ""}, headers=HOST, follow=True)
    gina = leads()["gina@tessuti.example"]
    assert page.redirect_chain == [(f"/leads/{gina.pk}", 302)] and "Gina Tessuti is there" in read(page)
    kept = {name: gina.fields.get(name) for name in (*CARD, "employees", "bant_budget")}
    assert kept == CARD | {"email": "gina@tessuti.example", "employees": 1200, "bant_budget": None}
    assert gina.owner == people["luca"] and gina.due_at is not None


def test_whose_a_marketer_makes_is_for_the_rules_to_say(people: dict[str, Any]) -> None:
    signed_in(people["marta"]).post("/leads/new", CARD, headers=HOST)
    assert leads()["gina@tessuti.example"].owner is None


def test_who_is_there_already_is_shown_and_not_written_over(people: dict[str, Any]) -> None:
    luca, jonas = signed_in(people["luca"]), signed_in(people["jonas"])
    luca.post("/leads/new", CARD, headers=HOST)
    gina = leads()["gina@tessuti.example"]
    for one, said, has_link in ((luca, "is there already; nothing was changed", True), (jonas, "not yours to see", False)):
        answer = one.post("/leads/new", CARD | {"job_title": "Boss"}, headers=HOST)
        page = read(answer)
        assert answer.status_code == 422 and said in page and (f'href="/leads/{gina.pk}"' in page) == has_link
        assert 'value="Boss"' in page  # what was typed stays
    gina.refresh_from_db()
    assert gina.fields["job_title"] == "Buyer" and len(leads()) == 1


def test_every_fault_is_named_and_nothing_is_kept(people: dict[str, Any]) -> None:
    make_field("lead", "renewal", "date")
    marta = signed_in(people["marta"])
    answer = marta.post("/leads/new", CARD | {"email": "gina at tessuti", "employees": "many", "renewal": "soon"}, headers=HOST)
    page = read(answer).replace("&quot;", '"')
    assert answer.status_code == 422 and '"gina at tessuti" is no mail address' in page
    assert "employees: " in page and "renewal: " in page and 'value="many"' in page and "<details" in page
    assert "nothing is no mail address" in read(marta.post("/leads/new", CARD | {"email": " "}, headers=HOST))
    make_field("lead", "worth", "number")
    assert "write 1200 or 1.2" in read(marta.post("/leads/new", CARD | {"worth": "1.200"}, headers=HOST))
    assert leads() == {}


def test_whole_numbers_are_taken_as_pages_show_them(people: dict[str, Any]) -> None:
    signed_in(people["marta"]).post("/leads/new", CARD | {"employees": "1,200"}, headers=HOST)
    assert leads()["gina@tessuti.example"].fields["employees"] == 1200


def test_fields_that_are_found_out_are_not_asked_for(people: dict[str, Any]) -> None:
    marta = signed_in(people["marta"])
    page = read(marta.get("/leads/new"))
    assert not [name for name in ("is_suspicious", "lead_owner") if f'name="{name}"' in page]
    marta.post("/leads/new", CARD | {"is_suspicious": "true"}, headers=HOST)
    assert "is_suspicious" not in leads()["gina@tessuti.example"].fields


def test_who_only_reads_makes_none(people: dict[str, Any]) -> None:
    vera = signed_in(people["vera"])
    assert vera.get("/leads/new").status_code == 403 and 'href="/leads/new"' not in read(vera.get("/leads"))
