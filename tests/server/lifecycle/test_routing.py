"""Leads go where the first rule says that fits them, to teams that share them, and nobody's are seen and given away later."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.lifecycle.world import NOW, crosses, people_and_model, rated, stage, take
from tests.server.world import audited, make_account

pytestmark = pytest.mark.usefixtures("tables")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def people() -> dict[str, Any]:
    return kept(people_and_model)


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


def test_however_many_rules_and_teams_there_are_leads_are_asked_about_at_once(people: dict[str, Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rule("least 0", "lead.employees:least:0", team=people["luca"].team)
    leads = [come(employees=number) for number in (50, 150)]
    with CaptureQueriesContext(connection) as few:
        take()
    for number in range(1, 130):  # more than are asked about in one question
        team = people["jonas" if number % 2 else "luca"].team
        rule(f"least {number}", f"lead.employees:least:{number}", position=-number, team=team)
    leads += [come(employees=number) for number in (50, 150)]
    with CaptureQueriesContext(connection) as many:
        take()
    assert [owner(lead) for lead in leads[2:]] == ["luca", "jonas"], "the highest that fits: 50, and 129"
    assert len(many) <= len(few) + 1


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
    assert [each.lead for each in queue(people["jonas"], NOW, 9).rows] == [lead]
    assert queue(people["luca"], NOW, 9).rows == [] and len(queue(people["marta"], NOW, 9).rows) == 1
    assert give_waiting(limit=9, at=NOW).given == 0
    away.delete()
    assert give_waiting(limit=9, at=NOW).given == 1 and owner(lead) == "jonas"
    assert give_waiting(limit=9, at=NOW).given == 0


def test_what_somebody_gave_to_nobody_is_not_given_away_again_by_itself(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, find_breaches, give_to_others, give_waiting
    from vaglio_server.lifecycle.models import Escalation

    lead, other = come(), come()
    take()
    assign_by_hand(leads=[lead.pk, other.pk], owner=None, by="marta", at=NOW)
    for at in (NOW, NOW + HOUR / 2, NOW + 3 * DAY, NOW + 9 * DAY):  # also once its promise is late
        find_breaches(at=at)
        assert give_waiting(limit=9, at=at).given == 0
        assert (owner(lead), owner(other)) == (None, None)
    assert Escalation.objects.filter(clock__lead=lead, step="queue", to=None).exists(), "it is seen by everybody, as what is late"
    # Until somebody gives it, or has it given as rules say.
    assign_by_hand(leads=[lead.pk], owner=people["luca"], by="marta", at=NOW + 9 * DAY)
    assert give_to_others(leads=[other.pk], is_nobodys=True, by="marta", at=NOW + 9 * DAY) == 1
    assert owner(lead) == "luca" and owner(other) is not None


def test_what_was_given_to_somebody_by_mistake_waits_as_before_once_that_is_undone(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, give_waiting
    from vaglio_server.lifecycle.models import Seller

    rule("north", team=people["jonas"].team)
    away = Seller.objects.create(user=people["jonas"], away_from=NOW - DAY)
    lead = come()
    take()
    assign_by_hand(leads=[lead.pk], owner=people["luca"], by="marta", at=NOW)
    assign_by_hand(leads=[lead.pk], owner=None, by="marta", at=NOW, is_undone=True)
    assert owner(lead) is None and give_waiting(limit=9, at=NOW).given == 0
    away.delete()
    assert give_waiting(limit=9, at=NOW).given == 1 and owner(lead) == "jonas"


def test_what_was_given_to_nobody_is_given_away_once_it_comes_to_sales_anew(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, give_waiting, hand_on

    lead = come()
    take()
    assign_by_hand(leads=[lead.pk], owner=None, by="marta", at=NOW)
    crosses(lead, "D4")
    take(NOW + 2 * DAY)
    crosses(lead, "A1")
    assert stage(lead) == "inquiry"
    take(NOW + 2 * DAY)
    assert stage(lead) == "marketing_qualified" and owner(lead) is not None
    # Who leaves leaves it to others, though somebody had given it to nobody once.
    again = come()
    take()
    assign_by_hand(leads=[again.pk], owner=None, by="marta", at=NOW)
    assign_by_hand(leads=[again.pk], owner=people["luca"], by="marta", at=NOW)
    type(people["luca"]).objects.filter(role="sales").update(is_active=False)
    hand_on(user=people["luca"], by="ada", at=NOW)
    assert owner(again) is None
    type(people["luca"]).objects.filter(username="irina").update(is_active=True)
    give_waiting(limit=9, at=NOW)
    assert owner(again) == "irina"


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
    assert SlaClock.objects.get().ended_at is None and audited("breach_clock") == [("lifecycle", f"lead:{lead.pk}")]
    assert Escalation.objects.count() == Happening.objects.filter(kind="clock.escalated").count() == 3


def test_whoever_gets_a_late_lead_has_the_promised_time_anew_until_nobody_is_left(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.actions import find_breaches, give_waiting
    from vaglio_server.lifecycle.models import Escalation, Happening, Queue
    from vaglio_server.lifecycle.queries import queue
    from vaglio_server.users.actions import create_user

    Queue.objects.create(team=people["luca"].team, leader=people["ada"])
    rule("south", team=people["luca"].team)
    lead = rated("A1", owner=people["luca"])  # an hour is promised, from ten o'clock on
    take()

    def steps(minutes: int) -> list[tuple[int, str, str | None]]:
        found = find_breaches(at=NOW + minutes * HOUR / 60)
        assert find_breaches(at=NOW + minutes * HOUR / 60) == []  # another worker, or the same again
        return [(each.turn, each.step, each.to and each.to.username) for each in found]

    assert [steps(61), steps(91)] == [[(0, "owner", "luca")], [(0, "leader", "ada")]]
    assert steps(121) == [(0, "queue", "irina")] and owner(lead) == "irina"  # at 12:01; from one to two nobody works
    assert steps(239) == []  # 59 minutes of hers, an hour's break not counted
    assert [steps(242), steps(272)] == [[(1, "owner", "irina")], [(1, "leader", "ada")]]
    assert steps(302) == [(1, "queue", None)] and owner(lead) is None
    assert [each.lead for each in queue(people["marta"], NOW + 9 * DAY, 9).rows] == [lead]  # marketing sees it
    assert steps(10_000) == []
    create_user(name="sofia", email="", password=None, role="sales", team="south", by="test", at=NOW)
    assert give_waiting(limit=9, at=NOW + 4 * DAY).given == 1 and owner(lead) == "sofia"
    assert steps(4 * 1440) == [] and Escalation.objects.filter(step="again").count() == 1
    assert steps(4 * 1440 + 59) == []
    assert steps(4 * 1440 + 61) == [(2, "owner", "sofia")]
    assert steps(10 * 1440) == [(2, "leader", "ada"), (2, "queue", None)]  # the worker was away
    Lead.objects.filter(pk=lead.pk).update(owner=people["luca"])  # by hand, though he let it run out
    assert [steps(10 * 1440), steps(10 * 1440 + 61)] == [[], [(3, "owner", "luca")]]
    assert Happening.objects.filter(kind="clock.escalated").count() == Escalation.objects.exclude(step="again").count() == 10


def test_a_late_lead_that_was_nobodys_meanwhile_is_not_charged_to_who_gets_it_next(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, find_breaches, give_waiting, hand_on
    from vaglio_server.lifecycle.models import Queue, Seller
    from vaglio_server.users.actions import block_user

    def steps(minutes: int) -> list[tuple[int, str, str | None]]:
        found = find_breaches(at=NOW + minutes * HOUR / 60)
        assert find_breaches(at=NOW + minutes * HOUR / 60) == []
        return [(each.turn, each.step, each.to and each.to.username) for each in found]

    Queue.objects.create(team=people["luca"].team, leader=people["ada"])
    rule("south", team=people["luca"].team)
    lead = rated("A1", owner=people["luca"])  # an hour is promised, from ten o'clock on
    take()
    assert [each[1:] for each in steps(121)] == [("owner", "luca"), ("leader", "ada"), ("queue", "irina")]
    block_user(user=people["irina"], by="ada", at=NOW)
    assert hand_on(user=people["irina"], by="ada", at=NOW + 130 * HOUR / 60) == (0, 1)  # luca let it run out
    assert steps(131) == [(1, "queue", None)] and steps(10_000) == []
    assign_by_hand(leads=[lead.pk], owner=people["jonas"], by="ada", at=NOW + 4 * DAY)
    assert steps(4 * 1440) == [] and steps(4 * 1440 + 59) == []
    assert [steps(4 * 1440 + 61), steps(4 * 1440 + 91)] == [[(2, "owner", "jonas")], [(2, "leader", None)]]
    assign_by_hand(leads=[lead.pk], owner=None, by="ada", at=NOW + 4 * DAY + 2 * HOUR)
    assert steps(4 * 1440 + 121) == [(2, "queue", None)]
    # One that was nobody's from the start, and somebody gets when it is late already.
    luca = Seller.objects.create(user=people["luca"], capacity=0)
    lead = come("A1")
    take(NOW + 7 * DAY)
    assert owner(lead) is None and steps(7 * 1440 + 59) == []
    assert steps(7 * 1440 + 61) == [(0, "owner", None), (0, "leader", "ada"), (0, "queue", None)]  # nobody else is to be waited for
    luca.delete()
    assert give_waiting(limit=9, at=NOW + 7 * DAY + 90 * HOUR / 60).given == 1 and owner(lead) == "luca"
    assert [steps(7 * 1440 + minutes) for minutes in (90, 119, 121)] == [[], [], []]
    assert steps(7 * 1440 + 211) == [(1, "owner", "luca")]  # an hour of his, and the break


def test_what_was_late_before_turns_were_counted_is_a_turn_of_who_has_it_now(people: dict[str, Any]) -> None:
    from importlib import import_module

    from django.db import connection
    from django.db.migrations import RunSQL

    from vaglio_server.lifecycle.actions import assign_by_hand, find_breaches
    from vaglio_server.lifecycle.models import Escalation, SlaClock

    migration = import_module("vaglio_server.lifecycle.migrations.0009_turns").Migration
    (begin,) = [each for each in migration.operations if isinstance(each, RunSQL)]
    rule("south", team=people["luca"].team)
    for name in ("luca", "irina", "jonas"):
        lead = rated("A1", owner=people[name])
        take()
        clock = SlaClock.objects.get(lead=lead)
        for step in ("owner", "leader", "queue") if name != "jonas" else ("owner",):
            Escalation.objects.create(clock=clock, step=step, at=NOW + 3 * HOUR, owner=people["jonas"], to=people[name])
    assign_by_hand(leads=[lead.pk], owner=people["jonas"], by="ada", at=NOW)
    ended = rated("A1")
    SlaClock.objects.create(lead=ended, rating="A1", promised_seconds=1, started_at=NOW, ended_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(begin.sql)
    now = Escalation.objects.filter(step="again")
    assert sorted((each.turn, each.owner.username, each.to.username) for each in now) == [(1, "irina", "irina"), (1, "luca", "luca")]
    now.update(at=NOW + 9 * DAY)
    late = find_breaches(at=NOW + 9 * DAY)
    assert [each.clock.lead.owner.username for each in late] == ["jonas", "jonas"]  # leader and queue of his first turn


def test_with_nobody_else_it_is_everybodys_to_take(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, find_breaches, give_waiting

    rule("north", team=people["jonas"].team)
    lead = come()
    take()
    assert owner(lead) == "jonas"
    assert [each.step for each in find_breaches(at=NOW + 9 * DAY)] == ["owner", "leader", "queue"]  # the worker was away for long
    assert owner(lead) is None
    assert give_waiting(limit=9, at=NOW + 9 * DAY).given == 0  # not to who let it run out
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


@pytest.mark.parametrize("deed", ["a seller goes", "a lead is converted and handed over"])
def test_whoever_gives_leads_away_waits_for_others_and_never_in_a_circle(people: dict[str, Any], deed: str) -> None:
    """Another one holds routing and then needs what becomes known: we must not hold that already while we wait for routing."""
    from django.db import connection, transaction

    from vaglio_server.crm.actions import now_known
    from vaglio_server.lifecycle.actions import Wish, convert_lead, hand_on
    from vaglio_server.lifecycle.actions.routing import hold_routing
    from vaglio_server.lifecycle.models import Queue

    Queue.objects.create(team=people["luca"].team, hands_over_to=people["jonas"].team)
    lead = rated("A1", owner=people["luca"])
    take()
    holds, failed = threading.Event(), list[BaseException]()

    def other() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                hold_routing(cursor)
                holds.set()
                for _ in range(500):
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
                    if cursor.fetchone()[0]:
                        break
                    cursor.execute("SELECT pg_sleep(0.01)")
                else:
                    raise AssertionError("nobody waits for routing")
                now_known(cursor)
        except BaseException as error:
            failed.append(error)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    holds.wait()
    if deed == "a seller goes":
        hand_on(user=people["luca"], by="ada", at=NOW)
    else:
        convert_lead(lead=lead, wish=Wish(), seller=people["luca"], at=NOW)
    thread.join()
    assert failed == [] and owner(lead) in ("jonas", "irina")


def test_what_nobody_can_take_does_not_hold_up_what_somebody_can(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import give_waiting
    from vaglio_server.lifecycle.models import Seller

    rule("north", team=people["jonas"].team, ratings=["A1"])
    Seller.objects.create(user=people["jonas"], away_from=NOW - DAY)
    there = [Seller.objects.create(user=people[name], away_from=NOW - DAY, away_until=NOW + DAY) for name in ("luca", "irina")]
    stuck, free = [come("A1") for _ in range(2)], come("A2")
    take()
    Seller.objects.filter(pk__in=[each.pk for each in there]).delete()
    first = give_waiting(limit=2, at=NOW)
    assert first.given == 0 and first.further is not None
    assert give_waiting(limit=2, after=first.further, at=NOW).given == 1
    assert owner(free) in ("luca", "irina") and [owner(each) for each in stuck] == [None, None]


def test_what_was_handed_over_waits_for_its_team(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, give_waiting, move_lead
    from vaglio_server.lifecycle.models import Queue, Seller
    from vaglio_server.refused import Refused

    Queue.objects.create(team=people["luca"].team, hands_over_to=people["jonas"].team)
    away = Seller.objects.create(user=people["jonas"], away_from=NOW - DAY)
    lead = rated("A1", owner=people["luca"])
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    move_lead(lead=lead, verb="sales_qualify", by="luca", at=NOW)
    assert owner(lead) is None
    with pytest.raises(Refused, match="waits for a seller to take it"):
        accept_lead(lead=lead, seller=people["ada"], at=NOW)
    assert give_waiting(limit=9, at=NOW).given == 0  # not to luca's team again
    away.delete()
    assert give_waiting(limit=9, at=NOW).given == 1 and owner(lead) == "jonas"


def test_it_is_taken_over_once(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, move_lead
    from vaglio_server.lifecycle.models import Queue, Seller

    Queue.objects.create(team=people["luca"].team, hands_over_to=people["jonas"].team)
    Seller.objects.create(user=people["jonas"], capacity=0)
    lead = rated("A1", owner=people["luca"])
    take()
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    move_lead(lead=lead, verb="sales_qualify", by="luca", at=NOW)
    first = accept_lead(lead=lead, seller=people["jonas"], at=NOW)
    assert accept_lead(lead=lead, seller=people["jonas"], at=NOW) == first and owner(lead) == "jonas"
    assert len(audited("assign_leads")) == 1


def test_who_has_it_answers_for_it(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import Why, accept_lead, reject_lead
    from vaglio_server.refused import Refused

    lead = rated("A1", owner=people["luca"])
    take()
    for answer in (lambda: accept_lead(lead=lead, seller=people["jonas"], at=NOW),
                   lambda: reject_lead(lead=lead, why=Why("no_need"), seller=people["jonas"], at=NOW)):  # fmt: skip
        with pytest.raises(Refused, match="somebody else's now"):
            answer()
    assert stage(lead) == "marketing_qualified"
    accept_lead(lead=lead, seller=people["irina"], at=NOW)  # of the same team
    assert owner(lead) == "luca"


def test_the_leads_of_who_is_gone_go_to_others_when_they_reach_sales(people: dict[str, Any]) -> None:
    from vaglio_server.users.models import User

    User.objects.filter(username="luca").update(is_active=False)
    lead = rated("A1", owner=people["luca"])
    take()
    assert owner(lead) in ("irina", "jonas")


def test_who_gets_it_sees_what_the_one_before_put_off(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, postpone_lead
    from vaglio_server.lifecycle.models import SlaClock
    from vaglio_server.lifecycle.queries import due_for, inbox

    lead = rated("A1", owner=people["luca"])
    take()
    postpone_lead(lead=lead, until=NOW + 3 * DAY, by="luca", at=NOW)
    assert inbox(people["luca"], NOW, 9).rows == []
    assign_by_hand(leads=[lead.pk], owner=people["irina"], by="marta", at=NOW + HOUR)
    lead.refresh_from_db()
    assert [each.lead for each in inbox(people["irina"], NOW + HOUR, 9).rows] == [lead]
    due = due_for(lead, NOW + 2 * HOUR)
    assert due is not None and not due.is_paused and SlaClock.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("deed", ["given by hand", "given to nobody", "its owner goes", "freed as its owner goes"])
def test_a_wait_is_over_with_whose_it_was(people: dict[str, Any], deed: str) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, hand_on, pause_clock
    from vaglio_server.lifecycle.models import ClockPause, Seller
    from vaglio_server.lifecycle.queries import due_for
    from vaglio_server.users.actions import block_user

    lead = rated("A1", owner=people["luca"])
    take()
    pause_clock(lead=lead, by="luca", at=NOW)
    if deed.startswith("given"):
        assign_by_hand(leads=[lead.pk], owner=people["irina"] if deed.endswith("hand") else None, by="marta", at=NOW + HOUR)
    else:
        if deed.startswith("freed"):
            for name in ("irina", "jonas"):
                Seller.objects.create(user=people[name], capacity=0)
        block_user(user=people["luca"], by="ada", at=NOW)
        hand_on(user=people["luca"], by="ada", at=NOW + HOUR)
    lead.refresh_from_db()
    due = due_for(lead, NOW + HOUR)
    assert lead.owner != people["luca"] and due is not None and not due.is_paused and due.left_seconds == 3600
    assert ClockPause.objects.get().to_at == NOW + HOUR
    assign_by_hand(leads=[lead.pk], owner=people["luca"], by="marta", at=NOW + 2 * HOUR)
    assert ClockPause.objects.get().to_at == NOW + HOUR


def test_a_seller_who_goes_with_120_leads_leaves_none_behind(people: dict[str, Any]) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.lifecycle.actions import accept_lead, hand_on
    from vaglio_server.lifecycle.models import LeadStage, Seller, SlaClock
    from vaglio_server.lifecycle.queries import queue
    from vaglio_server.users.actions import block_user

    leads = [rated(("A1", "A2", "B1")[number % 3], owner=people["luca"]) for number in range(110)]
    cold = [rated("D4", owner=people["luca"]) for _ in range(10)]
    while take():
        pass
    for lead in leads[:30]:
        accept_lead(lead=lead, seller=people["luca"], at=NOW)
    Seller.objects.create(user=people["jonas"], capacity=40)
    block_user(user=people["luca"], by="ada", at=NOW)
    given, freed = hand_on(user=people["luca"], by="ada", at=NOW)
    assert (given, freed) == (110, 10) and not Lead.objects.filter(owner=people["luca"]).exists()
    had = {name: Lead.objects.filter(owner=people[name]).count() for name in ("irina", "jonas")}
    assert had == {"irina": 70, "jonas": 40}  # to his limit
    assert Lead.objects.filter(pk__in=[each.pk for each in cold], owner=None).count() == 10
    assert LeadStage.objects.filter(stage="sales_accepted").count() == 30 and SlaClock.objects.filter(ended_at=None).count() == 80
    assert queue(people["marta"], NOW, 400).rows == []
    assert hand_on(user=people["luca"], by="ada", at=NOW) == (0, 0)


def test_who_was_invited_gets_leads_once_they_came_in(people: dict[str, Any]) -> None:
    from vaglio_server.users.models import User

    User.objects.filter(username__in=["luca", "irina"]).update(link_made_at=NOW, last_login=None)
    first = come()
    take()
    assert owner(first) == "jonas"
    User.objects.filter(username="luca").update(link_made_at=None, last_login=NOW)  # by the link a password was set
    User.objects.filter(username="irina").update(last_login=NOW)  # a new link for somebody who was here before
    found = [come() for _ in range(6)]
    take()
    assert {owner(each) for each in found} == {"luca", "irina", "jonas"}
