"""Records of which very much is known stay pages that can be read: so much is shown, and how much more there is is said."""

from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_records import ask
from tests.server.web.people import make_people, signed_in
from tests.server.world import AT, leads, make_contact, make_source, send
from vaglio_server.web.known import FIELDS, IDENTITIES

pytestmark = pytest.mark.usefixtures("tables")
DEVICES, LOOSE = 2_500, 1_200
MANY = "fields || (SELECT jsonb_object_agg('a_loose_' || n, 'v') FROM generate_series(1, %s) AS n)"


@pytest.fixture
def grown(tables: Any) -> Any:
    """Anna, her company and a contact, as they grew before there was a bound."""
    from django.db import connection

    traits = {"email": "anna@acme.example", "job_title": "CTO", "lead_source": "a fair"}
    send(make_source(), {"type": "identify", "userId": "anna", "traits": traits})
    lead = leads()["anna@acme.example"]
    make_contact(lead.account)
    with connection.cursor() as cursor:
        for table in ("crm_lead", "crm_account", "crm_contact"):
            cursor.execute(f"UPDATE {table} SET fields = {MANY}", [LOOSE])
        cursor.execute(
            """WITH made AS (
                INSERT INTO tracking_identity (kind, value) SELECT 'anonymous_id', 'device' || n FROM generate_series(1, %s) AS n
                RETURNING id
            ) INSERT INTO tracking_identitylink (identity_id, lead_id, known_at, by) SELECT id, %s, now(), 'events' FROM made""",
            [DEVICES, lead.pk],
        )
    return leads()["anna@acme.example"]


def test_the_page_of_a_lead_shows_so_much_and_says_how_much_more_there_is(grown: Any) -> None:
    page = signed_in(make_people()["marta"]).get(f"/leads/{grown.pk}").content.decode()
    assert (page.count("<dt>a loose "), page.count("<dt>company a loose ")) == (FIELDS - 1, FIELDS - 2)  # what is defined is among them
    assert "a fair" in page and "device1" in page
    assert page.count("/part") == IDENTITIES and "anna</span>" in page and "anna@acme.example</span>" in page
    more = [f"and {number:,} more, which the API gives" for number in (DEVICES + 2 - IDENTITIES, 2 * (LOOSE - FIELDS) + 3)]
    assert [page.count(each) for each in more] == [1, 1]
    assert len(page) < 400_000


@pytest.mark.parametrize(("kind", "rest"), [("companies", LOOSE - FIELDS), ("companies/contacts", LOOSE - FIELDS + 3)])
def test_so_do_those_of_companies_and_contacts(grown: Any, kind: str, rest: int) -> None:
    page = signed_in(make_people()["marta"]).get(f"/{kind}/1").content.decode()
    assert page.count("<dt>a loose ") == FIELDS - (3 if kind != "companies" else 0)
    assert f"and {rest:,} more, which the API gives" in page


def test_of_little_nothing_is_said_to_be_more(tables: Any) -> None:
    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    page = signed_in(make_people()["marta"]).get(f"/leads/{leads()['anna@acme.example'].pk}").content.decode()
    assert "which the API gives" not in page and "None" not in page


def test_the_api_gives_identities_by_a_thousand(grown: Any) -> None:
    found: list[dict[str, Any]] = []
    sizes = []
    while page := get(f"leads/{grown.pk}/identities", **({"cursor": found[-1]["id"]} if found else {})).json():
        sizes.append(len(page))
        found += page
    assert sizes == [1_000, 1_000, 502] and len({each["value"] for each in found}) == DEVICES + 2
    assert len(get(f"leads/{grown.pk}/identities", limit=5).json()) == 5
    assert get(f"leads/{grown.pk}/identities", cursor=2**80).json() == []


def test_one_identity_is_looked_up_alone(grown: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vaglio_server.tracking.queries import link_of

    last = get(f"leads/{grown.pk}/identities", cursor=DEVICES).json()[-1]
    with CaptureQueriesContext(connection) as asked:
        held = link_of(grown, last["id"])
    assert held is not None and held.identity.value == last["value"]
    assert len(asked) == 1 and "LIMIT 1" in asked[0]["sql"] and f"= {last['id']}" in asked[0]["sql"]
    assert ask("DELETE", f"leads/{grown.pk}/identities/{last['id']}").status_code == 200
    assert ask("DELETE", f"leads/{grown.pk}/identities/{last['id']}").status_code == 404
    assert ask("DELETE", f"leads/{grown.pk}/identities/{2**80}").status_code == 404


def test_a_field_that_somebody_defined_is_called_by_its_label(tables: Any) -> None:
    from vaglio_server.crm.actions import NewField, define_field

    define_field(field=NewField("lead", "fatturato_mln", "Fatturato (mln €)", "number"), by="test", at=AT)
    traits = {"email": "anna@acme.example", "fatturato_mln": 12, "lead_source": "fair", "not_defined": "x"}
    send(make_source(), {"type": "identify", "userId": "anna", "traits": traits})
    page = signed_in(make_people()["marta"]).get(f"/leads/{leads()['anna@acme.example'].pk}").content.decode()
    assert [called for called in ("Fatturato (mln €)", "lead source", "not defined") if f"<dt>{called}</dt>" not in page] == []
