"""Read files into facts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

import ibis
import pyarrow as pa

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import sql
from vaglio.files.changes import change_shape
from vaglio.files.columns import ColumnMap, Found
from vaglio.files.convert import SPACES, cell
from vaglio.files.countries import COUNTRY, teach_countries, unknown
from vaglio.files.event_names import NAME, as_name, teach_names
from vaglio.files.footer import footer, newest, still_to_check
from vaglio.files.heading import resolve
from vaglio.files.needs import Needs
from vaglio.files.open import open_source
from vaglio.files.prepared import COLUMN, numbered
from vaglio.files.recent import recent
from vaglio.files.rejects import SCHEMA, counts
from vaglio.files.source import Source
from vaglio.files.summary import Summary, count_activities
from vaglio.files.take import Shape, Taken, good_rows, shape, take_rows, view_rows, with_row_numbers
from vaglio.files.want import wants
from vaglio.paths import Paths
from vaglio.plan.facts import Facts, Newest

Progress = Callable[[str], None]
_UNIQUE = {"leads": "lead_id", "accounts": "account_id"}
_COLUMNS = {
    "leads": {"account_id": "VARCHAR", "created_us": "BIGINT"},
    "lists": {"from_us": "BIGINT", "to_us": "BIGINT", "known_us": "BIGINT"},
    "outcomes": {"occurred_us": "BIGINT", "value": "DOUBLE"},
}
_loads = count()


@dataclass
class Loaded:
    """What the files gave.

    Attributes
    ----------
    facts : Facts
        For :func:`vaglio.plan.build`, as tables of the engine that scores.
    outcomes : ibis.Table or None
        ``lead_id, outcome, occurred_us`` [microseconds UTC, null if not given], ``value`` [float64, null if not given].
    raw_leads : str
        Name of a DuckDB view: ``lead_id``, and the leads file's own columns as text.
    rejected : pyarrow.Table
        ``file, row, column, reason, text``: the rows set aside, file by file in order. ``row`` is the spreadsheet's (its header is
        row 1); rows of a Parquet file count from 1. ``column`` is empty when the whole row is meant.
    summary : Summary
    recent : ibis.Table or None
        Of files read ``since`` an instant: the activities that became known after it, where they are found sooner than by a look at all.
        Then activities are counted, and bad ones looked for, among these only.
    """

    facts: Facts
    outcomes: ibis.Table | None
    raw_leads: str
    _reader: "_Reader"
    recent: ibis.Table | None = None

    @property
    def reader(self) -> DuckDBEngine:
        """The engine that read the files, and that writes files."""
        return self._reader.engine

    @cached_property
    def spaced(self) -> dict[str, tuple[int, str]]:
        """Return, of leads and of accounts, how many ids have spaces around them, if any, with one of them; takes a pass over both."""
        return self._reader.spaced()

    @cached_property
    def rejected(self) -> pa.Table:
        """Return the rows set aside; for Parquet activities this takes a pass over the file, so ask after scoring."""
        tables = [taken.rejected() for taken in self._reader.taken.values()]
        return pa.concat_tables([SCHEMA.empty_table(), *tables])

    @cached_property
    def summary(self) -> Summary:
        """Return what was read and what was not; passes over Parquet activities as ``rejected`` does."""
        return self._reader.summarise()


class _Reader:
    def __init__(self, engine: DuckDBEngine, needs: Needs, columns: ColumnMap, *, strict: bool, since: int | None = None) -> None:
        self.engine = engine
        self.needs = needs
        self.columns = columns
        self.strict = strict
        self.since = since
        self.recent = ""
        self.newest_us: int | None = None
        self.is_numbered = False
        self.prefix = f"files{next(_loads)}_"
        self._folder: Path | None = None
        self.summary = Summary()
        self.taken: dict[str, Taken] = {}
        self.names: list[str] = []
        self.raw_leads = ""
        self.is_counted = False

    def folder(self) -> Path:
        """Return a folder that goes when the engine does."""
        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="vaglio-"))
            finalize(self.engine, rmtree, self._folder, ignore_errors=True)
        return self._folder

    def read(self, table: str, path: Path) -> None:
        """Take one file."""
        name = self.prefix + table
        source = open_source(self.engine.raw, table, path, f"{name}_malformed", self.folder)
        self.names += source.names
        found = resolve(self.columns, source, wants(table, self.needs))
        if self.columns.says(COUNTRY):
            teach_countries(self.engine.raw)
        if self.columns.says(NAME):
            teach_names(self.engine.raw)
        made = self._shape(source, found)
        is_view = table == "activities" and made.cheap
        if is_view:
            said = footer(self.engine.raw, source)
            made, self.newest_us = still_to_check(made, source, found, said), newest(source, found, said)
            told = numbered(self.engine, source, found, made, f"{self.prefix}stored")
            made, self.is_numbered = told or made, told is not None
            looked = self._view_recent(source, found, made, f"{name}_recent")
            taken = view_rows(self.engine, source, made, f"{name}_rows", strict=self.strict, looked=looked)
        else:
            taken = take_rows(self.engine, source, made, f"{name}_rows", strict=self.strict)
        if table == "leads":
            self._keep_raw_leads(source, found)
        self.taken[table] = taken
        self._count(source, found, taken, is_view=is_view)
        self._finish(table, name, made, is_view=is_view)

    def _shape(self, source: Source, found: list[Found]) -> Shape:
        needs = self.needs
        if source.table == "field_changes":
            return change_shape(source, found, needs, self._countries())
        judged = ""
        if source.table == "activities":
            of_type = next(place for place in found if place.want.name == "activity_type")
            text = source.text(of_type.position)
            judged = sql.among(as_name(text) if of_type.format == NAME else text, sorted(needs.activity_types))
        return shape(source, found, needs.no_value, unique=_UNIQUE.get(source.table, ""), judged=judged)

    def _view_recent(self, source: Source, found: list[Found], made: Shape, name: str) -> str:
        """Make a view of the activities that became known lately, if that was asked, and return where bad ones are to be looked for."""
        rows = recent(source, found, self.since) if self.since is not None else None
        if rows is None or self.since is None:
            return ""
        self.engine.raw.execute(f"CREATE TEMP VIEW {sql.name(name)} AS {good_rows(source, made, rows)}")
        self.recent = name
        return recent(source, found, self.since, with_row_numbers(source)) or ""

    def _countries(self) -> dict[str, list[str]]:
        """Return the fields of leads and of accounts that hold countries, as ``--columns`` says."""
        needs, said = self.needs, self.columns
        return {
            who: [name for name in names if any(each.format == COUNTRY for each in said.of(table, name, names))]
            for who, table, names in (("lead", "leads", needs.fields), ("account", "accounts", needs.account_fields))
        }

    def _count(self, source: Source, found: list[Found], taken: Taken, *, is_view: bool) -> None:
        used = {place.position for place in found} | {n for n, name in enumerate(source.names) if name == COLUMN}
        summary = self.summary
        summary.ignored_columns[source.table] = tuple(
            name or f"column {n + 1} (without a name)" for n, name in enumerate(source.names) if n not in used
        )
        if held := [place.want.target for place in found if place.format == COUNTRY]:
            summary.unknown_countries[source.table] = dict(unknown(self.engine, taken.relation, held))
        if source.table != "activities":
            total = self.engine.raw.execute(f"SELECT count(*) FROM {sql.name(taken.relation)}").fetchall()[0][0]
            summary.rows[source.table] = total
        elif not is_view:
            self._count_activities()

    def spaced(self) -> dict[str, tuple[int, str]]:
        """Count ids with spaces around them: to an eye they are ids without."""
        found: dict[str, tuple[int, str]] = {}
        for table, own in _UNIQUE.items():
            if table in self.taken:
                is_spaced = " OR ".join(f"contains({SPACES} || chr(160), {end}({own}, 1))" for end in ("left", "right"))
                query = f"SELECT count(*), min({own}) FROM {sql.name(self.taken[table].relation)} WHERE {is_spaced}"
                times, one = self.engine.raw.execute(query).fetchall()[0]
                found |= {table: (times, one)} if times else {}
        return found

    def _count_activities(self) -> None:
        self.is_counted = True
        activities, leads = (self.taken[table].relation for table in ("activities", "leads"))
        activities = self.recent or activities
        count_activities(self.summary, self.engine, activities, leads, self.needs)
        if self.recent:
            self.summary.oldest_activity_us = None  # those before were not looked at

    def summarise(self) -> Summary:
        """Return the summary with all that is counted late."""
        if "activities" in self.taken and not self.is_counted:
            self._count_activities()
        for table, taken in self.taken.items():
            rejected = taken.rejected()
            self.summary.rejected[table] = counts(rejected)
            self.summary.rows[table] += rejected.num_rows
        return self.summary

    def _finish(self, table: str, name: str, made: Shape, *, is_view: bool) -> None:
        rows = sql.name(f"{name}_rows")
        if table == "activities" and not is_view:
            types = sql.literals(sorted(self.needs.activity_types)) if self.needs.activity_types else "('')"
            # A message counts once whatever its type, so its copies stay until duplicates are told apart.
            alone = " AND (message_id IS NULL OR message_id = '')" if "message_id" in made.columns else ""
            self.engine.raw.execute(f"DELETE FROM {rows} WHERE activity_type NOT IN {types}{alone}")
        if table == "field_changes":
            fields = sql.literals(sorted({"account_id", *self.needs.fields, *self.needs.account_fields}))
            self.engine.raw.execute(f"DELETE FROM {rows} WHERE field NOT IN {fields}")
        columns = [sql.name(target) for target in made.columns]
        optional = _COLUMNS.get(table, {})
        columns += [f"CAST(NULL AS {type_}) AS {target}" for target, type_ in optional.items() if target not in made.columns]
        self.engine.raw.execute(f"CREATE TEMP VIEW {sql.name(name)} AS SELECT {', '.join(columns)} FROM {rows}")

    def _keep_raw_leads(self, source: Source, found: list[Found]) -> None:
        """Make the view of the leads file as it is."""
        own = found[0].position
        taken = {"lead_id"}
        columns = [f"{cell(source, found[0], self.needs.no_value).value} AS lead_id"]  # as facts have it
        for position, name in enumerate(source.names):
            if position == own and name.lower() == "lead_id":
                continue
            free = next(each for each in _spellings(name or f"column_{position + 1}") if each.lower() not in taken)
            taken.add(free.lower())
            columns.append(f"{source.text(position)} AS {sql.name(free)}")
        self.raw_leads = f"{self.prefix}raw_leads"
        self.engine.raw.execute(f"CREATE TEMP VIEW {sql.name(self.raw_leads)} AS SELECT {', '.join(columns)} FROM {source.again}")

    def table(self, table: str) -> ibis.Table | None:
        """Return the good rows of a file that was given."""
        return self.engine.table(self.prefix + table) if table in self.taken else None


def _spellings(name: str) -> Iterator[str]:
    return (name if number == 1 else f"{name}_{number}" for number in count(1))


def read_facts(engine: DuckDBEngine, paths: Paths, needs: Needs, columns: ColumnMap | None = None, *, strict: bool = False,
               progress: Progress | None = None, since: int | None = None) -> Loaded:  # fmt: skip
    """Read the files of one scoring pass.

    Parameters
    ----------
    engine : DuckDBEngine
        Tables and views are made in it, under names of their own, and stay until it is closed.
    needs : Needs
        From :func:`vaglio.files.needs`; columns no model reads are ignored and listed in the summary.
    strict : bool
        Raise for the first bad row instead of setting bad rows aside.
    progress : callable, optional
        Called with the name of each table before it is read.
    since : int, optional
        An instant [microseconds UTC]: of activities, only those that became known later are news.

    Returns
    -------
    Loaded

    Raises
    ------
    DataError
        With the file, row and column where known; see ``docs/how-to/bad-input.md``.
    """
    reader = _Reader(engine, needs, columns or ColumnMap(), strict=strict, since=since)
    for table, path in paths.given():
        if progress:
            progress(table)
        reader.read(table, path)
    reader.columns.check_used(reader.names)
    activities = reader.table("activities")
    facts = Facts(
        leads=engine.table(reader.prefix + "leads"),
        accounts=reader.table("accounts"),
        activities=activities,
        field_changes=reader.table("field_changes"),
        lists=reader.table("lists"),
        newest=Newest(activities, reader.newest_us) if activities is not None and reader.newest_us is not None else None,
        stored=engine.table(reader.prefix + "stored") if reader.is_numbered else None,
    )
    lately = engine.table(reader.recent) if reader.recent else None
    return Loaded(facts, reader.table("outcomes"), reader.raw_leads, reader, lately)


def read_one(
    engine: DuckDBEngine, table: str, path: Path, needs: Needs, columns: ColumnMap, *, strict: bool = False
) -> tuple[ibis.Table, pa.Table, Summary]:
    """Read one file of no leads and no activities: its good rows, those set aside, and the counts of it. Raises as :func:`read_facts`."""
    reader = _Reader(engine, needs, columns, strict=strict)
    reader.read(table, path)
    good = reader.table(table)
    assert good is not None
    return good, reader.taken[table].rejected(), reader.summarise()
