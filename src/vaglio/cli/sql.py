"""``vaglio sql``: the SQL a model becomes."""

from pathlib import Path
from typing import Annotated

import typer

from vaglio.cli.options import AsOf, KnownAt


def sql(
    model: Annotated[Path, typer.Argument(help="model document")],
    engine: Annotated[str, typer.Option("--engine", help="whose SQL: duckdb, postgres, spark")] = "duckdb",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> None:
    """Print the SQL a model becomes, step by step, over the fact tables of docs/reference/facts.md.

    Example: vaglio sql models/b2b_software.yaml --engine duckdb
    """
    from vaglio.cli.inputs import instants
    from vaglio.document import load
    from vaglio.script import script

    print(script(load(model), engine, instants(as_of, known_at)))
