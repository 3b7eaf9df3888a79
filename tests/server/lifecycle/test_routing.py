"""Leads go where the first rule says that fits them, to teams that share them, and nobody's are seen and given away later."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, live, rated, stage, take
from tests.server.web.people import make_people
from tests.server.world import audited, make_account

pytestmark = pytest.mark.usefixtures("tables")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def people() -> dict[str, Any]:
    live()
    return make_people()


def rule(name: str, *conditions: str, position: int = 0, **to: Any) -> Any:
    from vaglio_server.lifecycle.models import RoutingRule

    return RoutingRule.objects.create(name=name, position=position, conditions=list(conditions), **to)


def come(rating: str = "A1", *, account: Any = None, **fields: Any) -> Any:
    from vaglio_server.crm.models import Lead

    lead = rated(rating, account=account)
    Lead.objects.filter(pk=lead.pk).update(fields=lead.fields | fields)
    return lead


def owner(lead: Any) -> str | None:
    lead.refresh_from_db()
    return lead.owner.username if lead.owner else None


def test_the_first_rule_that_fits_holds(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.models import Assignment

    rule("big", "lead.employees:least:1000", position=1, user=people["luca"])
    rule("north", "lead.country:is:DE", "lead.country:is:SE", position=2, team=people["jonas"].team)
    rule("off", position=0, user=people["irina"], is_on=False)
    rule("best", position=3, ratings=["A1"], user=people["irina"])
    told_of: tuple[dict[str, Any], ...] = ({"country": "DE", "employees": 5000}, {"country": "SE"}, {"country": "DE", "employees": 10})
    found = [*(come(**fields) for fields in told_of), come("B1", country="SE"), come(country="IT")]
    take()
    assert [owner(lead) for lead in found] == ["luca", "jonas", "jonas", "jonas", "irina"]
    told = {each.lead_id: (each.rule.name if each.rule else None, each.why) for each in Assignment.objects.select_related("rule")}
    assert told[found[0].pk] == ("big", "is named by a rule") and told[found[1].pk] == ("north", "was next for this rating")


def test_whoever_owns_a_company_has_its_leads(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Account

    rule("everything", team=people["luca"].team)
    account = make_account()
    Account.objects.filter(pk=account.pk).update(owner=people["jonas"])
    lead = come(account=account)
    take()
    assert owner(lead) == "jonas"


def test_a_rule_that_cannot_be_asked_or_leads_nowhere_is_left_out(people: dict[str, Any]) -> None:
    rule("gone", "lead.shoe_size:is:44", position=0, user=people["luca"])
    rule("no team", position=1)
    rule("nonsense", "what?", position=2, user=people["luca"])
    rule("rest", position=3, user=people["jonas"])
    lead = come(country="DE")
    take()
    assert owner(lead) == "jonas"


def test_where_nobody_of_a_team_can_it_waits_in_its_queue_until_somebody_can(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import give_waiting
    from vaglio_server.lifecycle.models import LeadStage, Seller
    from vaglio_server.lifecycle.queries import queue

    rule("north", team=people["jonas"].team)
    away = Seller.objects.create(user=people["jonas"], away_from=NOW - DAY)
    lead = come()
    take()
    assert owner(lead) is None and stage(lead) == "marketing_qualified"
    assert LeadStage.objects.get(lead=lead).team == people["jonas"].team
    assert [each.lead for each in queue(people["jonas"], NOW, 9)] == [lead]
    assert queue(people["luca"], NOW, 9) == [] and len(queue(people["marta"], NOW, 9)) == 1
    assert give_waiting(limit=9, at=NOW) == 0
    away.delete()
    assert give_waiting(limit=9, at=NOW) == 1 and owner(lead) == "jonas"
    assert give_waiting(limit=9, at=NOW) == 0


def test_who_is_new_is_not_given_everything(people: dict[str, Any]) -> None:
    from vaglio_server.users.actions import create_user

    for _ in range(12):
        come()
    take()
    create_user(name="sofia", email="", password=None, role="sales", team="south", by="test", at=NOW + HOUR)
    found = [come() for _ in range(8)]
    take(NOW + 2 * HOUR)
    assert sorted(map(owner, found), key=str) == ["irina", "irina", "jonas", "jonas", "luca", "luca", "sofia", "sofia"]


def test_a_promise_that_is_not_kept_goes_to_the_leader_and_then_to_somebody_else(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import find_breaches
    from vaglio_server.lifecycle.models import Escalation, Happening, Queue, SlaClock

    Queue.objects.create(team=people["luca"].team, leader=people["irina"])
    rule("south", team=people["luca"].team)
    lead = rated("A1", owner=people["luca"])  # an hour is promised, from ten o'clock on
    take()
    steps = lambda at: [(each.step, each.to and each.to.username) for each in find_breaches(at=at)]  # noqa: E731
    assert steps(NOW + 59 * HOUR / 60) == []
    assert steps(NOW + 61 * HOUR / 60) == [("owner", "luca")]
    assert steps(NOW + 89 * HOUR / 60) == []
    assert steps(NOW + 91 * HOUR / 60) == [("leader", "irina")]
    assert owner(lead) == "luca"
    assert steps(NOW + 121 * HOUR / 60) == [("queue", "irina")]
    assert owner(lead) == "irina"
    assert steps(NOW + 9 * DAY) == [] and SlaClock.objects.get().ended_at is None
    assert audited("breach_clock") == [("lifecycle", f"lead:{lead.pk}")]
    assert Escalation.objects.count() == Happening.objects.filter(kind="clock.escalated").count() == 3


def test_with_nobody_else_it_is_everybodys_to_take(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, find_breaches, give_waiting

    rule("north", team=people["jonas"].team)
    lead = come()
    take()
    assert owner(lead) == "jonas"
    assert [each.step for each in find_breaches(at=NOW + 9 * DAY)] == ["owner", "leader", "queue"]  # the worker was away for long
    assert owner(lead) is None
    assert give_waiting(limit=9, at=NOW + 9 * DAY) == 0  # not to who let it run out
    accept_lead(lead=lead, seller=people["jonas"], at=NOW + 9 * DAY)  # who may take it all the same
    assert owner(lead) == "jonas"


def test_what_a_seller_who_is_gone_had_goes_to_others(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import hand_on
    from vaglio_server.users.actions import block_user

    working = [rated("A1", owner=people["luca"]) for _ in range(4)]
    cold = rated("C1", owner=people["luca"])
    take()
    block_user(user=people["luca"], by="ada", at=NOW)
    assert hand_on(user=people["luca"], by="ada", at=NOW) == (4, 1)
    assert sorted(map(str, map(owner, working))) == ["irina", "irina", "jonas", "jonas"] and owner(cold) is None
    assert audited("hand_on_leads") == [("ada", f"user:{people['luca'].pk}")]
    assert hand_on(user=people["luca"], by="ada", at=NOW) == (0, 0)
