"""Leads found by words: by their own, and by those of their companies; few and many are found in two ways with one result."""

from typing import Any

import pytest

from tests.server.world import make_source, send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.mark.parametrize("rare", [0, 1, 100])
def test_it_works(monkeypatch: pytest.MonkeyPatch, rare: int) -> None:
    from vaglio_server.crm.models import Lead, records

    monkeypatch.setattr(records, "RARE", rare)

    def person(user: str, first: str, domain: str) -> dict[str, Any]:
        return {"type": "identify", "userId": user, "traits": {"email": f"{user}@{domain}", "firstName": first}}

    send(make_source(), person("u1", "Anna", "acme.example"), person("u2", "Bruno", "acme.example"), person("u3", "Ștefan", "gmail.com"))

    def found(text: str) -> set[str]:
        return {str(lead.fields["email"])[:2] for lead in Lead.objects.found_by(text)}

    assert found("ann") == {"u1"}
    assert found("acme") == {"u1", "u2"}
    assert found("stefan") == {"u3"}
    assert found("nobody") == set()
    assert found("") == {"u1", "u2", "u3"}


def test_words_follow_the_fields() -> None:
    from vaglio_server.crm.models import Lead

    source = make_source()
    send(source, {"type": "identify", "userId": "u1", "traits": {"email": "u1@acme.example", "firstName": "Anna"}})
    send(source, {"type": "identify", "userId": "u1", "traits": {"firstName": "Carla"}})
    assert (Lead.objects.found_by("anna").count(), Lead.objects.found_by("carla").count()) == (0, 1)
