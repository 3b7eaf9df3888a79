"""Retention: decided after seeing what would go; by administrators alone."""

from typing import Any

import pytest

from tests.server.privacy.test_erasing import MAIL
from tests.server.privacy.test_retention import age, delete, later, two_leads
from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import leads

ROLES = ("marta", "luca", "vera")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    """Everybody, and two leads who said nothing for thirty months."""
    two_leads()
    age(30)
    return make_people()


def test_it_is_decided_after_seeing_what_would_go(people: dict[str, Any]) -> None:
    from vaglio_server.privacy.models import Retention

    ada = signed_in(people["ada"])
    page = read(ada.get("/retention"))
    assert "Everything is kept until you decide otherwise" in page and "Nothing yet." in page and "What would go" not in page
    page = read(ada.get("/retention", {"requests": "13", "people": " 24 "}))
    for what, many in (("Requests", 1), ("Leads, at most", 2), ("Devices", 1)):
        assert f"<dt>{what}</dt><dd>{many}</dd>" in page
    assert not Retention.objects.exists()
    page = read(ada.post("/retention/set", {"requests": "13", "people": "24"}, follow=True))
    assert "It is kept so." in page and 'value="13"' in page and 'value="24"' in page and "Looked for again from" in page
    assert "decided how long things are kept:" in read(ada.get("/audit"))
    delete(later(0))
    page = read(ada.get("/retention"))
    assert "2 leads, 1 device, " in page and "1 request, " in page and MAIL not in leads()
    assert "Nobody yet." in read(ada.get("/person"))  # nobody was erased
    page = read(ada.post("/retention/set", {"requests": "", "people": ""}, follow=True))
    assert "Everything is kept, for ever." in page


@pytest.mark.parametrize(("requests", "people_", "said"), [
    ("thirteen", "", "thirteen is no whole number of months"),
    ("-1", "", "-1 is no whole number of months"),
    ("13", "2", "2 months; keep them from 3 to 240 months"),
    ("", "24", "keep them no longer than people, at most 24 months"),
])  # fmt: skip
def test_it_rejects_other_periods(people: dict[str, Any], requests: str, people_: str, said: str) -> None:
    from vaglio_server.privacy.models import Retention

    ada = signed_in(people["ada"])
    answer = ada.get("/retention", {"requests": requests, "people": people_})
    assert answer.status_code == 422 and said in read(answer) and f'value="{requests}"' in read(answer)
    assert said in read(ada.post("/retention/set", {"requests": requests, "people": people_}, follow=True))
    assert not Retention.objects.exists()


@pytest.mark.parametrize("role", ROLES)
def test_it_requires_an_administrator(people: dict[str, Any], role: str) -> None:
    client = signed_in(people[role])
    assert client.get("/retention").status_code == 403
    assert client.post("/retention/set", {"requests": "1"}).status_code == 403
    assert "/retention" not in read(client.get("/"))
