"""DuckDB: the default engine; files are its tables."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from vaglio.connections import connect
from vaglio.dialect import DIVIDED, FADED, FOLDED, MATCHED, PLACED, POINTS, ROUNDED, STOPPED, Dialect, Trait
from vaglio.engine import Run, compile_ahead, compiling, kept_text, named_table, planning
from vaglio.errors import DataError, EngineError
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.steps import Keep, ListedSteps, Order, with_instants

SQL_TYPES = {"int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN"}


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), "uint64"))  # type: ignore[untyped-decorator]
def _hash(text: Any) -> Any:
    """Return DuckDB's hash of a text."""


def _hash_of(row: Any) -> Any:
    """Stand for DuckDB's hash of several values."""


@contextmanager
def within_memory() -> Iterator[None]:
    """Turn DuckDB's running out of memory, whatever it was at, into ours."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise EngineError("duckdb", str(error).splitlines()[0], "give it more memory or disk, or score fewer activities") from error


_OF_FILES = ("Failed to read file", "TProtocolException", "TTransportException")  # what DuckDB says of Parquet that is broken inside
_BROKEN = "a Parquet file that is read is damaged; copy or export it again"


class DuckDBEngine:
    """An in-memory DuckDB that spills to ``spill`` when memory runs short."""

    name = "duckdb"
    dialect = Dialect(
        rounding=Trait("away", ROUNDED),
        integer_division=Trait("double", DIVIDED),
        overflow=Trait("fails", STOPPED),
        sums=Trait("HUGEINT", "Every result is cast to its type."),
        decimals=Trait("decimal", POINTS),
        powers=Trait("zero", FADED),
        number_text=Trait("1000000000000000.0", "The others are made to write doubles like this, which is Python's way."),
        null_order=Trait("last", PLACED),
        text_order=Trait("bytes", "Of UTF-8, which is the order of code points."),
        case_folding=Trait("one", FOLDED),
        regular_expressions=Trait("RE2", MATCHED),
        time_zones=Trait("UTC", "The session's zone is set; instants are whole microseconds until they are shown."),
    )

    def __init__(self, *, spill: str | Path | None = None, memory_limit: str | None = None, threads: int | None = None) -> None:
        self.raw = connect()
        self.raw.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true; SET enable_progress_bar = false")
        # Tidying up tables in memory takes a fifth of a second of a run that has dropped them when it ends.
        self.raw.execute("SET checkpoint_threshold = '1TB'")
        if spill is not None:
            self._set("temp_directory", str(spill))
        if memory_limit is not None:
            self._limit(memory_limit)
        if threads:
            self.raw.execute(f"SET threads = {int(threads)}")
        self.ibis: Any = ibis.duckdb.from_connection(self.raw)
        self._runs = count()
        self.compiled = 0  # statements ibis wrote so far

    def _set(self, setting: str, value: str) -> None:
        self.raw.execute(f"SET {setting} = '{value.replace(chr(39), chr(39) * 2)}'")

    def _limit(self, memory: str) -> None:
        try:
            if not memory.strip()[:1].isdigit():  # DuckDB takes less than nothing for no limit
                raise ValueError(memory)
            self._set("memory_limit", memory)
        except (ValueError, duckdb.Error) as error:
            self.raw.close()
            raise DataError("memory_invalid", f"the limit of memory, {memory!r}, is no amount to work with", "write it as 4GB") from error

    def close(self) -> None:
        """Forget everything."""
        self.raw.close()

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table."""
        with self._turned("python_enable_replacements", on=True):
            self.take(name, rows)
        return self.known(name, ibis.Schema.from_pyarrow(rows.schema))

    def take(self, name: str, rows: pa.Table) -> None:
        """Take rows in memory as a table of this name, which :meth:`load` and :meth:`carrying_out` let it find."""
        vaglio_incoming = rows  # noqa: F841 - found by its name: a millisecond less than registering it, of a mapping's two or three
        self.raw.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM vaglio_incoming')

    def known(self, name: str, schema: ibis.Schema) -> ibis.Table:
        """Return a table whose columns are known, without asking DuckDB for them again."""
        return named_table(name, schema, self.ibis)

    def table(self, name: str) -> ibis.Table:
        """Return a table or view of this DuckDB by name."""
        return self.ibis.table(name)

    def steps(self, token: str) -> "DuckDBSteps":
        """Start a plan."""
        return DuckDBSteps(token)

    def run(self, facts: Facts, at: Instants) -> "DuckDBRun":
        """Start a run."""
        return DuckDBRun(self, facts, at, f"s{next(self._runs)}_")

    def typed_sql(self, table: ibis.Table) -> str:
        """Return the SQL of an expression with every column cast to the type it declares (sums of BIGINT are HUGEINT)."""
        columns = ", ".join(
            f'CAST("{name}" AS {SQL_TYPES[str(kind)]}) AS "{name}"' if str(kind) in SQL_TYPES else f'"{name}"'
            for name, kind in table.schema().items()
        )
        return f"SELECT {columns} FROM ({self._compile(table)}) AS typed"

    def _compile(self, table: ibis.Table) -> str:
        # Fusing nested selects is DuckDB's own optimiser's work, and the slowest part of ibis's.
        self.compiled += 1
        with planning(self.name), compiling(fused=False):
            return str(self.ibis.compile(table))

    def compile_ahead(self, plan: Plan, enough: Event) -> None:
        """Compile a plan's steps ahead of whoever runs it."""
        compile_ahead(plan, enough, self.typed_sql)

    def arrow(self, table: ibis.Table) -> pa.Table:
        """Return a result with the types it declares."""
        with self.failing():
            return self.raw.sql(self.typed_sql(table)).to_arrow_table()

    @contextmanager
    def carrying_out(self) -> Iterator[None]:
        """Let steps take rows in memory, and keep rows in whatever order they are ready, where no order is asked for."""
        with self._turned("python_enable_replacements", on=True), self._turned("preserve_insertion_order", on=False):
            yield

    @contextmanager
    def _turned(self, setting: str, *, on: bool) -> Iterator[None]:
        self._set(setting, str(on))
        try:
            yield
        finally:
            self._set(setting, str(not on))

    def failing(self) -> AbstractContextManager[None]:
        """Turn DuckDB's failures into ours."""
        return failing()


