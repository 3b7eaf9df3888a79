"""Steps: what a plan is made of. Tables an engine computes, small answers Python asks for, mappings Python makes of them.

No step holds anything of the data or of the instants, so that a plan is written once for a document and run on any facts of the same
shape.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from vaglio.plan.facts import Instants

Concluded = TypeVar("Concluded")


class OtherWay(Exception):
    """These facts are too many or too odd for the plan that is run; the one written ``by_class`` takes them."""


@dataclass(frozen=True)
class Order:
    """A column that rows are ordered by, the least first, or with ``down`` the greatest; without nulls, whose place differs by engine."""

    column: str
    down: bool = False


class Found:
    """What one run knows: its instants, the answers it got so far, and what was concluded from them."""

    def __init__(self, at: Instants) -> None:
        self.at = at
        self.answers: dict[str, pa.Table] = {}
        self._concluded: dict[object, object] = {}

    def concluded(self, conclude: "Callable[[Found], Concluded]") -> Concluded:
        """Return what a function concludes, asking it once a run."""
        if conclude not in self._concluded:
            self._concluded[conclude] = conclude(self)
        return self._concluded[conclude]  # type: ignore[return-value]


@dataclass(frozen=True)
class Keep:
    """A table the engine computes once a run; with an order, its rows have a ``rank``: their place in an order without ties, from 1."""

    name: str
    table: ibis.Table
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Try:
    """A table that can be computed in several ways, the cheapest first. The first that ``fits`` is kept, and the last always does.

    A way is only written when it is tried. ``fits`` is told the place of the way and the largest value of the column ``activities``.
    """

    name: str
    ways: tuple[Callable[[], ibis.Table], ...]
    fits: Callable[[Found, int, int], bool]


@dataclass(frozen=True)
class Ask:
    """A small answer, such as the distinct values of a field."""

    name: str
    table: ibis.Table


@dataclass(frozen=True)
class Mapping:
    """A table Python makes of the answers; it is found in the engine under its name."""

    name: str
    schema: pa.Schema
    rows: Callable[[Found], pa.Table]


Step = Keep | Try | Ask | Mapping


@dataclass(frozen=True)
class Now:
    """The two instants of a run as values of its steps [microseconds UTC]."""

    as_of: ibis.Value
    known_at: ibis.Value


class Steps:
    """A plan being written. Engines inherit from it where they have better ways than every engine has.

    ``token`` begins the name of every table of the plan and occurs nowhere else in it, so that a run can put its own in that place.
    ``packs`` says whether sums are worth packing (:mod:`vaglio.plan.packing`), ``by_row`` whether the engine works row by row, so that a
    condition spares it what stands behind it; one that works column by column is slower for it.
    """

    packs = True
    by_row = False

    def __init__(self, token: str) -> None:
        self.token = token
        self.made: list[Step] = []
        self.now = self.instants()

    def instants(self) -> Now:
        """Return the instants of whichever run it is: here, the one row of a mapping."""
        schema = pa.schema({"as_of": pa.int64(), "known_at": pa.int64()})
        row = self.mapping("instants", schema, lambda found: pa.table({
            "as_of": pa.array([found.at.as_of], pa.int64()), "known_at": pa.array([found.at.known_at], pa.int64()),
        }))  # fmt: skip
        return Now(row.select("as_of").as_scalar(), row.select("known_at").as_scalar())

    def named(self, name: str, schema: ibis.Schema) -> ibis.Table:
        """Return a table of the plan by its name."""
        return ibis.table(schema, name=self.token + name)

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Compute a table once."""
        self.made.append(Keep(name, table))
        return self.named(name, table.schema())

    def shallow(self, name: str, table: ibis.Table) -> ibis.Table:
        """Return a table that others nest deeply: as it is, unless an engine can only read so much at once."""
        return table

    def ranked(self, name: str, table: ibis.Table, order: Sequence[Order]) -> ibis.Table:
        """Compute a table once, with one more column ``rank``."""
        keys = [ibis.desc(each.column) if each.down else ibis.asc(each.column) for each in order]
        return self.keep(name, table.mutate(rank=ibis.row_number().over(ibis.window(order_by=keys)) + 1))

    def taken_apart(self, table: ibis.Table, values: dict[int, ibis.Value]) -> ibis.Table:
        """Return ``lead_id, line, millipoints`` of each value that is not 0, by its number."""
        parts = [
            table.select("lead_id", line=ibis.literal(line, "int32"), millipoints=value).filter(_.millipoints != 0)
            for line, value in values.items()
        ]
        return ibis.union(*parts) if len(parts) > 1 else parts[0]

    def attempt(self, name: str, ways: Sequence[Callable[[], ibis.Table]], fits: Callable[[Found, int, int], bool]) -> ibis.Table:
        """Compute a table in the first of several ways that fits."""
        self.made.append(Try(name, tuple(ways), fits))
        return self.named(name, ways[0]().schema())

    def ask(self, name: str, table: ibis.Table) -> None:
        """Ask for a small answer, which mappings after it find by this name."""
        self.made.append(Ask(name, table))

    def mapping(self, name: str, schema: pa.Schema, rows: Callable[[Found], pa.Table]) -> ibis.Table:
        """Make a mapping of the answers so far."""
        self.made.append(Mapping(name, schema, rows))
        return self.named(name, ibis.Schema.from_pyarrow(schema))

    def texts(self, table: ibis.Table, columns: Sequence[str]) -> ibis.Table:
        """Return ``text, place`` of the distinct values of some columns, each with its place among them."""
        parts = [
            table.select(text=column).distinct().mutate(place=ibis.literal(place, "int64")) for place, column in enumerate(columns)
        ]  # fmt: skip
        return ibis.union(*parts) if len(parts) > 1 else parts[0]

    def instant(self, microseconds: ibis.Value) -> ibis.Value:
        """Return microseconds as an instant, for people to read."""
        return (ibis.timestamp("1970-01-01") + microseconds.as_interval("us")).cast("timestamp('UTC')")

    def coded(self, text: ibis.Value) -> ibis.Value | None:
        """Return a whole number from 0 on that stands for a text, null included; None: this engine has none, texts are compared."""
        return None

    def digested(self, values: Sequence[ibis.Value]) -> ibis.Value:
        """Return a 64-bit number that is the same whenever this engine makes it of the same values, which may be null."""
        return self.hashed(ibis.literal("").join([_spelled(value) for value in values]))

    def hashed(self, text: ibis.Value) -> ibis.Value:
        """Return 64 bits of a text that is not null."""
        return text.hash()


