"""``vaglio score``: scores, contributions and the report."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.inputs import Given, facts, instants, notes
from vaglio.cli.options import (
    Accounts,
    Activities,
    AsOf,
    Columns,
    EngineName,
    FieldChanges,
    Json,
    KnownAt,
    Leads,
    Lists,
    Memory,
    Outcomes,
    Strict,
)
from vaglio.paths import Paths


def score(
    model: Annotated[list[Path], typer.Argument(help="one or more model documents; each gives a score")],
    leads: Leads,
    out: Annotated[Path, typer.Option("--out", help="file of scores, CSV or Parquet by its ending, or table:NAME")],
    accounts: Accounts = None,
    activities: Activities = None,
    field_changes: FieldChanges = None,
    lists: Lists = None,
    outcomes: Outcomes = None,
    columns: Columns = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    engine: EngineName = "duckdb",
    *,
    contributions: Annotated[Path | None, typer.Option("--contributions", help="file with a line per lead and rule")] = None,
    activities_detail: Annotated[Path | None, typer.Option("--activities-detail", help="file with a row per activity")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="one HTML file to forward")] = None,
    top: Annotated[int, typer.Option("--top", min=0, max=1_000_000, help="how many leads to print with reasons")] = 0,
    next_change: Annotated[bool, typer.Option("--next-change", help="add next_change_at: until when each rating surely holds")] = False,
    resumable: Annotated[bool, typer.Option("--resumable", help="add what a later run with --previous starts from")] = False,
    changed_since: Annotated[
        str | None,
        typer.Option("--changed-since", help="score only leads of whom something became known later, or that time may have changed"),
    ] = None,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="the earlier scores, a Parquet file or table:NAME, for the others")
    ] = None,
    strict: Strict = False,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Score leads.

    Example: vaglio score models/b2b_software.yaml --leads leads.csv --activities activities.csv --out scores.csv --report report.html
    """
    from vaglio.cli.brought_forward import asked, run_since
    from vaglio.cli.outputs import Wanted, check_endings, run
    from vaglio.cli.show import stages
    from vaglio.cli.writer import need_tables_held
    from vaglio.document import load

    wanted = Wanted(out, contributions, activities_detail, report, top, next_change, resumable)
    check_endings(wanted, len(model))
    since = asked(changed_since, previous, wanted)
    need_tables_held(engine, wanted.files())
    documents = [load(path) for path in model]
    at = instants(as_of, known_at)
    given = Given(Paths(leads, accounts, activities, field_changes, lists, outcomes), tuple(columns or ()), strict, engine, memory,
                  since.instant if since else None)  # fmt: skip
    left_open = notes(documents, given, at.as_of)
    with stages() as stage, facts(given, documents, stage) as (made, loaded):
        if since is None:
            summary = run(made, documents, loaded, at, wanted, stage, left_open)
        else:
            summary = run_since(made, documents, loaded, at, since, out, stage)
            summary.warnings[:0] = left_open
    _say(summary, as_json)


def _say(summary: Any, as_json: bool) -> None:
    from vaglio.cli.show import note, print_json

    if as_json:
        print_json(asdict(summary))
        return
    for line in summary.lines():
        print(line)
    for warning in summary.warnings:
        note(f"note: {warning}")
