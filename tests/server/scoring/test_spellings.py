"""A value means the same whoever reads it: a file, the service that stored it, and the one that is given it to be scored."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaglio.dates import to_microseconds
from vaglio.document import ModelDocument, loads
from vaglio.files.convert import from_text
from vaglio.terms import InputType
from vaglio_server.scoring.logic.given import Given, Misfit, tables_of
from vaglio_server.scoring.tables import typed

KINDS: list[InputType] = ["integer", "number", "boolean", "date"]
SAID = [
    5, 5.0, 5.5, 1e3, 0, 1, 2, -3, "5", "5.0", "5.", ".5", "+5", "- 5", "0x1F", "1_000", " 7 ", "7\n", "5e2", "5E2", "1e400", "-0", "NaN",
    "inf", "٣", "\u00a05", "9223372036854775807", "9223372036854775808", "99999999999999999999", "yes", "YES", "No",
    "TRUE", " true ", "t", "on",
    "2026-01-31", " 2026-01-31 ", "2026-01-31 10:00", "2026-1-31", "20260131", "2026-01-31T10:00:00", "2026-01-31t10:00:00z",
    "2026-01-31T10:00:00 Z", "2026-01-31T10:00:00+05:30", "2026-01-31T10:00:00+0530", "2026-01-31T10:00:00-03",
    "2026-01-31T10:00:00 Europe/Rome", "2026-Jan-31", "2026-02-30", "0999-01-01", "2026-01-31T24:00", "2026-01-31T10:00:00.1234567",
]  # fmt: skip


@pytest.fixture(scope="module")
def raw() -> Iterator[Any]:
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


def document(kind: InputType) -> ModelDocument:
    return loads(f"""
format: 1
name: spelled
inputs: {{fields: {{n: {kind}}}}}
profile: {{rules: [{{id: r, kind: fields, field: n, points: 1, bands: [{{known: true}}]}}], letters: {{A: 3, B: 2, C: 1}}}}
engagement: {{rules: [], digits: {{1: 3, 2: 2, 3: 1}}}}
""")


def in_a_file(raw: Any, value: Any, kind: InputType) -> Any:
    cell = from_text("said", kind)
    return raw.execute(
        f"SELECT {cell.value} FROM (SELECT $1::VARCHAR AS said)", [value if isinstance(value, str) else json.dumps(value)]
    ).fetchone()[0]


def stored(value: Any, kind: InputType) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {typed('its.fields', 'n', kind)} FROM (SELECT %s::jsonb AS fields OFFSET 0) AS its", [json.dumps({"n": value})]
        )
        (found,) = cursor.fetchone()
    return to_microseconds(found) if isinstance(found, datetime) else found


def as_given(value: Any, kind: InputType) -> Any:
    try:
        return tables_of(document(kind), Given({"n": value}, {}, [], [], [])).columns["leads"]["f_n"][0]
    except Misfit:
        return None


def assert_all_alike(raw: Any, value: Any, kind: InputType) -> Any:
    found = (in_a_file(raw, value, kind), stored(value, kind), as_given(value, kind))
    assert found[0] == found[1] == found[2], (value, kind, found)
    return found[0]


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_and_programs_write(database: Path, raw: Any, kind: InputType) -> None:
    found = [assert_all_alike(raw, value, kind) for value in SAID]
    assert any(each is None for each in found) and sum(each is not None for each in found) >= 6


@pytest.mark.parametrize("text", ["true" + " " * 20_000 + "x", "9" * 5_000, "1" + " " * 20_000 + "x"])
def test_what_is_far_too_long_is_no_value_and_said_as_such(text: str) -> None:
    for kind in KINDS:
        with pytest.raises(Misfit, match=r"is no whole number|is no number|is neither true nor false|is no date"):
            tables_of(document(kind), Given({"n": text}, {}, [], [], []))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.text("0123456789.+-eE_xTtZz: \t\ntruefalsno", max_size=24))
def test_whatever_is_written(database: Path, raw: Any, kind: InputType, text: str) -> None:
    assert_all_alike(raw, text, kind)
