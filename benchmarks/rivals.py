"""What others would write by hand for the same rules: one conditional sum per rule, in SQL, in Polars and in pandas.

Each gives what ours gives as ``engagement_millipoints``, in total, so that a run can check that it measured the same work. It does less: no
profile, no rating, no rank, and nobody can ask it why.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import add, or_
from typing import Any

from benchmarks.models import Drawn
from benchmarks.score import AS_OF_US

AS_OF = datetime.fromtimestamp(AS_OF_US / 1e6, UTC)
DAY = 86_400
COLUMNS = ("path", "form", "content_type")


def sums_in_sql(rules: list[Drawn], activities: str) -> str:
    """Return a query for the total of all leads; see :func:`points_in_sql`."""
    return f"SELECT SUM(points) AS total, COUNT(*) AS leads FROM ({points_in_sql(rules, activities)}) AS scores"


def points_in_sql(rules: list[Drawn], activities: str) -> str:
    """Return a query for ``lead_id, points``; ``activities`` has ``lead_id, activity_type, age`` [seconds] and the properties."""
    sums = ", ".join(f"SUM(CASE WHEN {_condition(each)} THEN {_worth(each)} ELSE 0 END) AS r{each.number}" for each in rules)
    given = " + ".join(_given(each) for each in rules)
    return f"SELECT lead_id, {given} AS points FROM (SELECT lead_id, {sums} FROM ({activities}) AS activities GROUP BY lead_id) AS sums"


def _condition(each: Drawn) -> str:
    parts = [f"activity_type = '{each.activity}'"]
    if each.test:
        name, operator, values = each.test
        said = ", ".join(f"'{value}'" for value in values)
        parts.append(f"{name} LIKE '{values[0]}%'" if operator == "starts_with" else f"{name} IN ({said})")
    if each.within_days:
        parts.append(f"age < {each.within_days * DAY}")
    return " AND ".join(parts)


def _worth(each: Drawn) -> str:
    if each.counts:
        return "1"
    if not each.half_life_days:
        return str(each.points * 1000)
    half_life = f"CAST({each.half_life_days * DAY} AS DOUBLE PRECISION)"  # Spark's own division by a decimal keeps eight places
    return f"FLOOR({each.points * 1000} * POWER(CAST(2.0 AS DOUBLE PRECISION), -age / {half_life}) + 0.5)"


def _given(each: Drawn) -> str:
    if each.counts:
        branches = " ".join(f"WHEN r{each.number} >= {least} THEN {points * 1000}" for least, points in each.bands())
        return f"CASE {branches} ELSE 0 END"
    value = f"CAST(r{each.number} AS BIGINT)"
    return f"LEAST({value}, {each.at_most * 1000})" if each.at_most else value


def activities_in_sql(source: str, microseconds: Callable[[str], str], age: str) -> str:
    """Return a query for the activities known at the instant."""
    known = [f"{microseconds(name)} <= {AS_OF_US}" for name in ("received_at", "occurred_at")]
    machine = f"is_machine AND ({microseconds('machine_known_at')} IS NULL OR {microseconds('machine_known_at')} <= {AS_OF_US})"
    at = age.format(us=microseconds("occurred_at"), as_of=AS_OF_US)
    folded = ", ".join(f"LOWER({name}) AS {name}" for name in COLUMNS)  # as a document's texts are compared
    return f"SELECT lead_id, activity_type, {folded}, {at} AS age FROM {source} " \
           f"WHERE {' AND '.join(known)} AND NOT COALESCE({machine}, FALSE)"  # fmt: skip


def polars(path: str, rules: list[Drawn]) -> int:
    """Return the total, by lazy Polars in its streaming engine."""
    import polars as pl

    table = pl.scan_parquet(path)
    at = pl.lit(AS_OF).cast(pl.Datetime("us", "UTC"))
    machine = pl.col("is_machine") & (pl.col("machine_known_at").is_null() | (pl.col("machine_known_at") <= at))
    table = table.filter((pl.col("received_at") <= at) & (pl.col("occurred_at") <= at) & ~machine.fill_null(value=False))
    table = table.with_columns(
        pl.col(COLUMNS).str.to_lowercase(), age=((at - pl.col("occurred_at")).dt.total_microseconds() // 1_000_000).cast(pl.Float64)
    )

    def one(each: Drawn) -> Any:
        held = pl.col("activity_type") == each.activity
        if each.test:
            name, operator, values = each.test
            column = pl.col(name)
            held &= column.str.starts_with(values[0]) if operator == "starts_with" else column.is_in(list(values))
        if each.within_days:
            held &= pl.col("age") < each.within_days * DAY
        worth: Any = pl.lit(1.0 if each.counts else each.points * 1000.0)
        if each.half_life_days and not each.counts:
            worth = (worth * (pl.lit(2.0) ** (-pl.col("age") / float(each.half_life_days * DAY))) + 0.5).floor()
        return pl.when(held).then(worth).otherwise(0.0).sum().alias(f"r{each.number}")

    def given(each: Drawn) -> Any:
        value = pl.col(f"r{each.number}")
        if each.counts:
            (most, more), (least, some) = each.bands()
            return pl.when(value >= most).then(more * 1000.0).when(value >= least).then(some * 1000.0).otherwise(0.0)
        return pl.min_horizontal(value, pl.lit(each.at_most * 1000.0)) if each.at_most else value

    scores = table.group_by("lead_id").agg([one(each) for each in rules]).select(points=reduce(add, map(given, rules)))
    return int(scores.select(pl.col("points").sum()).collect(engine="streaming").item())


def pandas(path: str, rules: list[Drawn]) -> int:
    """Return the total, by pandas and NumPy: a mask and a count per rule."""
    import numpy as np
    import pandas as pd

    table = pd.read_parquet(path, columns=["lead_id", "activity_type", "occurred_at", "received_at", "is_machine", "machine_known_at",
                                           *COLUMNS])  # fmt: skip
    at = pd.Timestamp(AS_OF)
    machine = table.is_machine.fillna(value=False).astype(bool) & (table.machine_known_at.isna() | (table.machine_known_at <= at))
    table = table[(table.received_at <= at) & (table.occurred_at <= at) & ~machine]
    codes, leads = pd.factorize(table.lead_id)
    age = np.floor((at - table.occurred_at).dt.total_seconds().to_numpy())
    texts = {name: table[name].astype("category") for name in ("activity_type", *COLUMNS)}
    total = np.zeros(len(leads))
    for each in rules:
        held = _held(texts["activity_type"], lambda value, its=each: value == its.activity)
        if each.test:
            name, operator, values = each.test
            held &= _held(texts[name], _matching(operator, values))
        if each.within_days:
            held &= age < each.within_days * DAY
        worth = np.full(held.sum(), 1.0 if each.counts else each.points * 1000.0)
        if each.half_life_days and not each.counts:
            worth = np.floor(worth * 2.0 ** (-age[held] / (each.half_life_days * DAY)) + 0.5)
        summed = np.bincount(codes[held], worth, len(leads))
        if each.counts:
            (most, more), (least, some) = each.bands()
            summed = np.where(summed >= most, more * 1000.0, np.where(summed >= least, some * 1000.0, 0.0))
        total += np.minimum(summed, each.at_most * 1000.0) if each.at_most else summed
    return int(total.sum())


def _matching(operator: str, values: tuple[str, ...]) -> Callable[[str], bool]:
    return (lambda text: text.startswith(values[0])) if operator == "starts_with" else (lambda text: text in values)


def _held(texts: Any, fits: Callable[[str], bool]) -> Any:
    """Return which rows hold a text that fits, asking once for each distinct one."""
    kept = [code for code, text in enumerate(texts.cat.categories) if fits(text.lower())]
    return reduce(or_, (texts.cat.codes.to_numpy() == code for code in kept), texts.cat.codes.to_numpy() == -2)
