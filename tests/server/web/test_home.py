"""Home: who waits for a call, and what to do before anybody does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import live, rated
from tests.server.web.people import make_people, signed_in
from tests.server.world import make_source, send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    found = make_people()
    live()
    return found


def test_whom_sales_has_answered_is_neither_counted_nor_called_first(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import LeadStage, Stage

    lead, other = rated("A1", owner=people["luca"]), rated("A1", owner=people["jonas"])
    type(lead).objects.update(rank=[1])  # as scoring writes it
    marta = signed_in(people["marta"])

    def stands(client: Any = marta) -> tuple[int, bool]:
        page = client.get("/").content.decode()
        number = next(n for n in range(3) if f"<h1>{n} lead" in page)
        return number, f'id="first-{lead.pk}"' in page

    assert stands() == (2, True)  # neither has a stage yet
    assert stands(signed_in(people["luca"])) == (1, True)
    LeadStage.objects.create(lead=lead, stage=Stage.MARKETING_QUALIFIED, since=datetime.now(UTC))
    for stage in Stage:
        LeadStage.objects.filter(pk=lead.pk).update(stage=stage)
        waits = stage in (Stage.INQUIRY, Stage.MARKETING_QUALIFIED)
        assert stands() == (1 + waits, waits), stage
        assert f'id="first-{other.pk}"' in marta.get("/").content.decode()
    LeadStage.objects.filter(pk=lead.pk).update(stage=Stage.MARKETING_QUALIFIED, postponed_until=datetime.now(UTC) + timedelta(days=1))
    assert stands() == (2, False)


def test_before_anything_is_known_that_people_did_the_next_step_is_named(people: dict[str, Any]) -> None:
    rated("A4")
    page = signed_in(people["marta"]).get("/").content.decode()
    assert "1 lead fits best (letter A)" in page and 'href="/sources">Connect a site' in page and 'href="/forms">Make a form' in page
    assert "Make a form" not in signed_in(people["vera"]).get("/").content.decode()
    send(make_source(), {"type": "track", "userId": "anna", "event": "Form Submitted"})
    assert "(letter A)" not in signed_in(people["marta"]).get("/").content.decode()
