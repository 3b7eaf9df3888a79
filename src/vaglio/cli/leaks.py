"""``vaglio leaks``: fields that know the outcome."""

from typing import Any

from vaglio.cli.options import (
    Accounts,
    Activities,
    AtAge,
    Columns,
    FieldChanges,
    Horizon,
    Json,
    LeadFile,
    LookedAt,
    NoValue,
    OutcomeField,
    Outcomes,
    Positive,
    Report,
)
from vaglio.paths import Paths


def leaks(
    leads: LeadFile,
    outcome_field: OutcomeField = None,
    positive: Positive = None,
    outcomes: Outcomes = None,
    horizon: Horizon = "90d",
    at_age: AtAge = None,
    as_of: LookedAt = None,
    activities: Activities = None,
    accounts: Accounts = None,
    field_changes: FieldChanges = None,
    columns: Columns = None,
    no_value: NoValue = None,
    *,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Find fields that know the outcome: filled in after it, filled mostly for one outcome, or too good to be known beforehand.

    Example: vaglio leaks --leads leads.csv --outcome-field Converted
    """
    from vaglio.cli.examples import Wanted, examples
    from vaglio.cli.outputs import need_html
    from vaglio.cli.show import stages
    from vaglio.learning.enough import LEAST
    from vaglio.learning.leakage import looked_through
    from vaglio.report.evidence import leaks_study
    from vaglio.report.study import write_study

    need_html(report)
    paths = Paths(leads, accounts, activities, field_changes, None, outcomes)
    wanted = Wanted(paths, tuple(columns or ()), outcome_field, positive, horizon, at_age, as_of, tuple(no_value or ()))
    with stages() as stage, examples(wanted, stage, least=LEAST) as found:
        stage("looking at fields")
        seen = looked_through(found.engine, found.declared, found.facts, found.at, found.labels.array, found.history)
    if report is not None:
        write_study(report, leaks_study(seen, found.looked_at, found.doubts))
    _say(seen, as_json)


def _say(seen: Any, as_json: bool) -> None:
    from dataclasses import asdict

    from vaglio.cli.show import print_json, table

    if as_json:
        print_json([asdict(each) for each in seen])
        return
    rows = [
        (each.field, each.verdict, "" if each.auc is None else f"{each.auc:.2f}", "; ".join(each.evidence))
        for each in seen if each.verdict != "fine"
    ]  # fmt: skip
    if rows:
        table("", [("field", "left"), ("verdict", "left"), ("alone", "right"), ("why", "left")], rows)
    fine = [each.field for each in seen if each.verdict == "fine"]
    print(f"{len(fine)} fields are fine" + (f": {', '.join(fine)}" if fine else ""))
    drop = [each.field for each in seen if each.verdict == "drop"]
    if drop:
        print(f"leave them out with: --drop {','.join(drop)}")
