"""Tables by name: of Spark's catalog, or files that it reads by a path, and results written among them."""

import re
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from vaglio.engine import named_table
from vaglio.engines.spark.session import Session, failing
from vaglio.errors import DataError

# parquet.`s3://bucket/leads`: what Spark itself takes for a table.
_BY_PATH = re.compile(r"(?P<format>parquet|delta|orc)\.`(?P<path>[^`]+)`", re.IGNORECASE)
_PART = r"(?:`[^`]+`|\w+)"
_NAME = re.compile(rf"{_PART}(?:\.{_PART}){{0,2}}")
_KINDS: dict[str, dt.DataType] = {
    "tinyint": dt.int8, "smallint": dt.int16, "int": dt.int32, "bigint": dt.int64, "float": dt.float32, "double": dt.float64,
    "boolean": dt.boolean, "string": dt.string, "timestamp": dt.Timestamp("UTC"), "timestamp_ntz": dt.timestamp, "date": dt.date,
}  # fmt: skip

_MISSING = (
    "TABLE_OR_VIEW_NOT_FOUND",
    "PATH_NOT_FOUND",
    "SCHEMA_NOT_FOUND",
    "UNABLE_TO_INFER_SCHEMA",
    "UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY",
)


def find(session: Session, name: str, what: str, view: str) -> tuple[ibis.Table, dict[str, str]]:
    """Return a table that somebody else made, under the name of a view of it, and what its types are called there.

    Raises
    ------
    DataError
        ``table_missing``.
    """
    frame = _frame(session, name)
    if frame is None:
        hint = f"name the {what} as table:SCHEMA.TABLE, or as table:parquet.`PATH`"
        raise DataError("table_missing", f"Spark has no table {name}", hint, table=what)
    with failing():
        frame.createOrReplaceTempView(view)
        types = {each.name: each.dataType.simpleString() for each in frame.schema.fields}
    schema = ibis.schema({column: _kind(shown) for column, shown in types.items()})
    return named_table(view, schema).select(*types), types


def _kind(shown: str) -> dt.DataType:
    if shown.startswith(("varchar", "char")):
        return dt.string
    return dt.decimal if shown.startswith("decimal") else _KINDS.get(shown, dt.unknown)


def _frame(session: Session, name: str) -> Any:
    from pyspark.errors import AnalysisException

    if not (_BY_PATH.fullmatch(name) or _NAME.fullmatch(name)):
        hint = "write SCHEMA.TABLE or parquet.`PATH`, with `backquotes` where needed"
        raise DataError("table_name", f"{name} is no name of a table", hint)
    try:
        return session.spark.table(name)
    except AnalysisException as error:
        if error.getCondition() in _MISSING:
            return None
        with failing():
            raise


def save(session: Session, name: str, sql: str) -> None:
    """Write a result as a table, or as files under a path: made where there is none, replaced where one of the same columns is.

    Raises
    ------
    DataError
        ``table_taken``: there is one of other columns, or a folder that holds none; ``table_name``.
    """
    there, result = _frame(session, name), session.frame(sql)
    if there is not None and _columns(there) != _columns(result):
        raise DataError("table_taken", f"the table {name} is there and has other columns than a result", "name another one, or drop it")
    path = _BY_PATH.fullmatch(name)
    with failing():
        if path and there is None:
            _save_new(result.write.format(path["format"]), path["path"])
        elif path:
            result.write.format(path["format"]).mode("overwrite").save(path["path"])
        elif there is None:
            result.write.saveAsTable(name)
        else:
            result.write.insertInto(name, overwrite=True)


def _save_new(writer: Any, path: str) -> None:
    """Write files where there is nothing: whatever else a folder holds would go with it."""
    from pyspark.errors import AnalysisException

    try:
        writer.mode("error").save(path)
    except AnalysisException as error:
        if error.getCondition() != "PATH_ALREADY_EXISTS":
            raise
        raise DataError("table_taken", f"{path} is there and holds no result", "name another path, or remove it") from error


def _columns(frame: Any) -> list[tuple[str, str]]:
    return [(each.name, each.dataType.simpleString()) for each in frame.schema.fields]


def microseconds(value: ibis.Value) -> ibis.Value:
    """Return a date or an instant as microseconds UTC, which it is in where it says no zone."""
    return _microseconds(value.cast("timestamp('UTC')"))


@ibis.udf.scalar.builtin(name="unix_micros", signature=(("timestamp('UTC')",), "int64"))  # type: ignore[untyped-decorator]
def _microseconds(value: Any) -> None:
    """Return microseconds."""
