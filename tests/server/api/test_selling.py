"""What sales does with leads by the API, and what it is told of them: the same roles as on the pages."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_stages import call, token_of
from tests.server.kept import kept
from tests.server.lifecycle.world import people_and_model, rated, take
from tests.server.web.people import signed_in
from tests.server.world import HOST, audited, make_account

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(people_and_model)


def now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def count_of_queries(path: str, key: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert get(path, key).status_code == 200
    return len(asked)


def test_a_lead_says_whose_it_is_and_where_it_stands_for_many_at_once(people: dict[str, Any]) -> None:
    account, key = make_account(), token_of(people["ada"])
    mine, idle = rated("A1", owner=people["luca"], account=account), rated("C4", account=account)
    take()
    told = {each["id"]: (each["owner"], each["stage"]) for each in get("leads", key).json()["leads"]}
    assert told == {mine.pk: ("luca", "marketing_qualified"), idle.pk: (None, "inquiry")}
    detail = get(f"leads/{mine.pk}", key).json()
    assert (detail["owner"], detail["stage"]) == ("luca", "marketing_qualified")
    those = {each["id"]: (each["owner"], each["stage"]) for each in get(f"accounts/{account.pk}", key).json()["leads"]}
    assert those == told
    (waiting,) = get("inbox", key).json()
    assert (waiting["lead"]["owner"], waiting["lead"]["stage"]) == told[mine.pk]
    paths = ("leads", f"accounts/{account.pk}", "inbox")
    few = [count_of_queries(path, key) for path in paths]
    for _ in range(6):
        rated("A2", owner=people["jonas"], account=account)
    take()
    assert [count_of_queries(path, key) for path in paths] == few


def test_a_seller_is_not_told_which_lead_that_they_do_not_see_has_an_address(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead

    hers, mine = ({"email": f"{name}@x.example"} for name in ("hers", "mine"))
    assert call("post", "leads", {"fields": hers}, key=token_of(people["marta"])).status_code == 201
    luca = token_of(people["luca"])
    own = call("post", "leads", {"fields": mine}, key=luca).json()["id"]
    made = call("post", "leads", {"fields": hers}, key=luca)
    edited = call("patch", f"leads/{own}", {"fields": hers}, key=luca)
    assert made.status_code == edited.status_code == 409
    assert edited.json() == made.json()
    other = Lead.objects.exclude(pk=own).get()
    assert f"is lead {other.pk};" in call("patch", f"leads/{own}", {"fields": hers}, key=token_of(people["marta"])).json()["title"]
    told = {"field": "email", "value": hers["email"]}
    page = signed_in(people["luca"]).post(f"/leads/{own}/do/change", told, headers=HOST | {"HX-Request": "true"})
    assert "not yours to see" in page.content.decode()


def test_a_lead_is_given_to_a_seller_and_to_nobody(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    marta, luca, vera = (token_of(people[name]) for name in ("marta", "luca", "vera"))
    here = f"leads/{lead.pk}/owner"
    assert call("put", here, {"owner": "irina"}, key=vera).status_code == 403
    assert call("put", here, {"owner": "jonas"}, key=luca).status_code == 404  # of another team
    assert call("put", here, {"owner": "irina"}, key=luca).json()["owner"] == "irina"
    assert call("put", here, {"owner": "jonas"}, key=marta).json()["owner"] == "jonas"
    for nobody in ("marta", "nobody", "a\x00b"):
        assert call("put", here, {"owner": nobody}, key=marta).status_code == 404
    assert call("put", here, {"owner": "luca"}, key=luca).status_code == 404  # it is another team's now
    assert call("put", here, {"owner": None}, key=marta).json()["owner"] is None
    assert call("put", here, {}, key=marta).status_code == 422
    assert [by for by, _subject in audited("assign_leads")] == ["luca", "marta", "marta"]


def test_a_clock_stands_while_one_waits_for_the_lead(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(now())
    luca, jonas, marta = (token_of(people[name]) for name in ("luca", "jonas", "marta"))
    here = f"leads/{lead.pk}"
    for verb in ("pause", "resume"):
        assert call("post", f"{here}/{verb}", key=marta).status_code == 403
        assert call("post", f"{here}/{verb}", key=jonas).status_code == 404
    assert call("post", f"{here}/resume", key=luca).status_code == 409
    since = call("post", f"{here}/pause", key=luca).json()["paused_since"]
    assert since is not None and call("post", f"{here}/pause", key=luca).json()["paused_since"] == since
    assert get("inbox", luca).json()[0]["paused_since"] == since
    assert call("post", f"{here}/resume", key=luca).json()["paused_since"] is None
    call("post", f"{here}/accept", key=luca)
    assert call("post", f"{here}/pause", key=luca).status_code == 409
    assert [audited("pause_clock"), audited("resume_clock")] == [[("luca", f"lead:{lead.pk}")]] * 2


def test_what_was_accepted_by_mistake_is_undone(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(now())
    luca, jonas, marta = (token_of(people[name]) for name in ("luca", "jonas", "marta"))
    here = f"leads/{lead.pk}"
    before = get(f"{here}/stage", luca).json()
    assert call("post", f"{here}/unaccept", key=luca).status_code == 409
    assert call("post", f"{here}/accept", key=luca).json()["stage"] == "sales_accepted"
    assert [call("post", f"{here}/unaccept", key=key).status_code for key in (marta, jonas)] == [403, 404]
    for _ in range(2):
        said = call("post", f"{here}/unaccept", key=luca).json()
        assert [said[name] for name in ("stage", "since", "due_at")] == [before[name] for name in ("stage", "since", "due_at")]
    assert [each["verb"] for each in said["moves"]] == ["unaccept", "accept", "qualify"]


def test_a_lead_that_waits_is_postponed_and_one_in_work_has_a_next_step(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(now())
    luca, jonas, marta = (token_of(people[name]) for name in ("luca", "jonas", "marta"))
    later = now() + timedelta(days=3)
    until, here = {"until": later.isoformat()}, f"leads/{lead.pk}"
    assert call("post", f"{here}/postpone", until, key=marta).status_code == 403
    assert call("post", f"{here}/postpone", until, key=jonas).status_code == 404
    assert call("post", f"{here}/postpone", {"until": "2026-01-01T00:00:00Z"}, key=luca).status_code == 409
    said = call("post", f"{here}/postpone", until, key=luca).json()
    assert said["postponed_until"].startswith(later.isoformat()[:19]) and get("inbox", luca).json() == []
    assert call("post", f"{here}/show-again", {}, key=marta).status_code == 403
    said = call("post", f"{here}/show-again", {}, key=luca).json()
    assert said["postponed_until"] is None and len(get("inbox", luca).json()) == 1
    assert call("post", f"{here}/show-again", {}, key=luca).status_code == 409
    assert call("post", f"{here}/postpone", until, key=luca).status_code == 200
    step = {"step": "show the suite", "at": later.isoformat()}
    assert call("put", f"{here}/next-step", step, key=luca).status_code == 409  # nobody has taken it on
    call("post", f"{here}/accept", key=luca)
    assert call("put", f"{here}/next-step", step, key=marta).status_code == 403
    assert call("put", f"{here}/next-step", {"step": "call"}, key=luca).status_code == 409  # without a day
    said = call("put", f"{here}/next-step", step, key=luca).json()
    assert (said["next_step"], said["next_step_at"][:19]) == ("show the suite", later.isoformat()[:19])
    assert get(f"{here}/stage", luca).json()["next_step"] == "show the suite"
    none = call("put", f"{here}/next-step", {"step": ""}, key=luca).json()
    assert (none["next_step"], none["next_step_at"]) == ("", None)


def test_what_lies_idle_is_told_by_why_and_mended(people: dict[str, Any]) -> None:
    from django.test import override_settings

    from vaglio_server.lifecycle.models import LeadStage

    nobodys, late, left = (rated("A1", owner=people["luca"]) for _ in range(3))
    other = rated("A1", owner=people["jonas"])
    take(now())
    luca, marta, vera = (token_of(people[name]) for name in ("luca", "marta", "vera"))
    call("post", f"leads/{left.pk}/accept", key=luca)
    type(late).objects.filter(pk=nobodys.pk).update(owner=None)
    late_since = now() - timedelta(days=9)
    late.clocks.all().delete()
    LeadStage.objects.filter(lead=late).update(since=late_since)
    LeadStage.objects.filter(lead=left).update(since=now() - timedelta(hours=5))
    found = {each["why"]: each for each in get("idle", luca).json()}
    assert {why: [row["lead"]["id"] for row in each["leads"]] for why, each in found.items()} == {
        "nobodys": [nobodys.pk], "unanswered": [late.pk], "left": [left.pk]
    }  # fmt: skip
    assert (found["left"]["count"], found["left"]["is_more"], found["left"]["leads"][0]["lead"]["stage"]) == (1, False, "sales_accepted")
    assert found["unanswered"]["leads"][0]["since"].startswith(late_since.isoformat()[:19])
    LeadStage.objects.filter(lead=other).update(stage="sales_accepted")
    get("idle", marta)  # that a token is used is written down the first time
    few = count_of_queries("idle", marta)
    more = [rated("A2", owner=people["jonas"]) for _ in range(4)]
    take(now())
    LeadStage.objects.filter(lead__in=more).update(stage="sales_accepted")
    assert count_of_queries("idle", marta) == few and len(get("idle?limit=1", marta).json()[2]["leads"]) == 1
    assert call("post", "idle/mend", {"why": "nobodys", "mend": "give"}, key=vera).status_code == 403
    assert call("post", "idle/mend", {"why": "nobodys", "mend": "recycle"}, key=marta).status_code == 422
    assert call("post", "idle/mend", {"why": "nobodys", "mend": "give", "leads": [late.pk, 2**70]}, key=marta).json() == {"count": 0}
    assert call("post", "idle/mend", {"why": "nobodys", "mend": "give"}, key=marta).json() == {"count": 1}
    remind = {"why": "unanswered", "mend": "remind"}
    assert call("post", "idle/mend", remind, key=marta).status_code == 409  # nothing sends mails here
    with override_settings(CAN_MAIL=True):
        assert call("post", "idle/mend", remind, key=luca).status_code == 403  # whose they are
        assert call("post", "idle/mend", remind, key=marta).json() == {"count": 1}
    assert call("post", "idle/mend", {"why": "left", "mend": "recycle"}, key=marta).status_code == 403  # that is for sales to say
    assert call("post", "idle/mend", {"why": "left", "mend": "recycle"}, key=luca).json() == {"count": 1}
    assert (
        get(f"leads/{left.pk}", luca).json()["stage"] == "recycled" and get(f"leads/{other.pk}", marta).json()["stage"] == "sales_accepted"
    )


def test_what_came_of_leads_after_hand_over_is_for_who_looks_after_all(people: dict[str, Any]) -> None:
    accepted, rejected, waiting = (rated(rating, owner=people["luca"]) for rating in ("A1", "A1", "B1"))
    type(accepted).objects.filter(pk=accepted.pk).update(fields={"lead_source": "fair"})
    take(now())
    luca, vera = token_of(people["luca"]), token_of(people["vera"])
    call("post", f"leads/{accepted.pk}/accept", key=luca)
    call("post", f"leads/{rejected.pk}/reject", {"reason": "no_need", "note": "has one"}, key=luca)
    assert get("handed", luca).status_code == 403 == get("handed/shares", luca).status_code
    page = get("handed", vera, limit=2).json()
    rest = get("handed", vera, cursor=page["next_cursor"]).json()
    rows = {each["lead"]["id"]: each for each in page["handed"] + rest["handed"]}
    assert len(page["handed"]) == 2 and rest["next_cursor"] is None
    told = {lead: (each["verb"], each["reason"], each["note"], each["by"], each["lead"]["stage"]) for lead, each in rows.items()}
    assert told == {
        accepted.pk: ("accept", None, "", "luca", "sales_accepted"),
        rejected.pk: ("reject", "no_need", "has one", "luca", "recycled"),
        waiting.pk: (None, None, "", None, "marketing_qualified"),
    }
    assert [each["lead"]["id"] for each in get("handed", vera, source="fair").json()["handed"]] == [accepted.pk]
    assert len(get("handed", vera, source="").json()["handed"]) == 2
    assert [each["lead"]["id"] for each in get("handed", vera, stage="recycled").json()["handed"]] == [rejected.pk]
    assert get("handed", vera, since=(now() + timedelta(hours=1)).isoformat()).json()["handed"] == []
    assert get("handed", vera, stage="nowhere").status_code == 422 == get("handed/shares", vera, by="moon").status_code
    shares = get("handed/shares", vera).json()
    assert {each["key"]: (each["came"], each["accepted"], each["rejected"], each["waiting"]) for each in shares["shares"]} == {
        "A1": (2, 1, 1, 0), "B1": (1, 0, 0, 1)
    }  # fmt: skip
    (first,) = [each for each in shares["shares"] if each["key"] == "A1"]
    assert first["low"] < first["acceptance_share"] == 0.5 < first["high"]
    assert shares["reasons"] == [{"reason": "no_need", "count": 1}] and shares["agreement"]["kappa"] is None
    assert {each["key"] for each in get("handed/shares", vera, by="source").json()["shares"]} == {"fair", ""}
    few = count_of_queries("handed", vera)
    for _ in range(3):
        rated("A1", owner=people["jonas"])
    take(now())
    assert count_of_queries("handed", vera) == few


def test_routing_is_read_by_who_looks_after_it(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import (
        Hours,
        Ruling,
        Selling,
        Sharing,
        change_rule,
        create_rule,
        keep_calendar,
        set_queue,
        set_seller,
    )

    luca, at = people["luca"], now()
    hours = Hours("Office", "Europe/Rome", ["9:00-18:00"] * 5 + [""] * 2, "2026-12-25", is_default=True)
    calendar = keep_calendar(calendar=None, says=hours, by="ada", at=at)
    set_queue(team=luca.team, says=Sharing(luca, "load", True, people["jonas"].team), by="ada", at=at)
    set_seller(user=luca, says=Selling(2, 30, calendar, at - timedelta(days=1), at + timedelta(days=1)), by="ada", at=at)
    rule = create_rule(says=Ruling("Italy", team=luca.team), by="ada", at=at)
    change_rule(rule=rule, says=Ruling("Italy", ["lead.country:is:IT"], ["A1"], luca.team, None, is_on=False), by="ada", at=at)
    create_rule(says=Ruling("Others", user=people["jonas"]), by="ada", at=at)
    lead = rated("A2")
    take(at)
    marta = token_of(people["marta"])
    for path in ("rules", "teams", "sellers", "calendars"):
        assert get(f"routing/{path}", token_of(luca)).status_code == 403 == get(f"routing/{path}", token_of(people["vera"])).status_code
    told = [(each["name"], each["team"], each["seller"], each["is_on"], each["ratings"], each["sent"]) for each in rules_of(marta)]
    assert told == [("Italy", "south", None, False, ["A1"], 0), ("Others", None, "jonas", True, [], 1)]
    assert rules_of(marta)[0]["conditions"] == ["lead.country:is:IT"]
    assert get("routing/teams", marta).json() == [
        {"id": people["jonas"].team_id, "name": "north", "leader": None, "share": "mix", "is_at_work_first": False, "hands_over_to": None},
        {"id": luca.team_id, "name": "south", "leader": "luca", "share": "load", "is_at_work_first": True, "hands_over_to": "north"},
    ]
    sellers = {each["name"]: each for each in get("routing/sellers", marta).json()}
    assert set(sellers) == {"luca", "irina", "jonas"} and (sellers["jonas"]["open"], sellers["jonas"]["is_there"]) == (1, True)
    assert [sellers["luca"][name] for name in ("team", "weight", "capacity", "calendar", "is_there")] == ["south", 2, 30, "Office", False]
    (office,) = get("routing/calendars", marta).json()
    assert (office["timezone"], office["week"][0], office["week"][6], office["is_default"]) == ("Europe/Rome", [[540, 1080]], [], True)
    assert lead.pk and office["holidays"]


def rules_of(key: str) -> list[Any]:
    return list(get("routing/rules", key).json())


def test_pipelines_are_read_by_everybody_and_the_mapping_by_who_keeps_it(people: dict[str, Any]) -> None:
    from vaglio_server.crm.actions import set_pipeline
    from vaglio_server.crm.logic.pipelines import StageSaid

    stages = [StageSaid("Talks", 20, "open"), StageSaid("Won", 100, "won")]
    made = set_pipeline(pipeline=None, name="Sales", stages=stages, by="ada", at=now())
    vera, marta = token_of(people["vera"]), token_of(people["marta"])
    (told,) = get("pipelines", vera).json()
    assert (told["id"], told["name"]) == (made.pk, "Sales")
    assert [(each["name"], each["probability_percent"], each["outcome"]) for each in told["stages"]] == [
        ("Talks", 20, "open"),
        ("Won", 100, "won"),
    ]
    assert get("conversion-mapping", vera).status_code == 403 == get("conversion-mapping", token_of(people["luca"])).status_code
    assert {"source": "email", "record": "contact", "target": "email", "overwrites": False} in get("conversion-mapping", marta).json()


def test_a_second_opinion_is_given_without_being_told_the_first(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import SecondOpinion, StageMove

    lead = rated("A1", owner=people["luca"])
    take(now())
    luca, irina, marta = (token_of(people[name]) for name in ("luca", "irina", "marta"))
    call("post", f"leads/{lead.pk}/accept", key=luca)
    SecondOpinion.objects.all().delete()
    asked = SecondOpinion.objects.create(move=StageMove.objects.get(verb="accept"), asked=people["irina"], asked_at=now())
    assert get("opinions", luca).json() == [] and get("opinions", marta).status_code == 403
    (told,) = get("opinions", irina).json()
    assert (told["id"], told["lead_id"], told["rating"]) == (asked.pk, lead.pk, "A1") and not {"owner", "stage", "verb"} & set(told)
    here = f"opinions/{asked.pk}"
    assert call("post", here, {"would_accept": True}, key=luca).status_code == 404
    assert call("post", here, {"would_accept": False}, key=irina).status_code == 409  # without a reason
    assert call("post", here, {"would_accept": False, "reason": "no_need"}, key=irina).status_code == 204
    assert get("opinions", irina).json() == []
    asked.refresh_from_db()
    assert (asked.would_accept, asked.reason) == (False, "no_need")
