"""The independent oracle: what a score is, in plain slow Python, from the documents, not the engine.

Sources: docs/reference/exact-meanings.md and the founding design (scoring.md). A rule kind is one function
`(rule, lead, world) -> millipoints` and its entry in `KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.engine.oracle_facts import Lead, Row, World, period, utc_days
from tests.engine.oracle_points import (
    attainable,
    award,
    award_for_count,
    axis_lines,
    faded,
    faded_if_recent,
    first_met,
    millipoints,
    share,
    worth,
)
from tests.engine.oracle_text import Value, condition_holds, fields_named, operators_hold, seconds

AXES = ("profile", "engagement")
STANDARD_RANK = "A1 A2 B1 A3 B2 C1 A4 B3 C2 D1 B4 C3 D2 C4 D3 D4"

Line = tuple[str, str, str, str, int]


@dataclass
class OracleResult:
    """`scores` by lead id; `contributions` (lead_id, axis, rule_id, part, millipoints), no zero rows, sorted.

    `letter` is text, `digit` an int; they, `rating` and `temperature` are None for an excluded lead.
    """

    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    contributions: list[Line] = field(default_factory=list)


# Rule kinds


def held_band(rule: Row, lead: Lead, world: World) -> Row | None:
    """The first band of a `fields` rule whose condition holds."""
    bands: list[Row] = rule["bands"]
    for band in bands:
        if condition_holds(band, rule.get("field"), lead.values.__getitem__, world.as_of):
            return band
    return None


def kind_fields(rule: Row, lead: Lead, world: World) -> int:
    band = held_band(rule, lead, world)
    return 0 if band is None else award(band, rule)


def kind_list_member(rule: Row, lead: Lead, world: World) -> int:
    return worth(rule) if world.on_list(rule["list"], lead) else 0


def kind_activity(rule: Row, lead: Lead, world: World) -> int:
    kept: dict[Any, int] = {}
    for number, activity in enumerate(world.matching(rule, lead.lead_id, rule.get("within"))):
        points = faded(worth(rule), world.age(activity.occurred_at), rule)
        key = period(activity, rule["once_per"]) if "once_per" in rule else number
        if key not in kept or abs(points) > abs(kept[key]):
            kept[key] = points
    return sum(kept.values())


def kind_activity_count(rule: Row, lead: Lead, world: World) -> int:
    return award_for_count(len(world.matching(rule, lead.lead_id, rule.get("within"))), rule)


def kind_active_days(rule: Row, lead: Lead, world: World) -> int:
    return award_for_count(utc_days(world.matching(rule, lead.lead_id, rule.get("within"))), rule)


def kind_activity_recency(rule: Row, lead: Lead, world: World) -> int:
    activities = world.matching(rule, lead.lead_id)
    if not activities:
        return 0
    age = world.age(activities[-1].occurred_at)
    wider = [band for band in rule["bands"] if seconds(band["within"]) > age]
    return award(min(wider, key=lambda band: seconds(band["within"])), rule) if wider else 0


def kind_velocity(rule: Row, lead: Lead, world: World) -> int:
    times = [activity.occurred_at for activity in world.matching(rule, lead.lead_id)]
    size, within = rule["at_least"], seconds(rule["within"]) * 1_000_000
    closing = [last for first, last in zip(times, times[size - 1 :], strict=False) if last - first < within]
    return faded_if_recent(world.age(max(closing)), rule) if closing else 0


def kind_inactivity(rule: Row, lead: Lead, world: World) -> int:
    instants = [activity.occurred_at for activity in world.matching(rule, lead.lead_id)]
    if lead.created_at is not None:
        instants.append(lead.created_at)
    if not instants:
        return 0
    idle, after = world.age(max(instants)), seconds(rule["after"])
    if idle < 0 or idle < after:
        return 0
    times = 1 + (idle - after) // seconds(rule["every"]) if "every" in rule else 1
    return worth(rule) * times


def kind_sequence(rule: Row, lead: Lead, world: World) -> int:
    firsts = [activity.occurred_at for activity in world.matching(rule["first"], lead.lead_id)]
    thens = [activity.occurred_at for activity in world.matching(rule["then"], lead.lead_id)]
    within = seconds(rule["within"]) * 1_000_000
    following = [then for then in thens if any(0 < then - first < within for first in firsts)]
    return faded_if_recent(world.age(max(following)), rule) if following else 0


def kind_engaged_colleagues(rule: Row, lead: Lead, world: World) -> int:
    if lead.account_id is None:
        return 0
    colleagues = [other for other in world.leads.values() if other.account_id == lead.account_id]
    engaged = sum(bool(world.matching(rule, other.lead_id, rule.get("within"))) for other in colleagues)
    if "bands" in rule:
        return award_for_count(engaged, rule)
    return worth(rule) if engaged >= rule["at_least"] else 0


def measured(asked: Row, lead: Lead, world: World) -> Value:
    """The value of a learned rule's input: a field, or a measure (exact, so an `integer` to conditions)."""
    if "field" in asked:
        return lead.values[asked["field"]]
    activities = world.matching(asked, lead.lead_id, asked.get("within"))
    ages = [world.age(activity.occurred_at) for activity in activities]
    if asked.get("count"):
        return Value("integer", len(activities))
    if asked.get("days_since"):
        return Value("integer", min(ages) // 86_400 if ages else None)
    if asked.get("distinct_days"):
        return Value("integer", utc_days(activities))
    thousandths = sum(faded(1000, age, {"half_life": asked["faded"]}) for age in ages)
    return Value("integer", Fraction(thousandths, 1000))


def place(asked: Row, lead: Lead, world: World) -> int | None:
    """The number of the first band that holds for `{input, bands}`."""
    value = measured(asked["input"], lead, world)
    for number, band in enumerate(asked["bands"]):
        if operators_hold(band, value, world.as_of):
            return number
    return None


def kind_bands(rule: Row, lead: Lead, world: World) -> int:
    number = place(rule, lead, world)
    return 0 if number is None else millipoints(rule["bands"][number]["points"])


def kind_bands_2d(rule: Row, lead: Lead, world: World) -> int:
    row, column = place(rule["first"], lead, world), place(rule["second"], lead, world)
    return 0 if row is None or column is None else millipoints(rule["points"][row][column])


KINDS: dict[str, Callable[[Row, Lead, World], int]] = {
    "fields": kind_fields,
    "list_member": kind_list_member,
    "activity": kind_activity,
    "activity_count": kind_activity_count,
    "activity_recency": kind_activity_recency,
    "velocity": kind_velocity,
    "inactivity": kind_inactivity,
    "sequence": kind_sequence,
    "engaged_colleagues": kind_engaged_colleagues,
    "bands": kind_bands,
    "bands_2d": kind_bands_2d,
    "active_days": kind_active_days,
}


# The other columns of a row


def excluded_by(document: Row, lead: Lead, world: World) -> str | None:
    """The id of the first exclusion that matched."""
    for exclusion in document.get("exclude") or []:
        if "list" in exclusion:
            matched = world.on_list(exclusion["list"], lead)
        else:
            matched = condition_holds(exclusion["when"], None, lead.values.__getitem__, world.as_of)
        if matched:
            return str(exclusion["id"])
    return None


def in_audience(document: Row, lead: Lead, world: World) -> bool:
    audience = document.get("audience")
    return not audience or condition_holds(audience, None, lead.values.__getitem__, world.as_of)


def buying_stage(document: Row, lead: Lead, world: World) -> str | None:
    """The furthest stage reached, in the list's order; one activity counts once."""
    reached = None
    for stage in document.get("journey") or []:
        found = [a for asked in stage["any"] for a in world.matching(asked, lead.lead_id, stage.get("within"))]
        if len({id(activity) for activity in found}) >= stage.get("at_least", 1):
            reached = stage["stage"]
    return reached


def potential(document: Row, lead: Lead, world: World) -> float | None:
    asked = document.get("potential") or {"bands": []}
    for band in asked["bands"]:
        if condition_holds(band, asked.get("field"), lead.values.__getitem__, world.as_of):
            return float(band["value"])
    return None


def inputs_of(rule: Row) -> set[str]:
    """The fields a rule's conditions name; lists and activities always count as evidence."""
    if rule["kind"] == "fields":
        return {name for band in rule["bands"] for name in fields_named(band, rule.get("field"))}
    sides = [rule, rule.get("first") or {}, rule.get("second") or {}]
    return {side["input"]["field"] for side in sides if "field" in side.get("input", {})}


def coverage(document: Row, lead: Lead) -> Fraction:
    rules = (document.get("profile") or {}).get("rules") or []
    everything = sum(attainable(rule) for rule in rules)
    if everything == 0:
        return Fraction(1)
    evident = [r for r in rules if all(lead.values[name].value is not None for name in inputs_of(r))]
    return Fraction(sum(attainable(rule) for rule in evident), everything)


def probability(document: Row, total: int) -> float | None:
    """Linear between the rows of the calibration, the first and last rows' beyond them."""
    table = document.get("calibration")
    if not table:
        return None
    rows = [(Fraction(row["points"]) * 1000, Fraction(row["probability"])) for row in table]
    if total <= rows[0][0]:
        return float(rows[0][1])
    for (left, low), (right, high) in pairwise(rows):
        if left <= total <= right:
            return float(low + (high - low) * (total - left) / (right - left))
    return float(rows[-1][1])


def temperature(document: Row, rating: str | None) -> str | None:
    names = document.get("temperature") or {}
    if rating is None:
        return None
    for name, ratings in names.items():
        if ratings != "rest" and rating in ratings:
            return str(name)
    return next((str(name) for name, ratings in names.items() if ratings == "rest"), None)


def given(word: str, fired: list[Row]) -> str | None:
    """The flags, roles or answers of the rules that fired, each once, joined by `;`."""
    names = list(dict.fromkeys(str(rule[word]) for rule in fired if word in rule))
    return ";".join(names) if names else None


def ranked(document: Row, scores: dict[str, dict[str, Any]]) -> list[str]:
    """Lead ids: rating, potential (highest first), both scores together (highest first), id; unrated last."""
    order = list(dict.fromkeys([*(document.get("rank") or []), *STANDARD_RANK.split()]))

    def key(lead_id: str) -> Any:
        row = scores[lead_id]
        place = len(order) if row["rating"] is None else order.index(row["rating"])
        worth_most = (1, 0.0) if row["potential"] is None else (0, -row["potential"])
        return place, worth_most, -(row["profile_millipoints"] + row["engagement_millipoints"]), lead_id

    return sorted(scores, key=key)


# One lead, all leads


def fires(rule: Row, made: int, lead: Lead, world: World) -> bool:
    """A contribution before any bound that is not 0, or, for `fields`, a band that holds."""
    return made != 0 or (rule["kind"] == "fields" and held_band(rule, lead, world) is not None)


def score_lead(document: Row, lead: Lead, world: World) -> tuple[dict[str, Any], list[Line]]:
    parts = {axis: document.get(axis) or {} for axis in AXES}
    lines: list[Line] = []
    fired: list[Row] = []
    totals = {}
    for axis in AXES:
        rules = parts[axis].get("rules") or []
        made = {rule["id"]: KINDS[rule["kind"]](rule, lead, world) for rule in rules}
        own = axis_lines(axis, parts[axis], made)
        totals[axis] = sum(points for _, _, points in own)
        lines += [(lead.lead_id, axis, rule_id, part, points) for rule_id, part, points in own]
        fired += [rule for rule in rules if fires(rule, made[rule["id"]], lead, world)]
    exclusion = excluded_by(document, lead, world)
    letter = first_met(totals["profile"], parts["profile"].get("letters") or {}, ["A", "B", "C"], "D")
    digit = first_met(totals["engagement"], parts["engagement"].get("digits") or {}, [1, 2, 3], 4)
    rating = None if exclusion else f"{letter}{digit}"
    covered = coverage(document, lead)
    row = {
        "profile_millipoints": totals["profile"],
        "engagement_millipoints": totals["engagement"],
        "letter": None if exclusion else letter,
        "digit": None if exclusion else digit,
        "rating": rating,
        "temperature": temperature(document, rating),
        "buying_stage": buying_stage(document, lead, world),
        "potential": potential(document, lead, world),
        "coverage": float(covered),
        "enough_evidence": covered >= share(document.get("minimum_coverage", 0)),
        "flags": given("flag", fired),
        "roles": given("role", fired),
        "answers": given("answer", fired),
        "excluded_by": exclusion,
        "probability": probability(document, totals["profile"] + totals["engagement"]),
    }
    return row, lines


def score(document: Row, facts: dict[str, list[Row]], as_of: int, known_at: int) -> OracleResult:
    """Score every lead of the audience that existed, as of `as_of`, with what was known at `known_at`."""
    world = World(document, facts, as_of, known_at)
    result = OracleResult()
    for lead in world.leads.values():
        if in_audience(document, lead, world):
            result.scores[lead.lead_id], lines = score_lead(document, lead, world)
            result.contributions += lines
    result.contributions.sort()
    for rank, lead_id in enumerate(ranked(document, result.scores), start=1):
        result.scores[lead_id]["rank"] = rank
    return result
