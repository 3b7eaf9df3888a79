"""Read tables by name into facts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet
from ibis import _

from vaglio.errors import DataError
from vaglio.files.columns import ColumnMap
from vaglio.files.needs import Needs
from vaglio.files.read import read_one
from vaglio.files.rejects import SCHEMA, counts
from vaglio.files.summary import Summary
from vaglio.files.want import wants
from vaglio.paths import Paths, table_name
from vaglio.plan import Facts
from vaglio.plan.joins import left_join
from vaglio.tables.judge import Holder, Judged, Named, judged

_KEYS = {"leads": "lead_id", "accounts": "account_id"}
_OPTIONAL = {"leads": {"account_id": "string", "created_us": "int64"}, "lists": {"from_us": "int64", "to_us": "int64", "known_us": "int64"}}
# Small, and written in ways that only files are read in: they are brought here, read like files, and loaded.
_BROUGHT = ("field_changes", "outcomes")


@dataclass
class Loaded:
    """What the tables gave; see :class:`vaglio.files.read.Loaded`. ``reader`` writes files."""

    facts: Facts
    outcomes: ibis.Table | None
    reader: Any
    rejected: pa.Table
    summary: Summary
    raw_leads: str = ""
    spaced: dict[str, tuple[int, str]] = field(default_factory=dict)  # of tables nobody looks for them
    recent: None = None  # databases have ways of their own to find what became known lately


@dataclass
class _Reading:
    engine: Holder
    reader: Any
    needs: Needs
    columns: ColumnMap
    strict: bool
    facts: dict[str, ibis.Table] = field(default_factory=dict)
    rejected: list[pa.Table] = field(default_factory=list)
    summary: Summary = field(default_factory=Summary)
    names: list[str] = field(default_factory=list)
    outcomes: ibis.Table | None = None

    def read(self, what: str, name: str) -> None:
        table, types = self.engine.find(name, what)
        self.names += table.columns
        if what in _BROUGHT:
            self._bring(Named(what, name, table, types))
            return
        made = judged(self.engine, Named(what, name, table, types), wants(what, self.needs), self.columns)
        self.summary.ignored_columns[what] = made.unread
        self._set_aside(made)
        good = made.good()
        if what in _KEYS:
            self._need_unique(made, good, _KEYS[what])
        missing = {column: ibis.null(kind) for column, kind in _OPTIONAL.get(what, {}).items() if column not in good.columns}
        self.facts[what] = good.mutate(**missing) if missing else good
        if what == "activities":
            self._count_activities(good)
            self.facts[what] = self._read_by_rules(good)
        else:
            self.summary.rows[what] = self._number(good) + self.rejected[-1].num_rows

    def _bring(self, made: Named) -> None:
        what, name, table = made.what, made.name, made.table
        readable = [column for column in table.columns if not table[column].type().is_unknown()]
        with TemporaryDirectory(prefix="vaglio-") as folder:
            path = Path(folder) / f"{what}.parquet"
            pa.parquet.write_table(self.engine.arrow(table.select(*readable)), path)
            try:
                good, rejected, summary = read_one(self.reader, what, path, self.needs, self.columns, strict=self.strict)
            except DataError as error:  # of a file that nobody knows
                unread = ", ".join(f"{column!r} is {made.types[column]}" for column in table.columns if column not in readable)
                said = error.message.replace(str(path), name) + (f"; what is not read: {unread}" if unread else "")
                raise DataError(error.code, said, error.hint, table=what, column=error.column, row=error.row) from error
        named = pa.array([name] * rejected.num_rows, pa.string())
        self.rejected.append(rejected.set_column(0, "file", named))
        for own, its in vars(summary).items():
            if isinstance(its, dict):
                getattr(self.summary, own).update(its)
        if what == "outcomes":
            self.outcomes = good
        else:
            self.facts[what] = self.engine.load(f"vaglio_{what}", self.reader.arrow(good))

    def _set_aside(self, made: Judged) -> None:
        found = self.engine.arrow(made.bad().order_by("fault", "text")) if made.faults else None
        rows = []
        for row in found.to_pylist() if found is not None else ():
            column, reason = made.faults[row["fault"] - 1]
            rows.append({"file": made.named.name, "row": None, "column": column, "reason": reason, "text": row["text"]})
        if rows and self.strict:
            first = rows[0]
            raise DataError("row_bad", f"{first['file']}, column {first['column']!r}: {first['reason']} ({first['text'][:120]})",
                            "correct the row, or leave out --strict to set bad rows aside", table=made.named.what)  # fmt: skip
        self.rejected.append(pa.Table.from_pylist(rows, schema=SCHEMA))
        self.summary.rejected[made.named.what] = counts(self.rejected[-1])

    def _need_unique(self, made: Judged, good: ibis.Table, key: str) -> None:
        """Refuse a table with two rows of one id: tables have no order in which one of them would be the first."""
        twice = good.group_by(key).aggregate(times=_.count()).filter(_.times > 1)
        told = self.engine.arrow(twice.aggregate(ids=_.count(), one=twice[key].min())).to_pylist()[0]
        if told["ids"]:
            raise DataError("key_twice", f"{made.named.name} holds {told['ids']:,} {key} more than once, as {told['one']!r}",
                            "name a view that holds each once", table=made.named.what, column=key)  # fmt: skip

    def _number(self, table: ibis.Table) -> int:
        return int(self.engine.arrow(table.aggregate(rows=_.count())).column("rows")[0].as_py())

    def _count_activities(self, good: ibis.Table) -> None:
        leads = self.facts["leads"].select(known_id="lead_id")
        seen = left_join(good.select("lead_id", "activity_type", "occurred_us"), leads, "lead_id", "known_id")
        orphans = _.count(where=seen.known_id.isnull())
        instants = {"oldest": seen.occurred_us.min(), "newest": seen.occurred_us.max()}
        counted = seen.group_by("activity_type").aggregate(rows=_.count(), orphans=orphans, **instants)
        rows = self.engine.arrow(counted.order_by(ibis.desc("rows"), "activity_type")).to_pylist()
        summary = self.summary
        summary.rows["activities"] = sum(row["rows"] for row in rows) + self.rejected[-1].num_rows
        summary.ignored_activity_types = {
            row["activity_type"]: row["rows"] for row in rows if row["activity_type"] not in self.needs.activity_types
        }
        summary.orphan_activities = sum(row["orphans"] for row in rows)
        summary.oldest_activity_us = min((row["oldest"] for row in rows), default=None)
        summary.newest_activity_us = max((row["newest"] for row in rows), default=None)

    def _read_by_rules(self, good: ibis.Table) -> ibis.Table:
        """Return the activities of types that some rule reads; a message counts once whatever its type, so copies stay."""
        wanted = good.activity_type.isin(sorted(self.needs.activity_types)) if self.needs.activity_types else ibis.literal(False)
        if "message_id" in good.columns:
            wanted = wanted | (good.message_id.fill_null("") != "")
        return good.filter(wanted)


def read_tables(engine: Holder, reader: Any, paths: Paths, needs: Needs, columns: ColumnMap, *, strict: bool = False,
                progress: Callable[[str], None] = lambda what: None) -> Loaded:  # fmt: skip
    """Read the tables of one scoring pass where they are.

    Parameters
    ----------
    engine : Holder
        The engine that holds the tables, and scores.
    reader : DuckDBEngine
        What reads small tables as files are read, and writes files.

    Raises
    ------
    DataError
        ``table_missing``; ``column_type`` and the other faults of columns; ``key_twice``; ``row_bad`` when strict.
    """
    reading = _Reading(engine, reader, needs, columns, strict)
    for what, path in paths.given():
        progress(what)
        name = table_name(path)
        assert name is not None
        reading.read(what, name)
    columns.check_used(reading.names)
    rejected = pa.concat_tables([SCHEMA.empty_table(), *reading.rejected])
    return Loaded(Facts(**reading.facts), reading.outcomes, reader, rejected, reading.summary)
