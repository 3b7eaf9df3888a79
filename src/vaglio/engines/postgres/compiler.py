"""ibis's words for PostgreSQL, where a score needs others."""

from hashlib import sha256
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from vaglio.engine import compiling, planning

LONGEST = 63  # bytes of a name; PostgreSQL cuts off what is longer
LEAST_POWER = -1000  # of two: what is left of any amount by then rounds to nothing

# Python's shortest text of a double, which is DuckDB's: PostgreSQL's own has no ".0" and goes over to exponents a digit earlier.
FUNCTIONS = (
    """CREATE FUNCTION vaglio_double_text(x double precision) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE
      WHEN x = 'NaN' THEN 'nan' WHEN x = 'Infinity' THEN 'inf' WHEN x = '-Infinity' THEN '-inf'
      WHEN abs(x) >= 1e15 AND abs(x) < 1e16
        THEN x::text::numeric::text || CASE WHEN position('.' IN x::text::numeric::text) = 0 THEN '.0' ELSE '' END
      WHEN x::text ~ '[.e]' THEN x::text ELSE x::text || '.0' END $$""",
    # Days apart from the rest: an interval is multiplied as a double, which has too few digits for microseconds of far years.
    """CREATE FUNCTION vaglio_instant(us bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (timestamp 'epoch' + make_interval(days => (us / 86400000000)::int) + (us % 86400000000) * interval '1 microsecond')
      AT TIME ZONE 'UTC' $$""",
    # Neither strict nor immutable, so that PostgreSQL puts what it says in the place of its calls, which cost a thousand times as much.
    # Between the first two years the double of the seconds and the product are each less than a quarter of a microsecond off; microseconds
    # of the furthest days are no whole number of 64 bits.
    *(
        f"""CREATE FUNCTION vaglio_us(moment {kind}) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN moment BETWEEN '1902-01-01' AND '2038-01-01' THEN (date_part('epoch', moment) * 1000000)::bigint
          WHEN moment BETWEEN '0001-01-01' AND '10000-01-01' THEN (extract(epoch FROM moment) * 1000000)::bigint END $$"""
        for kind in ("timestamptz", "timestamp", "date")
    ),
)


def short(name: str) -> str:
    """Return a name that PostgreSQL takes whole: what is too long keeps its beginning, and a hash tells it from others like it."""
    if len(name.encode()) <= LONGEST:
        return name
    return name.encode()[: LONGEST - 17].decode(errors="ignore") + "_" + sha256(name.encode()).hexdigest()[:16]


class Compiler(PostgresCompiler):  # type: ignore[misc]
    """Texts are ordered by code points whatever the collation; doubles become text as everywhere; small powers are no errors."""

    __slots__ = ()

    def visit_SortKey(self, op: Any, *, arg: Any, ascending: bool, nulls_first: bool) -> Any:
        """Return a key of an order."""
        return super().visit_SortKey(op, arg=_by_code_points(op, arg), ascending=ascending, nulls_first=nulls_first)

    def visit_Max(self, op: Any, *, arg: Any, where: Any) -> Any:
        """Return the largest value."""
        return super().visit_Max(op, arg=_by_code_points(op.arg, arg), where=where)

    def visit_Min(self, op: Any, *, arg: Any, where: Any) -> Any:
        """Return the smallest value."""
        return super().visit_Min(op, arg=_by_code_points(op.arg, arg), where=where)

    def visit_Power(self, op: Any, *, left: Any, right: Any) -> Any:
        """Return a power of two; PostgreSQL fails where a double is too small to hold it."""
        return sge.Pow(this=left, expression=self.f.greatest(right, sge.Literal.number(LEAST_POWER)))

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Return a value as another type."""
        if op.arg.dtype.is_floating() and to.is_string():
            return sge.Anonymous(this="vaglio_double_text", expressions=[arg])
        if op.arg.dtype.is_uuid() and to.is_string():  # whatever a table's column is that is read as text
            return _by_code_points(op, super().visit_Cast(op, arg=arg, to=to))
        if op.arg.dtype.is_boolean() and to.is_numeric():  # of numbers it makes none but the smallest of booleans
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)


def _by_code_points(op: Any, arg: Any) -> Any:
    return sge.Collate(this=sge.paren(arg), expression=sge.to_identifier("C", quoted=True)) if op.dtype.is_string() else arg


def shortened(statement: Any) -> Any:
    """Return a statement without names that are too long."""
    for name in statement.find_all(sge.Identifier):
        if len(name.this.encode()) > LONGEST:
            name.set("this", short(name.this))
    return statement


def written(table: ibis.Table, *, pretty: bool = False) -> str:
    """Return the SQL of an expression."""
    with planning("postgres"), compiling(fused=True):
        return str(shortened(Compiler().to_sqlglot(table)).sql("postgres", pretty=pretty))
