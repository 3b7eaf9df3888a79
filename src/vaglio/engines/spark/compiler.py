"""ibis's words for Spark, where a score needs others."""

from math import isfinite
from typing import Any

import ibis
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from vaglio.engine import compiling, planning


class Compiler(PySparkCompiler):  # type: ignore[misc]
    """Doubles stay doubles and become text as everywhere; NaN is no null; the least and the greatest of one value is that value."""

    __slots__ = ()

    def visit_Field(self, op: Any, *, rel: Any, name: str) -> Any:
        """Return a column."""
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:
        """Return a constant. What Spark reads as 0.5 is a decimal, and a whole number divided by one has eight places, not a double's."""
        if not dtype.is_floating():
            return super().visit_NonNullLiteral(op, value=value, dtype=dtype)
        return self.cast(sge.convert(value), dtype) if isfinite(value) else None

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        """Return a call of a function of Spark's; its ``floor`` of a double is a whole number."""
        called = super().visit_ScalarUDF(op, **arguments)
        return self.cast(called, op.dtype) if op.dtype.is_floating() else called

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """Return whether a value is null."""
        return arg.is_(NULL)

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        """Return whether a value is not null."""
        return arg.is_(sge.not_(NULL))

    def visit_IsInf(self, op: Any, *, arg: Any) -> Any:
        """Return whether a value is infinite, to either side."""
        return self.f.abs(arg).eq(self.POS_INF)

    def visit_Least(self, op: Any, *, arg: Any) -> Any:
        """Return the least of some values."""
        return arg[0] if len(arg) == 1 else super().visit_Least(op, arg=arg)

    def visit_Greatest(self, op: Any, *, arg: Any) -> Any:
        """Return the greatest of some values."""
        return arg[0] if len(arg) == 1 else super().visit_Greatest(op, arg=arg)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Return a value as another type."""
        if op.arg.dtype.is_floating() and to.is_string():
            return sge.Anonymous(this="vaglio_double_text", expressions=[arg])
        return super().visit_Cast(op, arg=arg, to=to)


def written(table: ibis.Table, *, pretty: bool = False) -> str:
    """Return the SQL of an expression."""
    with planning("spark"), compiling(fused=True):
        return str(Compiler().to_sqlglot(table).sql("spark", pretty=pretty))
