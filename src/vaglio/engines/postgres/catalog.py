"""Tables by name: those of the user, found with their types, and results written among them."""

import re
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops

from vaglio.engines.postgres.session import Session
from vaglio.errors import DataError

_KINDS: dict[str, dt.DataType] = {
    "int2": dt.int16, "int4": dt.int32, "int8": dt.int64, "float4": dt.float32, "float8": dt.float64, "numeric": dt.decimal,
    "bool": dt.boolean, "timestamptz": dt.Timestamp("UTC"), "timestamp": dt.timestamp, "date": dt.date,
}  # fmt: skip
# What is read as text. It is no string to ibis before it is cast: as it is, PostgreSQL would compare a uuid or an enum with no text, and
# others by rules of their own, as capitals for small letters.
_TEXTS = ("text", "varchar", "bpchar", "citext", "name", "uuid")
_PART = r'(?:"(?:[^"]|"")+"|[^\W\d]\w*)'
_NAME = re.compile(rf"{_PART}(?:\.{_PART})?")


def find(session: Session, name: str, what: str) -> tuple[ibis.Table, dict[str, str]]:
    """Return a table or view that somebody else made, and what the types that no score can read are called there.

    Raises
    ------
    DataError
        ``table_missing``.
    """
    columns = _columns(session, name)
    if not columns:
        raise DataError("table_missing", f"the database has no table {name}", f"name the {what} as table:SCHEMA.TABLE", table=what)
    texts = [row["name"] for row in columns if row["is_enum"] or row["kind"] in _TEXTS]
    schema = {row["name"]: dt.uuid if row["name"] in texts else _KINDS.get(row["kind"], dt.unknown) for row in columns}
    namespace = ops.Namespace(database=columns[0]["schema"])
    table = ops.DatabaseTable(name=columns[0]["table"], schema=ibis.schema(schema), source=None, namespace=namespace).to_expr()
    return table.mutate(**{name: table[name].cast("string") for name in texts}), {row["name"]: row["shown"] for row in columns}


def _columns(session: Session, name: str) -> list[dict[str, Any]]:
    if not _NAME.fullmatch(name):
        hint = 'write SCHEMA.TABLE, with "double quotes" around what is in capitals'
        raise DataError("table_name", f"{name} is no name of a table", hint)
    return session.rows(f"""
        SELECT n.nspname::text AS schema, c.relname::text AS table, a.attname::text AS name, t.typname::text AS kind,
          t.typtype = 'e' AS is_enum, format_type(a.atttypid, a.atttypmod) AS shown
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
          JOIN pg_type t ON t.oid = a.atttypid
        WHERE c.oid = to_regclass({_literal(name)}) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum""").to_pylist()  # fmt: skip


def save(session: Session, name: str, schema: ibis.Schema, sql: str) -> None:
    """Write a result as a table: made where there is none, and filled anew where one of the same columns is.

    Raises
    ------
    DataError
        ``table_taken``: there is one of other columns; ``table_name``.
    """
    # Of the database's own collation again: PostgreSQL compares no two columns of different ones, and these are there to be joined.
    columns = ", ".join(f'"{column}" COLLATE "default"' if kind.is_string() else f'"{column}"' for column, kind in schema.items())
    sql = f"SELECT {columns} FROM ({sql}) AS result"
    with session.at_once():
        there = [(row["name"], row["kind"]) for row in _columns(session, name)]
        if not there:
            session.execute(f"CREATE TABLE {name} AS {sql}")
            return
        if there != [(column, _TYPE_NAMES[str(kind)]) for column, kind in schema.items()]:
            raise DataError("table_taken", f"the table {name} is there and has other columns than a result", "name another one, or drop it")
        # Who fills it at the same time is waited for: of their rows a DELETE that began before would see none.
        session.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        session.execute(f"DELETE FROM {name}")
        session.execute(f"INSERT INTO {name} {sql}")


_TYPE_NAMES = {"int64": "int8", "float64": "float8", "string": "text", "boolean": "bool", "timestamp('UTC', 6)": "timestamptz"}
_TYPE_NAMES["timestamp('UTC')"] = "timestamptz"


def microseconds(value: ibis.Value) -> ibis.Value:
    """Return a date or an instant as microseconds UTC, which it is in where it says no zone; one without end is null."""
    call = ibis.udf.scalar.builtin(_no_body, name="vaglio_us", signature=((value.type(),), "int64"))
    return call(value)


def _no_body(value: Any) -> Any:
    """Stand for a function of PostgreSQL."""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
