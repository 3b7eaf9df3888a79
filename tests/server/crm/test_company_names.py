"""What a company is called that nobody made by hand: as the first of its people says, else its domain."""

from typing import Any

import pytest

from tests.server.world import make_source, send

pytestmark = pytest.mark.usefixtures("tables")


def person(name: str, domain: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": f"{name}@{domain}", "traits": {"email": f"{name}@{domain}", **traits}}


def companies() -> dict[str, str]:
    from vaglio_server.crm.models import Account

    return {account.domain: account.name for account in Account.objects.all()}


def test_a_new_company_is_called_as_its_first_person_says() -> None:
    send(
        make_source(),
        person("anna", "acme.example", company="  Acme   S.p.A. "),
        person("bob", "acme.example", company="ACME"),
        person("eva", "beta.example"),
        person("otto", "gamma.example", company="G" * 201),
        person("ida", "delta.example", company={"id": 7}),
        person("free", "gmail.com", company="A shop"),
    )
    assert companies() == {
        "acme.example": "Acme S.p.A.", "beta.example": "beta.example", "gamma.example": "gamma.example", "delta.example": "delta.example",
    }  # fmt: skip


def test_one_that_is_there_keeps_its_name_and_models_read_it() -> None:
    from vaglio_server.crm.models import Account, Lead

    source = make_source()
    send(source, person("anna", "acme.example", company="Acme"))
    send(source, person("bob", "acme.example", company="Another"))
    acme = Account.objects.get()
    assert (acme.name, acme.fields) == ("Acme", {"name": "Acme", "domain": "acme.example"})
    assert Lead.objects.filter(account=acme).count() == 2
