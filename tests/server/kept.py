"""Worlds that several tests begin with: made once in a process, then put back by the database as they were."""

from collections.abc import Callable
from copy import deepcopy
from itertools import count
from typing import Any, TypeVar

from tests.server.conftest import emptier

T = TypeVar("T")
_kept: dict[Any, tuple[Any, str, Any]] = {}
_numbers = count()
TABLES = """
SELECT format('%%I', relname), string_agg(format('%%I', attname), ', ' ORDER BY attnum)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE %s
    AND attnum > 0 AND attgenerated = '' AND NOT attisdropped
GROUP BY 1 ORDER BY 1
"""
NUMBERS = "SELECT format('%I', sequencename), last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


def kept(make: Callable[..., T], *about: Any) -> T:
    """Return what something makes where tables are empty; what it wrote there is put back the next time, and it is not asked again.

    For what reads no clock, or for tests to which it is the same whether it happened just now or some minutes ago.
    """
    by, back, what = _kept.get((make, about), (None, "", None))
    if by is not emptier():
        what = make(*about)
        _kept[make, about] = (emptier(), _written(f"back_{next(_numbers)}"), deepcopy(what))
        return what  # type: ignore[return-value]
    by.execute(f"SELECT pg_temp.{back}()")
    return deepcopy(what)  # type: ignore[return-value]


def _written(name: str) -> str:
    """Set what is in the tables aside, and make a function that puts it back; return its name."""
    by = emptier()
    said = []
    for table, columns in by.execute(TABLES, ["django\\_%"]).fetchall():
        if by.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone() == (True,):
            aside = f"pg_temp.{name}_{len(said)}"
            by.execute(f"CREATE TEMP TABLE {name}_{len(said)} AS SELECT {columns} FROM {table}")
            said.append(f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT * FROM {aside};")
    said += [f"PERFORM setval('{number}', {last});" for number, last in by.execute(NUMBERS)]
    by.execute(f"CREATE FUNCTION pg_temp.{name}() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {' '.join(said)} END $$")
    return name
