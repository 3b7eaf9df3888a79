"""What the plan needs of an engine: keep a step, upload a mapping, fetch a small answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import ibis
import pyarrow as pa


@dataclass(frozen=True)
class Order:
    """A column that rows are ordered by, the least first, or with ``down`` the greatest; without nulls, whose place differs by engine."""

    column: str
    down: bool = False


class Session(Protocol):
    """One scoring pass on one engine. Steps are kept under names that are unique within the session."""

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Compute a step once and return it as a table."""

    def ranked(self, name: str, table: ibis.Table, order: Sequence[Order]) -> ibis.Table:
        """Compute a step once and return it with one more column, ``rank``: each row's place in an order without ties, from 1."""

    def upload(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return a mapping made in Python as a table of the engine."""

    def coded(self, text: ibis.Value) -> ibis.Value | None:
        """Return a whole number from 0 on that stands for a text, null included; None: this engine has none, texts are compared."""

    def fetch(self, table: ibis.Table) -> pa.Table:
        """Return a small answer, such as the distinct values of a field."""


def distinct_texts(session: Session, table: ibis.Table, columns: list[str]) -> dict[str, list[str]]:
    """Return the distinct values of some text columns but null, found in one go."""
    if not columns:
        return {}
    parts = [
        table.select(text=column).distinct().mutate(place=ibis.literal(place, "int64")) for place, column in enumerate(columns)
    ]  # fmt: skip
    rows = session.fetch(ibis.union(*parts) if len(parts) > 1 else parts[0])
    found: dict[str, list[str]] = {column: [] for column in columns}
    for place, text in zip(rows.column("place").to_pylist(), rows.column("text").to_pylist(), strict=True):
        if text is not None:
            found[columns[place]].append(text)
    return found
