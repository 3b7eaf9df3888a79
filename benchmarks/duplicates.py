"""How long it takes to look for duplicates among a million leads, how much memory, and how much of what is found is right.

``python -m benchmarks.duplicates [--leads N] [--seed S]``; the result has a place for each number of leads. The leads are those of
:mod:`benchmarks.twins`, whose truth is known; the seeds are neither those of the weights nor those of the tests. Timed is what the worker
starts: from the database, through Splink, back into the database.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.installation import installation
from benchmarks.twins import Made, leads, true_pairs
from vaglio_server.duplicates.engine import load, opened
from vaglio_server.duplicates.logic.comparisons import LOOKED_AT

RESULTS = Path(__file__).parent / "results" / "duplicates.json"


def fill(made: list[Made]) -> None:
    """Write leads straight into the table: lead 1 is the first."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL synchronous_commit = off")
        with cursor.copy("COPY crm_lead (id, fields, created_at) FROM STDIN") as copy:
            for place, each in enumerate(made):
                copy.write_row((place + 1, json.dumps(each.fields), "2026-01-01T00:00:00Z"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE crm_lead")


def searched() -> tuple[float, float]:
    """Have a process look, as the worker does; return the seconds it took and the most memory it held [MB]."""
    from vaglio_server.duplicates.actions import ask_search

    search = ask_search(by="benchmark", at=datetime.now(UTC))  # noqa: TID251
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "vaglio_server.config.looking", str(search.pk)], check=True, env=dict(os.environ))
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def judged(made: list[Made]) -> dict[str, Any]:
    """Return how much of what was found is right, how much of what is there was found, also by what made a record a second one."""
    from vaglio_server.duplicates.models import Pair

    pairs = {(lead - 1, other - 1): p for lead, other, p in Pair.objects.values_list("lead_id", "other_id", "probability").iterator()}
    truth = set(true_pairs(made))
    return {
        "pairs that are one person": len(truth),
        "proposed": _shares(pairs.keys(), truth),
        "at least 0.99 sure": _shares({pair for pair, p in pairs.items() if p >= 0.99}, truth),
        "recall by what made the second record": _by_kind(made, truth, pairs.keys()),
        "never compared, by what made the second record": _never_compared(made, truth, pairs.keys()),
    }


def _never_compared(made: list[Made], truth: set[tuple[int, int]], found: Iterable[tuple[int, int]]) -> dict[str, float]:
    """Return the share of pairs that no line of ``LOOKED_AT`` brings together; what was found was compared, or follows from what was."""
    import pyarrow as pa

    missed = sorted(truth - set(found))
    ends = sorted({place for pair in missed for place in pair})
    asked = " OR ".join(
        f"coalesce({'list_has_any(l.numbers, r.numbers)' if 'numbers' in rule else rule}, FALSE)" for rule in LOOKED_AT
    )  # fmt: skip
    with opened(2) as database:
        load(database, [[(place, made[place].fields) for place in ends]])
        database.register("missed", pa.table({"low": [low for low, _high in missed], "high": [high for _low, high in missed]}))
        compared = database.execute(
            f"SELECT low, high FROM missed JOIN leads AS l ON l.unique_id = low JOIN leads AS r ON r.unique_id = high WHERE {asked}"
        ).fetchall()
    lost = _by_kind(made, truth, truth - (set(missed) - set(compared)))
    return {how: round(1 - share, 4) for how, share in lost.items()}


def _shares(found: Iterable[tuple[int, int]], truth: set[tuple[int, int]]) -> dict[str, float]:
    pairs = set(found)
    right = len(pairs & truth)
    return {"pairs": len(pairs), "precision": round(right / max(1, len(pairs)), 4), "recall": round(right / max(1, len(truth)), 4)}


def _by_kind(made: list[Made], truth: set[tuple[int, int]], found: Iterable[tuple[int, int]]) -> dict[str, float]:
    pairs, there, hit = set(found), Counter[str](), Counter[str]()
    for pair in truth:
        for how in {made[place].how for place in pair} - {""}:
            there[how] += 1
            hit[how] += pair in pairs
    return {how: round(hit[how] / there[how], 4) for how in sorted(there)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--leads", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=9_104)
    asked.add_argument("--note", default="")
    given = asked.parse_args()
    made = leads(given.leads, given.seed)
    with installation():
        fill(made)
        load = os.getloadavg()[0]
        seconds, memory = searched()
        found = judged(made)
    result = {
        "leads": given.leads, "seed": given.seed, "seconds": round(seconds, 1), "peak memory MB": round(memory), **found,
        "machine": {"cpus": os.cpu_count(), "load before": round(load, 1), "system": platform.platform(), "note": given.note},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("splink", "duckdb", "sqlglot")},
    }  # fmt: skip
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results = {**known, f"{given.leads} leads": result}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
