"""Kind `list_member`: the lead, or its account, is on the list at the scoring instant."""

import pytest

from tests.engine.rules.score import AS_OF, DAY, Row, at, millipoints

RULE = "kind: list_member, list: targets, points: 25"
LEADS: list[Row] = [{"lead_id": "L", "account_id": "acme"}]


def member(**more: object) -> Row:
    return {"list": "targets", "member_type": "account", "member_id": "acme", **more}


def test_the_account_or_the_lead_may_be_the_member() -> None:
    assert millipoints(RULE, leads=LEADS, lists=[member()]) == 25_000
    assert millipoints(RULE, leads=LEADS, lists=[member(member_type="lead", member_id="L")]) == 25_000
    assert millipoints(RULE, leads=LEADS, lists=[member(member_type="lead")]) == 0
    assert millipoints(RULE, leads=LEADS, lists=[member(list="others")]) == 0


def test_it_gives_its_points_once() -> None:
    rows = [member(), member(), member(member_type="lead", member_id="L")]
    assert millipoints(RULE, leads=LEADS, lists=rows) == 25_000


@pytest.mark.parametrize(
    ("row", "points"),
    [
        (member(**{"from": AS_OF}), 25_000),  # the first instant counts
        (member(**{"from": AS_OF + 1}), 0),
        (member(to=AS_OF), 0),  # the end does not
        (member(to=AS_OF + 1), 25_000),
        (member(known_at=AS_OF), 25_000),
        (member(known_at=AS_OF + 1), 0),
    ],
)
def test_its_time_is_half_open_and_known(row: Row, points: int) -> None:
    assert millipoints(RULE, leads=LEADS, lists=[row]) == points


def test_a_later_entry_does_not_change_what_was_known() -> None:
    rows = [member(known_at=at(DAY))]
    assert millipoints(RULE, leads=LEADS, lists=rows, known_at=at(DAY)) == 25_000
    assert millipoints(RULE, leads=LEADS, lists=rows, known_at=at(DAY) - 1) == 0


def test_points_may_be_taken() -> None:
    assert millipoints("kind: list_member, list: targets, points: -7.5", leads=LEADS, lists=[member()]) == -7_500
