"""Options that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated

import typer

Leads = Annotated[Path, typer.Option("--leads", "--contacts", help="CSV or Parquet file of leads, or table:NAME: lead_id and any field")]
# Of the commands that read files only, not tables of a database.
LeadFile = Annotated[Path, typer.Option("--leads", "--contacts", help="CSV or Parquet file of leads: lead_id and any field")]
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
EngineName = Annotated[
    str, typer.Option("--engine", help="where scores are computed: duckdb, postgres (or its postgresql:// URL), spark (or spark:MASTER)")
]
Strict = Annotated[bool, typer.Option("--strict", help="stop at the first bad row instead of setting it aside")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for a program")]
Memory = Annotated[str | None, typer.Option("--memory", help="most memory the engine may use, such as 4GB")]
Report = Annotated[Path | None, typer.Option("--report", help="one HTML file to forward")]
# Of the commands that learn from outcomes.
LookedAt = Annotated[
    str | None, typer.Option("--as-of", help="the instant at which leads are looked at (default: --horizon before the last outcome)")
]
OutcomeField = Annotated[str | None, typer.Option("--outcome-field", help="column of the leads that says what became of them")]
Positive = Annotated[str | None, typer.Option("--positive", help="the good outcome (default: 1, yes, true; of --outcomes: won)")]
Horizon = Annotated[str, typer.Option("--horizon", help="for how long outcomes are waited for")]
AtAge = Annotated[str | None, typer.Option("--at-age", help="look at each lead so long after it was created, as 7d")]
Drop = Annotated[str, typer.Option("--drop", help="fields and activity types not to use, with commas")]
Allow = Annotated[str, typer.Option("--allow", help="fields that tell who somebody is, or know the outcome, to use all the same")]
NoValue = Annotated[list[str] | None, typer.Option("--no-value", help="a text that means not filled, such as Select")]
