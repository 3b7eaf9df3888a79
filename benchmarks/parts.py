"""What the parts of a run take that no way of scoring is spared, each in DuckDB's plainest SQL: ``python -m benchmarks.parts [--turns N]``.

Beside the bare scan, over the same file: reading the columns that say which rules look at an activity and keeping those that one does
(drawn by chance, as many as 30 rules look at), adding them up by lead, and putting the leads in order. There is no rule, no fading, no
profile and no rating in it: it is what is left of a run when all that is Vaglio's is free. Results: ``benchmarks/results/parts.json``.
"""

import argparse
import json
import platform
import statistics
from pathlib import Path
from typing import Any

from benchmarks.score import AS_OF_US, BARE, data, spread, timed

RESULTS = Path(__file__).parent / "results" / "parts.json"
SUMS = 4  # what those of 30 rules come to, several packed in one
FOUND = f"""
SELECT lead_id, epoch_us(occurred_at) AS occurred_us, CAST(hash(path) % 24 AS INTEGER) AS signature
FROM '{{folder}}/activities.parquet' WHERE epoch_us(received_at) <= {AS_OF_US} AND epoch_us(occurred_at) <= {AS_OF_US}
  AND NOT (coalesce(is_machine, false) AND (machine_known_at IS NULL OR epoch_us(machine_known_at) <= {AS_OF_US}))
  AND hash(activity_type, path, form, content_type, occurred_at) % 100 < {{share}}
"""
LEADS = """
CREATE TEMP TABLE people AS SELECT lead_id, CAST(hash(lead_id) % 100000 AS BIGINT) AS points, CAST(hash(lead_id) % 16 AS BIGINT) AS place
FROM '{folder}/leads.parquet'
"""
SUMMED = ", ".join(f"sum(signature * {n + 1}.0) AS s_{n}" for n in range(SUMS))
ADDED = f"CREATE TEMP TABLE {{name}} AS SELECT lead_id, count(*) AS n, {SUMMED} FROM {{source}} GROUP BY lead_id"
STEPS = {
    "bare scan": ("bare", BARE),
    "reading": ("matched", f"CREATE TEMP TABLE matched AS {FOUND}"),
    "adding up": ("added", ADDED.format(name="added", source="matched")),
    "reading and adding up at once": ("at_once", ADDED.format(name="at_once", source=f"({FOUND})")),
    "order": ("ordered", "CREATE TEMP TABLE ordered AS SELECT * FROM people ORDER BY place, points DESC, lead_id"),
}


def measure(folder: Path, turns: int, threads: int, share: int) -> dict[str, Any]:
    """Return the seconds of each part, all of them in each turn, and how many times the bare scan they are together."""
    import duckdb

    found: dict[str, list[float]] = {name: [] for name in STEPS}
    with duckdb.connect() as raw:
        raw.execute(f"SET threads = {threads}; SET preserve_insertion_order = false")
        raw.execute(LEADS.format(folder=folder))
        for _turn in range(turns):
            for name, (_table, query) in STEPS.items():
                found[name].append(timed(lambda query=query: raw.execute(query.format(folder=folder, share=share))))  # type: ignore[misc]
            matched = raw.execute("SELECT count(*) FROM matched").fetchall()[0][0]
            for table, _query in STEPS.values():
                raw.execute(f"DROP TABLE {table}")
    medians = {name: statistics.median(its) for name, its in found.items()}
    summed = min(medians["reading"] + medians["adding up"], medians["reading and adding up at once"])
    together = summed + medians["order"]
    return {
        "seconds": {name: spread(its) for name, its in found.items()},
        "matched": matched,
        "parts together, times the bare scan": round(together / medians["bare scan"], 2),
    }


def main() -> None:
    """Measure, print and write the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--activities", type=int, default=20_000_000)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--share", type=int, default=18, help="of the activities that some rule still looks at [percent]")
    options.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench"))
    given = options.parse_args()
    folder = data(given.data / f"{given.activities}", given.activities // 20, given.activities, message_ids=False)
    result = {"activities": given.activities, "machine": platform.platform(), "threads": given.threads}
    result |= measure(folder, given.turns, given.threads, given.share)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
