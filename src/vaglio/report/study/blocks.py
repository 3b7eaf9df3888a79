"""What a report of a study is made of. All texts are in the reader's language already."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vaglio.report.study.charts import Chart


@dataclass(frozen=True)
class Fact:
    """A figure that is shown large, under its name, with words beside it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table. ``is_wide``: left out on phones."""

    name: str
    is_number: bool = False
    is_wide: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table: a text per column. ``bar``: a share (0-1) drawn at its end; ``verdict``: kept, broken or unknown, drawn as a sign
    in the last column; ``note`` stands small under the first text.
    """

    texts: Sequence[str]
    note: str = ""
    bar: float | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Table:
    """A table with an optional heading over it."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str = ""
    note: str = ""
    kind: str = "table"

    @property
    def has_bars(self) -> bool:
        """Whether any row has a bar."""
        return any(row.bar is not None for row in self.rows)


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: its rating, what is shown large and under it, and how dark it is, 0 to 8."""

    rating: str
    big: str
    under: Sequence[str] = ()
    heat: int = 0
    is_outlined: bool = False


@dataclass(frozen=True)
class HeatMap:
    """The matrix A1-D4, a row of cells per letter."""

    rows: Sequence[Sequence[Cell]]
    title: str = ""
    note: str = ""
    kind: str = "heat"


@dataclass(frozen=True)
class Charts:
    """Charts side by side."""

    charts: Sequence[Chart]
    kind: str = "charts"


Block = Table | HeatMap | Charts


@dataclass(frozen=True)
class Section:
    """A part of a report under a heading of its own. ``id`` is its anchor."""

    id: str
    title: str
    words: str = ""
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class Study:
    """A whole report: the headline says what came out, not what was done."""

    title: str
    headline: str
    lead_in: str = ""
    facts: Sequence[Fact] = ()
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()
    made: Sequence[tuple[str, str]] = field(default_factory=tuple)
    language: str = "en"
