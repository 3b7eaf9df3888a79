"""The first leads to call, with every point accounted for."""

from collections import defaultdict
from dataclasses import dataclass

import ibis

from vaglio.report.inputs import ReportInputs
from vaglio.report.lines import Explainer, shown_names
from vaglio.terms import AXES, Axis

TOP = 50
REASONS = 9  # an axis with more lines shows its largest ones, and the rest as one sum


@dataclass(frozen=True)
class Reason:
    """One line: its name, its words, its points [millipoints]. ``is_bound`` marks caps and floors."""

    title: str
    sentence: str
    millipoints: int
    is_bound: bool = False
    more: int = 0


@dataclass(frozen=True)
class AxisReasons:
    """The lines of one axis; they sum to ``millipoints`` exactly."""

    axis: Axis
    millipoints: int
    letter: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class TopLead:
    """A lead in the list; ``name`` is its id where no name is known."""

    rank: int
    lead_id: str
    name: str
    detail: str
    rating: str
    potential: float | None
    buying_stage: str | None
    temperature: str | None
    probability: float | None
    flags: tuple[str, ...]
    roles: tuple[str, ...]
    coverage: float
    has_evidence: bool
    axes: tuple[AxisReasons, ...]

    def best(self) -> tuple[Reason, ...]:
        """Return the three largest gains, for a first look."""
        gains = (reason for axis in self.axes for reason in axis.reasons if reason.millipoints > 0 and not reason.is_bound)
        return tuple(sorted(gains, key=lambda reason: -reason.millipoints)[:3])


def top_leads(inputs: ReportInputs) -> tuple[TopLead, ...]:
    """Return the first rated leads by rank, at most fifty."""
    scores = inputs.scores
    first = scores.filter(scores.rating.notnull()).order_by("rank").limit(TOP)
    rows = inputs.rows(first.drop("as_of", "known_at"))
    ids = [str(row["lead_id"]) for row in rows]
    if not ids:
        return ()
    names = _names(inputs, ids)
    lines = _lines(inputs, ids)
    return tuple(_lead(row, names, lines[str(row["lead_id"])]) for row in rows)


def _names(inputs: ReportInputs, ids: list[str]) -> dict[str, tuple[str, str]]:
    if inputs.names is None:
        return {}
    rows = inputs.rows(inputs.names.filter(inputs.names.lead_id.isin(ids)).select("lead_id", "name", "detail"))
    return {str(row["lead_id"]): (str(row["name"] or ""), str(row["detail"] or "")) for row in rows}


def _lines(inputs: ReportInputs, ids: list[str]) -> dict[str, dict[str, list[Reason]]]:
    explainer = Explainer(inputs.document)
    table: ibis.Table = inputs.contributions
    found: dict[str, dict[str, list[Reason]]] = defaultdict(lambda: defaultdict(list))
    for row in inputs.rows(table.filter(table.lead_id.isin(ids)).select("lead_id", "axis", "rule_id", "part", "millipoints")):
        axis, rule_id, part = str(row["axis"]), str(row["rule_id"]), str(row["part"])
        millipoints = int(str(row["millipoints"]))
        title, sentence = explainer.title(axis, rule_id, part), explainer.sentence(axis, rule_id, part, millipoints)
        found[str(row["lead_id"])][axis].append(Reason(title, sentence, millipoints, part != "rule"))
    return found


def _lead(row: dict[str, object], names: dict[str, tuple[str, str]], lines: dict[str, list[Reason]]) -> TopLead:
    lead_id = str(row["lead_id"])
    name, detail = names.get(lead_id, ("", ""))
    axes = tuple(
        AxisReasons(axis, int(str(row[f"{axis}_millipoints"])), str(row[letter]), shortened(lines.get(axis, [])))
        for axis, letter in zip(AXES, ("letter", "digit"), strict=True)
    )
    return TopLead(
        rank=int(str(row["rank"])),
        lead_id=lead_id,
        name=name or lead_id,
        detail=detail,
        rating=str(row["rating"]),
        potential=_float(row["potential"]),
        buying_stage=_text(row["buying_stage"]),
        temperature=_text(row["temperature"]),
        probability=_float(row["probability"]),
        flags=shown_names(_text(row["flags"])),
        roles=shown_names(_text(row["roles"])),
        coverage=_float(row["coverage"]) or 0.0,
        has_evidence=bool(row["enough_evidence"]),
        axes=axes,
    )


def shortened(reasons: list[Reason]) -> tuple[Reason, ...]:
    """Return the lines, largest gain first; where there are too many, the smallest ones as one exact sum."""
    if len(reasons) > REASONS:
        by_size = sorted(reasons, key=lambda reason: (-abs(reason.millipoints), reason.title))
        kept, rest = by_size[: REASONS - 1], by_size[REASONS - 1 :]
        return (*_ordered(kept), Reason("", "", sum(reason.millipoints for reason in rest), more=len(rest)))
    return _ordered(reasons)


def _ordered(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda reason: (reason.is_bound, -reason.millipoints, reason.title)))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))