@contextmanager
def failing() -> Iterator[None]:
    """Turn DuckDB's failures into ours."""
    try:
        with within_memory():
            yield
    except duckdb.Error as error:
        raise failed(error) from error


def failed(error: duckdb.Error) -> EngineError:
    """Return a failure of DuckDB's as ours."""
    said = str(error).splitlines()[0]
    return EngineError("duckdb", said, _BROKEN if any(each in said for each in _OF_FILES) else "this is what DuckDB says")


class DuckDBSteps(ListedSteps):
    """A plan in DuckDB's words."""

    def ranked(self, name: str, table: ibis.Table, order: Sequence[Order]) -> ibis.Table:
        """Compute a step sorted: a row's number is its rank, for less than half of what a window costs."""
        self.made.append(Keep(name, table, tuple(order)))
        kept = self.named(name, table.schema())
        return kept.mutate(rank=kept.rowid() + 1)

    def coded(self, text: ibis.Value) -> ibis.Value:
        """Return 62 bits of the text's hash: DuckDB works it out once per entry of a dictionary, not once per row."""
        code: ibis.Value = (_hash(text) & ibis.literal(2**62 - 1, "uint64")).cast("int64")
        return code

    def digested(self, values: Sequence[ibis.Value]) -> ibis.Value:
        """Return bits of DuckDB's own hash of them all, which costs less than half of a text's; another DuckDB may have another."""
        row = ibis.struct({f"v{number}": value for number, value in enumerate(values)})
        hashed = ibis.udf.scalar.builtin(_hash_of, name="hash", signature=((row.type(),), "uint64"))
        digest: ibis.Value = (hashed(row) & ibis.literal(2**62 - 1, "uint64")).cast("int64")
        return digest


class DuckDBRun(Run):
    """One run; its steps are temporary tables whose names begin with ``prefix``."""

    def __init__(self, engine: DuckDBEngine, facts: Facts, at: Instants, prefix: str) -> None:
        super().__init__(at)
        self._engine = engine
        self._prefix = prefix
        self._tables: list[str] = []
        self._views: list[str] = []
        for name, table in facts.tables().items():
            self._view(name, engine.typed_sql(table) if not _is_named(table) else f'SELECT * FROM "{table.get_name()}"')

    def carry_out(self, plan: Plan) -> None:
        """Do the steps; of a plan that is new, the texts of later steps are written while DuckDB works on earlier ones."""
        with self._engine.carrying_out():
            if plan.texts:
                super().carry_out(plan)
                return
            enough = Event()
            with ThreadPoolExecutor(max_workers=1) as ahead:
                ahead.submit(self._engine.compile_ahead, plan, enough)  # should it fail, whoever needs that text fails alike
                try:
                    super().carry_out(plan)
                finally:
                    enough.set()

    def keep(self, plan: Plan, text: str, step: Keep) -> None:
        """Compute a table, sorted where it has an order."""
        keys = ", ".join(f'"{each.column}" {"DESC" if each.down else "ASC"}' for each in step.order)
        self._tables.append(step.name)
        sql = self._text(plan, text, step.table)
        self._execute(f'CREATE TEMP TABLE "{self._prefix}{step.name}" AS {sql}{f" ORDER BY {keys}" if keys else ""}')

    def forget(self, name: str) -> None:
        """Drop a table."""
        self._tables.remove(name)
        self._execute(f'DROP TABLE "{self._prefix}{name}"')

    def ask(self, plan: Plan, text: str, table: ibis.Table) -> pa.Table:
        """Return a small answer."""
        sql = self._text(plan, text, table)
        with self._engine.failing():
            return self._engine.raw.sql(sql).to_arrow_table()

    def put(self, plan: Plan, name: str, rows: pa.Table) -> None:
        """Take a mapping as a temporary table."""
        self._tables.append(name)
        with self._engine.failing():
            self._engine.take(self._prefix + name, rows)

    def table(self, plan: Plan, result: str) -> ibis.Table:
        """Return a result as a view."""
        table = plan.results[result]
        self._view(f"result_{result}", self._text(plan, f"result {result}", table))
        return self._engine.known(f"{self._prefix}result_{result}", table.schema())

    def close(self) -> None:
        """Drop every step."""
        drops = [f'DROP VIEW IF EXISTS "{self._prefix}{name}"' for name in reversed(self._views)]
        drops += [f'DROP TABLE IF EXISTS "{self._prefix}{name}"' for name in self._tables]
        self._engine.raw.execute("; ".join(drops))
        self._tables.clear()
        self._views.clear()

    def _view(self, name: str, sql: str) -> None:
        self._views.append(name)
        self._execute(f'CREATE TEMP VIEW "{self._prefix}{name}" AS {sql}')

    def _execute(self, sql: str) -> None:
        with self._engine.failing():
            self._engine.raw.execute(sql)

    def _text(self, plan: Plan, text: str, table: ibis.Table) -> str:
        """Return the SQL of a step for this run."""
        sql = str(kept_text(plan, text, lambda: self._engine.typed_sql(table)))
        return with_instants(sql, plan.token, vars(self.found.at)).replace(plan.token, self._prefix)


def _is_named(table: ibis.Table) -> bool:
    return isinstance(table.op(), ops.DatabaseTable)
