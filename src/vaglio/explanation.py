"""Why one lead has its score: a line per rule and bound, down to the single activity, and what would be worth finding out."""

from dataclasses import dataclass, field
from typing import Any

from pyarrow import compute

from vaglio.condition import FieldInput, evaluate, held
from vaglio.document import ModelDocument
from vaglio.engine import Run
from vaglio.plan import Plan
from vaglio.plan.branches import is_branched, tested
from vaglio.plan.counted import counting
from vaglio.plan.people import input_tests
from vaglio.plan.readers import Scored, scored_rules
from vaglio.silent import Heard, Reason, why_silent
from vaglio.terms import DAY_SECONDS, MICROSECONDS

# The results that an explanation is made of.
EXPLAINED = {"scores", "contributions", "activities", "counted", "inputs", "branches", "newest"}
_DAY = DAY_SECONDS * MICROSECONDS
_TOLD = ("activity_type", "occurred_us", "message_id")
_PARTS = ("rule", "cap", "floor")


@dataclass(frozen=True)
class Counted:
    """The activities behind one number, instant or silence that a rule read, newest first; alone none of them gives points.

    ``stat``: a measure's (:class:`vaglio.ask.Measure`), ``moment`` or ``silence``. ``number``: how many activities, distinct days or
    colleagues were counted; None where only the latest matters or each counts less with age. Each activity says by its ``lead_id`` who did
    it; of colleagues there is the latest of each.
    """

    stat: str
    number: int | None
    activities: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Line:
    """One line of an explanation: a rule or a bound, and for rules over activities what each activity gave, or which were counted.

    ``branch``: of a rule with several bands, or one that holds by any of several tests, what held and gave the points, in words.
    """

    axis: str
    rule_id: str
    part: str
    millipoints: int
    sentence: str
    activities: tuple[dict[str, Any], ...] = ()
    counted: tuple[Counted, ...] = ()
    branch: str = ""


@dataclass(frozen=True)
class Silent:
    """A rule that gave nothing: why not (see :func:`vaglio.silent.why_silent`), what it counted all the same, and the latest activity that
    it would have counted, were it younger; ``branch``: what held and is worth no points.
    """

    axis: str
    rule_id: str
    sentence: str
    reason: Reason
    counted: tuple[Counted, ...] = ()
    latest: dict[str, Any] | None = None
    branch: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why one lead has its score. The millipoints of ``lines`` of an axis sum exactly to its score; ``silent`` rules gave none of them."""

    row: dict[str, Any]
    lines: tuple[Line, ...]
    silent: tuple[Silent, ...] = ()
    missing: tuple[tuple[str, int], ...] = field(default=())  # input → profile millipoints it could bring evidence for


def explanation(running: Run, document: ModelDocument, plan: Plan, lead_id: str) -> Explanation | None:
    """Return the explanation of one lead from a run with details; None when it has no row."""

    def rows(result: str) -> list[dict[str, Any]]:
        if result not in plan.results:
            return []
        table = running.arrow(plan, result)
        its: list[dict[str, Any]] = table.filter(compute.equal(table["lead_id"], lead_id)).to_pylist()
        return its

    found = rows("scores")
    if not found:
        return None
    activities: dict[str, list[dict[str, Any]]] = {}
    given = [row for row in rows("activities") if row["activity_type"] is not None]
    for row in sorted(given, key=_latest_first):
        shown = {name: row[name] for name in (*_TOLD, "millipoints")}
        activities.setdefault(row["rule_id"], []).append(shown)
    counted = _counted(document, rows("counted"))
    branch_of = _branches(document, rows("branches"))
    ordered = sorted(rows("contributions"), key=_place(document))

    def line(row: dict[str, Any]) -> Line:
        own = row["rule_id"] if row["part"] == "rule" else ""
        return Line(row["axis"], row["rule_id"], row["part"], row["millipoints"], _sentence(document, row),
                    tuple(activities.get(own, ())), tuple(counted.get(own, ())), branch_of.get(own, ""))  # fmt: skip

    shown_lines = tuple(line(row) for row in ordered)
    row = {name: value for name, value in found[0].items() if name != "rank"}  # a rank belongs to a whole result
    unknown = _unknown(plan, rows("inputs")[0])
    latest = {row["rule_id"]: {name: row[name] for name in _TOLD} for row in rows("newest")}
    silent = _silent(document, {line.rule_id for line in shown_lines if line.part == "rule"}, Heard(branch_of, counted, latest, unknown))
    return Explanation(row, shown_lines, silent, _missing(document, unknown))


def _latest_first(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return by what activities are ordered; those of one instant by all that is said of them, for engines hand rows out in any order."""
    return (-row["occurred_us"], *(str(row[name]) for name in sorted(row)))


