"""How long it takes to read a document, and to write its plan and the SQL for DuckDB, of ever more rules.

``python -m benchmarks.compile [--turns N]``. Nothing is kept from turn to turn but what ibis keeps.
Results: ``benchmarks/results/compile.json``.
"""

import argparse
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.models import model
from benchmarks.score import VIEWS, data, paths_in, spread, timed

RESULTS = Path(__file__).parent / "results" / "compile.json"
RULES = (30, 100, 300)


def wanted() -> dict[str, Any]:
    """Return what is asked of a plan, by name."""
    from vaglio.plan import Wanted

    return {"scores": Wanted(), "scores and their next change": Wanted(clock=True), "scores and contributions": Wanted(by_rule=True)}


def measure(folder: Path, turns: int) -> dict[str, Any]:
    """Return the seconds of each case, and how much text it is [characters]."""
    from vaglio.document import dump, loads
    from vaglio.engines.duckdb import DuckDBEngine
    from vaglio.kept import write
    from vaglio.plan import Facts

    engine = DuckDBEngine()
    engine.raw.execute(VIEWS.format(folder=folder, message_id=""))
    shape = Facts(engine.table("leads"), activities=engine.table("activities")).shape()
    found: dict[str, Any] = {}
    for rules in RULES:
        document = model(rules, paths_in(folder))
        text = dump(document)
        read = [timed(lambda text=text: loads(text)) for _turn in range(turns)]  # type: ignore[misc]
        found[f"{rules} rules, read"] = {"seconds": spread(read), "characters": len(text)}
        for name, asked in wanted().items():
            texts: list[str] = []

            def work(document: Any = document, asked: Any = asked, texts: list[str] = texts) -> None:
                texts[:] = [engine.typed_sql(table) for _name, table in write(engine, document, shape, asked, by_class=False).tables()]

            first, *rest = (timed(work) for _turn in range(turns + 1))
            found[f"{rules} rules, {name}"] = {"seconds": spread(rest), "first": first, "characters": sum(map(len, texts))}
    engine.close()
    return found


def main() -> None:
    """Measure, print and write the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--turns", type=int, default=7)
    options.add_argument("--data", type=Path, default=Path("/tmp/vaglio-bench"))
    given = options.parse_args()
    folder = data(given.data / "1000000", 50_000, 1_000_000, message_ids=False)
    result = {
        "machine": platform.platform(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in ("duckdb", "ibis-framework")}},
        "cases": measure(folder, given.turns),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
