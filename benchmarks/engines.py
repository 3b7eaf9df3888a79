"""Ours beside the bare scan, DuckDB, Polars, pandas, Spark and PostgreSQL by hand: ``python -m benchmarks.engines``.

Each measurement is a process of its own; contestants take turns, so that all meet the same machine. What takes longer than the patience
is ended and written down as longer than that; what others by hand give has to be what ours gives, or the run fails.
Results: ``benchmarks/results/engines.json``, which the table and the picture in ``docs/explanation/scale.md`` are drawn from.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.score import data, spread

RESULTS = Path(__file__).parent / "results" / "engines.json"
RULES = (30, 100, 300)
BY_HAND = ("duckdb", "polars", "pandas")
LIBRARIES = ("duckdb", "ibis-framework", "polars", "pandas", "pyspark")
OUT_OF_PATIENCE = {"seconds": None, "cpu_seconds": None, "peak_mb": None, "total": None}


def measured(who: str, rules: int, folder: Path, given: argparse.Namespace, *more: str) -> dict[str, Any]:
    """Measure once in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.contestants", who, str(rules), str(folder)]
    command += ["--threads", str(given.threads)]
    try:
        done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=given.patience, check=False)
    except subprocess.TimeoutExpired:
        return dict(OUT_OF_PATIENCE)
    if done.returncode:
        raise RuntimeError(f"{who}, {rules} rules, {folder}: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def turns(cases: list[tuple[str, int, tuple[str, ...]]], folder: Path, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure each case so many times, all of them in each turn; a case out of patience is not tried again."""
    found: dict[int, list[dict[str, Any]]] = {number: [] for number in range(len(cases))}
    for turn in range(given.turns):
        for number, (who, rules, more) in enumerate(cases):
            if any(each["seconds"] is None for each in found[number]):
                continue
            found[number].append(measured(who, rules, folder, given, *more))
            print(f"turn {turn + 1}: {who}, {rules} rules {' '.join(more)[:16]}: {found[number][-1]}", flush=True)
    rows = [_row(case, found[number], given) for number, case in enumerate(cases)]
    _check(rows)
    return rows


def _row(case: tuple[str, int, tuple[str, ...]], times: list[dict[str, Any]], given: argparse.Namespace) -> dict[str, Any]:
    who, rules, more = case
    row: dict[str, Any] = {"who": who, "rules": rules, "contributions": "--contributions" in more, "turns": given.turns}
    if times[-1]["seconds"] is None:
        return row | {"more_than_seconds": given.patience}
    for name in ("seconds", "cpu_seconds"):
        row[name] = spread([each[name] for each in times])
    return row | {"peak_mb": max(each["peak_mb"] for each in times), "total": times[-1]["total"]}


def _check(rows: list[dict[str, Any]]) -> None:
    for rules in {row["rules"] for row in rows}:
        totals = {row["who"]: row["total"] for row in rows if row["rules"] == rules and row.get("total") is not None}
        if len(set(totals.values())) > 1:
            raise RuntimeError(f"{rules} rules: the totals differ, so it was not the same work: {totals}")


def files(folder: Path, given: argparse.Namespace, *, by_hand: bool) -> list[dict[str, Any]]:
    """Measure what reads the files."""
    cases: list[tuple[str, int, tuple[str, ...]]] = [("bare", 0, ())]
    for rules in given.rules or RULES:
        cases += [("ours", rules, ()), ("ours", rules, ("--contributions",))]
        cases += [(who, rules, ()) for who in BY_HAND] if by_hand else []
    return turns(cases, folder, given)


def spark(folder: Path, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure Spark over the same files."""
    if not shutil.which("java"):
        print("Spark is left out: install openjdk-17-jre-headless")
        return []
    contestants = ("ours on spark", "spark by lead", "spark")
    return turns([(who, rules, ()) for rules in given.rules or (30, 300) for who in contestants], folder, given)


def postgres(folder: Path, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure a private PostgreSQL that holds the same rows."""
    with _filled(folder) as url:
        cases = [("postgres bare", 0), *((who, rules) for rules in given.rules or (30, 300) for who in ("ours on postgres", "postgres"))]
        return turns([(who, rules, ("--url", url)) for who, rules in cases], folder, given)


@contextmanager
def _filled(folder: Path) -> Iterator[str]:
    import duckdb
    import psycopg

    from vaglio.private.postgres import PrivatePostgres

    home = Path(tempfile.mkdtemp(prefix="vaglio-bench-"))
    home.chmod(0o711)
    try:
        with PrivatePostgres(home / "postgres").running() as server, duckdb.connect() as raw, psycopg.connect(server.url()) as connection:
            for name, columns in _TABLES.items():
                connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
                csv = home / f"{name}.csv"
                raw.execute(f"COPY (SELECT {', '.join(columns)} FROM '{folder}/{name}.parquet') TO '{csv}' (HEADER false)")
                with connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy, csv.open("rb") as rows:
                    while block := rows.read(1 << 20):
                        copy.write(block)
                csv.unlink()
                connection.execute(f"ANALYZE {name}")
            connection.commit()
            yield server.url()
    finally:
        shutil.rmtree(home, ignore_errors=True)


_TABLES = {
    "leads": {"lead_id": "text", "account_id": "text", "created_at": "timestamptz", "job_title": "text", "industry": "text",
              "employees": "bigint"},
    "activities": {"lead_id": "text", "activity_type": "text", "occurred_at": "timestamptz", "received_at": "timestamptz",
                   "is_machine": "boolean", "machine_known_at": "timestamptz", "path": "text", "form": "text", "content_type": "text"},
}  # fmt: skip


def unique(folder: Path) -> Path:
    """Return a folder whose pages nearly all differ, so that signatures are as many as activities."""
    import duckdb

    made = folder.with_name(f"{folder.name}-unique")
    if not made.exists():
        made.mkdir()
        shutil.copy(folder / "leads.parquet", made)
        duckdb.sql(f"""COPY (SELECT * REPLACE (path || '?v=' || row_number() OVER () AS path) FROM '{folder}/activities.parquet')
            TO '{made}/activities.parquet'""")
    return made


def with_rows(before: list[dict[str, Any]], measured_now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a part with those that were measured now, each in its place; the others stay as they were."""
    now = {(row["who"], row["rules"], row["contributions"]): row for row in measured_now}
    kept = [now.pop((row["who"], row["rules"], row["contributions"]), row) for row in before]
    return [*kept, *now.values()]


def main() -> None:
    """Measure and write down; parts and rules that are not asked for stay as they were."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--activities", type=int, action="append", help="1000000, 5000000, 20000000 unless given")
    asked.add_argument("--parts", nargs="+", default=["files", "spark", "postgres", "unique"])
    asked.add_argument("--rules", type=int, nargs="+", help="how many; 30, 100 and 300 unless given")
    asked.add_argument("--ours-only", action="store_true", help="leave what others write by hand out")
    asked.add_argument("--turns", type=int, default=3)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--patience", type=float, default=120.0, help="seconds for one measurement")
    asked.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench"))
    given = asked.parse_args()
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))["sizes"] if RESULTS.exists() else {}
    for activities in given.activities or (1_000_000, 5_000_000, 20_000_000):
        folder = data(given.data / str(activities), activities // 20, activities, message_ids=False)
        size = kept.setdefault(str(activities), {"leads": activities // 20, "turns": given.turns})
        size["turns"] = size["turns"] if given.rules else given.turns  # of some rules alone it stands in their rows
        if "files" in given.parts:
            size["files"] = with_rows(size.get("files", []), files(folder, given, by_hand=not given.ours_only))
        if "spark" in given.parts and activities <= 20_000_000:
            size["spark"] = with_rows(size.get("spark", []), spark(folder, given))
        if "postgres" in given.parts and activities <= 1_000_000:
            size["postgres"] = with_rows(size.get("postgres", []), postgres(folder, given))
        if "unique" in given.parts and activities <= 5_000_000:
            other = unique(folder)
            size["unique"] = turns([("bare", 0, ())] + [(who, 30, ("--paths", str(folder))) for who in ("ours", "duckdb")], other, given)
        _write(kept, given)


def _write(sizes: dict[str, Any], given: argparse.Namespace) -> None:
    result = {
        "threads": given.threads,
        "machine": platform.processor() or platform.machine(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
        "sizes": dict(sorted(sizes.items(), key=lambda pair: int(pair[0]))),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
