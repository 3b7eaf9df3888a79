"""Sales accepts and rejects: once, with a reason, as data."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, live, rated, stage, take, verbs
from tests.server.web.people import make_people
from tests.server.world import audited
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    found = make_people()
    live()
    return found


def outcomes(lead: Any) -> list[tuple[str, str | None]]:
    return list(lead.outcomes.order_by("id").values_list("outcome", "reason"))


def test_accepting_works(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead
    from vaglio_server.lifecycle.models import SlaClock

    lead = rated("A1")
    take()
    first = accept_lead(lead=lead, seller=people["luca"], at=NOW + MINUTE)
    again = accept_lead(lead=lead, seller=people["luca"], at=NOW + 2 * MINUTE)  # a double click
    assert again == first and stage(lead) == "sales_accepted" and verbs(lead) == ["qualify", "accept"]
    assert outcomes(lead) == [("accepted", None)]
    clock = SlaClock.objects.get()
    assert clock.met_at == clock.ended_at == NOW + MINUTE
    assert audited("accept_lead") == [("luca", f"lead:{lead.pk}")]


def test_who_accepts_what_is_nobodys_has_it(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead

    lead = rated("C3")
    take()
    accept_lead(lead=lead, seller=people["jonas"], at=NOW)  # found by the seller, whatever its rating
    lead.refresh_from_db()
    assert lead.owner == people["jonas"] and stage(lead) == "sales_accepted"


def test_rejecting_works(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, reject_lead

    lead = rated("A1")
    take()
    made = reject_lead(lead=lead, why=Why("no_budget", " next year "), seller=people["luca"], at=NOW)
    assert (made.reason, made.note, stage(lead)) == ("no_budget", "next year", "recycled")
    assert reject_lead(lead=lead, why=Why("no_budget"), seller=people["luca"], at=NOW + MINUTE) == made
    assert outcomes(lead) == [("rejected", "no_budget")]


def test_it_rejects_a_verdict_without_a_reason(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, reject_lead

    lead = rated("A1")
    take()
    for why, said in (
        (Why(), "say why"),
        (Why("nonsense"), "say why"),
        (Why("other"), "in a few words"),
        (Why("no_need", "x" * 2_001), "at most 2,000"),
        (Why("no_need", "a\x00b"), "at most 2,000"),
    ):
        with pytest.raises(Refused, match=said):
            reject_lead(lead=lead, why=why, seller=people["luca"], at=NOW)
    assert stage(lead) == "marketing_qualified" and outcomes(lead) == []


def test_it_rejects_moves_that_lead_nowhere(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, move_lead, reject_lead

    lead = rated("A1")
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    with pytest.raises(Refused, match=r"a lead that is sales accepted cannot be moved so: reject starts from marketing qualified"):
        reject_lead(lead=lead, why=Why("no_need"), seller=people["luca"], at=NOW)
    with pytest.raises(Refused, match="accept starts from inquiry or marketing qualified or recycled"):
        accept_lead(lead=lead, seller=people["irina"], at=NOW)  # somebody else was first
    with pytest.raises(Refused, match="no move that somebody makes by hand"):
        move_lead(lead=lead, verb="win", by="luca", at=NOW)


def test_a_lead_goes_on_and_back(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, move_lead

    lead = rated("A1")
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    move_lead(lead=lead, verb="sales_qualify", by="luca", at=NOW)
    with pytest.raises(Refused, match="say why"):
        move_lead(lead=lead, verb="recycle", by="luca", at=NOW)
    move_lead(lead=lead, verb="recycle", why=Why("not_now"), by="luca", at=NOW)
    move_lead(lead=lead, verb="disqualify", why=Why("bad_data"), by="luca", at=NOW)
    move_lead(lead=lead, verb="reopen", by="marta", at=NOW)
    assert verbs(lead) == ["qualify", "accept", "sales_qualify", "recycle", "disqualify", "reopen"] and stage(lead) == "inquiry"


def test_nobody_moves_a_lead_that_is_part_of_another(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead
    from vaglio_server.tracking.actions import merge_leads

    lead, other = rated("A1"), rated("A1")
    merge_leads(lead=lead, other=other, by="test", at=NOW)
    with pytest.raises(Refused, match="merged into lead"):
        accept_lead(lead=other, seller=people["luca"], at=NOW)
