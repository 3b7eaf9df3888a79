"""What a report is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ibis

from vaglio.document import ModelDocument
from vaglio.engine import Engine


@dataclass(frozen=True)
class ReportInputs:
    """One scored result and what is known beside it; the tables belong to ``engine`` and are only aggregated.

    Attributes
    ----------
    scores, contributions : ibis.Table
        The columns of :mod:`vaglio.results`, one row per lead of the audience and one per line of explanation.
    names : ibis.Table, optional
        ``lead_id``, ``name``, ``detail``: lines of text to show instead of the id.
    outcomes : ibis.Table, optional
        ``lead_id``, ``outcome`` (accepted, rejected, won, lost), ``occurred_us``, ``value``; later ones than ``as_of`` are left out.
    as_of : int
        The time the scores are true for [microseconds UTC].
    warnings : sequence of str
        What the reader should know about the data or the model, a sentence each.
    counts : mapping
        How many rows of each kind of fact were read.
    language : str
        Of the report's words; English where there is no translation.
    """

    engine: Engine
    document: ModelDocument
    scores: ibis.Table
    contributions: ibis.Table
    names: ibis.Table | None
    outcomes: ibis.Table | None
    as_of: int
    warnings: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    language: str = "en"

    def rows(self, table: ibis.Table) -> list[dict[str, object]]:
        """Return a small answer as plain rows."""
        found: list[dict[str, object]] = self.engine.arrow(table).to_pylist()
        return found
