"""Scores of 20 M activities of 1 M leads, as a ratio to the bare scan of the same file in the same run.

``python -m benchmarks.score [--activities N] [--leads N] [--runs N] [--data DIR]``
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.models import model

AS_OF_US = 1_790_812_800_000_000  # 2026-10-01, the end of the made company's activities
BARE = "CREATE TEMP TABLE bare AS SELECT lead_id, count(*) AS n FROM '{folder}/activities.parquet' GROUP BY lead_id"
RESULTS = Path(__file__).parent / "results"


def timed(action: Callable[[], Any]) -> float:
    """Return how long an action takes [seconds]."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def imports() -> float:
    """Return how long a fresh Python takes to import what scoring needs [seconds]."""
    code = "import vaglio.scoring, vaglio.engines.duckdb, vaglio.files"
    return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def data(folder: Path, leads: int, activities: int, *, message_ids: bool) -> Path:
    """Return the folder of a made company, making it when it is not there."""
    from vaglio.demo import make

    if not (folder / "activities.parquet").exists():
        make(folder, leads=leads, activities=activities, format="parquet", duplicates=message_ids, message_ids=message_ids)
    return folder


def paths_in(folder: Path) -> list[str]:
    """Return the paths of the pages, the commonest first."""
    import duckdb

    query = f"SELECT path FROM '{folder}/activities.parquet' WHERE path IS NOT NULL GROUP BY path ORDER BY count(*) DESC, path"
    rows = duckdb.sql(query).fetchall()
    return [row[0] for row in rows]


def floor(folder: Path, threads: int) -> float:
    """Return the bare scan: every lead with its number of activities, kept as a table [seconds]."""
    import duckdb

    with duckdb.connect() as raw:
        raw.execute(f"SET threads = {threads}")
        return timed(lambda: raw.execute(BARE.format(folder=folder)))


VIEWS = """
CREATE TEMP VIEW leads AS SELECT lead_id, account_id, epoch_us(created_at) AS created_us, job_title AS f_job_title,
  industry AS f_industry, CAST(employees AS BIGINT) AS f_employees FROM '{folder}/leads.parquet';
CREATE TEMP VIEW activities AS SELECT lead_id, activity_type, epoch_us(occurred_at) AS occurred_us, epoch_us(received_at) AS received_us,
  {message_id} is_machine, epoch_us(machine_known_at) AS machine_us, path AS p_path, form AS p_form, content_type AS p_content_type
  FROM '{folder}/activities.parquet';
"""


def ours(folder: Path, document: Any, threads: int, *, contributions: bool, message_ids: bool = False) -> float:
    """Return compiling and running: scores (and contributions) from the files into tables [seconds]."""
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.kept import PLANS
    from vaglio.plan import Facts, Instants
    from vaglio.scoring import score

    engine = DuckDBEngine(threads=threads)
    engine.raw.execute(VIEWS.format(folder=folder, message_id="message_id," if message_ids else ""))
    facts = Facts(engine.table("leads"), activities=engine.table("activities"))
    at = Instants(AS_OF_US, AS_OF_US)
    PLANS.forget()
    try:
        return timed(lambda: score(engine, [document], facts, at, contributions=contributions))
    finally:
        engine.close()


def spread(values: list[float]) -> dict[str, float]:
    """Return median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def measure(folder: Path, runs: int, threads: int) -> dict[str, Any]:
    """Return every figure; floor and ours take turns, so that both meet the same machine."""
    documents = {rules: model(rules, paths_in(folder)) for rules in (30, 300)}
    cases = [(rules, deep) for rules in documents for deep in (False, True)]
    floors: list[float] = []
    times: dict[str, list[float]] = {_name(rules, deep): [] for rules, deep in cases}
    for turn in range(runs):
        for rules, deep in cases:
            if deep and turn:
                continue  # contributions are many rows: once is enough to know their order of magnitude
            floors.append(floor(folder, threads))
            times[_name(rules, deep)].append(ours(folder, documents[rules], threads, contributions=deep))
            print(f"run {turn + 1}: {_name(rules, deep)} {times[_name(rules, deep)][-1]:.2f} s, floor {floors[-1]:.2f} s", flush=True)
    base = statistics.median(floors)
    return {
        "floor_seconds": spread(floors),
        "cases": {name: {"seconds": spread(found), "ratio": round(statistics.median(found) / base, 2)} for name, found in times.items()},
        "imports_seconds": spread([imports() for _ in range(3)]),
    }


def _name(rules: int, deep: bool) -> str:
    return f"{rules} rules, {'contributions' if deep else 'scores'}"


def main() -> None:
    """Measure and write the result."""
    import duckdb
    import ibis

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--activities", type=int, default=20_000_000)
    options.add_argument("--leads", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench"))
    given = options.parse_args()
    folder = data(given.data / f"{given.activities}", given.leads, given.activities, message_ids=False)
    result = {
        "activities": given.activities, "leads": given.leads, "threads": given.threads, "runs": given.runs,
        "machine": platform.processor() or platform.machine(),
        "versions": {"python": platform.python_version(), "duckdb": duckdb.__version__, "ibis": ibis.__version__},
        **measure(folder, given.runs, given.threads),
    }  # fmt: skip
    small = data(given.data / f"{given.activities}-ids", given.leads, given.activities, message_ids=True)
    document = model(30, paths_in(small))
    result["with message ids, duplicates removed, 30 rules, scores"] = {
        "floor_seconds": floor(small, given.threads),
        "seconds": ours(small, document, given.threads, contributions=False, message_ids=True),
    }
    RESULTS.mkdir(exist_ok=True)
    out = RESULTS / f"score-{given.activities}.json"
    out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
