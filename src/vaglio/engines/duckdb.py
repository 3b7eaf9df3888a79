"""DuckDB: the default engine; files are its tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from vaglio.errors import EngineError
from vaglio.plan.session import Order

_SQL_TYPES = {"int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN"}


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), "uint64"))  # type: ignore[untyped-decorator]
def _hash(text: Any) -> Any:
    """Return DuckDB's hash of a text."""


class DuckDBEngine:
    """An in-memory DuckDB that spills to ``spill`` when memory runs short."""

    name = "duckdb"

    def __init__(self, *, spill: str | Path | None = None, memory_limit: str | None = None, threads: int | None = None) -> None:
        self.raw = duckdb.connect()
        self.raw.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true; SET enable_progress_bar = false")
        for setting, value in (("temp_directory", spill), ("memory_limit", memory_limit)):
            if value is not None:
                self.raw.execute(f"SET {setting} = '{str(value).replace(chr(39), chr(39) * 2)}'")
        if threads:
            self.raw.execute(f"SET threads = {int(threads)}")
        self.ibis: Any = ibis.duckdb.from_connection(self.raw)
        self._sessions = count()

    def close(self) -> None:
        """Forget everything."""
        self.raw.close()

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table."""
        return self._create(name, rows)

    def _create(self, name: str, rows: pa.Table) -> ibis.Table:
        self.raw.register("vaglio_incoming", rows)
        try:
            self.raw.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM vaglio_incoming')
        finally:
            self.raw.unregister("vaglio_incoming")
        return self._known(name, ibis.Schema.from_pyarrow(rows.schema))

    def _known(self, name: str, schema: ibis.Schema) -> ibis.Table:
        """Return a table whose columns are known, without asking DuckDB for them again."""
        return ops.DatabaseTable(name=name, schema=schema, source=self.ibis, namespace=ops.Namespace()).to_expr()

    def table(self, name: str) -> ibis.Table:
        """Return a table or view of this DuckDB by name."""
        return self.ibis.table(name)

    def session(self) -> "DuckDBSession":
        """Start one scoring pass."""
        return DuckDBSession(self, f"s{next(self._sessions)}_")

    def typed_sql(self, table: ibis.Table) -> str:
        """Return the SQL of an expression with every column cast to the type it declares (sums of BIGINT are HUGEINT)."""
        columns = ", ".join(
            f'CAST("{name}" AS {_SQL_TYPES[str(kind)]}) AS "{name}"' if str(kind) in _SQL_TYPES else f'"{name}"'
            for name, kind in table.schema().items()
        )
        return f"SELECT {columns} FROM ({self._compile(table)}) AS typed"

    def _compile(self, table: ibis.Table) -> str:
        # Fusing nested selects is DuckDB's own optimiser's work, and the slowest part of ibis's.
        ibis.options.sql.fuse_selects = False
        return str(self.ibis.compile(table))

    def arrow(self, table: ibis.Table) -> pa.Table:
        """Return a result with the types it declares."""
        with self.failing():
            return self.raw.sql(self.typed_sql(table)).to_arrow_table()

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Turn DuckDB's failures into ours."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise EngineError(self.name, str(error).splitlines()[0], "give it more memory or disk, or score fewer activities") from error
        except duckdb.Error as error:
            raise EngineError(self.name, str(error).splitlines()[0], "see the facts named in the message") from error


class DuckDBSession:
    """One scoring pass; its steps are temporary tables."""

    def __init__(self, engine: DuckDBEngine, prefix: str) -> None:
        self._engine = engine
        self._prefix = prefix
        self._names: list[str] = []

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Compute a step into a temporary table."""
        return self._step(name, table)

    def ranked(self, name: str, table: ibis.Table, order: Sequence[Order]) -> ibis.Table:
        """Compute a step into a temporary table, sorted: a row's number is its rank, for less than half of what a window costs."""
        keys = ", ".join(f'"{each.column}" {"DESC" if each.down else "ASC"}' for each in order)
        kept = self._step(name, table, f" ORDER BY {keys}")
        return kept.mutate(rank=kept.rowid() + 1)

    def upload(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return a mapping as a temporary table."""
        full = self._name(name)
        with self._engine.failing():
            return self._engine._create(full, rows)

    def coded(self, text: ibis.Value) -> ibis.Value:
        """Return 62 bits of the text's hash: DuckDB works it out once per entry of a dictionary, not once per row."""
        code: ibis.Value = (_hash(text) & ibis.literal(2**62 - 1, "uint64")).cast("int64")
        return code

    def fetch(self, table: ibis.Table) -> pa.Table:
        """Return a small answer."""
        return self._engine.arrow(table)

    def close(self) -> None:
        """Drop every step."""
        for name in self._names:
            self._engine.raw.execute(f'DROP TABLE IF EXISTS "{name}"')
        self._names.clear()

    def _step(self, name: str, table: ibis.Table, order: str = "") -> ibis.Table:
        full = self._name(name)
        with self._engine.failing():
            self._engine.raw.execute(f'CREATE TEMP TABLE "{full}" AS {self._engine.typed_sql(table)}{order}')
        return self._engine._known(full, table.schema())

    def _name(self, name: str) -> str:
        self._names.append(f"{self._prefix}{name}")
        return self._names[-1]
