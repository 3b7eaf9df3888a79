"""Why one lead has its score: a line per rule and bound, down to the single activity, and what would be worth finding out."""

from dataclasses import dataclass, field
from typing import Any

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.plan import Instants, Plan
from vaglio.plan.detail import detail
from vaglio.plan.people import input_tests
from vaglio.plan.readers import scored_rules

_PARTS = ("rule", "cap", "floor")


@dataclass(frozen=True)
class Line:
    """One line of an explanation: a rule or a bound, and for rules over activities what each activity gave."""

    axis: str
    rule_id: str
    part: str
    millipoints: int
    sentence: str
    activities: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Why one lead has its score. The millipoints of ``lines`` of an axis sum exactly to its score."""

    row: dict[str, Any]
    lines: tuple[Line, ...]
    missing: tuple[tuple[str, int], ...] = field(default=())  # input → profile millipoints it could bring evidence for


def explanation(engine: Engine, document: ModelDocument, plan: Plan, at: Instants, lead_id: str) -> Explanation | None:
    """Return the explanation of one lead from a plan with contributions; None when it has no row."""
    found = engine.arrow(plan.scores.filter(plan.scores.lead_id == lead_id)).to_pylist()
    if not found or plan.contributions is None:
        return None
    lines = plan.contributions.filter(plan.contributions.lead_id == lead_id)
    rows = engine.arrow(detail(plan.answers, plan.contributions).filter(lambda table: table.lead_id == lead_id)).to_pylist()
    activities: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: -(row["occurred_us"] or 0)):
        if row["activity_type"] is not None:
            shown = {name: row[name] for name in ("activity_type", "occurred_us", "message_id", "millipoints")}
            activities.setdefault((row["axis"], row["rule_id"]), []).append(shown)
    ordered = sorted(engine.arrow(lines).to_pylist(), key=_place(document))
    shown_lines = tuple(
        Line(row["axis"], row["rule_id"], row["part"], row["millipoints"], _sentence(document, row),
             tuple(activities.get((row["axis"], row["rule_id"]), ())) if row["part"] == "rule" else ())
        for row in ordered
    )  # fmt: skip
    row = {name: value for name, value in found[0].items() if name != "rank"}  # a rank belongs to a whole result
    return Explanation(row, shown_lines, _missing(engine, plan, lead_id))


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


def _missing(engine: Engine, plan: Plan, lead_id: str) -> tuple[tuple[str, int], ...]:
    """Return empty profile inputs with the points that hang on them, the field most worth finding out first."""
    people = plan.answers.people
    rules = [scored for scored in scored_rules(plan.answers.document) if scored.axis == "profile"]
    table = plan.answers.people.table
    columns = {source: column for source, column in people.columns.items() if column in table.columns}
    if not columns:
        return ()
    row = engine.arrow(table.filter(table.lead_id == lead_id).select(*dict.fromkeys(columns.values()))).to_pylist()[0]
    worth: dict[str, int] = {}
    for scored in rules:
        cases = getattr(scored.ask, "cases", ())
        for source in input_tests(expr for expr, _millipoints in cases):
            if source in columns and row[columns[source]] == 0 and hasattr(source, "of_account"):
                worth[str(source)] = worth.get(str(source), 0) + scored.rule.attainable()
    return tuple(sorted(worth.items(), key=lambda pair: (-pair[1], pair[0])))
