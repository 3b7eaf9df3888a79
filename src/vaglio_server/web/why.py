"""Why a lead has its score, as a waterfall: where each line starts and how far it goes."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vaglio.dates import from_microseconds
from vaglio.terms import AXES, Axis, to_millipoints
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.web.words import least_points, plain

WIDTH = 1000  # of the drawing


@dataclass(frozen=True)
class Step:
    """One line: a rule or a bound. ``x`` and ``width`` are in the drawing's units; the steps of an axis sum exactly to its score."""

    title: str
    sentence: str
    millipoints: int
    x: float
    width: float
    activities: list[dict[str, Any]]


@dataclass(frozen=True)
class Side:
    """One axis: its score, the letter or digit it reaches, its steps, and where the thresholds lie in the drawing."""

    axis: str
    title: str
    reached: str
    millipoints: int
    steps: list[Step]
    marks: list[tuple[str, float]]
    least: list[tuple[str, str]]
    next_up: tuple[str, int] | None


def sides(document: ModelDocument, found: Any) -> list[Side]:
    """Return both axes of an explanation."""
    return [_side(document, found, axis) for axis in AXES]


def _side(document: ModelDocument, found: Any, axis: Axis) -> Side:
    lines = [line for line in found.lines if line.axis == axis]
    total = found.row[f"{axis}_millipoints"]
    least = {name: to_millipoints(points) for name, points in document.axis(axis).thresholds().items()}
    rules = {rule.id: rule for rule in document.axis(axis).rules}
    sums = [0]
    for line in lines:
        sums.append(sums[-1] + line.millipoints)
    low, high = min(sums), max(*sums, *least.values(), 1)
    scale = WIDTH / (high - low)
    steps = [
        Step(
            title=_title(line),
            sentence=line.sentence,
            millipoints=line.millipoints,
            x=(min(before, after) - low) * scale,
            width=max(abs(after - before) * scale, 2),
            activities=_activities(line, rules.get(line.rule_id)),
        )
        for line, before, after in zip(lines, sums, sums[1:], strict=False)
    ]
    reached = next((name for name, points in least.items() if total >= points), "D" if axis == "profile" else "4")
    above = [(name, points - total) for name, points in least.items() if points > total]
    return Side(
        axis=axis,
        title=_("Fit") if axis == "profile" else _("Engagement"),
        reached=reached,
        millipoints=total,
        steps=steps,
        marks=[(name, (points - low) * scale) for name, points in least.items()],
        least=list(least_points(document.axis(axis).thresholds()).items()),
        next_up=above[-1] if above else None,
    )


def _activities(line: Any, rule: Any) -> list[dict[str, Any]]:
    """Return what each activity of a line gave, and what it lost by fading where each gives points by itself."""
    full = to_millipoints(rule.worth()) if rule is not None and rule.kind == "activity" and (rule.half_life or rule.fade) else None
    return [
        each | {"at": from_microseconds(each["occurred_us"]), "faded": full - each["millipoints"] if full is not None else 0}
        for each in line.activities
        if each["occurred_us"] is not None
    ]


def _title(line: Any) -> str:
    name = plain(line.rule_id)
    return {"cap": _("cap of {name}"), "floor": _("floor of {name}")}.get(line.part, "{name}").format(name=name)
