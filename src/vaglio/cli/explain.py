"""``vaglio explain``: one lead's score, a sentence per line, down to the activity."""

from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.inputs import Given, facts, instants, say_notes
from vaglio.cli.options import Accounts, Activities, AsOf, Columns, EngineName, FieldChanges, Json, KnownAt, Leads, Lists, Strict
from vaglio.paths import Paths


def explain(
    model: Annotated[Path, typer.Argument(help="model document")],
    leads: Leads,
    lead: Annotated[str, typer.Option("--lead", help="id of the lead")],
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
    """Explain the score of one lead: the lines sum exactly to it.

    Example: vaglio explain models/b2b_software.yaml --leads leads.csv --activities activities.csv --lead L000042
    """
    from vaglio.cli.show import stages
    from vaglio.cli.who import need_score
    from vaglio.document import load
    from vaglio.scoring import explain as explain_lead

    document, at = load(model), instants(as_of, known_at)
    given = Given(Paths(leads, accounts, activities, field_changes, lists), tuple(columns or ()), strict, engine)
    with stages() as stage, facts(given, [document], stage) as (made, loaded):
        stage("scoring")
        found = explain_lead(made, document, loaded.facts, at, lead)
        need_score(made, loaded.facts, lead, found)
    say_notes([document], given, at.as_of)
    if as_json:
        _print_json(found)
    else:
        _print(found)


def _print_json(found: Any) -> None:
    from dataclasses import asdict

    from vaglio.cli.show import print_json
    from vaglio.dates import format_instant

    plain = asdict(found)
    for line in (*plain["lines"], *plain["silent"]):
        counted = (did for counted in line["counted"] for did in counted["activities"])
        for activity in (*line.get("activities", ()), *counted, *filter(None, [line.get("latest")])):
            activity["occurred_at"] = format_instant(activity.pop("occurred_us"))
    print_json(plain)


def _print(found: Any) -> None:
    from vaglio.cli.show import table
    from vaglio.dates import format_instant
    from vaglio.terms import AXES, format_points

    row = found.row
    print(_headline(row))
    for axis in AXES:
        rows = []
        for line in (line for line in found.lines if line.axis == axis):
            name = line.rule_id if line.part == "rule" else f"{line.part}: {line.rule_id}"
            rows.append([format_points(line.millipoints), name, line.sentence])
            rows += [["", "", f"  held: {line.branch}"]] if line.branch else []
            for activity in line.activities:
                when = format_instant(activity["occurred_us"])
                rows.append(["", "", f"  {format_points(activity['millipoints'])}  {activity['activity_type']} on {when}"])
            rows += [["", "", f"  {told}"] for counted in line.counted for told in _counted(counted, row["lead_id"])]
        rows.append([format_points(row[f"{axis}_millipoints"]) or "0.000", "=", f"{axis} score"])
        rows += [["", silent.rule_id, told] for silent in found.silent if silent.axis == axis for told in _silent(silent, row["lead_id"])]
        table(axis, [("points", "right"), ("rule", "left"), ("why", "left")], rows)
        print()
    if found.missing:
        name, worth = found.missing[0]
        print(f"Most worth finding out: {name} (up to {format_points(worth)} profile points hang on it)")


_SAID = {
    "count": "{number} counted", "distinct_days": "{number} days counted", "colleagues": "{number} people counted, the latest of each",
    "faded": "each counts less with age", "moment": "together", "silence": "silent since",
}  # fmt: skip


_WHY_NOT = {
    "worthless": "worth no points", "unlisted": "not on the list", "unheld": "does not hold", "unknown": "nothing is known of what it asks",
    "none": "no such activity", "over": "too long ago", "never": "never came together", "awake": "not silent for so long",
}  # fmt: skip


def _silent(silent: Any, lead_id: str) -> list[str]:
    """Return why a rule gave nothing, and what it read."""
    from vaglio.dates import format_instant

    why = f"nothing: {_WHY_NOT[silent.reason]}"
    if silent.branch:
        why += f": {silent.branch}"
    if silent.latest:
        why += f": {silent.latest['activity_type']} on {format_instant(silent.latest['occurred_us'])}"
    read = [told for counted in silent.counted if counted.activities and not silent.latest for told in _counted(counted, lead_id)]
    return [why, *(f"  {told}" for told in read)]


def _counted(counted: Any, lead_id: str) -> list[str]:
    """Return what a rule counted, a line each: how many, and the activities."""
    from vaglio.dates import format_instant

    said = _SAID.get(counted.stat, "the latest").format(number=counted.number)
    if not counted.activities:
        return [said if counted.number is not None else f"{said}: nothing"]
    by = [f" by {did['lead_id']}" if did["lead_id"] != lead_id else "" for did in counted.activities]
    return [f"{said}:"] + [
        f"  {did['activity_type']} on {format_instant(did['occurred_us'])}{who}" for did, who in zip(counted.activities, by, strict=True)
    ]


def _headline(row: dict[str, Any]) -> str:
    if row["excluded_by"]:
        return f"{row['lead_id']}: not rated, excluded as {row['excluded_by']}"
    rating = row["rating"] if row["enough_evidence"] else f"{row['rating']}, not enough evidence"
    parts = [f"{row['lead_id']}: {rating}", f"coverage {row['coverage']:.0%}"]
    for name in ("temperature", "buying_stage", "flags", "roles", "answers"):
        if row[name]:
            parts.append(f"{name.replace('_', ' ')} {row[name]}")
    if row["probability"] is not None:
        parts.append(f"probability {row['probability']:.1%}")
    return ", ".join(parts)
