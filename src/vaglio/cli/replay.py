"""``vaglio replay``: the score of one lead over time, as it was known then."""

from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.inputs import Given, facts, instant, say_notes
from vaglio.cli.options import Accounts, Activities, Columns, EngineName, FieldChanges, Json, Leads, Lists, Strict
from vaglio.paths import Paths

MOST_INSTANTS = 2_000


def replay(
    model: Annotated[Path, typer.Argument(help="model document")],
    leads: Leads,
    lead: Annotated[str, typer.Option("--lead", help="id of the lead")],
    start: Annotated[str, typer.Option("--from", help="first instant, such as 2026-01-01")],
    end: Annotated[str, typer.Option("--to", help="last instant")],
    every: Annotated[str, typer.Option("--every", help="step, such as 7d")] = "7d",
    accounts: Accounts = None,
    activities: Activities = None,
    field_changes: FieldChanges = None,
    lists: Lists = None,
    columns: Columns = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="use only what was known then (default: at each instant)")] = None,
    engine: EngineName = "duckdb",
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Replay the score of one lead at past instants; each uses only what was known then, or at --known-at.

    Example: vaglio replay models/b2b_software.yaml --leads leads.csv --activities activities.csv --lead L000042
    --from 2026-01-01 --to 2026-06-30 --every 7d
    """
    from vaglio.cli.show import print_json, stages
    from vaglio.cli.who import need_lead
    from vaglio.document import load
    from vaglio.scoring import replay as replay_lead

    document = load(model)
    moments = _moments(start, end, every, known_at)
    given = Given(Paths(leads, accounts, activities, field_changes, lists), tuple(columns or ()), strict, engine)
    with stages() as stage, facts(given, [document], stage) as (made, loaded):
        stage("scoring")
        rows = replay_lead(made, document, loaded.facts, moments, lead)
        if not rows:
            need_lead(made, loaded.facts, lead)
    say_notes([document], given, moments[0].as_of)
    for row in rows:
        row.pop("rank")
    if as_json:
        print_json(rows)
    else:
        _print(lead, rows, moments)


def _moments(start: str, end: str, every: str, known_at: str | None) -> list[Any]:
    from vaglio.cli.outcomes import duration
    from vaglio.errors import DataError
    from vaglio.plan import Instants

    first, last, step = instant("--from", start), instant("--to", end), duration("--every", every)
    known = instant("--known-at", known_at) if known_at is not None else None
    if last < first:
        raise DataError("period_empty", "--to is before --from", "swap them")
    if (last - first) // step >= MOST_INSTANTS:
        raise DataError("period_long", f"that is more than {MOST_INSTANTS:,} instants", "use a longer --every")
    found = list(dict.fromkeys([*range(first, last, step), last]))  # also the last, wherever the steps fall
    return [Instants(at, at if known is None else known) for at in found]


def _print(lead: str, rows: list[dict[str, Any]], moments: list[Any]) -> None:
    from vaglio.cli.show import table
    from vaglio.terms import format_points

    shown = [
        [row["as_of"].isoformat().replace("+00:00", "Z"), row["rating"] or f"excluded: {row['excluded_by']}",
         format_points(row["profile_millipoints"]), format_points(row["engagement_millipoints"]), row["buying_stage"] or ""]
        for row in rows
    ]  # fmt: skip
    columns = [("as of", "left"), ("rating", "left"), ("profile", "right"), ("engagement", "right"), ("stage", "left")]
    table(f"{lead} over time", columns, shown)
    if not rows:
        print("no score at any of these instants: the lead did not exist yet, or is outside the model's audience")
    elif without := len(moments) - len(rows):
        print(f"no score at {without:,} of {len(moments):,} instants: it did not exist yet, or was outside the model's audience")
