"""The table of transitions and what a rating does with a lead: literal cases."""

from datetime import UTC, datetime, timedelta

import pytest

from vaglio_server.lifecycle.logic.stages import TRANSITIONS, Decision, Policy, Stage, Standing, bounds, decide
from vaglio_server.lifecycle.models import Stage as Named

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
LIMITS = bounds(("A1", "A2", "B1"))
POLICY = Policy(minimum_stay=timedelta(days=1), cool_down=timedelta(days=30))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_one_digit_worse_holds_and_nothing_else() -> None:
    assert LIMITS.enter == {"A1", "A2", "B1"}
    assert LIMITS.hold == {"A1", "A2", "A3", "B1", "B2"}
    assert bounds(("D4",)).hold == {"D4"}
    assert bounds(()).enter == frozenset()


@pytest.mark.parametrize(
    ("stage", "since", "rating", "decision"),
    [
        ("inquiry", None, "A1", Decision("qualify")),
        ("inquiry", None, "A3", Decision()),  # what holds does not enter
        ("inquiry", None, None, Decision()),
        ("marketing_qualified", HOUR, "A3", Decision()),
        ("marketing_qualified", HOUR, "A4", Decision(None, NOW - HOUR + DAY)),  # not before its minimum stay is over
        ("marketing_qualified", DAY, "A4", Decision("withdraw")),
        ("marketing_qualified", DAY, "C1", Decision("withdraw")),  # another letter is another person
        ("marketing_qualified", DAY, None, Decision("withdraw")),
        ("marketing_qualified", HOUR, "A1", Decision()),
        ("recycled", DAY, "A1", Decision(None, NOW + 29 * DAY)),
        ("recycled", 30 * DAY, "A1", Decision("qualify")),
        ("recycled", 30 * DAY, "A3", Decision()),
        ("sales_accepted", DAY, "D4", Decision()),  # sales has it: no rating takes it away
        ("sales_qualified", DAY, "A1", Decision()),
        ("opportunity", DAY, "D4", Decision()),
        ("customer", DAY, "A1", Decision()),
        ("disqualified", 99 * DAY, "A1", Decision()),
    ],
)
def test_a_rating_does(stage: str, since: timedelta | None, rating: str | None, decision: Decision) -> None:
    assert decide(Standing(Stage(stage), NOW - since if since else None, rating), LIMITS, POLICY, NOW) == decision


def test_every_stage_has_a_name_and_a_way_in() -> None:
    assert {each.value for each in Named} == {each.value for each in Stage}
    reached = {each.after for each in TRANSITIONS.values()}
    assert reached == set(Stage)
    assert {stage for each in TRANSITIONS.values() for stage in each.before} == set(Stage) - {Stage.CUSTOMER}
