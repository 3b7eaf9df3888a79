"""Scores that an earlier run wrote: read as what a later run starts from, and carried over into what it writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from vaglio.dates import format_instant
from vaglio.document import ModelDocument, fingerprint
from vaglio.engines.duckdb import SQL_TYPES, DuckDBEngine
from vaglio.errors import DataError, InternalError
from vaglio.files import sql
from vaglio.files.open import PARQUET_ENDINGS, open_source
from vaglio.plan import Instants
from vaglio.results import SCORES

TABLE = "previous scores"  # what messages call it
COLUMNS = {**SCORES, "next_change_at": "timestamp('UTC')", "fields_digest": "int64"}
_OF_ALL = ("rank", "known_at", "model", "fingerprint")  # what a row of a model need not be asked for
_TYPES = {**SQL_TYPES, "timestamp('UTC')": "TIMESTAMP WITH TIME ZONE"}
_AGAIN = "score all leads once with --resumable, and without --previous"


@dataclass(frozen=True)
class _OfModel:
    """What the rows of one model have in common."""

    fingerprint: str | None
    leads: int
    distinct: int
    known_us: int
    first_known_us: int
    as_of_us: int


class Earlier:
    """The scores of an earlier run, as a relation of a DuckDB."""

    def __init__(self, reader: DuckDBEngine, name: str, relation: str) -> None:
        self._reader = reader
        self._name = name
        self._relation = relation
        self._of: dict[str, _OfModel] = {}

    def check(self, documents: Sequence[ModelDocument], at: Instants, since: int) -> None:
        """Refuse scores that a run cannot start from.

        Raises
        ------
        DataError
            ``previous_columns``, ``previous_empty``, ``previous_models``, ``previous_twice``, ``previous_later``, ``changed_since_late``.
        """
        self._check_columns()
        self._of = self._models()
        self._check_models([document.name for document in documents])
        for model, its in self._of.items():
            if its.distinct < its.leads:
                raise DataError("previous_twice", f"{self._name} holds leads of {model} more than once", _AGAIN, table=TABLE)
        known, as_of = max(its.known_us for its in self._of.values()), max(its.as_of_us for its in self._of.values())
        for option, instant, last in (("--as-of", at.as_of, as_of), ("--known-at", at.known_at, known)):
            if instant < last:
                said = f"{self._name} holds scores of {format_instant(last)}, later than {option} {format_instant(instant)}"
                raise DataError("previous_later", said, "scores are only brought forward; leave out --previous", table=TABLE)
        first = min(its.first_known_us for its in self._of.values())
        if since > first:
            said = f"--changed-since {format_instant(since)} is later than what {self._name} knows, which ends at {format_instant(first)}"
            raise DataError("changed_since_late", said, f"facts between would be lost; say {format_instant(first)} or earlier", table=TABLE)

    def is_of(self, document: ModelDocument) -> bool:
        """Return whether every row of a model was scored by this very version of it."""
        return self._of[document.name].fingerprint == fingerprint(document)

    def remembered(self, document: ModelDocument) -> ibis.Table:
        """Return ``lead_id, next_us, fields_digest`` of a model."""
        name = f"remembered_{document.name}"
        self._asked(
            f"CREATE OR REPLACE TEMP VIEW {sql.name(name)} AS SELECT lead_id, epoch_us(next_change_at) AS next_us, fields_digest "
            f"FROM {self._relation} WHERE model = {sql.literal(document.name)}"
        )
        return self._reader.known(name, ibis.schema({"lead_id": "string", "next_us": "int64", "fields_digest": "int64"}))

    def merged(self, document: ModelDocument, rows: str, dropped: str | None) -> str:
        """Return the name of a new table of the scores of a model, the first to call first, without the columns that are one for all.

        ``rows``, the SQL of new ones, take the place of those whose ``lead_id`` is in ``dropped``; without ``dropped``, of all.
        """
        name, columns = f"merged_{document.name}", ", ".join(sql.name(column) for column in COLUMNS if column not in _OF_ALL)
        parts = [f"SELECT {columns} FROM ({rows}) AS new"]
        if dropped is not None:
            kept = f"{self._relation} ANTI JOIN ({dropped}) AS dropped USING (lead_id) WHERE model = {sql.literal(document.name)}"
            parts.append(f"SELECT {columns} FROM {kept}")
        order = f"{_place(document)}, potential IS NULL, potential DESC, profile_millipoints + engagement_millipoints DESC, lead_id"
        merged = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY {order}"
        self._asked(f"CREATE OR REPLACE TEMP TABLE {sql.name(name)} AS {merged}")
        return name

    def whole(self, merged: Sequence[tuple[ModelDocument, str]], known_at: int) -> ibis.Table:
        """Return all scores of a run, of its tables from :meth:`merged`.

        ``known_at`` [microseconds UTC] is the run's: it is true of rows that were carried over too, since nothing became known of them.
        """
        parts = []
        for document, table in merged:
            own = {"rank": "rowid + 1", "known_at": f"make_timestamptz({known_at})", "model": sql.literal(document.name),
                   "fingerprint": sql.literal(fingerprint(document))}  # fmt: skip
            columns = ", ".join(f"{own[name]} AS {name}" if name in own else sql.name(name) for name in COLUMNS)
            parts.append(f"SELECT {columns} FROM {sql.name(table)}")
        self._asked(f"CREATE OR REPLACE TEMP VIEW whole_scores AS {' UNION ALL '.join(parts)}")
        return self._reader.known("whole_scores", ibis.schema(COLUMNS))

    def _asked(self, statement: str) -> Any:
        with self._reader.failing():
            return self._reader.raw.execute(statement)

    def _check_columns(self) -> None:
        found = {row[0]: row[1] for row in self._asked(f"DESCRIBE SELECT * FROM {self._relation}").fetchall()}
        for name, kind in COLUMNS.items():
            if name not in found:
                raise DataError("previous_columns", f"{self._name} has no column {name!r}", _AGAIN, table=TABLE, column=name)
            if found[name] != _TYPES[kind]:
                said = f"{self._name}: the column {name!r} is {found[name]}, and scores have {_TYPES[kind]} there"
                raise DataError("previous_columns", said, _AGAIN, table=TABLE, column=name)
        empty = " OR ".join(
            f"NOT coalesce({test}, false)" for test in ("lead_id <> ''", "model <> ''", "isfinite(as_of)", "isfinite(known_at)")
        )
        if self._asked(f"SELECT 1 FROM {self._relation} WHERE {empty} LIMIT 1").fetchall():
            raise DataError("previous_empty", f"{self._name} has rows without lead_id, model, as_of or known_at", _AGAIN, table=TABLE)

    def _models(self) -> dict[str, _OfModel]:
        rows = self._asked(
            "SELECT model, CASE WHEN min(fingerprint) = max(fingerprint) THEN min(fingerprint) END, count(*), count(DISTINCT lead_id), "
            f"epoch_us(max(known_at)), epoch_us(min(known_at)), epoch_us(max(as_of)) FROM {self._relation} GROUP BY model ORDER BY model"
        ).fetchall()
        return {row[0]: _OfModel(*row[1:]) for row in rows}

    def _check_models(self, asked: list[str]) -> None:
        more = [model for model in self._of if model not in asked]
        missing = [model for model in asked if model not in self._of]
        if missing:
            said = f"holds scores of {', '.join(map(str, self._of))}, not" if self._of else "holds no scores"
            raise DataError("previous_models", f"{self._name} {said} of {', '.join(missing)}", _AGAIN, table=TABLE)
        if more:
            said = f"{self._name} holds scores of {', '.join(map(str, more))} too, which would be lost"
            raise DataError("previous_models", said, "name every model of the file", table=TABLE)


def open_earlier(reader: DuckDBEngine, path: Path) -> Earlier:
    """Open a Parquet file of scores.

    Raises
    ------
    DataError
        ``previous_ending``; ``file_missing`` and the other faults of files.
    """
    if path.suffix.lower() not in PARQUET_ENDINGS:
        said = f"{path} does not end in .parquet, and other files keep no types"
        raise DataError("previous_ending", said, "write scores as Parquet: --out scores.parquet", table=TABLE)

    def folder() -> Any:
        raise InternalError("a Parquet file is read where it lies")

    return Earlier(reader, str(path), open_source(reader.raw, TABLE, path, "", folder).relation)


def hold_earlier(reader: DuckDBEngine, name: str, rows: Any) -> Earlier:
    """Take the rows of a table of scores that an engine holds."""
    reader.load("previous_scores", rows)
    return Earlier(reader, name, "previous_scores")


def _place(document: ModelDocument) -> str:
    order = document.rank_order()
    cases = " ".join(f"WHEN {sql.literal(rating)} THEN {place}" for place, rating in enumerate(order))
    return f"CASE rating {cases} ELSE {len(order)} END"
