"""Contacts are made, edited, found, and seen by those who may."""

from typing import Any

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, audited, history, make_account, make_contact, make_field
from vaglio_server.crm.actions import FaultyValues, Told, create_contact, edit_contact
from vaglio_server.crm.models import Contact

pytestmark = pytest.mark.usefixtures("tables")


def edit(contact: Any, links: dict[str, Any] | None = None, **fields: Any) -> Any:
    return edit_contact(contact=contact, told=Told(fields=fields, links=links or {}), by="test", at=AT)


def test_it_works() -> None:
    acme, owner = make_account(), make_people()["luca"]
    make_field("contact", "newsletter", "boolean")
    anna = make_contact(acme, owner, newsletter="true", job_title=" CTO ")
    assert (anna.name, anna.account, anna.owner, anna.fields["newsletter"], anna.fields["job_title"]) == (
        "Anna Rossi", acme, owner, True, "CTO"
    )  # fmt: skip
    edit(anna, {"owner": None}, job_title="CEO", newsletter=True, phone=None)
    edit(anna, last_name=None)
    assert history(anna)[-3:] == [("owner_id", None), ("job_title", "CEO"), ("last_name", None)]
    assert history(anna)[:2] == [("account_id", str(acme.pk)), ("owner_id", str(owner.pk))]
    assert Contact.objects.get().name == "Anna"
    subject = f"contact:{anna.pk}"
    assert (audited("create_contact"), audited("edit_contact")) == ([("test", subject)], [("test", subject)] * 2)


def test_it_rejects_somebody_without_a_name_and_a_field_that_is_none() -> None:
    with pytest.raises(FaultyValues) as found:
        create_contact(told=Told(fields={"job_title": 5, "colour": "red"}), by="test", at=AT)
    assert [fault.partition(":")[0] for fault in found.value.faults] == ["job_title", "colour", "last_name"]
    anna = make_contact(email=None)
    with pytest.raises(FaultyValues, match="needs a name or a mail address"):
        edit(anna, first_name=" ", last_name=None)
    assert Contact.objects.get().name == "Anna Rossi"


def test_contacts_are_found_by_their_words_and_their_companys() -> None:
    acme = make_account(name="Țărușă SpA")
    make_contact(acme)
    make_contact(first_name="Bob", last_name="Weiß", email="bob@beta.example")
    for text, names in (
        ("ros", ["Anna Rossi"]),
        ("tarusa", ["Anna Rossi"]),
        ("beta", ["Bob Weiß"]),
        ("x", []),
        ("", ["Anna Rossi", "Bob Weiß"]),
    ):
        assert [each.name for each in Contact.objects.found_by(text).order_by("pk")] == names, text


def test_sellers_see_their_own_and_their_teams() -> None:
    people = make_people()
    for name in ("luca", "irina", "jonas"):
        make_contact(owner=people[name], last_name=name)
    make_contact(last_name="nobody's")
    seen = {name: [each.fields["last_name"] for each in Contact.objects.visible_to(user).order_by("pk")] for name, user in people.items()}
    assert seen["luca"] == seen["irina"] == ["luca", "irina"]
    assert seen["jonas"] == ["jonas"]
    assert len(seen["vera"]) == len(seen["marta"]) == len(seen["ada"]) == 4
