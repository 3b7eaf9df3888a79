"""SQLite, in memory: the engine for a few leads at a time. It keeps its statements prepared, where DuckDB plans each anew for longer than
it runs; for many leads it is the slower one.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any

import ibis
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.sqlite import SQLiteCompiler

from vaglio.dates import from_microseconds
from vaglio.dialect import DIVIDED, FADED, FOLDED, MATCHED, PLACED, POINTS, ROUNDED, Dialect, Trait
from vaglio.engine import Run, compiling, kept_text, named_table, planning
from vaglio.errors import EngineError
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.steps import Keep, PlacedSteps, with_instants

PREPARED = 1_024  # statements kept ready
KEYS = 12  # columns that a mapping is joined by, or more
PLANS = 8  # whose tables are kept; of more, the first is forgotten


class _Compiler(SQLiteCompiler):  # type: ignore[misc]
    """ibis's words for SQLite, but for remainders: ``mod`` makes doubles of whole numbers, ``%`` does not; and for doubles as text, of
    which SQLite writes 15 digits, so that two of them may look like one.
    """

    __slots__ = ()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Return a value as another type."""
        if op.arg.dtype.is_floating() and to.is_string():
            return sge.Anonymous(this="double_text", expressions=[arg])
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Modulus(self, op: Any, *, left: Any, right: Any) -> Any:
        """Return the remainder of whole numbers."""
        return self.binop(sge.Mod, left, right)


