"""``--memory``: too little of it, and what is no amount, are one line each."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.company import AS_OF, MODEL, data_options, started, vaglio


@pytest.mark.parametrize("amount", ["lots", "", "5XB", "1e400GB", "-4GB", "-1"])
def test_what_is_no_amount_is_one_line(company: Path, tmp_path: Path, amount: str) -> None:
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--memory", amount)
    assert done.returncode == 2
    assert done.stderr == f"vaglio: the limit of memory, {amount!r}, is no amount to work with; write it as 4GB\n"


@pytest.mark.parametrize("amount", ["1B", "100KB", "1MB", "3MB"])
def test_too_little_is_one_line_wherever_it_runs_out(company: Path, tmp_path: Path, amount: str) -> None:
    run = started if amount == "1MB" else vaglio
    done = run("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--memory", amount)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert done.stderr.startswith("vaglio: duckdb: Out of Memory Error: ") and "; give it more memory or disk" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("amount", "told"), [("100KB", "give it more memory"), ("lots", "is no amount")])
def test_activities_are_prepared_within_it(tmp_path: Path, amount: str, told: str) -> None:
    times = pa.array([1_788_000_000_000_000] * 5_000, pa.timestamp("us", "UTC"))
    did = {"lead_id": [f"L{n}" for n in range(5_000)], "activity_type": ["v"] * 5_000, "occurred_at": times}
    pq.write_table(pa.table(did), tmp_path / "a.parquet")
    done = vaglio("prepare", tmp_path / "a.parquet", "--out", tmp_path / "p.parquet", "--memory", amount)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert told in done.stderr and not (tmp_path / "p.parquet").exists()