def _spelled(value: ibis.Value) -> ibis.Value:
    """Return a value as a text with its length before it, so that no two rows of values become one text."""
    text = value if value.type().is_string() else value.cast("string")
    return ibis.ifelse(value.isnull(), ibis.literal("-"), text.length().cast("string") + ":" + text)


def _nothing() -> None:
    """Stand for an instant."""


class PlacedSteps(Steps):
    """A plan whose instants are functions that never run: a run puts its own in their place, see :func:`with_instants`."""

    def instants(self) -> Now:
        """Return calls of these functions."""
        as_of, known_at = (
            ibis.udf.scalar.builtin(_nothing, name=f"{self.token}{name}", signature=((), "int64")) for name in ("as_of", "known_at")
        )
        return Now(as_of(), known_at())


class ListedSteps(PlacedSteps):
    """A plan for engines that take several lists of a row apart side by side."""

    def taken_apart(self, table: ibis.Table, values: dict[int, ibis.Value]) -> ibis.Table:
        """Read the table once, with a list of lines for each row."""
        lines = ibis.array([ibis.literal(line, "int32") for line in values])
        apart = table.select("lead_id", line=lines.unnest(), millipoints=ibis.array(list(values.values())).unnest())
        return apart.filter(apart.millipoints != 0)


def with_instants(sql: str, token: str, spelled: dict[str, Any]) -> str:
    """Return SQL with something in the place of each instant of :class:`PlacedSteps`, by name."""
    for name, instant in spelled.items():
        sql = sql.replace(f"{token}{name}()".upper(), str(instant))
    return sql


def ask_texts(steps: Steps, name: str, table: ibis.Table, columns: list[str]) -> None:
    """Ask for the distinct values of some text columns, in one go."""
    steps.ask(name, steps.texts(table, columns))


def told_texts(found: Found, name: str, columns: list[str]) -> dict[str, pa.ChunkedArray]:
    """Return the answer to :func:`ask_texts`: the distinct values of each column but null."""
    rows = found.answers[name]
    known = rows.filter(pc.is_valid(rows.column("text")))
    parts = {column: known.filter(pc.equal(known.column("place"), place)).column("text") for place, column in enumerate(columns)}
    return {column: texts.cast(pa.string()) for column, texts in parts.items()}
