"""``vaglio suggest``: points from data, and what the rules of a model are worth."""

from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.options import (
    Accounts,
    Activities,
    Allow,
    AsOf,
    AtAge,
    Columns,
    Drop,
    FieldChanges,
    Horizon,
    Json,
    Leads,
    NoValue,
    OutcomeField,
    Outcomes,
    Positive,
    Report,
)
from vaglio.paths import Paths


def suggest(
    leads: Leads,
    outcome_field: OutcomeField = None,
    positive: Positive = None,
    outcomes: Outcomes = None,
    horizon: Horizon = "90d",
    at_age: AtAge = None,
    as_of: AsOf = None,
    activities: Activities = None,
    accounts: Accounts = None,
    field_changes: FieldChanges = None,
    columns: Columns = None,
    drop: Drop = "",
    allow: Allow = "",
    no_value: NoValue = None,
    model: Annotated[Path | None, typer.Option("--model", help="say instead what each rule of this model is worth")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="write a model of the sure proposals")] = None,
    *,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Say how much more often each value and each action came with the outcome, and what points that makes.

    Example: vaglio suggest --leads leads.csv --outcome-field Converted --out proposed.yaml
    """
    from vaglio.cli.examples import Wanted, examples
    from vaglio.cli.learn import listed
    from vaglio.cli.outputs import need_html
    from vaglio.cli.show import stages
    from vaglio.document import load
    from vaglio.learning.suggest import rule_evidence

    need_html(report)
    paths = Paths(leads, accounts, activities, field_changes, None, outcomes)
    wanted = Wanted(paths, tuple(columns or ()), outcome_field, positive, horizon, at_age, as_of, tuple(no_value or ()))
    document = load(model) if model is not None else None
    with stages() as stage, examples(wanted, stage, (document,) if document else ()) as found:
        if document is not None:
            told = rule_evidence(found.engine, document, found.facts, found.at, found.labels.array)
            _say_rules(told, as_json)
            if report is not None:
                _report_rules(report, document, told, found)
        else:
            _propose(found, (listed(drop), listed(allow)), (out, report), as_json)


def _report_rules(path: Path, document: Any, told: Any, found: Any) -> None:
    from vaglio.report.evidence import rules_study
    from vaglio.report.study import write_study

    write_study(path, rules_study(document, told, found.looked_at, found.doubts))


def _propose(
    found: Any, choice: tuple[frozenset[str], frozenset[str]], files: tuple[Path | None, Path | None], as_json: bool
) -> None:  # fmt: skip
    from vaglio.cli.examples import keep_rejected
    from vaglio.cli.show import note
    from vaglio.document import dump
    from vaglio.learning.candidates import Choice
    from vaglio.learning.leakage import looked_through
    from vaglio.learning.suggest import proposals, proposed
    from vaglio.report.learned import proposals_study
    from vaglio.report.study import write_study

    (drop, allow), (out, report) = choice, files
    seen = looked_through(found.engine, found.declared, found.facts, found.at, found.labels.array, found.history)
    leaking = frozenset(each.field for each in seen if each.verdict == "drop") - allow
    made = proposals(found.engine, found.declared, found.facts, found.at, found.labels.array, Choice(drop | leaking, allow))
    _say_proposals(made, sorted(leaking - drop), as_json)
    if report is not None:
        write_study(report, proposals_study(made, found.looked_at, found.doubts))
    if out is not None:
        document = proposed(found.engine, found.declared, found.facts, found.at, found.labels.array, made, out.stem)
        out.write_text(dump(document), encoding="utf-8")
        for text in keep_rejected(found, out):
            note(f"note: {text}")
        if not as_json:
            print(f"wrote {out}; read it with sales, and next: vaglio check {out}")


def _say_proposals(made: Any, leaking: list[str], as_json: bool) -> None:
    from dataclasses import asdict

    from vaglio.cli.show import note, print_json, table
    from vaglio.report.bands import test_words

    if as_json:
        print_json([asdict(each) | {"is_sure": each.evidence.is_sure, "says": each.evidence.sentence()} for each in made])
    else:
        sure = [each for each in made if each.evidence.is_sure]
        rows = [(each.field, test_words(each.test), f"{each.evidence.points:+d}", each.evidence.sentence()) for each in sure]
        table("", [("field or action", "left"), ("value", "left"), ("points", "right"), ("why", "left")], rows)
        print(f"{len(rows)} proposals; {len(made) - len(sure)} more values are not surely different from the average")
    for name in leaking:
        note(f"note: {name} knows the outcome and is not used; see vaglio leaks")


def _say_rules(told: Any, as_json: bool) -> None:
    from dataclasses import asdict

    from vaglio.cli.show import print_json, table

    if as_json:
        print_json([asdict(each) for each in told])
        return
    rows = [
        (each.rule, each.verdict, f"{each.points:+.1f}", f"{each.touched.leads:,}", f"{each.touched.rate:.1%}", f"{each.others.rate:.1%}",
         f"{each.touched.lift:.2f} ({each.touched.low:.2f}–{each.touched.high:.2f})", ", ".join(each.like))
        for each in told
    ]  # fmt: skip
    heads = [("rule", "left"), ("verdict", "left"), ("points", "right"), ("leads", "right"), ("with", "right"), ("without", "right"),
             ("lift (95 %)", "right"), ("nearly the same leads as", "left")]  # fmt: skip
    table("", heads, rows)
