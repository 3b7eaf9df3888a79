"""What each rule gave, and to how many leads."""

from dataclasses import dataclass

from vaglio.report.inputs import ReportInputs
from vaglio.report.lines import Explainer
from vaglio.terms import Axis


@dataclass(frozen=True)
class RuleLine:
    """One rule, cap or floor over all leads of the audience; ``total`` and ``mean`` (of the leads it fired for) [millipoints]."""

    axis: Axis
    rule_id: str
    part: str
    title: str
    sentence: str
    leads: int
    share: float
    mean: float
    total: int
    weight: float


def rule_lines(inputs: ReportInputs, total: int) -> tuple[RuleLine, ...]:
    """Return rules in the document's order, each axis followed by its caps and floor; rules that never fired have 0 leads."""
    table = inputs.contributions
    table = table.select("axis", "rule_id", "part", "millipoints")
    grouped = table.group_by("axis", "rule_id", "part").aggregate(leads=table.count(), total=table.millipoints.sum().cast("int64"))
    sums = {
        (str(row["axis"]), str(row["rule_id"]), str(row["part"])): (int(str(row["leads"])), int(str(row["total"])))
        for row in inputs.rows(grouped)
    }
    explainer = Explainer(inputs.document)
    order = explainer.order()
    keys: dict[tuple[str, str, str], None] = {(axis, rule_id, "rule"): None for axis, rule_id in order} | dict.fromkeys(sums)
    largest = max((abs(gave) for _leads, gave in sums.values()), default=0) or 1

    def place(key: tuple[str, str, str]) -> tuple[bool, int, int, str]:
        axis, rule_id, part = key
        position = next((at for (side, name), at in order.items() if (side, name) == (axis, rule_id)), len(order))
        return axis != "profile", ("rule", "cap", "floor").index(part), position, rule_id

    return tuple(_line(explainer, key, sums.get(key, (0, 0)), (total, largest)) for key in sorted(keys, key=place))


def _line(explainer: Explainer, key: tuple[str, str, str], sums: tuple[int, int], scale: tuple[int, int]) -> RuleLine:
    axis, rule_id, part = key
    leads, gave = sums
    total, largest = scale
    return RuleLine(
        axis="profile" if axis == "profile" else "engagement",
        rule_id=rule_id,
        part=part,
        title=explainer.title(axis, rule_id, part),
        sentence=explainer.sentence(axis, rule_id, part) if part == "rule" else explainer.sentence(axis, rule_id, part, gave),
        leads=leads,
        share=leads / total if total else 0.0,
        mean=gave / leads if leads else 0.0,
        total=gave,
        weight=gave / largest,
    )
