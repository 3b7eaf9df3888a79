"""One measurement in a process of its own: ``python -m benchmarks.contestants WHO RULES FOLDER [--threads N] [--url URL]``.

Prints what it took as JSON: ``seconds`` and ``cpu_seconds`` of the work itself (not of imports, nor of starting Spark or filling
PostgreSQL), ``peak_mb`` of the process and ``total`` [millipoints of engagement, of all leads].
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.models import Drawn, document, rules
from benchmarks.rivals import COLUMNS, activities_in_sql, pandas, points_in_sql, polars, sums_in_sql
from benchmarks.score import AS_OF_US, BARE, VIEWS, paths_in

Total = int | None
# What the end of the file says, as whoever reads the file is told by it.
NEWEST = "SELECT epoch_us(greatest(max(occurred_at), max(received_at), max(machine_known_at))) FROM '{folder}/activities.parquet'"
AGE = "FLOOR(({as_of} - {us}) / CAST(1000000 AS DOUBLE PRECISION))"


def bare(folder: Path, _rules: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """The floor: every lead with its number of activities, kept as a table."""
    import duckdb

    raw = duckdb.connect()
    raw.execute(f"SET threads = {given.threads}")
    return lambda: (raw.execute(BARE.format(folder=folder)), None)[1]


def duckdb_sums(folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """One conditional sum per rule, in DuckDB's SQL."""
    import duckdb

    raw = duckdb.connect()
    raw.execute(f"SET threads = {given.threads}")
    facts = activities_in_sql(f"'{folder}/activities.parquet'", lambda name: f"epoch_us({name})", AGE)
    return lambda: int(raw.execute(sums_in_sql(drawn, facts)).fetchall()[0][0])


def by_polars(folder: Path, drawn: list[Drawn], _given: argparse.Namespace) -> Callable[[], Total]:
    """One conditional sum per rule, in Polars."""
    import polars as _loaded  # noqa: F401 - imported before the clock starts

    return lambda: polars(f"{folder}/activities.parquet", drawn)


def by_pandas(folder: Path, drawn: list[Drawn], _given: argparse.Namespace) -> Callable[[], Total]:
    """A mask and a count per rule, in pandas and NumPy."""
    import pandas as _loaded  # noqa: F401 - imported before the clock starts

    return lambda: pandas(f"{folder}/activities.parquet", drawn)


