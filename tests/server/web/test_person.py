"""Personal data: looked for by a mail address, given out as a file, erased once it was typed who that is, let in again."""

import io
import zipfile
from typing import Any

import pytest

from tests.server.privacy.test_erasing import MAIL, hits, identify
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import leads, make_source, send

ROLES = ("marta", "luca", "vera")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    """Everybody; she is a lead by events, and so is Bob."""
    send(make_source(), identify(MAIL, "canary-1", first_name="Canary"), identify("bob@nest.example", "bob"))
    return make_people()


@pytest.fixture
def ada(people: dict[str, Any]) -> Any:
    """An administrator's client."""
    return signed_in(people["ada"])


def test_she_is_looked_for_and_given_out(ada: Any) -> None:
    page = read(ada.get("/person", {"email": f" {MAIL.upper()} "}))
    assert "These are one person" in page and f'href="/leads/{leads()[MAIL].pk}">Canary' in page
    assert "canary-1-device" in page and "bob@" not in page
    assert "No record of theirs is stored" in read(ada.get("/person", {"email": "nobody@nest.example"}))
    assert "nobody is no mail address." in read(ada.get("/person", {"email": "nobody"}))
    answer = ada.post(f"/person/give-out?lead={leads()[MAIL].pk}")
    assert answer["Content-Disposition"] == 'attachment; filename="person.zip"' and answer["Cache-Control"] == "no-store"
    assert "crm_lead.csv" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_she_is_erased_once_it_is_typed_who_she_is(ada: Any) -> None:
    here = f"/person/erase?lead={leads()[MAIL].pk}"
    page = read(ada.post(here, {"sure": "bob@nest.example"}, follow=True))
    assert f"Nothing was erased: what you typed is not {MAIL}" in page and MAIL in leads()
    assert "These are one person" in page  # one goes on from there
    page = read(ada.post(here, {"sure": MAIL.title()}, follow=True))
    assert "Erased. Backups from before still hold them" in page and "not taken in again" in page
    assert set(leads()) == {"bob@nest.example"}
    ada.get("/")  # what was said on the page is not kept
    assert hits() == []
    assert "nothing is stored of whoever this is" in read(ada.post(here, {"sure": MAIL}, follow=True))
    page = read(ada.post("/person/let-in", {"email": "other@nest.example"}, follow=True))
    assert "Nobody with other@nest.example was erased." in page
    assert f"{MAIL} is taken in again when it comes." in read(ada.post("/person/let-in", {"email": MAIL}, follow=True))


def test_who_has_no_mail_address_is_erased_by_a_word(ada: Any) -> None:
    from vaglio_server.crm.models import Lead

    others = hits()
    send(make_source("app"), {"type": "identify", "userId": "9", "traits": {"first_name": "Canary"}})
    lead = Lead.objects.order_by("-id").first()
    assert lead is not None and "To be sure, type erase" in read(ada.get("/person", {"lead": lead.pk}))
    ada.post(f"/person/erase?lead={lead.pk}", {"sure": "erase"})
    assert not Lead.objects.filter(pk=lead.pk).exists() and len(hits()) == len(others)


@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_do_so(people: dict[str, Any], role: str) -> None:
    client = signed_in(people[role])
    lead = leads()[MAIL].pk
    assert client.get("/person", {"lead": lead}).status_code == 403
    for page in ("give-out", "erase", "let-in"):
        assert client.post(f"/person/{page}?lead={lead}", {"sure": MAIL, "email": MAIL}).status_code == 403
    assert MAIL in leads()
    assert "Give out or erase" not in read(client.get(f"/leads/{lead}"))


def test_a_lead_leads_there(ada: Any) -> None:
    lead = leads()[MAIL].pk
    assert f'href="/person?lead={lead}"' in read(ada.get(f"/leads/{lead}"))