def _silent(document: ModelDocument, gave: set[str], heard: Heard) -> tuple[Silent, ...]:
    """Return the rules that gave nothing, in the document's order."""
    return tuple(_why(scored, heard) for scored in scored_rules(document) if scored.rule.id not in gave)


def _why(scored: Scored, heard: Heard) -> Silent:
    rule_id, reason = scored.rule.id, why_silent(scored, heard)
    return Silent(
        axis=scored.axis,
        rule_id=rule_id,
        sentence=scored.rule.sentence(),
        reason=reason,
        counted=tuple(heard.counted.get(rule_id, ())),
        latest=heard.newest.get(rule_id) if reason == "over" else None,
        branch=heard.branches.get(rule_id, ""),
    )


def _unknown(plan: Plan, known: dict[str, Any]) -> set[FieldInput]:
    """Return the fields that have no value."""
    return {source for n, source in enumerate(plan.inputs) if isinstance(source, FieldInput) and not known[f"i_{n}"]}


def _counted(document: ModelDocument, rows: list[dict[str, Any]]) -> dict[str, list[Counted]]:
    """Return what each rule counted, by its id, where nothing was counted too."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in sorted(rows, key=_latest_first):
        shown = {name: row[name] for name in _TOLD}
        found.setdefault((row["rule_id"], row["place"]), []).append({"lead_id": row["doer_id"], **shown})
    return {
        scored.rule.id: [_of_stat(stat, found.get((scored.rule.id, place), [])) for place, stat in enumerate(counting(scored))]
        for scored in scored_rules(document)
    }


def _branches(document: ModelDocument, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return of each rule with several branches, by its id, which of them held, in words."""
    rules = scored_rules(document)
    said: dict[str, str] = {}
    for row in rows:
        known = {leaf: bool(row[f"b_{n}"]) for n, leaf in enumerate(tested(rules))}
        for scored in rules:
            if is_branched(scored.ask):
                cases = enumerate(scored.ask.cases)
                place, expr = next(((n, expr) for n, (expr, _points) in cases if evaluate(expr, known.__getitem__)), (-1, None))
                if expr is not None:
                    said[scored.rule.id] = scored.rule.branch(place, held(expr, known.__getitem__))
    return said


def _of_stat(stat: str, activities: list[dict[str, Any]]) -> Counted:
    number = None
    if stat == "distinct_days":
        number = len({activity["occurred_us"] // _DAY for activity in activities})
    elif stat in ("count", "colleagues"):
        number = len(activities)
    return Counted(stat, number, tuple(activities))


def _place(document: ModelDocument) -> Any:
    order = {rule.id: position for position, (_axis, rule) in enumerate(document.rules())}

    def key(row: dict[str, Any]) -> tuple[bool, bool, int, int]:
        own = row["rule_id"] in order
        return (row["axis"] != "profile", not own, order.get(row["rule_id"], 0), _PARTS.index(row["part"]))

    return key


def _sentence(document: ModelDocument, row: dict[str, Any]) -> str:
    rules = {rule.id: rule for _axis, rule in document.rules()}
    rule = rules.get(row["rule_id"])
    if row["part"] == "floor":
        return f"raised to the floor of {row['axis']}"
    if row["part"] == "cap":
        return f"lost to the cap of {row['rule_id']}"
    return rule.sentence() if rule is not None else "where every score of this model starts"


def _missing(document: ModelDocument, unknown: set[FieldInput]) -> tuple[tuple[str, int], ...]:
    """Return empty profile inputs with the points that hang on them, the field most worth finding out first."""
    worth: dict[str, int] = {}
    for scored in scored_rules(document):
        if scored.axis == "profile":
            for source in input_tests(expr for expr, _millipoints in getattr(scored.ask, "cases", ())):
                if source in unknown:
                    worth[str(source)] = worth.get(str(source), 0) + scored.rule.attainable()
    return tuple(sorted(worth.items(), key=lambda pair: (-pair[1], pair[0])))
