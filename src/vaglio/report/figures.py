"""Everything the report shows, as plain frozen values."""

from dataclasses import dataclass

from vaglio.dates import to_microseconds
from vaglio.document import fingerprint
from vaglio.proportion import Proportion
from vaglio.report.charts import Histogram, histogram
from vaglio.report.inputs import ReportInputs
from vaglio.report.leads import TopLead, top_leads
from vaglio.report.matrix import Cell, matrix
from vaglio.report.promises import Promise, promises
from vaglio.report.rules import RuleLine, rule_lines
from vaglio.report.spread import Spread, Tenth, coverage, spreads


@dataclass(frozen=True)
class Share:
    """So many leads of one kind, as a share of ``all``; the name is None for those of no kind."""

    name: str | None
    leads: int
    share: float


@dataclass(frozen=True)
class Figures:
    """The numbers of a whole report. Shares are of ``total``, every lead of the audience, unless said otherwise."""

    total: int
    rated: int
    excluded: int
    thin: int
    rows: tuple[tuple[Cell, ...], ...]
    destinations: tuple[Share, ...]
    accepted: Proportion | None
    promises: tuple[Promise, ...]
    spreads: tuple[tuple[Spread, Histogram], ...]
    leads: tuple[TopLead, ...]
    rules: tuple[RuleLine, ...]
    coverage: tuple[Tenth, ...]
    stages: tuple[Share, ...]
    exclusions: tuple[Share, ...]
    fingerprint: str
    known_at: int | None

    def cells(self) -> dict[str, Cell]:
        """Return every cell by its rating."""
        return {cell.rating: cell for row in self.rows for cell in row}

    def sales(self) -> tuple[Cell, ...]:
        """Return the cells that lead to sales."""
        return tuple(cell for cell in self.cells().values() if cell.is_sales)

    def silent(self) -> tuple[RuleLine, ...]:
        """Return the rules that gave nothing to anyone."""
        return tuple(line for line in self.rules if line.part == "rule" and not line.leads)


def figures(inputs: ReportInputs) -> Figures:
    """Ask the engine for every number of the report."""
    scores = inputs.scores
    row = inputs.rows(
        scores.aggregate(
            total=scores.count(),
            rated=scores.rating.count(),
            thin=(~scores.enough_evidence & scores.rating.notnull()).cast("int64").sum().fill_null(0),
            known=scores.known_at.max(),
        )
    )[0]
    total, rated, thin = (int(str(row[name])) for name in ("total", "rated", "thin"))
    rows = matrix(inputs, total)
    cells = {cell.rating: cell for cells in rows for cell in cells}
    found = [cell.accepted for cell in cells.values() if cell.accepted]
    return Figures(
        total=total,
        rated=rated,
        excluded=total - rated,
        thin=thin,
        rows=rows,
        destinations=_destinations(inputs, cells, total),
        accepted=Proportion(sum(part.hits for part in found), sum(part.total for part in found)) if found else None,
        promises=promises(inputs.document, cells, total),
        spreads=tuple((spread, histogram(spread)) for spread in spreads(inputs)),
        leads=top_leads(inputs),
        rules=rule_lines(inputs, total),
        coverage=coverage(inputs) if total else (),
        stages=_stages(inputs, rated),
        exclusions=_exclusions(inputs, total),
        fingerprint=fingerprint(inputs.document),
        known_at=to_microseconds(row["known"]) if row["known"] is not None else None,  # type: ignore[arg-type]
    )


def _destinations(inputs: ReportInputs, cells: dict[str, Cell], total: int) -> tuple[Share, ...]:
    if inputs.document.ratings is None:
        return ()
    names: dict[str | None, int] = dict.fromkeys(inputs.document.ratings.destinations(), 0)
    for cell in cells.values():
        names[cell.destination] = names.get(cell.destination, 0) + cell.leads
    return tuple(Share(name, leads, leads / total if total else 0.0) for name, leads in names.items())


def _stages(inputs: ReportInputs, rated: int) -> tuple[Share, ...]:
    """Return the buying stages of rated leads, the furthest first, then those who show none."""
    if not inputs.document.journey or not rated:
        return ()
    names = [stage.stage for stage in reversed(inputs.document.journey)]
    return _by(inputs, "buying_stage", [*dict.fromkeys(names), None], rated)


def _exclusions(inputs: ReportInputs, total: int) -> tuple[Share, ...]:
    return _by(inputs, "excluded_by", list(dict.fromkeys(rule.id for rule in inputs.document.exclude)), total) if total else ()


def _by(inputs: ReportInputs, column: str, names: list[str] | list[str | None], total: int) -> tuple[Share, ...]:
    table = inputs.scores
    if column == "buying_stage":
        table = table.filter(table.rating.notnull())
    counted = {
        row["name"]: int(str(row["leads"])) for row in inputs.rows(table.group_by(name=table[column]).aggregate(leads=table.count()))
    }
    return tuple(Share(name, counted.get(name, 0), counted.get(name, 0) / total) for name in names)
