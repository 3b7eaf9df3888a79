"""What ``vaglio prepare`` costs and spares: ``python -m benchmarks.prepared [--activities N] [--turns N] [--data DIR]``.

Activities are prepared once; then each model scores everybody from the plain and from the prepared file in turns, from opening the files to
scores in a table. Both must give the same total. Beside them the bare scan of the plain file. Results:
``benchmarks/results/prepared.json``.
"""

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from benchmarks.models import model
from benchmarks.score import AS_OF_US, data, floor, paths_in, spread, timed

RESULTS = Path(__file__).parent / "results" / "prepared.json"
SHIPPED = Path(__file__).parent.parent / "models" / "b2b_software.yaml"


def scored(folder: Path, activities: Path, document: Any, threads: int) -> tuple[float, int]:
    """Return how long scoring takes [seconds], and the sum of all points [millipoints]."""
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.files import needs, read_facts
    from vaglio.paths import Paths
    from vaglio.plan import Instants
    from vaglio.scoring import score

    engine = DuckDBEngine(threads=threads)
    files = {name: folder / f"{name}.parquet" for name in ("leads", "accounts", "field_changes", "lists")}
    paths = Paths(files["leads"], files["accounts"], activities, files["field_changes"], files["lists"])

    def work() -> None:
        facts = read_facts(engine, paths, needs([document])).facts
        found = score(engine, [document], facts, Instants(AS_OF_US, AS_OF_US))
        engine.raw.execute(f"CREATE TEMP TABLE result AS {engine.typed_sql(found.scores)}")

    try:
        seconds = timed(work)
        total = engine.raw.execute("SELECT CAST(sum(engagement_millipoints) AS BIGINT) FROM result").fetchall()[0][0]
        return seconds, total
    finally:
        engine.close()


def measure(folder: Path, out: Path, turns: int, threads: int) -> dict[str, Any]:
    """Return the seconds of preparing, of the bare scan, and of each model over both files."""
    from vaglio.document import load
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.files import ColumnMap
    from vaglio.files.prepared import prepare

    plain, engine = folder / "activities.parquet", DuckDBEngine(threads=threads)
    preparing = timed(lambda: prepare(engine, plain, out, ColumnMap()))
    engine.close()
    documents = {f"{rules} rules": model(rules, paths_in(folder)) for rules in (30, 300)} | {SHIPPED.name: load(SHIPPED)}
    floors: list[float] = []
    seconds: dict[str, dict[str, list[float]]] = {name: {"plain": [], "prepared": []} for name in documents}
    for turn in range(turns):
        floors.append(floor(folder, threads))
        for name, document in documents.items():
            totals = set()
            for which, path in (("plain", plain), ("prepared", out)):
                took, total = scored(folder, path, document, threads)
                seconds[name][which].append(took)
                totals.add(total)
                print(f"turn {turn + 1}: {name}, {which} {took:.2f} s", flush=True)
            assert len(totals) == 1, f"{name}: {totals}"
    return {
        "prepare_seconds": preparing,
        "bare_scan_seconds": spread(floors),
        "seconds": {name: {which: spread(took) for which, took in its.items()} for name, its in seconds.items()},
    }


def main() -> None:
    """Measure, print and write the result."""
    import duckdb

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--activities", type=int, default=20_000_000)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench"))
    given = options.parse_args()
    folder = data(given.data / f"{given.activities}", given.activities // 20, given.activities, message_ids=False)
    out = folder / "prepared.parquet"
    result = {"activities": given.activities, "machine": platform.platform(), "duckdb": duckdb.__version__, "threads": given.threads}
    try:
        result |= measure(folder, out, given.turns, given.threads)
    finally:
        out.unlink(missing_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
