"""The Spark engine: steps are temporary views, kept in memory and on disk."""

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import count
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.sql.datatypes import PySparkType

from vaglio.engine import Sender, SentRun, kept_text, named_table
from vaglio.engines.spark import catalog
from vaglio.engines.spark.compiler import written
from vaglio.engines.spark.dialect import DIALECT
from vaglio.engines.spark.session import Session, failing
from vaglio.engines.spark.steps import RankedSteps
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.steps import Keep

_READ_ONCE = "what is read once"


class SparkEngine(Sender):
    """Spark by the URL of its master, for one thread at a time."""

    name = "spark"
    dialect = DIALECT

    def __init__(self, *, master: str = "", options: Mapping[str, str] | None = None) -> None:
        self.session = Session(master, options or {})
        self.compiled = 0  # statements ibis wrote so far
        self._runs = count()
        self._loaded: list[str] = []

    def close(self) -> None:
        """Forget every table that was loaded; Spark itself stays for the next engine of the process."""
        for name in self._loaded:
            self.session.spark.catalog.dropTempView(name)

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table."""
        self._loaded.append(name)
        self.session.view(name, rows)
        return named_table(name, ibis.Schema.from_pyarrow(rows.schema))

    def find(self, name: str, what: str) -> tuple[ibis.Table, dict[str, str]]:
        """Return a table of the user's by its name, and what its types are called."""
        self._loaded.append(f"vaglio_found_{what.replace(' ', '_')}")
        return catalog.find(self.session, name, what, self._loaded[-1])

    def save(self, table: ibis.Table, name: str) -> None:
        """Write a result as a table of the user's."""
        catalog.save(self.session, name, self.sql(table))

    def at_once(self) -> AbstractContextManager[None]:
        """Return nothing to be done: Spark has no transactions, so each table is there when it is saved."""
        return nullcontext()

    def microseconds(self, value: ibis.Value) -> ibis.Value:
        """Return a date or an instant as microseconds UTC."""
        return catalog.microseconds(value)

    def steps(self, token: str) -> RankedSteps:
        """Start a plan."""
        return RankedSteps(token)

    def run(self, facts: Facts, at: Instants) -> "SparkRun":
        """Start a run."""
        return SparkRun(self, facts, at, f"s{next(self._runs)}_")

    def sql(self, table: ibis.Table) -> str:
        """Return the SQL of an expression with every column as the type it declares."""
        self.compiled += 1
        inner = written(table)
        columns = ", ".join(f"CAST(`{name}` AS {PySparkType.to_string(kind)}) AS `{name}`" for name, kind in table.schema().items())
        return f"SELECT {columns} FROM ({inner}) AS typed"

    def rows(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Return what a query gives, with the types of a schema."""
        return self.session.rows(sql).cast(schema)


class SparkRun(SentRun):
    """One run; its steps are views whose names begin with ``prefix``."""

    def __init__(self, engine: SparkEngine, facts: Facts, at: Instants, prefix: str) -> None:
        super().__init__(engine, at, prefix)
        self._engine = engine
        self._kept: dict[str, Any] = {}
        self._views: list[str] = []
        for name, table in facts.tables().items():
            named = isinstance(table.op(), ops.DatabaseTable)
            self._view(prefix + name, engine.session.frame(f"SELECT * FROM `{table.get_name()}`" if named else engine.sql(table)))

    def keep(self, plan: Plan, text: str, step: Keep) -> None:
        """Compute a table."""
        if not step.order and step.name in self._read_once(plan):
            self._view(self._prefix + step.name, self._engine.session.frame(self._text(plan, text, step.table)))
            return
        session = self._engine.session
        frame = self._kept[step.name] = session.kept(self._text(plan, text, step.table), step.order)
        self._view(self._prefix + step.name, session.numbered(frame) if step.order else frame)

    def forget(self, name: str) -> None:
        """Drop a table."""
        if name in self._kept:
            self._engine.session.release(self._kept.pop(name))

    def put(self, plan: Plan, name: str, rows: pa.Table) -> None:
        """Take a mapping."""
        self._views.append(self._prefix + name)
        self._engine.session.view(self._views[-1], rows)

    def table(self, plan: Plan, result: str) -> ibis.Table:
        """Return a result as a view."""
        table = plan.results[result]
        name = f"{self._prefix}result_{result}"
        self._view(name, self._engine.session.frame(self._text(plan, f"result {result}", table)))
        return named_table(name, table.schema())

    def close(self) -> None:
        """Drop every step."""
        for name in self._views:
            self._engine.session.spark.catalog.dropTempView(name)
        for frame in self._kept.values():
            self._engine.session.release(frame)
        self._kept, self._views = {}, []

    def _read_once(self, plan: Plan) -> frozenset[str]:
        """Return the steps that one other step reads and no result: computed with it, they need not be kept in between."""
        if _READ_ONCE not in plan.texts:
            read: Counter[str] = Counter()
            for name, table in plan.tables():
                found = re.findall(rf"`{plan.token}(\w+)`", kept_text(plan, name, partial(self._engine.sql, table)))
                read.update(found * 2 if name.startswith("result ") else found)
            plan.texts[_READ_ONCE] = frozenset(name for name, times in read.items() if times == 1)
        once: frozenset[str] = plan.texts[_READ_ONCE]
        return once

    def _view(self, name: str, frame: Any) -> None:
        self._views.append(name)
        with failing():
            frame.createOrReplaceTempView(name)
