"""Options that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated

import typer

Leads = Annotated[Path, typer.Option("--leads", "--contacts", help="CSV or Parquet file of leads (or contacts): lead_id and any field")]
Accounts = Annotated[Path | None, typer.Option("--accounts", help="file of accounts: account_id and any field")]
Activities = Annotated[Path | None, typer.Option("--activities", help="file of activities: lead_id, activity_type, occurred_at …")]
FieldChanges = Annotated[Path | None, typer.Option("--field-changes", help="history of fields: lead_id, field, value, known_at")]
Lists = Annotated[Path | None, typer.Option("--lists", help="list members: list, member_type, member_id, from, to")]
Outcomes = Annotated[Path | None, typer.Option("--outcomes", help="outcomes: lead_id, outcome, occurred_at, value")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", help='a column\'s other name, as lead_id="Prospect ID" (repeat it), or a YAML file of them'),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="the instant the score is true for, such as 2026-01-31 (default: now)")]
KnownAt = Annotated[str | None, typer.Option("--known-at", help="use only what was known then (default: as-of)")]
EngineName = Annotated[str, typer.Option("--engine", help="where scores are computed: duckdb")]
Strict = Annotated[bool, typer.Option("--strict", help="stop at the first bad row instead of setting it aside")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for a program")]
Memory = Annotated[str | None, typer.Option("--memory", help="most memory the engine may use, such as 4GB")]
