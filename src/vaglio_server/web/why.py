"""Why a lead has its score, as a waterfall: where each line starts and how far it goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio.dates import from_microseconds
from vaglio.terms import AXES, Axis, to_millipoints
from vaglio_server.crm.models import Lead
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.web.sentences import facts_asked, said
from vaglio_server.web.words import least_points, plain

WIDTH = 1000  # of the drawing
People = Mapping[int, Lead]


@dataclass(frozen=True)
class Step:
    """One line: a rule or a bound. ``x`` and ``width`` are in the drawing's units; the steps of an axis sum exactly to its score.

    ``branch``: of a rule with several bands or ways, the one that held.
    """

    title: str
    sentence: str
    millipoints: int
    x: float
    width: float
    activities: list[dict[str, Any]]
    counted: list["Read"]
    facts: list[tuple[str, str]]
    branch: str = ""


@dataclass(frozen=True)
class Read:
    """What a rule that counts read: in words, and the activities, those of colleagues with who did them."""

    said: str
    activities: list[dict[str, Any]]


@dataclass(frozen=True)
class Silent:
    """A rule that gave nothing: why not in words, what is known of what it asks, and what it read."""

    title: str
    sentence: str
    why: str
    facts: list[tuple[str, str]]
    reads: list[Read]


@dataclass(frozen=True)
class Side:
    """One axis: its score, the letter or digit it reaches, its steps, where the thresholds lie in the drawing, and what gave nothing."""

    axis: str
    title: str
    reached: str
    millipoints: int
    steps: list[Step]
    marks: list[tuple[str, float]]
    least: list[tuple[str, str]]
    next_up: tuple[str, int] | None
    silent: list[Silent]


@dataclass(frozen=True)
class Awaited:
    """An axis while its lines are worked out: what can be said of it already, in the places where it will stand."""

    axis: str
    title: str
    steps: list[str]
    least: list[tuple[str, str]]
    is_highest: bool
    silent: int  # rules that gave nothing


def awaited(document: ModelDocument | None, score: Any) -> list[Awaited]:
    """Return both axes as the stored score has them, so that nothing moves when the lines come; empty where nothing is known."""
    return [_awaited(document, score, axis) for axis in AXES] if document is not None and score is not None else []


def _awaited(document: ModelDocument, score: Any, axis: Axis) -> Awaited:
    places = {rule.id: place for place, rule in enumerate(document.axis(axis).rules)}
    keys = [key.split(".")[1:] for key in score.lines if key.startswith(f"{axis}.")]
    keys.sort(key=lambda key: (places.get(key[0], len(places)), key[-1] != "rule"))
    thresholds = document.axis(axis).thresholds()
    top = max(to_millipoints(points) for points in thresholds.values())
    return Awaited(
        axis=axis,
        title=axis_title(axis),
        steps=[_title(*key) for key in keys],
        least=list(least_points(thresholds).items()),
        is_highest=getattr(score, f"{axis}_millipoints") >= top,
        silent=len(places.keys() - {key[0] for key in keys if key[-1] == "rule"}),
    )


def axis_title(axis: Axis) -> str:
    """Return what pages call an axis."""
    return _("Fit") if axis == "profile" else _("Engagement")


def sides(document: ModelDocument, found: Any, lead: Lead | None = None, people: People | None = None) -> list[Side]:
    """Return both axes of an explanation; of a ``lead`` as it is now with what is known of what its rules ask.

    ``people`` are the colleagues who may be named, by id, see :func:`vaglio_server.scoring.logic.colleagues.colleagues_shown`.
    """
    return [_side(document, found, axis, lead, people) for axis in AXES]


def _side(document: ModelDocument, found: Any, axis: Axis, lead: Lead | None, people: People | None) -> Side:
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
            title=_title(line.rule_id, line.part),
            sentence=said(line.sentence, document),
            millipoints=line.millipoints,
            x=(min(before, after) - low) * scale,
            width=max(abs(after - before) * scale, 2),
            activities=_activities(line, rules.get(line.rule_id)),
            counted=[_read(counted, found.row["lead_id"], people or {}) for counted in line.counted],
            facts=facts_asked(rules.get(line.rule_id), lead) if lead is not None and line.part == "rule" else [],
            branch=said(line.branch, document),
        )
        for line, before, after in zip(lines, sums, sums[1:], strict=False)
    ]
    reached = next((name for name, points in least.items() if total >= points), "D" if axis == "profile" else "4")
    above = [(name, points - total) for name, points in least.items() if points > total]
    return Side(
        axis=axis,
        title=axis_title(axis),
        reached=reached,
        millipoints=total,
        steps=steps,
        marks=[(name, (points - low) * scale) for name, points in least.items()],
        least=list(least_points(document.axis(axis).thresholds()).items()),
        next_up=above[-1] if above else None,
        silent=[_silent(each, document, rules[each.rule_id], lead, found, people or {}) for each in found.silent if each.axis == axis],
    )


def _silent(each: Any, document: ModelDocument, rule: Any, lead: Lead | None, found: Any, people: People) -> Silent:
    latest = each.latest and [each.latest | {"at": from_microseconds(each.latest["occurred_us"])}]
    reads = [_read(counted, found.row["lead_id"], people) for counted in each.counted if counted.activities]
    return Silent(
        title=_title(each.rule_id, "rule"),
        sentence=said(each.sentence, document),
        why=_why_not(each, rule, document),
        facts=facts_asked(rule, lead) if lead is not None and each.reason in ("unheld", "unknown") else [],
        reads=[Read("", latest)] if latest else reads,
    )


def _why_not(each: Any, rule: Any, document: ModelDocument) -> str:
    """Return in words why a rule gave nothing, as :func:`vaglio.silent.why_silent` found."""
    words = {
        "unlisted": _("Neither the lead nor its company is on the list."),
        "unknown": _("Nothing is known of what it asks for."),
        "none": _("There was no such activity."),
        "over": _("The latest was too long ago to give points:") if each.latest else _("It was too long ago to give points."),
        "awake": _("The silence was not so long."),
        "never": _("One never followed the other in time.") if rule.kind == "sequence" else _("Never so many so close together."),
    }
    if each.reason == "worthless":
        held = said(each.branch, document)
        return _("What holds is worth no points: {what}").format(what=held) if held else _("It is worth no points.")
    if each.reason == "unheld":
        return _unheld(rule)
    return words[each.reason]


def _unheld(rule: Any) -> str:
    """Return in words that no condition or band of a rule holds."""
    if rule.kind in ("activity_count", "active_days", "engaged_colleagues"):
        return _("Too few to give points.")
    if rule.kind == "fields" and len(rule.bands) == 1:
        return _("Its condition does not hold.")
    return _("None of its conditions holds.") if rule.kind == "fields" else _("None of its bands is reached.")


def _activities(line: Any, rule: Any) -> list[dict[str, Any]]:
    """Return what each activity of a line gave, and what it lost by fading where each gives points by itself."""
    full = to_millipoints(rule.worth()) if rule is not None and rule.kind == "activity" and (rule.half_life or rule.fade) else None
    return [
        each | {"at": from_microseconds(each["occurred_us"]), "faded": full - each["millipoints"] if full is not None else 0}
        for each in line.activities
        if each["occurred_us"] is not None
    ]


def _read(counted: Any, lead_id: str, people: People) -> Read:
    activities = [
        each
        | {"at": from_microseconds(each["occurred_us"])}
        | ({"by": _named(each["lead_id"], people)} if each["lead_id"] != lead_id else {})
        for each in counted.activities
    ]
    return Read(_counted(counted), activities)


def _named(lead_id: str, people: People) -> dict[str, Any]:
    """Return a colleague as they may be shown: by name, or as somebody whom the reader may not see."""
    lead = people.get(int(lead_id))
    return {"lead": lead, "name": str(lead) if lead is not None else _("a colleague")}


def _counted(counted: Any) -> str:
    """Return in words what a rule read of the activities that stand below."""
    n = counted.number
    if n == 0 or not counted.activities:
        return _("Nothing was counted.") if n is not None else _("There was none.")
    counts = {
        "count": lambda: _("{n} counted:"),
        "distinct_days": lambda: ngettext("Counted: {n} day, on which there was", "Counted: {n} days, on which there was", n),
        "colleagues": lambda: ngettext(
            "{n} person counted, by the latest activity:", "{n} people counted, each by the latest activity:", n
        ),
    }
    if counted.stat in counts:
        return str(counts[counted.stat]()).format(n=f"{n:,}")
    words = {
        "faded": _("These count, each less the older it is:"),
        "moment": _("Together it was these:"),
        "silence": _("Silent since:"),
    }
    return words.get(counted.stat, _("The latest:"))


def _title(rule_id: str, part: str) -> str:
    return {"cap": _("cap of {name}"), "floor": _("floor of {name}")}.get(part, "{name}").format(name=plain(rule_id))
