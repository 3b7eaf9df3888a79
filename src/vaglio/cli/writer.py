"""Results to files and tables, wherever they were computed."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from vaglio.errors import DataError
from vaglio.files import write_rejected, write_table
from vaglio.paths import REJECTED, table_beside, table_name
from vaglio.scoring import Scored


def need_tables_held(engine: str, files: Sequence[Path]) -> None:
    """Refuse a result that is to be a table of an engine that holds none."""
    named = next((path for path in files if table_name(path) is not None), None)
    if named is not None and engine == "duckdb":
        raise DataError("table_unheld", f"{named} is a table, and duckdb holds none", "say where it is: --engine postgres or spark")


class Writer:
    """Writes results of an engine: tables by the engine itself, files by the reader, DuckDB, which is given the rows."""

    def __init__(self, engine: Any, reader: Any) -> None:
        self._engine = engine
        self._reader = reader
        self._brought: dict[int, Any] = {}

    def at_once(self) -> AbstractContextManager[None]:
        """Let tables that are written meanwhile be there together, or none of them, where the engine can."""
        return nullcontext() if self._engine is self._reader else self._engine.at_once()

    def write(self, table: Any, out: Path, order: Sequence[str]) -> None:
        """Write a result under its name, in an order that is the same whatever the engine; a table has none."""
        name = table_name(out)
        if name is not None:
            self._engine.save(table, name)
            return
        write_table(self._reader, self._bring(table).order_by(*order), out)

    def write_brought(self, table: Any, out: Path) -> None:
        """Write a result that the reader holds, in the order that it has."""
        name = table_name(out)
        if name is None:
            write_table(self._reader, table, out)
        else:
            rows = self._reader.arrow(table)
            instants = [column for column, kind in table.schema().items() if kind.is_timestamp()]
            for column in instants:  # engines take in no instants but as whole microseconds
                rows = rows.set_column(rows.schema.get_field_index(column), column, rows.column(column).cast("int64"))
            taken, steps = self._engine.load("vaglio_brought", rows), self._engine.steps("brought_")
            self._engine.save(taken.mutate(**{column: steps.instant(taken[column]) for column in instants}), name)

    def write_rejected(self, rejected: Any, out: Path) -> None:
        """Write the rows set aside beside a result; beside a table where there are any."""
        name = table_name(out)
        if name is None:
            write_rejected(rejected, out)
        elif rejected.num_rows or self._is_there(table_beside(name, REJECTED)):  # an earlier run's are no longer true
            self._engine.save(self._engine.load("vaglio_rejected", rejected), table_beside(name, REJECTED))

    def _is_there(self, name: str) -> bool:
        try:
            self._engine.find(name, "rejected")
        except DataError as error:
            if error.code != "table_missing":
                raise
            return False
        return True

    def brought(self, scored: Scored) -> Scored:
        """Return scores as tables of the engine that writes files."""
        lines, detail = (None if table is None else self._bring(table) for table in (scored.contributions, scored.detail))
        return replace(scored, scores=self._bring(scored.scores), contributions=lines, detail=detail)

    def _bring(self, table: Any) -> Any:
        if self._engine is self._reader:
            return table
        key = id(table)
        if key not in self._brought:
            self._brought[key] = self._reader.load(f"brought_{len(self._brought)}", self._engine.arrow(table))
        return self._brought[key]
