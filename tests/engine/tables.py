"""Facts written as plain dicts (as the oracle reads them) → the fact tables an engine reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import pyarrow as pa

from tests.engine.engines import MADE
from vaglio.document import ModelDocument, loads
from vaglio.plan import Facts
from vaglio.plan.facts import COLUMN_TYPES, field_column, property_column

ARROW = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
Row = dict[str, Any]


def shared_engine() -> Any:
    """Return one engine for all small tables of a test process: DuckDB, or the one that the tests of a folder are run on."""
    return engine_called(_asked[-1])


_asked = ["duckdb"]


@contextmanager
def all_on(name: str) -> Iterator[None]:
    """Let tests that name no engine run on one."""
    _asked.append(name)
    yield
    _asked.pop()


@cache
def engine_called(name: str) -> Any:
    """Return the engine of a name for all small tables of a test process: starting one takes longer than scoring in it."""
    return MADE[name]()


def document_of(document: dict[str, Any]) -> ModelDocument:
    """Write a plain document as YAML (in its braces) and load it, so that tests go through the text like people do."""
    return _loaded(_text(document))


@lru_cache(64)
def _loaded(text: str) -> ModelDocument:
    """Read a document once: tests that run one many times read it longer than they run it."""
    return loads(text)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text if "." in text else f"{text}.0"
    return json.dumps(value, ensure_ascii=False)


def facts_of(engine: Any, document: ModelDocument, facts: dict[str, list[Row]]) -> Facts:
    """Load dict facts into an engine."""
    inputs = document.inputs
    kinds: dict[str, dict[str, str]] = {"lead": dict(inputs.fields), "account": dict(inputs.account_fields)}
    return Facts(
        leads=engine.load("leads", _leads(facts["leads"], inputs.fields)),
        accounts=engine.load("accounts", _fields(facts["accounts"], ["account_id"], inputs.account_fields)),
        activities=engine.load("activities", _activities(facts["activities"], inputs.property_types())),
        field_changes=engine.load("field_changes", _changes(facts["field_changes"], kinds)),
        lists=engine.load("lists", _lists(facts["lists"])),
    )


def _column(rows: list[Row], name: str, kind: pa.DataType) -> pa.Array:
    return pa.array([row.get(name) for row in rows], kind)


def _typed(rows: list[Row], name: str, kind: str) -> pa.Array:
    values = [row.get(name) for row in rows]
    if kind != "string":
        values = [None if value is None else (float(value) if kind == "number" else int(value)) for value in values]
    return pa.array(values, ARROW[COLUMN_TYPES[kind]])  # type: ignore[index]


def _fields(rows: list[Row], ids: list[str], fields: Any) -> pa.Table:
    columns = {name: _column(rows, name, pa.string()) for name in ids}
    columns |= {field_column(name): _typed(rows, name, kind) for name, kind in fields.items()}
    return pa.table(columns)


def _leads(rows: list[Row], fields: Any) -> pa.Table:
    table = _fields(rows, ["lead_id", "account_id"], fields)
    return table.append_column("created_us", _column(rows, "created_at", pa.int64()))


def _activities(rows: list[Row], properties: Any) -> pa.Table:
    columns = {name: _column(rows, name, pa.string()) for name in ("lead_id", "activity_type", "message_id")}
    for name, source in (("occurred_us", "occurred_at"), ("received_us", "received_at"), ("machine_us", "machine_known_at")):
        columns[name] = _column(rows, source, pa.int64())
    columns["is_machine"] = _column(rows, "is_machine", pa.bool_())
    flat = [row.get("properties") or {} for row in rows]
    columns |= {property_column(name): _typed(flat, name, kind) for name, kind in properties.items()}
    return pa.table(columns)


def _changes(rows: list[Row], kinds: dict[str, dict[str, str]]) -> pa.Table:
    text, number, whole = [], [], []
    for row in rows:
        kind = kinds[row["subject"]].get(row["field"], "string")
        value = row["value"]
        text.append(None if value is None else str(value))
        number.append(float(value) if value is not None and kind == "number" else None)
        whole.append(int(value) if value is not None and kind not in ("string", "number") else None)
    columns = {name: _column(rows, name, pa.string()) for name in ("subject", "id", "field")}
    columns |= {"text": pa.array(text, pa.string()), "number": pa.array(number, pa.float64()), "whole": pa.array(whole, pa.int64())}
    return pa.table(columns | {"known_us": _column(rows, "known_at", pa.int64())})


def _lists(rows: list[Row]) -> pa.Table:
    columns = {name: _column(rows, name, pa.string()) for name in ("list", "member_type", "member_id")}
    for name, source in (("from_us", "from"), ("to_us", "to"), ("known_us", "known_at")):
        columns[name] = _column(rows, source, pa.int64())
    return pa.table(columns)
