"""The PostgreSQL engine: steps are unlogged tables in a schema of its own."""

from contextlib import AbstractContextManager
from itertools import count
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.sql.datatypes import PostgresType

from vaglio.engine import Sender, SentRun, named_table
from vaglio.engines.postgres import catalog
from vaglio.engines.postgres.compiler import short, written
from vaglio.engines.postgres.dialect import DIALECT
from vaglio.engines.postgres.session import COLUMNS, Session
from vaglio.engines.postgres.steps import PostgresSteps
from vaglio.errors import UnsupportedError
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.steps import Keep


class PostgresEngine(Sender):
    """A PostgreSQL by its URL, for one thread at a time."""

    name = "postgres"
    dialect = DIALECT

    def __init__(self, *, url: str) -> None:
        self.session = Session(url)
        self.compiled = 0  # statements ibis wrote so far
        self._runs = count()
        self._loaded: set[str] = set()

    def close(self) -> None:
        """Drop everything of ours."""
        self.session.close()

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table."""
        if name in self._loaded:
            self.session.drop([name])
        self._loaded.add(name)
        self.session.load(name, rows)
        return named_table(name, ibis.Schema.from_pyarrow(rows.schema))

    def steps(self, token: str) -> PostgresSteps:
        """Start a plan."""
        return PostgresSteps(token)

    def run(self, facts: Facts, at: Instants) -> "PostgresRun":
        """Start a run."""
        return PostgresRun(self, facts, at, f"s{next(self._runs)}_")

    def sql(self, table: ibis.Table) -> str:
        """Return the SQL of an expression with every column as the type it declares: the sum of integers is a numeric.

        Raises
        ------
        UnsupportedError
            It has more columns than PostgreSQL's tables.
        """
        self.compiled += 1
        schema = table.schema()
        if len(schema) > COLUMNS:
            raise UnsupportedError(
                "columns_too_many", f"postgres holds {COLUMNS:,} columns in a table, and this model needs {len(schema):,}",
                "use --engine duckdb, or split the model",
            )  # fmt: skip
        inner = written(table)
        return f"SELECT {', '.join(_typed(short(name), kind) for name, kind in schema.items())} FROM ({inner}) AS typed"

    def find(self, name: str, what: str) -> tuple[ibis.Table, dict[str, str]]:
        """Return a table of the user's by its name, and what its types are called."""
        return catalog.find(self.session, name, what)

    def save(self, table: ibis.Table, name: str) -> None:
        """Write a result as a table of the user's."""
        catalog.save(self.session, name, table.schema(), self.sql(table))

    def at_once(self) -> AbstractContextManager[None]:
        """Let tables that are saved meanwhile be there together, or none of them."""
        return self.session.at_once()

    def microseconds(self, value: ibis.Value) -> ibis.Value:
        """Return a date or an instant as microseconds UTC."""
        return catalog.microseconds(value)

    def rows(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Return what a query gives, under the names and with the types of a schema."""
        return self.session.rows(sql).rename_columns(schema.names).cast(schema)


def _typed(name: str, kind: Any) -> str:
    """Return a column as the type it declares; a text of any collation, or of none that tells capitals, is compared by its bytes."""
    typed = 'TEXT) COLLATE "C"' if kind.is_string() else f"{PostgresType.to_string(kind)})"
    return f'CAST("{name}" AS {typed} AS "{name}"'


class PostgresRun(SentRun):
    """One run; its steps are tables whose names begin with ``prefix``."""

    def __init__(self, engine: PostgresEngine, facts: Facts, at: Instants, prefix: str) -> None:
        super().__init__(engine, at, prefix)
        self._engine = engine
        self._tables: dict[str, str] = {}  # name in the plan → in PostgreSQL
        self._views: list[str] = []
        self._holds = True
        engine.session.hold()
        try:
            for name, table in facts.tables().items():
                named = isinstance(table.op(), ops.DatabaseTable)
                self._view(prefix + name, f'SELECT * FROM "{short(table.get_name())}"' if named else engine.sql(table))
        except BaseException:
            self.close()
            raise

    def keep(self, plan: Plan, text: str, step: Keep) -> None:
        """Compute a table."""
        self._engine.session.create(self._table(plan, step.name), self._text(plan, text, step.table))

    def forget(self, name: str) -> None:
        """Drop a table."""
        self._engine.session.drop([self._tables.pop(name)])

    def put(self, plan: Plan, name: str, rows: pa.Table) -> None:
        """Take a mapping."""
        self._engine.session.load(self._table(plan, name), rows)

    def table(self, plan: Plan, result: str) -> ibis.Table:
        """Return a result as a view."""
        table = plan.results[result]
        name = f"{self._prefix}result_{result}"
        self._view(name, self._text(plan, f"result {result}", table))
        return named_table(name, table.schema())

    def close(self) -> None:
        """Drop every step."""
        self._engine.session.drop(self._views, "VIEW")
        self._engine.session.drop(list(self._tables.values()))
        self._tables, self._views = {}, []
        if self._holds:
            self._holds = False
            self._engine.session.let_go()

    def _table(self, plan: Plan, name: str) -> str:
        """Return the name of a step's table, which is the one that :meth:`_text` has for it, however long."""
        self._tables[name] = short(plan.token + name).replace(plan.token, self._prefix)
        return self._tables[name]

    def _view(self, name: str, sql: str) -> None:
        self._views.append(name)
        self._engine.session.execute(f'CREATE VIEW "{name}" AS {sql}')
