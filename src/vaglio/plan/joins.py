"""Joins that can be chained. ibis 12 folds a join's projection into the next join and then loses computed keys."""

import ibis
import ibis.expr.operations as ops


def _settled(table: ibis.Table) -> ibis.Table:
    return table.select(*table.columns) if isinstance(table.op(), ops.JoinChain) else table


def left_join(table: ibis.Table, other: ibis.Table, key: str, other_key: str) -> ibis.Table:
    """Return every row of ``table`` with the columns of the rows of ``other`` that match, or nulls."""
    return left_joins(table, [(other, key, other_key)])


def left_joins(table: ibis.Table, others: list[tuple[ibis.Table, str, str]]) -> ibis.Table:
    """Return every row of ``table`` joined to several others, each by a key of ``table``; columns must differ, but for equal keys."""
    joined = _settled(table)
    for number, (other, key, other_key) in enumerate(others):
        joined = joined.left_join(_settled(other), [(key, other_key)], rname=f"{{name}}_joined_{number}")
    return joined


def inner_join(table: ibis.Table, other: ibis.Table, keys: list[str] | list[tuple[str, str]]) -> ibis.Table:
    """Return the pairs of rows that match on every key."""
    return _settled(table).inner_join(_settled(other), keys)
