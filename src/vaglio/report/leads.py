"""The first leads to call, with every point accounted for."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import ibis

from vaglio.counted import Name, reasons_of
from vaglio.document import ModelDocument
from vaglio.report.inputs import ReportInputs
from vaglio.report.lines import Explainer, shown_names
from vaglio.terms import AXES, Axis

TOP, BEST = 50, 3
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
    best: tuple[tuple[str, int], ...]  # the rules and capped groups that gave most after caps, for a first look


def top_leads(inputs: ReportInputs) -> tuple[TopLead, ...]:
    """Return the first rated leads by rank, at most fifty."""
    scores = inputs.scores
    first = scores.filter(scores.rating.notnull()).order_by("rank").limit(TOP)
    rows = inputs.rows(first.drop("as_of", "known_at"))
    ids = [str(row["lead_id"]) for row in rows]
    if not ids:
        return ()
    names = _names(inputs, ids)
    lines, explainer = _lines(inputs, ids), Explainer(inputs.document)
    return tuple(_lead(row, names, lines[str(row["lead_id"])], explainer) for row in rows)


def _names(inputs: ReportInputs, ids: list[str]) -> dict[str, tuple[str, str]]:
    if inputs.names is None:
        return {}
    rows = inputs.rows(inputs.names.filter(inputs.names.lead_id.isin(ids)).select("lead_id", "name", "detail"))
    return {str(row["lead_id"]): (str(row["name"] or ""), str(row["detail"] or "")) for row in rows}


def _lines(inputs: ReportInputs, ids: list[str]) -> dict[str, dict[Name, int]]:
    table: ibis.Table = inputs.contributions
    found: dict[str, dict[Name, int]] = defaultdict(dict)
    for row in inputs.rows(table.filter(table.lead_id.isin(ids)).select("lead_id", "axis", "rule_id", "part", "millipoints")):
        name = str(row["axis"]), str(row["rule_id"]), str(row["part"])
        found[str(row["lead_id"])][name] = int(str(row["millipoints"]))
    return found


def _reasons(explainer: Explainer, lines: Mapping[Name, int], axis: Axis) -> list[Reason]:
    return [
        Reason(explainer.title(*name), explainer.sentence(*name, millipoints), millipoints, name[2] != "rule")
        for name, millipoints in lines.items()
        if name[0] == axis
    ]


def _best(document: ModelDocument, lines: Mapping[Name, int]) -> tuple[tuple[str, int], ...]:
    gains = [(name, points) for (_axis, name, part), points in reasons_of(document, lines).items() if part == "rule" and points > 0]
    return tuple(gains[:BEST])


def _lead(row: dict[str, object], names: dict[str, tuple[str, str]], lines: Mapping[Name, int], explainer: Explainer) -> TopLead:
    lead_id = str(row["lead_id"])
    name, detail = names.get(lead_id, ("", ""))
    axes = tuple(
        AxisReasons(axis, int(str(row[f"{axis}_millipoints"])), str(row[letter]), shortened(_reasons(explainer, lines, axis)))
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
        best=_best(explainer.document, lines),
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
