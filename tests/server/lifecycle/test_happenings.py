"""What happens to leads is written down for those who are told, in the transaction that did it."""

from datetime import timedelta

import pytest

from tests.server.lifecycle.world import NOW, live, rated, take
from tests.server.web.people import make_people

pytestmark = pytest.mark.usefixtures("tables")


def told(lead: object) -> list[tuple[str, dict[str, object]]]:
    from vaglio_server.lifecycle.models import Happening

    return list(Happening.objects.filter(lead=lead).order_by("id").values_list("kind", "detail"))


def test_it_works() -> None:
    from vaglio_server.lifecycle.actions import Why, find_breaches, reject_lead

    people = make_people()
    live()
    lead = rated("A1", owner=None)
    take()
    for _look in range(2):
        find_breaches(at=NOW + timedelta(minutes=61))
    lead.refresh_from_db()
    reject_lead(lead=lead, why=Why("no_need"), seller=people["luca"], at=NOW + timedelta(days=9))
    happened = told(lead)
    assert [kind for kind, _detail in happened] == [
        "rating.crossed", "stage.changed", "lead.assigned", "clock.breached", "clock.escalated", "stage.changed", "verdict.given",
        "nurture.entered",
    ]  # fmt: skip
    crossed, moved, assigned, breached, escalated, _back, verdict, nurtured = (detail for _kind, detail in happened)
    assert (crossed["rating_before"], crossed["rating_after"]) == (None, "A1")
    assert (moved["from"], moved["to"], moved["by"]) == ("inquiry", "marketing_qualified", "lifecycle")
    assert assigned["owner_id"] == breached["owner_id"] == lead.owner_id and breached["rating"] == "A1"
    assert escalated == {"step": "owner", "turn": 0, "rating": "A1", "owner_id": lead.owner_id, "to_id": lead.owner_id}
    assert nurtured == {"list": "newsletter", "rating": "A1", "why": "recycled"}
    assert (verdict["verdict"], verdict["reason"], verdict["by"]) == ("rejected", "no_need", "luca")


def test_what_did_not_happen_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.lifecycle.actions import crossings
    from vaglio_server.lifecycle.models import Happening

    make_people()
    live()
    rated("A1")

    def broken(*_given: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(crossings, "give", broken)
        with pytest.raises(RuntimeError):
            take()
    assert not Happening.objects.exists()
    take()
    assert Happening.objects.count() == 3


def test_it_is_forgotten_once_nobody_waits_for_it() -> None:
    from vaglio_server.lifecycle.actions import forget_happenings
    from vaglio_server.lifecycle.models import Happening

    make_people()
    live()
    take_one = rated("A1")
    take()
    assert forget_happenings(at=NOW + timedelta(days=900)) == 0  # they wait
    Happening.objects.filter(kind="lead.assigned").update(webhooks_wait=False, mails_wait=False)
    assert forget_happenings(at=NOW + timedelta(days=1)) == 0
    assert forget_happenings(at=NOW + timedelta(days=900)) == 1
    assert [kind for kind, _detail in told(take_one)] == ["rating.crossed", "stage.changed"]
