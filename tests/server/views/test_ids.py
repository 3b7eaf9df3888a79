"""Somebody copies an id out of another system: it finds the lead that has it, and no other."""

from typing import Any

from tests.server.imports.test_imports import marta  # noqa: F401
from tests.server.imports.test_undo import brought
from tests.server.web.people import make_people, signed_in
from tests.server.world import make_source, send

FILE = "Lead ID,Email\nL004126,anna@acme.example\nL0041267,dan@zeta.example\n"
CRM = (
    "Record ID,Email,Lifecycle Stage\n4126,eva@acme.example,lead\nL004126,ion@acme.example,lead\n"  # HubSpot's: its ids are not the file's
)


def found(client: Any, text: str) -> set[str]:
    mails = ("anna@acme.example", "dan@zeta.example", "eva@acme.example", "ion@acme.example", "leo@acme.example")
    page = client.get("/leads", {"q": text}, headers={"HX-Request": "true"}).content.decode()
    return {mail.partition("@")[0] for mail in mails if mail in page}


def test_an_id_finds_the_lead_that_a_file_or_a_sender_calls_so(marta: Any) -> None:  # noqa: F811
    brought(marta, FILE)
    brought(marta, CRM)
    send(make_source(), {"type": "identify", "userId": "u-77", "traits": {"email": "leo@acme.example"}})
    assert found(marta, "L004126") == found(marta, " l004126 ") == {"anna", "ion"}  # two systems call two people so
    assert found(marta, "salesforce:L004126") == {"anna"}
    assert found(marta, "4126") == {"eva"}
    assert found(marta, "u-77") == {"leo"}
    assert found(marta, "L00412") == set()  # the start of an id is none
    assert found(marta, "acme") == {"anna", "eva", "ion", "leo"}


def test_an_id_finds_nobody_whom_the_seller_may_not_see(tables: Any) -> None:
    people = make_people()
    brought(signed_in(people["marta"]), FILE)
    assert found(signed_in(people["luca"]), "L004126") == set()
    assert found(signed_in(people["vera"]), "L004126") == {"anna"}