class SQLiteSteps(PlacedSteps):
    """A plan in SQLite's words."""

    packs = False
    by_row = True

    def shallow(self, name: str, table: ibis.Table) -> ibis.Table:
        """Keep a table, since SQLite's parser goes only so deep."""
        return self.keep(name, table)

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as they are: SQLite has no instants, so they are made of what comes out."""
        return _as_it_is(microseconds, microseconds)


@ibis.udf.scalar.builtin(name="ifnull", signature=(("int64", "int64"), "timestamp('UTC')"))  # type: ignore[untyped-decorator]
def _as_it_is(value: Any, again: Any) -> Any:
    """Return the first of two values, with another type to ibis."""


class SQLiteEngine:
    """An in-memory SQLite, for one thread at a time."""

    name = "sqlite"
    dialect = Dialect(
        rounding=Trait("away", ROUNDED),
        integer_division=Trait("whole", DIVIDED),
        overflow=Trait("double", "Such a result is refused when it is read."),
        sums=Trait("integer", "A sum that overflows fails."),
        decimals=Trait("double", POINTS),
        powers=Trait("zero", FADED),
        number_text=Trait("1.0e+15", "A function of Python writes doubles."),
        null_order=Trait("first", PLACED),
        text_order=Trait("bytes", "Of UTF-8, which is the order of code points."),
        case_folding=Trait("none", FOLDED),
        regular_expressions=Trait("none", MATCHED),
        time_zones=Trait("none", "Instants are whole microseconds, and made into instants when they are read."),
    )

    def __init__(self) -> None:
        self.raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=PREPARED)
        self.raw.create_function("double_text", 1, _double_text, deterministic=True)
        self.compiled = 0  # statements ibis wrote so far
        self._tables: dict[str, pa.Schema] = {}
        self._loaded: dict[str, _Loaded] = {}
        self._plans: dict[int, tuple[Plan, str]] = {}
        self._numbers = count()

    def close(self) -> None:
        """Forget everything."""
        self.raw.close()

    def steps(self, token: str) -> SQLiteSteps:
        """Start a plan."""
        return SQLiteSteps(token)

    def run(self, facts: Facts, at: Instants) -> "SQLiteRun":
        """Start a run over facts that this engine has loaded."""
        return SQLiteRun(self, facts, at)

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table."""
        table = self._loaded.get(name)
        if table is None or table.schema != rows.schema:
            table = self._loaded[name] = _Loaded(rows.schema, named_table(name, ibis.Schema.from_pyarrow(rows.schema)))
        self.fill(name, rows, keys=0)
        return table.table

    def fill(self, name: str, rows: pa.Table, keys: int) -> None:
        """Put rows into a table, in place of those that are there; see :meth:`clear`."""
        self.clear(name, rows.schema, keys)
        places = ", ".join("?" * len(rows.schema))
        with self.together(), self.failing():
            self.raw.executemany(
                f'INSERT INTO "{name}" VALUES ({places})', zip(*(column.to_pylist() for column in rows.columns), strict=True)
            )

    def clear(self, name: str, schema: pa.Schema, keys: int) -> None:
        """Make a table without rows, or clear the one that is there; ``keys`` is how many columns it is found by, the first ones."""
        with self.failing():
            if self._tables.get(name) == schema:
                self.raw.execute(f'DELETE FROM "{name}"')
                return
            columns = ", ".join(f'"{column.name}" {_kind(column.type)}' for column in schema)
            self._tables.pop(name, None)  # should the new one not come to be, the old one is gone all the same
            self.raw.execute(f'DROP TABLE IF EXISTS "{name}"')
            self.raw.execute(f'CREATE TABLE "{name}" ({columns})')
            if keys:
                indexed = ", ".join(f'"{column}"' for column in schema.names[:keys])
                self.raw.execute(f'CREATE INDEX "{name}_by" ON "{name}" ({indexed})')
            self._tables[name] = schema

    def prefix(self, plan: Plan) -> str:
        """Return what the names of a plan's tables begin with."""
        if id(plan) not in self._plans:
            if len(self._plans) >= PLANS:
                self._forget(next(iter(self._plans)))
            self._plans[id(plan)] = (plan, f"plan{next(self._numbers)}_")
        return self._plans[id(plan)][1]

    def _forget(self, number: int) -> None:
        _plan, prefix = self._plans.pop(number)
        for name in [name for name in self._tables if name.startswith(prefix)]:
            self.raw.execute(f'DROP TABLE "{name}"')
            del self._tables[name]

    def compile_ahead(self, plan: Plan, enough: Event) -> None:
        """Do nothing: SQLite tells of no digests, so nobody brings scores forward with it."""

    def sql(self, table: ibis.Table) -> str:
        """Return the SQL of an expression."""
        self.compiled += 1
        with planning(self.name), compiling(fused=True):
            return _flat(_Compiler().to_sqlglot(table)).sql("sqlite")

    def arrow(self, table: ibis.Table) -> pa.Table:
        """Return a result with the types it declares."""
        return self.rows(self.sql(table), table.schema().to_pyarrow(), {})

    def rows(self, sql: str, schema: pa.Schema, values: dict[str, int]) -> pa.Table:
        """Return what a statement gives."""
        with self.failing():
            found = self.raw.execute(sql, values).fetchall()
        columns = list(zip(*found, strict=True)) or [() for _name in schema]
        made = [_typed(column, field.type) for column, field in zip(columns, schema, strict=True)]
        with self.failing():
            return pa.table(made, schema=schema)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do several things in one transaction: one for each row that is written takes twice as long.

        Nothing is taken back when one of them fails: each leaves all or nothing of itself, and ``_tables`` says what is there.
        """
        if self.raw.in_transaction:
            yield
            return
        self.raw.execute("BEGIN")
        try:
            yield
        finally:
            if self.raw.in_transaction:
                self.raw.execute("COMMIT")
            else:  # out of memory, for example: SQLite took everything back
                self._tables.clear()

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Turn SQLite's failures into ours."""
        try:
            yield
        except (sqlite3.Error, pa.ArrowException) as error:  # a whole number that overflows is a double to SQLite, and none to Arrow
            raise EngineError(self.name, str(error), "this is what SQLite says") from error


_CHAINS = ((sge.Add, sge.Sub), (sge.And,), (sge.Or,), (sge.DPipe,))  # operators that are worked out from left to right anyway


