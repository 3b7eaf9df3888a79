"""What an engine is: something that takes facts, runs plans over them, and gives results; see :mod:`vaglio.engines`."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from vaglio.dialect import Dialect
from vaglio.errors import EngineError
from vaglio.plan import Facts, Instants, Plan
from vaglio.plan.steps import Ask, Found, Keep, Step, Steps, Try, with_instants

_COMPILING = threading.Lock()


@contextmanager
def compiling(*, fused: bool) -> Iterator[None]:
    """Let one thread at a time write SQL, with nested selects ``fused`` into one or not: ibis's options are the whole process's."""
    with _COMPILING:
        ibis.options.sql.fuse_selects = fused
        yield


@contextmanager
def planning(engine: str) -> Iterator[None]:
    """Turn what is too deep to be planned, as a long sum of doubles may be, into one line: Python, ibis and sqlglot go only so deep.

    Raises
    ------
    EngineError
        It is.
    """
    try:
        yield
    except RecursionError:
        hint = "take rules or conditions out, write many values of a field as one list (in: [...]), or split the model"
        raise EngineError(engine, "the model says more at once than can be planned", hint) from None


def named_table(name: str, schema: ibis.Schema, source: Any = None) -> ibis.Table:
    """Return a table of an engine by its name, with columns that are known: it is not asked for them."""
    return ops.DatabaseTable(name=name, schema=schema, source=source, namespace=ops.Namespace()).to_expr()


def kept_text(plan: Plan, name: str, write: Callable[[], Any]) -> Any:
    """Return what a step was compiled to: written once for all runs of its plan, whichever thread asks first."""
    if name not in plan.texts:
        with plan.writing:
            if name not in plan.texts:
                plan.texts[name] = write()
    return plan.texts[name]


def compile_ahead(plan: Plan, enough: threading.Event, write: Callable[[ibis.Table], Any]) -> None:
    """Compile a plan's steps one by one for whoever runs it meanwhile, until there is ``enough`` of it."""
    for name, table in plan.tables():
        if enough.is_set():
            return
        kept_text(plan, name, partial(write, table))


class Engine(Protocol):
    """One place where facts are and scores are computed.

    ``name`` is the word on the command line, ``dialect`` what it does in its own way. ``load`` takes a table into the engine; ``steps``
    starts a plan in the words this engine knows; ``run`` starts one run over some facts, whose steps are forgotten when it is closed;
    ``arrow`` brings a whole result out.
    """

    name: str
    dialect: Dialect

    def load(self, name: str, rows: pa.Table) -> ibis.Table:
        """Return rows in memory as a table of the engine."""

    def steps(self, token: str) -> Steps:
        """Return an empty plan to write steps into; see :class:`vaglio.plan.steps.Steps` for ``token``."""

    def run(self, facts: Facts, at: Instants) -> "Run":
        """Start a run over facts at two instants."""

    def compile_ahead(self, plan: Plan, enough: threading.Event) -> None:
        """Compile a plan's steps ahead of whoever runs it; see :func:`compile_ahead`."""

    def arrow(self, table: ibis.Table) -> pa.Table:
        """Return a result with the types it declares.

        Raises
        ------
        EngineError
            The engine failed while running.
        """

    def close(self) -> None:
        """Forget everything."""


class Run(ABC):
    """One run on one engine. Each step is done once, whichever plan names it."""

    def __init__(self, at: Instants) -> None:
        self.found = Found(at)
        self._done: set[str] = set()

    def carry_out(self, plan: Plan) -> None:
        """Do the steps of a plan that are not done yet.

        Raises
        ------
        OtherWay
            These facts need the plan that is written ``by_class``.
        EngineError
            The engine failed.
        """
        for step in plan.steps:
            if step.name not in self._done:
                self._do(plan, step)
                self._done.add(step.name)

    def _do(self, plan: Plan, step: Step) -> None:
        if isinstance(step, Keep):
            self.keep(plan, step.name, step)
        elif isinstance(step, Ask):
            self.found.answers[step.name] = self.ask(plan, step.name, step.table)
        elif isinstance(step, Try):
            self._try(plan, step)
        else:
            self.put(plan, step.name, step.rows(self.found))

    def _try(self, plan: Plan, step: Try) -> None:
        for way, write in enumerate(step.ways):
            table = write()
            if way:
                self.forget(step.name)
            self.keep(plan, f"{step.name}/{way}", Keep(step.name, table))
            if way + 1 == len(step.ways):
                return
            activities = plan.named(step.name, table).activities
            rows = self.ask(plan, f"{step.name}/most", activities.max().name("most").as_table())
            if step.fits(self.found, way, rows.column("most")[0].as_py() or 0):
                return

    @abstractmethod
    def keep(self, plan: Plan, text: str, step: Keep) -> None:
        """Compute a table; ``text`` is what its compiled text is kept under."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """Drop a table, so that it can be computed again."""

    @abstractmethod
    def ask(self, plan: Plan, text: str, table: ibis.Table) -> pa.Table:
        """Return a small answer."""

    @abstractmethod
    def put(self, plan: Plan, name: str, rows: pa.Table) -> None:
        """Take a mapping."""

    @abstractmethod
    def table(self, plan: Plan, result: str) -> ibis.Table:
        """Return a result of a plan as a table of the engine."""

    def arrow(self, plan: Plan, result: str) -> pa.Table:
        """Return a result of a plan."""
        return self.ask(plan, f"result {result}", plan.results[result])

    @abstractmethod
    def close(self) -> None:
        """Forget every step."""


class Sender(ABC):
    """An engine that sends what it asks as SQL to another system, where the facts are."""

    @abstractmethod
    def sql(self, table: ibis.Table) -> str:
        """Return the SQL of an expression with every column as the type it declares."""

    @abstractmethod
    def rows(self, sql: str, schema: pa.Schema) -> pa.Table:
        """Return what a query gives, with the types of a schema."""

    def compile_ahead(self, plan: Plan, enough: threading.Event) -> None:
        """Compile a plan's steps ahead of whoever runs it."""
        compile_ahead(plan, enough, self.sql)

    def arrow(self, table: ibis.Table) -> pa.Table:
        """Return a result with the types it declares."""
        return self.rows(self.sql(table), table.schema().to_pyarrow())


class SentRun(Run):
    """One run of what is sent; the names of its steps begin with ``prefix``."""

    def __init__(self, sender: Sender, at: Instants, prefix: str) -> None:
        super().__init__(at)
        self._sender = sender
        self._prefix = prefix

    def ask(self, plan: Plan, text: str, table: ibis.Table) -> pa.Table:
        """Return a small answer."""
        return self._sender.rows(self._text(plan, text, table), table.schema().to_pyarrow())

    def _text(self, plan: Plan, text: str, table: ibis.Table) -> str:
        """Return the SQL of a step for this run: compiled once for all runs of the plan, with instants as numbers of 64 bits."""
        sql = kept_text(plan, text, lambda: self._sender.sql(table))
        instants = {name: f"CAST({instant} AS BIGINT)" for name, instant in vars(self.found.at).items()}
        return with_instants(sql, plan.token, instants).replace(plan.token, self._prefix)
