"""What happens to leads is written down for those who are told, in the transaction that did it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.imports.test_undo import brought
from tests.server.lifecycle.world import NOW, live, rated, take
from tests.server.web.people import make_people, signed_in
from tests.server.world import leads

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


def owners_told(lead: Any) -> list[tuple[Any, ...]]:
    return [(detail["owner_id"], detail["by"]) for kind, detail in told(lead) if kind == "lead.assigned"]


def test_whose_leads_become_by_a_merge_is_told() -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, tell_owners
    from vaglio_server.tracking.actions import merge_leads, undo_merge

    people = make_people()
    live()
    luca, jonas = people["luca"].pk, people["jonas"].pk
    lead, other = rated("D4"), rated("D4", owner=people["luca"])
    merge = merge_leads(lead=lead, other=other, by="marta", at=NOW)
    assert owners_told(lead) == [] and tell_owners(limit=9) == 1 and tell_owners(limit=9) == 0
    undo_merge(merge=merge, by="vera", at=NOW)
    tell_owners(limit=9)
    assert owners_told(lead) == [(luca, "marta"), (None, "vera")] and owners_told(other) == []
    # What somebody said meanwhile is not said otherwise afterwards.
    merge_leads(lead=lead, other=other, by="marta", at=NOW)
    assign_by_hand(leads=[lead.pk], owner=people["jonas"], by="ada", at=NOW)
    assert tell_owners(limit=9) == 1 and owners_told(lead)[2:] == [(jonas, "ada")]


def test_whose_leads_a_file_names_is_told() -> None:
    from vaglio_server.config.lifecycle import move_on
    from vaglio_server.lifecycle.actions import tell_owners

    people = make_people()
    marta, luca = signed_in(people["marta"]), people["luca"].pk
    made = brought(marta, "Email,Lead Owner\nanna@acme.example,Luca\ndan@zeta.example,luca@vaglio.example\neva@zeta.example,\n")
    anna, dan, eva = (leads()[f"{name}.example"] for name in ("anna@acme", "dan@zeta", "eva@zeta"))
    assert tell_owners(limit=1) == 1 and len(owners_told(anna) + owners_told(dan)) == 1
    assert move_on() == 1 and move_on() == 0  # as the worker does
    assert owners_told(anna) == owners_told(dan) == [(luca, made.bringer)] and owners_told(eva) == []


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