def _flat(statement: Any) -> Any:
    """Drop the parentheses of ``((a + b) + c) + d``: SQLite's parser takes a hundred of them and no more."""
    for paren in list(statement.find_all(sge.Paren)):
        above, inside = paren.parent, paren.this
        if any(isinstance(above, chain) and isinstance(inside, chain) for chain in _CHAINS) and above.this is paren:
            paren.replace(inside)
    return statement


@dataclass(frozen=True)
class _Loaded:
    """A table that was loaded, as ibis knows it."""

    schema: pa.Schema
    table: ibis.Table


def _kind(kind: pa.DataType) -> str:
    """Return how SQLite is to hold a type: what is neither text nor double is a whole number here."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "TEXT"
    return "REAL" if pa.types.is_floating(kind) else "INTEGER"


def _double_text(value: float | None) -> str | None:
    return None if value is None else str(value)


def _typed(column: tuple[Any, ...], kind: pa.DataType) -> list[Any]:
    if pa.types.is_boolean(kind):
        return [None if value is None else bool(value) for value in column]
    if pa.types.is_timestamp(kind):
        return [None if value is None else from_microseconds(value) for value in column]
    return list(column)


class SQLiteRun(Run):
    """One run; its steps are tables of its plan, cleared before they are filled."""

    def __init__(self, engine: SQLiteEngine, facts: Facts, at: Instants) -> None:
        super().__init__(at)
        self._engine = engine
        self._facts = {name: table.get_name() for name, table in facts.tables().items()}

    def carry_out(self, plan: Plan) -> None:
        """Do every step of a plan: its tables are its own, so what another plan did before is not done for this one."""
        self._done.clear()
        with self._engine.together():
            super().carry_out(plan)

    def keep(self, plan: Plan, text: str, step: Keep) -> None:
        """Compute a table."""
        name = self._engine.prefix(plan) + step.name
        compiled = self._compiled(plan, text, step.table)
        self._engine.clear(name, compiled.schema, keys=1)
        with self._engine.failing():
            self._engine.raw.execute(f'INSERT INTO "{name}" {compiled.sql}', vars(self.found.at))

    def forget(self, name: str) -> None:
        """Do nothing: a table is cleared before it is filled."""

    def ask(self, plan: Plan, text: str, table: ibis.Table) -> pa.Table:
        """Return a small answer."""
        compiled = self._compiled(plan, text, table)
        return self._engine.rows(compiled.sql, compiled.schema, vars(self.found.at))

    def put(self, plan: Plan, name: str, rows: pa.Table) -> None:
        """Take a mapping."""
        self._engine.fill(self._engine.prefix(plan) + name, rows, keys=KEYS)

    def table(self, plan: Plan, result: str) -> ibis.Table:
        """Return a result as a table that stands until the next run of its plan."""
        table = plan.results[result]
        self.keep(plan, f"result {result}", Keep(f"result_{result}", table))
        return named_table(f"{self._engine.prefix(plan)}result_{result}", table.schema())

    def close(self) -> None:
        """Do nothing: the next run clears what this one filled."""

    def _compiled(self, plan: Plan, text: str, table: ibis.Table) -> "_Compiled":
        """Return the SQL of a step for this engine's tables; it is compiled once for all runs of the plan."""
        made: _Compiled = kept_text(plan, text, lambda: self._written(plan, table))
        sql = made.sql
        for name, table_name in self._facts.items():
            sql = sql.replace(f'"{plan.token}{name}"', f'"{table_name}"')
        return _Compiled(sql.replace(plan.token, self._engine.prefix(plan)), made.schema)

    def _written(self, plan: Plan, table: ibis.Table) -> "_Compiled":
        sql = with_instants(self._engine.sql(table), plan.token, {name: f":{name}" for name in vars(self.found.at)})
        return _Compiled(sql, table.schema().to_pyarrow())


@dataclass(frozen=True)
class _Compiled:
    """A statement with the columns it gives."""

    sql: str
    schema: pa.Schema
