"""``vaglio demo-data``: a made company with a known truth."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from vaglio.paths import TABLES

TRUTH = "truth.json"
MOST_LEADS = 134_217_727  # as vaglio.demo.recipe can make, which is not loaded for --help
MARK = ".vaglio-demo-data"  # says of a folder that what lies in it under the names of a made company was made


def demo_data(
    directory: Annotated[Path, typer.Argument(help="folder to write into")],
    leads: Annotated[int, typer.Option("--leads", min=1, max=MOST_LEADS, help="how many leads")] = 5_000,
    activities: Annotated[int | None, typer.Option("--activities", min=0, help="how many activities (default: about 12 a lead)")] = None,
    seed: Annotated[int, typer.Option("--seed", help="another seed makes another company")] = 1,
    parquet: Annotated[bool, typer.Option("--parquet", help="write Parquet instead of CSV")] = False,
) -> None:
    """Make a company: accounts, leads, a year of activities, field history, lists, outcomes and the truth behind them.

    Example: vaglio demo-data demo --leads 5000
    """
    from vaglio.cli.show import progress
    from vaglio.demo import make

    ending = "parquet" if parquet else "csv"
    _need_own(directory, [*(f"{table}.{ending}" for table in (*TABLES, "truth")), TRUTH])
    with progress("making the company") as step:
        summary = make(directory, leads=leads, activities=activities, seed=seed, format=ending, progress=step)
    print(f"{directory}: {summary.leads:,} leads, {summary.accounts:,} accounts, {summary.activities:,} activities, "
          f"{summary.outcomes:,} outcomes; the truth behind them is in {directory / TRUTH}")  # fmt: skip


def _need_own(directory: Path, names: Sequence[str]) -> None:
    """Mark a folder as a made company's; refuse one where files lie under its names that nobody knows to be made.

    Raises
    ------
    DataError
        ``file_exists``.
    """
    from vaglio.errors import DataError

    mark = directory / MARK
    there = [directory / name for name in names if (directory / name).exists()]
    if there and not (mark.exists() or _tells_truth(directory / TRUTH)):
        raise DataError(
            "file_exists", f"{there[0]} exists already, and its folder was not made by vaglio demo-data", "name a folder that is not there"
        )
    directory.mkdir(parents=True, exist_ok=True)
    mark.write_text("The tables in this folder were made by vaglio demo-data, which may make them again.\n", encoding="utf-8")


def _tells_truth(path: Path) -> bool:
    """Return whether a file is the truth behind a made company, which folders held before they were marked."""
    with suppress(OSError, ValueError):
        said = json.loads(path.read_text(encoding="utf-8"))
        return isinstance(said, dict) and {"seed", "until", "counts"} <= said.keys()
    return False
