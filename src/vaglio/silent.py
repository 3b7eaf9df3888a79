"""Rules that gave a lead nothing, and why not, as far as the engine's own answers tell it exactly."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vaglio.ask import Banded, EachActivity, Idle, Listed, Measure, Moment
from vaglio.condition import FieldInput
from vaglio.plan.people import input_tests
from vaglio.plan.readers import Scored

Reason = Literal["worthless", "unlisted", "unheld", "unknown", "none", "over", "never", "awake"]


@dataclass(frozen=True)
class Heard:
    """What the engine answered about the rules of one lead: which case held in words, what was counted, the latest activity of each
    rule, however old, by the rules' ids; and the fields that have no value.
    """

    branches: Mapping[str, str]
    counted: Mapping[str, Any]
    newest: Mapping[str, dict[str, Any]]
    unknown: Collection[FieldInput]


def why_silent(scored: Scored, heard: Heard) -> Reason:
    """Return why a rule gave nothing.

    ``worthless``: it is worth 0 points, or what held of it is. ``unlisted``: neither the lead nor its account is listed. ``unheld``: no
    condition or band holds; ``unknown``: nor is anything known that it asks. ``none``: there never was such an activity; ``over``: there
    was, too long ago to give points. ``never``: no such run or sequence ever was. ``awake``: the silence is not so long.
    """
    ask, rule_id = scored.ask, scored.rule.id
    if isinstance(ask, Banded):
        return _of_bands(ask, rule_id, heard)
    if not ask.millipoints:
        return "worthless"
    if isinstance(ask, Listed):
        return "unlisted"
    if isinstance(ask, EachActivity):
        return "over" if rule_id in heard.newest else "none"
    if isinstance(ask, Moment):
        return "over" if any(its.activities for its in heard.counted.get(rule_id, ())) else "never"
    assert isinstance(ask, Idle)
    return "awake"


def _of_bands(ask: Banded, rule_id: str, heard: Heard) -> Reason:
    if rule_id in heard.branches or not any(points for _expr, points in ask.cases):
        return "worthless"
    asked = input_tests(expr for expr, _points in ask.cases)
    if all(isinstance(source, FieldInput) for source in asked):
        return "unknown" if all(source in heard.unknown for source in asked) else "unheld"
    own = all(isinstance(source, Measure) and source.stat != "colleagues" for source in asked)
    if not own or any(its.activities for its in heard.counted.get(rule_id, ())):
        return "unheld"
    return "over" if rule_id in heard.newest else "none"
