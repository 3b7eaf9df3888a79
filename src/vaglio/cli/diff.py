"""``vaglio diff``: who moves when one model replaces another."""

from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.inputs import Given, facts, instants, say_notes
from vaglio.cli.options import Accounts, Activities, AsOf, Columns, EngineName, FieldChanges, Json, KnownAt, Leads, Lists, Strict
from vaglio.paths import Paths


def diff(
    before: Annotated[Path, typer.Argument(help="the model in force")],
    after: Annotated[Path, typer.Argument(help="the model that would replace it")],
    leads: Leads,
    accounts: Accounts = None,
    activities: Activities = None,
    field_changes: FieldChanges = None,
    lists: Lists = None,
    columns: Columns = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    engine: EngineName = "duckdb",
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Show who moves from which cell to which between two models, and which rules move them.

    Example: vaglio diff models/now.yaml models/next.yaml --leads leads.csv --activities activities.csv
    """
    from vaglio.cli.show import print_json, stages
    from vaglio.document import load
    from vaglio.scoring import diff as compare

    documents, at = [load(before), load(after)], instants(as_of, known_at)
    given = Given(Paths(leads, accounts, activities, field_changes, lists), tuple(columns or ()), strict, engine)
    with stages() as stage, facts(given, documents, stage) as (made, loaded):
        stage("scoring")
        found = compare(made, documents[0], documents[1], loaded.facts, at)
    say_notes(documents, given, at.as_of)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    from vaglio.cli.show import table
    from vaglio.terms import format_points

    print(f"{found['moved']:,} leads move, {found['unchanged']:,} stay")
    if not found["moved"]:
        return
    moves = [[row["from"], row["to"], f"{row['leads']:,}"] for row in found["moves"][:30]]
    table("Moves", [("from", "left"), ("to", "left"), ("leads", "right")], moves)
    rules = [
        [row["axis"], row["rule_id"] if row["part"] == "rule" else f"{row['part']}: {row['rule_id']}", f"{row['leads']:,}",
         format_points(row["millipoints"])]
        for row in found["rules"][:20]
    ]  # fmt: skip
    table("Rules behind them", [("axis", "left"), ("rule", "left"), ("leads", "right"), ("points in all", "right")], rules)
