"""Joins that can be chained. ibis 12 folds a join's projection into the next join and then loses computed keys."""

import ibis
import ibis.expr.operations as ops


def _settled(table: ibis.Table) -> ibis.Table:
    return table.select(*table.columns) if isinstance(table.op(), ops.JoinChain) else table


def left_join(table: ibis.Table, other: ibis.Table, key: str, other_key: str) -> ibis.Table:
    """Return every row of ``table`` with the columns of the rows of ``other`` that match, or nulls."""
    return _settled(table).left_join(_settled(other), [(key, other_key)])


def inner_join(table: ibis.Table, other: ibis.Table, keys: list[str] | list[tuple[str, str]]) -> ibis.Table:
    """Return the pairs of rows that match on every key."""
    return _settled(table).inner_join(_settled(other), keys)
