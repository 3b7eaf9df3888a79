"""Every way in which time alone moves a rating, one by one: the bound is later than now and never after the change."""

from typing import Any

import pytest

from tests.engine.rules.score import AS_OF, DAY, HOUR, INPUTS, TABLES, Row, at, did, rule_of
from tests.engine.tables import document_of, facts_of, shared_engine
from vaglio.plan import Instants
from vaglio.scoring import score_rows
from vaglio.terms import MICROSECONDS

# Rule, facts, and how long after now the visible state changes [seconds]; the engine is asked for the state, not trusted with it.
CASES: dict[str, tuple[str, dict[str, list[Row]], float]] = {
    "window": ("kind: activity, activity: page_viewed, points: 60, within: 7d", {"activities": [did(6 * DAY)]}, DAY),
    "half-life": ("kind: activity, activity: page_viewed, points: 40, half_life: 7d", {"activities": [did(0)]}, 7 * DAY),
    "fade": ("kind: activity, activity: page_viewed, points: 40, fade: 10d", {"activities": [did(0)]}, 5 * DAY),
    "negative points fade": (
        "kind: activity, activity: page_viewed, points: -40, half_life: 7d", {"activities": [did(0)]}, 7 * DAY),
    "count window": (
        "kind: activity_count, activity: page_viewed, within: 7d, bands: [{at_least: 2, points: 60}]",
        {"activities": [did(6 * DAY), did(DAY)]}, DAY),
    "recency band": (
        "kind: activity_recency, activity: page_viewed, bands: [{within: 2d, points: 60}, {within: 9d, points: 30}]",
        {"activities": [did(DAY)]}, DAY),
    "silence": ("kind: inactivity, points: 60, after: 3d", {"activities": [did(DAY)]}, 2 * DAY),
    "silence again": (
        "kind: inactivity, points: 15, after: 3d, every: 2d", {"leads": [{"lead_id": "L", "created_at": at(4 * DAY)}]}, DAY),
    "burst": (
        "kind: velocity, activity: page_viewed, at_least: 2, within: 1h, points: 60, at_most_age: 2d",
        {"activities": [did(DAY), did(DAY + 60)]}, DAY),
    "sequence fades": (
        "kind: sequence, first: {activity: page_viewed}, then: {activity: form_submitted}, within: 1d, points: 40, half_life: 1d",
        {"activities": [did(HOUR), did(0, "form_submitted")]}, DAY),
    "once a day": (
        "kind: activity, activity: page_viewed, points: 40, half_life: 7d, once_per: day", {"activities": [did(10), did(20)]}, 7 * DAY),
    "list ends": (
        "kind: list_member, list: targets, points: 60",
        {"lists": [{"list": "targets", "member_type": "lead", "member_id": "L", "to": at(-DAY)}]}, DAY),
    "list begins": (
        "kind: list_member, list: targets, points: 60",
        {"lists": [{"list": "targets", "member_type": "lead", "member_id": "L", "from": at(-DAY)}]}, DAY),
    "date grows old": (
        "kind: fields, field: signed_on, bands: [{older_than: 30d, points: 60}]",
        {"leads": [{"lead_id": "L", "signed_on": at(29 * DAY)}]}, DAY),
    "activity to come": (
        "kind: activity, activity: page_viewed, points: 60, within: 7d", {"activities": [did(-DAY, received=DAY)]}, DAY),
    "mark goes out": (
        "kind: activity, activity: page_viewed, points: 0.002, half_life: 1d, flag: seen", {"activities": [did(0)]}, 2 * DAY),
    "colleague leaves": (
        "kind: engaged_colleagues, within: 7d, bands: [{at_least: 2, points: 60}]",
        {"leads": [{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "a"}], "accounts": [{"account_id": "a"}],
         "activities": [did(DAY), did(6 * DAY, lead_id="M")]}, DAY),
    "colleague comes by a change of account": (
        "kind: engaged_colleagues, within: 30d, bands: [{at_least: 2, points: 60}]",
        {"leads": [{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "b"}],
         "accounts": [{"account_id": "a"}, {"account_id": "b"}],
         "field_changes": [{"subject": "lead", "id": "M", "field": "account_id", "value": "b", "known_at": at(99 * DAY)},
                           {"subject": "lead", "id": "M", "field": "account_id", "value": "a", "known_at": at(-DAY)}],
         "activities": [did(DAY), did(DAY, lead_id="M")]}, DAY),
    "colleague is created": (
        "kind: engaged_colleagues, within: 30d, bands: [{at_least: 2, points: 60}]",
        {"leads": [{"lead_id": "L", "account_id": "a"}, {"lead_id": "M", "account_id": "a", "created_at": at(-DAY)}],
         "accounts": [{"account_id": "a"}], "activities": [did(DAY), did(DAY, lead_id="M")]}, DAY),
    "a copy is found to be a machine's": (
        "kind: activity, activity: page_viewed, points: 60",
        {"activities": [did(DAY, message_id="m"), did(DAY, lead_id="M", message_id="m", is_machine=True, machine_known=-DAY)]}, DAY),
    "faded measure": (
        "kind: bands, input: {activity: page_viewed, faded: 7d}, bands: [{from: 0.5, points: 60}]",
        {"activities": [did(0)]}, 7 * DAY + 873),
}  # fmt: skip


def state(rule: str, facts: dict[str, list[Row]], as_of: int, *, known_at: int | None = None) -> dict[str, Any]:
    """Return the lead's row with its bound; what is stored becomes known as time goes on."""
    document = document_of({
        "format": 1, "name": "clock", "inputs": INPUTS,
        "profile": {"rules": [], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [rule_of(rule)], "floor": "none",
                       "digits": {1: 50, 2: 20.002, 3: -20}},
    })  # fmt: skip
    tables: dict[str, list[Row]] = {name: facts.get(name, []) for name in TABLES}
    tables["leads"] = tables["leads"] or [{"lead_id": "L"}]
    engine = shared_engine()
    at = Instants(as_of, as_of if known_at is None else known_at)
    rows = score_rows(engine, document, facts_of(engine, document, tables), at, next_change=True)
    return next(row for row in rows if row["lead_id"] == "L")


