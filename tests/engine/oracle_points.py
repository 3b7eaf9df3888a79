"""Points of the oracle: exact amounts, rounding, fading, caps, thresholds; from the documents only."""

import math
from fractions import Fraction
from typing import Any

from tests.engine.oracle_facts import Row
from tests.engine.oracle_text import seconds


def rounded(exact: Fraction | int) -> int:
    """Half away from zero, exactly."""
    size = math.floor(abs(Fraction(exact)) + Fraction(1, 2))
    return size if exact >= 0 else -size


def rounded_double(x: float) -> int:
    """sign(x) · floor(|x| + 0.5), in double precision."""
    size = math.floor(abs(x) + 0.5)
    return size if x >= 0 else -size


def millipoints(points: Any) -> int:
    """Points of a document as whole thousandths."""
    return rounded(Fraction(points) * 1000)


def share(text: Any) -> Fraction:
    """`70%` as an exact fraction."""
    if isinstance(text, str):
        return Fraction(text.removesuffix("%").strip()) / 100
    return Fraction(text)


def worth(rule: Row) -> int:
    """The rule's own `points` or `weight`."""
    return millipoints(rule.get("points", rule.get("weight", 0)))


def award(band: Row, rule: Row) -> int:
    """A band's own points, or its share (100% unless it says) of what the rule is worth."""
    if "points" in band:
        return millipoints(band["points"])
    return rounded(worth(rule) * share(band.get("award", "100%")))


def faded(points: int, age: int, rule: Row) -> int:
    """Points of an age: by half-life, by fade, or whole."""
    if "half_life" in rule:
        return rounded_double(points * math.pow(2.0, -age / seconds(rule["half_life"])))
    if "fade" in rule:
        fade = seconds(rule["fade"])
        return rounded(Fraction(points * (fade - age), fade)) if age < fade else 0
    return points


def faded_if_recent(age: int, rule: Row) -> int:
    """The rule's points faded by an age, nothing from `at_most_age` on."""
    if "at_most_age" in rule and age >= seconds(rule["at_most_age"]):
        return 0
    return faded(worth(rule), age, rule)


def award_for_count(count: int, rule: Row) -> int:
    """The band with the largest `at_least` that the count reaches."""
    reached = [band for band in rule["bands"] if band["at_least"] <= count]
    return award(max(reached, key=lambda band: band["at_least"]), rule) if reached else 0


def attainable(rule: Row) -> int:
    """The largest a rule can award, before bounds, never below 0."""
    if "bands" in rule:
        return max([0, *(award(band, rule) for band in rule["bands"])])
    if isinstance(rule.get("points"), list):
        return max([0, *(millipoints(points) for row in rule["points"] for points in row)])
    return max(0, worth(rule))


def bounded(value: int, at_most: Any) -> int:
    """`at_most` bounds the absolute value and keeps the sign."""
    if at_most is None:
        return value
    limit = millipoints(at_most)
    return max(-limit, min(limit, value))


def axis_lines(axis: str, part: Row, made: dict[str, int]) -> list[tuple[str, str, int]]:
    """(rule_id, part, millipoints) of one lead: intercept, rules, their caps, group caps, floor, axis cap."""
    lines = [("intercept", "rule", millipoints(part.get("intercept", 0)))]
    totals: dict[str, int] = {name: 0 for name in part.get("groups") or {}}
    for rule in part.get("rules") or []:
        whole = made[rule["id"]]
        capped = bounded(whole, rule.get("at_most"))
        lines += [(rule["id"], "rule", whole), (rule["id"], "cap", capped - whole)]
        if "group" in rule:
            totals[rule["group"]] += capped
    for name, total in totals.items():
        lines.append((name, "cap", bounded(total, part["groups"][name].get("at_most")) - total))
    total = sum(points for _, _, points in lines)
    floor = part.get("floor", 0)
    floored = total if floor == "none" else max(total, millipoints(floor))
    lines.append((axis, "floor", floored - total))
    if part.get("at_most") is not None:
        lines.append((axis, "cap", min(floored, millipoints(part["at_most"])) - floored))
    return [line for line in lines if line[2] != 0]


def first_met(score: int, thresholds: dict[Any, Any], names: list[Any], last: Any) -> Any:
    """The first of the names whose threshold is met, else the last."""
    by_name = {str(name): points for name, points in thresholds.items()}
    for name in names:
        if str(name) in by_name and score >= millipoints(by_name[str(name)]):
            return name
    return last
