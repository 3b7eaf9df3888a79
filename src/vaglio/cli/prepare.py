"""``vaglio prepare``: activities that are read often, written so that each run takes less."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from vaglio.cli.options import Columns, Json, Memory


def prepare(
    activities: Annotated[Path, typer.Argument(help="Parquet file of activities")],
    *,
    out: Annotated[Path, typer.Option("--out", help="the Parquet file to write; give it as --activities from then on")],
    columns: Columns = None,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Write activities again in the order of leads, with a number beside each for what its columns say.

    Every run over the new file gives the same scores and reads less. It pays where one file is scored several times: models compared,
    thresholds sought, a model proved or learned.

    Example: vaglio prepare activities.parquet --out prepared.parquet
    """
    from dataclasses import asdict

    from vaglio.aside import need_place
    from vaglio.cli.show import print_json, stages
    from vaglio.engines.duckdb import DuckDBEngine, within_memory
    from vaglio.files import ColumnMap
    from vaglio.files.prepared import prepare as prepared

    need_place(out)
    with tempfile.TemporaryDirectory(prefix="vaglio-") as spill, stages() as stage, within_memory():
        engine = DuckDBEngine(spill=Path(spill), memory_limit=memory)
        try:
            stage("preparing activities")
            made = prepared(engine, activities, out, ColumnMap.parse(list(columns or ())))
        finally:
            engine.close()
    if as_json:
        print_json(asdict(made) | {"out": str(out)})
        return
    print(f"prepared {made.activities:,} activities, which say {made.signatures:,} different things in {', '.join(made.columns)}")
    if made.left_out:
        said = (f"{name} ({'by its type' if number is None else f'about {number:,} values'})" for name, number in made.left_out.items())
        print(f"  left out: {', '.join(said)};"
              " a model that tests one of these reads activities as before")  # fmt: skip
    print(f"wrote {out}")
