"""Files longer than what one thread takes at once: rows keep their order, numbers and firsts, whatever conditions are asked of them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import ColumnMap, Needs, Paths, read_facts, write_table
from vaglio.files.convert import REASONS
from vaglio.files.write import write_arrow

ROWS = 250_000  # of which threads take 122,880 at a time: two whole parts and the rest
NO_VALUE = ("Select", "None given", "n/a", "-", "unknown", "tbd", "?", "0x0")  # more than DuckDB compares one by one
TYPES = frozenset({"seen", "heard", "read", "asked", "called", "met", "written", "bought"})


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(threads=4)
    yield made
    made.close()


def column(path: Path, name: str) -> list[str]:
    return pyarrow.csv.read_csv(path).column(name).to_pylist()


def test_results_are_written_in_their_order(engine: DuckDBEngine, tmp_path: Path) -> None:
    names = [f"x{number:06}" for number in range(ROWS)]
    table = engine.load("many", pa.table({"name": names, "rank": list(range(ROWS, 0, -1))}))
    write_table(engine, table.order_by("rank"), tmp_path / "by_rank.csv")
    assert column(tmp_path / "by_rank.csv", "name") == names[::-1]
    write_arrow(pa.concat_tables([pa.table({"name": names[:5]}), pa.table({"name": names[5:]})]), tmp_path / "as_is.csv")
    assert column(tmp_path / "as_is.csv", "name") == names


def test_bad_rows_have_their_numbers_and_of_two_alike_the_first_counts(engine: DuckDBEngine, tmp_path: Path) -> None:
    bad = set(range(1_000, ROWS, 36_999))
    lines = [f"L{min(n, ROWS - n)},{'many' if n in bad else n % 7}" for n in range(1, ROWS)]  # each but one twice, far from each other
    (tmp_path / "leads.csv").write_text("lead_id,employees\n" + "\n".join(lines))
    (tmp_path / "activities.csv").write_text(
        "lead_id,activity_type,occurred_at,minutes\n"
        + "\n".join(f"L{n},{'seen' if n % 2 else 'left'},2026-01-01,{'long' if n in bad else n % 7}" for n in range(ROWS))
    )
    needs = Needs(fields={"employees": "integer"}, properties={"minutes": "integer"}, activity_types=TYPES, no_value=NO_VALUE)
    loaded = read_facts(engine, Paths(tmp_path / "leads.csv", activities=tmp_path / "activities.csv"), needs, ColumnMap())
    by_file: dict[str, dict[str, list[int]]] = {}
    for row in loaded.rejected.to_pylist():
        by_file.setdefault(Path(row["file"]).name, {}).setdefault(row["reason"], []).append(row["row"])
    assert by_file["leads.csv"][REASONS["integer"]] == [n + 1 for n in sorted(bad)]
    assert by_file["activities.csv"] == {REASONS["integer"]: [n + 2 for n in sorted(bad) if n % 2]}
    first = {f"L{min(n, ROWS - n)}": n for n in range(ROWS - 1, 0, -1) if n not in bad}
    found = engine.arrow(loaded.facts.leads.select("lead_id", "f_employees")).to_pydict()
    assert dict(zip(found["lead_id"], found["f_employees"], strict=True)) == {lead: n % 7 for lead, n in first.items()}
