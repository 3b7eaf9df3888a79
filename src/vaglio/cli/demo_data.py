"""``vaglio demo-data``: a made company with a known truth."""

from pathlib import Path
from typing import Annotated

import typer


def demo_data(
    directory: Annotated[Path, typer.Argument(help="folder to write into")],
    leads: Annotated[int, typer.Option("--leads", min=1, help="how many leads")] = 5_000,
    activities: Annotated[int | None, typer.Option("--activities", min=0, help="how many activities (default: about 12 a lead)")] = None,
    seed: Annotated[int, typer.Option("--seed", help="another seed makes another company")] = 1,
    parquet: Annotated[bool, typer.Option("--parquet", help="write Parquet instead of CSV")] = False,
) -> None:
    """Make a company: accounts, leads, a year of activities, field history, lists, outcomes and the truth behind them.

    Example: vaglio demo-data demo --leads 5000
    """
    from vaglio.cli.show import progress
    from vaglio.demo import make

    with progress("making the company") as step:
        summary = make(directory, leads=leads, activities=activities, seed=seed, format="parquet" if parquet else "csv", progress=step)
    print(f"{directory}: {summary.leads:,} leads, {summary.accounts:,} accounts, {summary.activities:,} activities, "
          f"{summary.outcomes:,} outcomes; the truth behind them is in {directory / 'truth.json'}")  # fmt: skip
