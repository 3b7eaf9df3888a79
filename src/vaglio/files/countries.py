"""Columns of countries, as ``--columns "country=Nation:country"`` names them: each in its one form (decision 27)."""

from collections.abc import Mapping, Sequence

import duckdb

from vaglio.countries import code_of, in_one_form
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import sql
from vaglio.files.functions import teach

COUNTRY = "country"  # stands where a date's format would
_FUNCTION = "vaglio_country"


def in_its_form(text: str) -> str:
    """Return the SQL of a text as a country in its one form; :func:`teach_countries` comes before."""
    return f"{_FUNCTION}({text})"


def teach_countries(raw: duckdb.DuckDBPyConnection) -> None:
    """Let a connection know the function."""
    teach(raw, _FUNCTION, in_one_form)


def unknown(engine: DuckDBEngine, relation: str, targets: Sequence[str]) -> Mapping[str, int]:
    """Return the texts of some columns that no country is called, with in how many rows each is, the commonest first."""
    found: dict[str, int] = {}
    for target in targets:
        column = sql.name(target)
        rows = engine.raw.execute(f"SELECT {column}, count(*) FROM {sql.name(relation)} WHERE trim({column}) <> '' GROUP BY 1").fetchall()
        for text, times in rows:
            if code_of(text) is None:
                found[text] = found.get(text, 0) + times
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
