"""Scores brought forward after 1 % new activities, against a full run: wall and processor seconds, from files to a file.

``python -m benchmarks.incremental [--activities N] [--leads N] [--runs N] [--rules N] [--share S] [--data DIR]``. The earlier scores are of
what was known before the newest share of the activities. Both runs are those of ``vaglio score``, without the start of Python; the whole
command is timed too.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.models import model
from benchmarks.score import AS_OF_US as END
from benchmarks.score import data, paths_in, spread

RESULTS = Path(__file__).parent / "results" / "incremental.json"


@dataclass(frozen=True)
class Files:
    """Where everything is: the facts, those of before, and the scores."""

    folder: Path
    activities: Path
    before: Path
    model: Path
    cut: int


def clock() -> tuple[float, float]:
    """Return wall and processor seconds, those of programs that ended included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used)


def timed(action: Callable[[], Any]) -> dict[str, float]:
    """Return how long an action takes [wall seconds] and what it costs [processor seconds]."""
    start = clock()
    action()
    end = clock()
    return {"wall": end[0] - start[0], "processor": end[1] - start[1]}


def files(folder: Path, rules: int, share: float) -> Files:
    """Return the files, made where they are not there: the activities before the newest share of them, and the model."""
    import duckdb

    from vaglio.document import dump

    every = folder / "activities.parquet"
    with duckdb.connect() as raw:
        raw.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        cut = raw.execute(f"SELECT epoch_us(quantile_disc(received_at, {1 - share})) FROM '{every}'").fetchall()[0][0]
        before = folder / f"before-{share}.parquet"
        if not before.exists():
            raw.execute(f"COPY (FROM '{every}' WHERE received_at <= make_timestamptz({cut})) TO '{before}' (FORMAT parquet)")
    text = folder / f"bench_{rules}.yaml"
    text.write_text(dump(model(rules, paths_in(folder))), encoding="utf-8")
    return Files(folder, every, before, text, cut)


def options(its: Files, activities: Path, as_of: int, out: str) -> list[str]:
    """Return the command of a full run."""
    from vaglio.dates import format_instant

    return ["score", str(its.model), "--leads", str(its.folder / "leads.parquet"), "--activities", str(activities), "--as-of",
            format_instant(as_of), "--out", str(its.folder / out)]  # fmt: skip


def brought(its: Files, out: str) -> list[str]:
    """Return the command that brings the scores of before forward."""
    from vaglio.dates import format_instant

    earlier = str(its.folder / "earlier.parquet")
    return [*options(its, its.activities, END, out), "--previous", earlier, "--changed-since", format_instant(its.cut)]


def inside(command: list[str]) -> None:
    """Carry out a command in this process, with its plans written anew."""
    from vaglio.cli.main import app
    from vaglio.kept import PLANS

    PLANS.forget()
    app(command, standalone_mode=False)


def outside(command: list[str]) -> None:
    """Carry out a command in a process of its own."""
    subprocess.run([sys.executable, "-m", "vaglio.cli.main", *command], check=True, capture_output=True)


def compared(its: Files) -> dict[str, int]:
    """Return how many leads there are, are rated otherwise than by a full run (which must be none), are scored again, and why."""
    import duckdb

    full, forward, earlier = (its.folder / f"{name}.parquet" for name in ("full", "forward", "earlier"))
    asked = {
        "leads": f"SELECT count(*) FROM '{full}'",
        "rated otherwise": f"SELECT count(*) FROM '{full}' a FULL JOIN '{forward}' b USING (lead_id) WHERE "
                           "a.rating IS DISTINCT FROM b.rating OR a.flags IS DISTINCT FROM b.flags "
                           "OR a.excluded_by IS DISTINCT FROM b.excluded_by",
        "scored again": f"SELECT count(*) FROM '{forward}' WHERE epoch_us(as_of) = {END}",
        "due by time": f"SELECT count(*) FROM '{earlier}' WHERE epoch_us(next_change_at) <= {END}",
        "with a new activity": f"SELECT count(DISTINCT lead_id) FROM '{its.activities}' WHERE epoch_us(received_at) > {its.cut}",
        "new activities": f"SELECT count(*) FROM '{its.activities}' WHERE epoch_us(received_at) > {its.cut}",
        "activities of those scored again": f"SELECT count(*) FROM '{its.activities}' SEMI JOIN (SELECT lead_id FROM '{forward}' "
                                            f"WHERE epoch_us(as_of) = {END}) AS due USING (lead_id)",
    }  # fmt: skip
    with duckdb.connect() as raw:
        raw.execute("SET enable_progress_bar = false")
        return {name: raw.execute(query).fetchall()[0][0] for name, query in asked.items()}


def measure(its: Files, runs: int) -> dict[str, Any]:
    """Return every figure; both kinds of run take turns, so that both meet the same machine."""
    inside([*options(its, its.before, its.cut, "earlier.parquet"), "--resumable"])
    full, forward = [*options(its, its.activities, END, "full.parquet"), "--resumable"], brought(its, "forward.parquet")
    plain = options(its, its.activities, END, "plain.parquet")
    found: dict[str, list[dict[str, float]]] = {"full": [], "full, not resumable": [], "incremental": []}
    for turn in range(runs):
        for name, command in zip(found, (full, plain, forward), strict=True):
            found[name].append(timed(lambda command=command: inside(command)))  # type: ignore[misc]
            print(f"run {turn + 1}: {name} {found[name][-1]}", flush=True)
    told = {name: {kind: spread([each[kind] for each in seconds]) for kind in ("wall", "processor")} for name, seconds in found.items()}
    return {
        "seconds": told,
        # What is to be shown: no more than a second beside 3 % of a full run.
        "seconds beside 3 % of a full run": {
            kind: round(told["incremental"][kind]["median"] - 0.03 * told["full"][kind]["median"], 2) for kind in ("wall", "processor")
        },
        "whole command": {
            name: timed(lambda command=command: outside(command)) for name, command in (("full", full), ("incremental", forward))
        },  # type: ignore[misc]
        "counts": compared(its),
    }


def main() -> None:
    """Measure and write the result."""
    import duckdb

    from vaglio.cli.garbage import collect_rarely

    collect_rarely()  # as the command does
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=20_000_000)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=30)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench"))
    given = parser.parse_args()
    load = os.getloadavg()[0]
    folder = data(given.data / f"{given.activities}", given.leads, given.activities, message_ids=False)
    told = measure(files(folder, given.rules, given.share), given.runs)
    told = {"activities": given.activities, "leads": given.leads, "rules": given.rules, "runs": given.runs} | told
    told |= {"machine": platform.platform(), "cores": os.cpu_count(), "load_before": round(load, 2), "duckdb": duckdb.__version__}
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kept = dict(sorted((kept | {str(given.activities): told}).items(), key=lambda size: int(size[0])))
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
