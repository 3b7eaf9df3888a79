"""The matrix A1-D4: how many leads each rating holds, where it leads to and what became of them."""

from dataclasses import dataclass, replace
from math import ceil, sqrt

import ibis

from vaglio.proportion import Proportion
from vaglio.report.heat import HEATS
from vaglio.report.inputs import ReportInputs
from vaglio.terms import COUNTS_AS, DIGITS, LETTERS, RATINGS


@dataclass(frozen=True)
class Cell:
    """One rating. ``accepted`` and ``won`` are None where no outcomes are given; who is won counts as accepted."""

    rating: str
    leads: int
    share: float
    heat: int
    destination: str | None
    is_sales: bool
    potential: float
    accepted: Proportion | None = None
    won: Proportion | None = None
    won_value: float = 0.0
    accepted_heat: int = 0


def matrix(inputs: ReportInputs, total: int) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells, a row per letter; ``share`` is of all leads of the audience."""
    counted = {str(row["rating"]): row for row in inputs.rows(_counts(inputs))}
    most = max((int(str(row["leads"])) for row in counted.values()), default=0)
    flat = {rating: _cell(inputs, rating, counted.get(rating, {}), (total, most)) for rating in RATINGS}
    flat = _heated(flat)
    return tuple(tuple(flat[letter + digit] for digit in DIGITS) for letter in LETTERS)


def _heated(cells: dict[str, Cell]) -> dict[str, Cell]:
    """Colour outcomes by their share of the best cell that has leads enough."""
    shares = {rating: cell.accepted.share for rating, cell in cells.items() if cell.accepted and cell.accepted.is_enough}
    best = max(shares.values(), default=0.0)
    return {
        rating: replace(cell, accepted_heat=ceil(shares[rating] / best * HEATS) if shares.get(rating) else 0)
        for rating, cell in cells.items()
    }


def _counts(inputs: ReportInputs) -> ibis.Table:
    scores = inputs.scores.select("lead_id", "rating", "potential")
    scores = scores.filter(scores.rating.notnull())
    figures = {"leads": scores.count(), "potential": scores.potential.sum().fill_null(0.0)}
    if inputs.outcomes is None:
        return scores.group_by("rating").aggregate(**figures)
    reached = _reached(inputs.outcomes, inputs.as_of)
    joined = scores.join(reached, scores.lead_id == reached.reached_id, how="left")
    return joined.group_by("rating").aggregate(
        leads=joined.count(),
        potential=joined.potential.sum().fill_null(0.0),
        accepted=joined.accepted.sum().fill_null(0),
        won=joined.won.sum().fill_null(0),
        won_value=joined.won_value.sum().fill_null(0.0),
    )


def _reached(outcomes: ibis.Table, as_of: int) -> ibis.Table:
    """Return a row per lead with 1 or 0 for whether it was ever accepted or won: sales wins only what it took on."""
    known = outcomes.filter(outcomes.occurred_us <= as_of)
    won = known.outcome == "won"
    return known.group_by(reached_id=known.lead_id).aggregate(
        accepted=known.outcome.isin(COUNTS_AS["accepted"]).cast("int64").max(),
        won=won.cast("int64").max(),
        won_value=ibis.ifelse(won, known.value.cast("float64"), 0.0).sum(),
    )


def _cell(inputs: ReportInputs, rating: str, row: dict[str, object], sizes: tuple[int, int]) -> Cell:
    total, most = sizes
    leads = int(str(row.get("leads", 0)))
    destination = inputs.document.destination(rating)
    cell = Cell(
        rating,
        leads,
        leads / total if total else 0.0,
        _heat(leads, most),
        destination,
        destination == "sales",
        float(str(row.get("potential", 0))),
    )
    return cell if inputs.outcomes is None else _with_outcomes(cell, row)


def _with_outcomes(cell: Cell, row: dict[str, object]) -> Cell:
    accepted = Proportion(int(str(row.get("accepted", 0))), cell.leads)
    won = Proportion(int(str(row.get("won", 0))), cell.leads)
    return replace(cell, accepted=accepted, won=won, won_value=float(str(row.get("won_value", 0))))


def _heat(leads: int, most: int) -> int:
    """Return 0 for none, else 1 to 8; by the root, so that small cells can still be told apart."""
    return max(1, ceil(sqrt(leads / most) * HEATS)) if leads else 0