@pytest.mark.parametrize("name", CASES)
def test_the_bound_is_before_the_change_and_not_needlessly_early(name: str) -> None:
    rule, facts, change = CASES[name]
    now = state(rule, facts, AS_OF)
    assert now["next_change_at"] is not None
    bound = round((now["next_change_at"].timestamp() - AS_OF / MICROSECONDS) * MICROSECONDS)
    before, after = (state(rule, facts, AS_OF + round((change + step) * MICROSECONDS)) for step in (-100, 100))
    assert _visible(before) == _visible(now) != _visible(after)  # the case is what its name says
    # Halving is bounded by its speed now, 1.4 times too early for a fall by half; of competing activities each is bounded.
    assert 0.15 * change * MICROSECONDS <= bound <= (change + 100) * MICROSECONDS


def test_looking_again_at_each_bound_ends_where_time_ends() -> None:
    """A worker that only looks when the clock says so must see a mark go out."""
    rule = "kind: activity, activity: page_viewed, points: 0.002, half_life: 1d, flag: seen"
    facts = {"activities": [did(0)]}
    as_of, row = AS_OF, state(rule, facts, AS_OF)
    for _look in range(12):
        if row["next_change_at"] is None:
            break
        as_of = round(row["next_change_at"].timestamp() * MICROSECONDS)
        row = state(rule, facts, as_of)
    assert row["next_change_at"] is None
    assert row["flags"] is None


def test_dates_beyond_the_calendar_are_never() -> None:
    lead = {"lead_id": "L", "signed_on": 253_402_214_400_000_000}  # 9999-12-31, which exports write for no end
    row = state("kind: fields, field: signed_on, bands: [{older_than: 30d, points: 60}]", {"leads": [lead]}, AS_OF)
    assert row["next_change_at"] is None


def test_many_old_activities_do_not_make_it_look_for_ever() -> None:
    facts = {"activities": [did(60) for _ in range(3)] + [did(400 * DAY) for _ in range(3_000)]}
    row = state("kind: activity, activity: page_viewed, points: 10, half_life: 1d", facts, AS_OF)
    assert row["next_change_at"].timestamp() - AS_OF / MICROSECONDS > HOUR


@pytest.mark.parametrize("rule", [
    "kind: velocity, activity: page_viewed, at_least: 5, within: 3d, points: 10, half_life: 7d",
    "kind: sequence, first: {activity: page_viewed}, then: {activity: page_viewed}, within: 3d, points: 10, fade: 14d",
])  # fmt: skip
def test_what_is_given_once_fades_once_however_many_activities_could_have_given_it(rule: str) -> None:
    """10 points against thresholds at 20.002 and -20: they are out of reach, be there 300 page views."""
    facts = {"activities": [did(HOUR * n) for n in range(300)]}
    row = state(rule, facts, AS_OF)
    assert row["engagement_millipoints"] == 10_000
    assert row["next_change_at"] is None
    row = state(rule.replace("points: 10", "points: 21"), facts, AS_OF)
    assert row["next_change_at"].timestamp() - AS_OF / MICROSECONDS > 6 * HOUR


def test_what_a_watermark_hides_comes_into_force() -> None:
    """``known_at`` a minute behind: an activity of half a minute ago is not known yet, with or without an instant of receipt."""
    rule = "kind: activity, activity: page_viewed, points: 60"
    row = state(rule, {"activities": [did(30)]}, AS_OF, known_at=at(60))
    assert row["next_change_at"] is not None


def test_with_known_at_ahead_both_instants_move_on_together() -> None:
    """Ten days back as known now: what arrives in two days is known when the score is eight days back."""
    rule = "kind: activity, activity: page_viewed, points: 60"
    facts = {"activities": [did(10 * DAY + HOUR, received=-2 * DAY)]}
    row = state(rule, facts, at(10 * DAY), known_at=AS_OF)
    assert row["next_change_at"].timestamp() * MICROSECONDS == at(8 * DAY)
    before, after = (state(rule, facts, at(8 * DAY + step), known_at=at(step - 2 * DAY)) for step in (1, 0))
    assert _visible(before) == _visible(row) != _visible(after)


def test_without_anything_that_moves_it_is_never() -> None:
    row = state("kind: activity, activity: page_viewed, points: 60", {"activities": [did(DAY)]}, AS_OF)
    assert row["next_change_at"] is None


def test_what_is_left_to_fade_may_not_reach_the_next_threshold() -> None:
    row = state("kind: activity, activity: page_viewed, points: 10, half_life: 7d", {"activities": [did(DAY)]}, AS_OF)
    assert row["next_change_at"] is None


def _visible(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("rating", "flags", "excluded_by")}


def test_what_no_rule_reads_is_no_event() -> None:
    """Some readers of files leave it out and some do not, and what another model of the run reads is there too: the bound is one."""
    rule = "kind: activity, activity: page_viewed, points: 60, within: 7d"
    noise = {
        "activities": [did(DAY), did(-HOUR, "meeting_held"), did(DAY, "form_submitted", received=-HOUR)],
        "field_changes": [{"subject": "lead", "id": "L", "field": "employees", "value": 44, "known_at": at(-HOUR)}],
    }
    quiet = state(rule, {"activities": [did(DAY)]}, AS_OF)
    assert state(rule, noise, AS_OF) == quiet and quiet["next_change_at"] is not None