def ours_duckdb(folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """Ours: compiling and running, scores and ratings into a table, and contributions where they are asked for."""
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.plan import Facts
    from vaglio.plan.facts import Newest

    options = {"memory_limit": f"{given.memory}MB", "spill": f"{folder}/spill"} if given.memory else {}
    engine = DuckDBEngine(threads=given.threads, **options)
    engine.raw.execute(VIEWS.format(folder=folder, message_id=""))

    def facts() -> Facts:
        activities = engine.table("activities")
        newest = Newest(activities, engine.raw.execute(NEWEST.format(folder=folder)).fetchall()[0][0])
        return Facts(engine.table("leads"), activities=activities, newest=newest)

    return _scoring(engine, drawn, facts, given)


def ours_postgres(_folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """Ours in PostgreSQL, over tables that are there."""
    from vaglio.engines import make

    engine: Any = make("postgres", url=given.url)
    return _scoring(engine, drawn, partial(_found, engine, "leads", "activities"), given)


def postgres_sums(_folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """One conditional sum per rule, in PostgreSQL's SQL."""
    return lambda: _asked(given.url, sums_in_sql(drawn, activities_in_sql("activities", _postgres_us, AGE)))


def postgres_bare(_folder: Path, _rules: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """PostgreSQL's own floor."""
    return lambda: (_asked(given.url, "SELECT count(*) FROM (SELECT lead_id, count(*) FROM activities GROUP BY lead_id) AS t"), None)[1]


def _postgres_us(name: str) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {name}) * 1000000 AS BIGINT)"


def _asked(url: str, query: str) -> int:
    import psycopg

    with psycopg.connect(url) as connection:
        return int(connection.execute(query).fetchall()[0][0])


def ours_spark(folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """Ours in Spark, over the same Parquet files."""
    engine = _spark(given)
    leads, activities = (f"parquet.`{folder}/{name}.parquet`" for name in ("leads", "activities"))
    return _scoring(engine, drawn, partial(_found, engine, leads, activities), given)


def spark_sums(folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """One conditional sum per rule, in Spark's SQL; only their total is kept."""
    session = _spark(given).session.spark
    query = _in_spark(sums_in_sql, drawn, folder)
    return lambda: int(session.sql(query).collect()[0][0])


def spark_points(folder: Path, drawn: list[Drawn], given: argparse.Namespace) -> Callable[[], Total]:
    """One conditional sum per rule, in Spark's SQL, for a list of leads with the best first: kept as ours is, then added up."""
    session = _spark(given).session.spark
    query = _in_spark(points_in_sql, drawn, folder)

    def work() -> int:
        points = session.sql(query).localCheckpoint()
        ranked = points.orderBy(points.points.desc(), points.lead_id.asc()).localCheckpoint()
        return int(ranked.agg({"points": "sum"}).collect()[0][0])

    return work


def _in_spark(query: Callable[[list[Drawn], str], str], drawn: list[Drawn], folder: Path) -> str:
    facts = activities_in_sql(f"parquet.`{folder}/activities.parquet`", lambda name: f"unix_micros({name})", AGE)
    return query(drawn, facts).replace("DOUBLE PRECISION", "DOUBLE")


def _spark(given: argparse.Namespace) -> Any:
    from vaglio.engines import make

    engine: Any = make("spark", master=f"local[{given.threads}]", options={"spark.driver.memory": "6g"})
    engine.session.spark.range(1000).selectExpr("sum(id)").collect()  # Spark's own first steps
    return engine


def _found(engine: Any, leads: str, activities: str) -> Any:
    from vaglio.plan import Facts

    people, _types = engine.find(leads, "leads")
    did, _types = engine.find(activities, "activities")
    fields = {f"f_{name}": people[name] for name in ("job_title", "industry")} | {"f_employees": people.employees.cast("int64")}
    people = people.select("lead_id", "account_id", created_us=engine.microseconds(people.created_at), **fields)
    did = did.select(
        "lead_id", "activity_type", "is_machine", occurred_us=engine.microseconds(did.occurred_at),
        received_us=engine.microseconds(did.received_at), machine_us=engine.microseconds(did.machine_known_at),
        **{f"p_{name}": did[name] for name in COLUMNS},
    )  # fmt: skip
    return Facts(people, activities=did)


def _scoring(engine: Any, drawn: list[Drawn], facts: Callable[[], Any], given: argparse.Namespace) -> "Scoring":
    return Scoring(engine, document(drawn, f"bench_{len(drawn)}"), facts, contributions=given.contributions)


class Scoring:
    """Our own work, and its total once it is done: adding it up is not part of the work."""

    def __init__(self, engine: Any, model: Any, facts: Callable[[], Any], *, contributions: bool) -> None:
        from vaglio.scoring import score

        self._engine = engine
        self._facts = facts
        self._score = partial(score, engine, [model], contributions=contributions)
        self._scores: Any = None

    def __call__(self) -> None:
        """Score, from finding the facts on."""
        from vaglio.plan import Instants

        self._scores = self._score(facts=self._facts(), at=Instants(AS_OF_US, AS_OF_US)).scores

    def total(self) -> int:
        """Return the engagement of all leads."""
        total = self._scores.engagement_millipoints.sum().cast("int64").name("total")
        return int(self._engine.arrow(total.as_table())["total"][0].as_py())


WHO: dict[str, Callable[[Path, list[Drawn], argparse.Namespace], Callable[[], Total]]] = {
    "bare": bare, "ours": ours_duckdb, "duckdb": duckdb_sums, "polars": by_polars, "pandas": by_pandas,
    "ours on postgres": ours_postgres, "postgres": postgres_sums, "postgres bare": postgres_bare,
    "ours on spark": ours_spark, "spark": spark_sums, "spark by lead": spark_points,
}  # fmt: skip


def main() -> None:
    """Measure once."""
    asked = argparse.ArgumentParser()
    asked.add_argument("who", choices=WHO)
    asked.add_argument("rules", type=int)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--paths", type=Path, help="folder whose pages the rules are about, where it is not the one measured")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--memory", type=int, default=0, help="limit for DuckDB [MB]")
    asked.add_argument("--url", default="")
    asked.add_argument("--contributions", action="store_true")
    given = asked.parse_args()
    drawn = rules(given.rules, paths_in(given.paths or given.folder)) if given.rules else []
    work = WHO[given.who](given.folder, drawn, given)
    start, cpu = time.perf_counter(), time.process_time()
    total = work()
    took = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if isinstance(work, Scoring):
        total = work.total()
    print(json.dumps({**took, "peak_mb": peak, "total": total}))


if __name__ == "__main__":
    main()
