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
    Lists,
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
    lists: Lists = None,
    columns: Columns = None,
    drop: Drop = "",
    allow: Allow = "",
    no_value: NoValue = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="say what each rule of this model is worth; with --out, write it with what outcomes say")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="write a model of the sure proposals")] = None,
    *,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Say how much more often each value and each action came with the outcome, and what points that makes.

    Example: vaglio suggest --leads leads.csv --outcome-field Converted --out proposed.yaml
    """
    from vaglio.cli.examples import Wanted, examples
    from vaglio.cli.heeded import need_heeded
    from vaglio.cli.learn import listed
    from vaglio.cli.outputs import need_html, need_place
    from vaglio.cli.show import note, stages
    from vaglio.document import load
    from vaglio.learning.enough import LEAST
    from vaglio.learning.suggest import rule_evidence

    need_html(report)
    need_place(out)
    paths = Paths(leads, accounts, activities, field_changes, lists, outcomes)
    wanted = Wanted(paths, tuple(columns or ()), outcome_field, positive, horizon, at_age, as_of, tuple(no_value or ()))
    document = load(model) if model is not None else None
    judges = document is not None and out is None  # then nothing but what the model reads is looked at
    if judges:
        need_heeded("--model", "drop", "allow", why="only --out looks at other fields than the model's")
    with stages() as stage, examples(wanted, stage, (document,) if judges else (), beside=document, least=LEAST) as found:
        if not as_json:
            _say_leads(found)
        if document is None:
            _propose(found, (listed(drop), listed(allow)), (out, report), as_json)
        else:
            told = rule_evidence(found.engine, document, found.facts, found.at, found.labels.array)
            if report is not None:
                _report_rules(report, document, told, found)
            if out is None:
                _say_rules(told, as_json)
            else:
                _revise(found, (listed(drop), listed(allow)), (model, out), told, as_json)
        for text in found.doubts:
            note(f"note: {text}")


def _say_leads(found: Any) -> None:
    """Print of how many leads all that follows is said, and when they were looked at."""
    known = list(found.labels.of.values())
    print(f"{len(known):,} leads, {sum(known):,.0f} of them with the outcome ({sum(known) / len(known):.1%}). {found.looked_at}".rstrip())


def _report_rules(path: Path, document: Any, told: Any, found: Any) -> None:
    from vaglio.report.evidence import rules_study
    from vaglio.report.study import write_study

    write_study(path, rules_study(document, told, found.looked_at, found.doubts))


def _propose(
    found: Any, choice: tuple[frozenset[str], frozenset[str]], files: tuple[Path | None, Path | None], as_json: bool
) -> None:  # fmt: skip
    from vaglio.cli.outputs import model_name
    from vaglio.document import dump
    from vaglio.learning.origin import recorded
    from vaglio.learning.suggest import proposed
    from vaglio.report.proposals import proposals_study
    from vaglio.report.study import write_study

    (out, report), (made, leaking) = files, _proposals(found, choice)
    if report is not None:
        write_study(report, proposals_study(made, found.looked_at, found.doubts))
    if out is not None:
        document = proposed(found.engine, found.declared, found.facts, found.at, found.labels.array, made, model_name(out))
        out.write_text(dump(recorded(document, _made(found))), encoding="utf-8")
    _say_proposals(made, leaking, as_json)
    if out is not None:
        _say_written(found, out, as_json)


def _proposals(found: Any, choice: tuple[frozenset[str], frozenset[str]]) -> tuple[list[Any], list[str]]:
    """Return what each value and each action is worth, and the fields that know the outcome and were not asked."""
    from vaglio.cli.examples import chosen
    from vaglio.learning.candidates import Choice
    from vaglio.learning.leakage import looked_through
    from vaglio.learning.suggest import proposals

    drop, allow = (chosen(*each, found.declared) for each in zip(("--drop", "--allow"), choice, strict=True))
    seen = looked_through(found.engine, found.declared, found.facts, found.at, found.labels.array, found.history)
    leaking = frozenset(each.field for each in seen if each.verdict == "drop") - allow
    made = proposals(found.engine, found.declared, found.facts, found.at, found.labels.array, Choice(drop | leaking, allow))
    return made, sorted(leaking - drop)


def _made(found: Any) -> Any:
    """Return what a document of proposals records of its leads."""
    from vaglio.learning.origin import Made

    known = list(found.labels.of.values())
    return Made("suggest", len(known), int(sum(known)), found.when)


def _revise(
    found: Any, choice: tuple[frozenset[str], frozenset[str]], files: tuple[Any, Path], told: Any, as_json: bool
) -> None:  # fmt: skip
    """Write a model that somebody wrote with what outcomes say of it, and say what is different."""
    from dataclasses import asdict

    from vaglio.cli.show import note, print_json, table
    from vaglio.document.load import read_text
    from vaglio.learning.revise import revised

    (model, out), (made, leaking) = files, _proposals(found, choice)
    new = revised(read_text(model), told, made, found.declared, _made(found))
    out.write_text(new.text, encoding="utf-8")
    if as_json:
        print_json([asdict(each) for each in new.revisions])
    else:
        rows = [(each.change, each.rule, _points(each.before), _points(each.after), _first(each.why)) for each in new.revisions]
        heads = [("", "left"), ("rule", "left"), ("points before", "right"), ("points", "right"), ("why", "left")]
        table("", heads, rows)
        print(f"{len(told)} rules: those not named here stay as they are, for outcomes say nothing surely against them")
    for name in leaking:
        note(f"note: {name} knows the outcome and is not used; see vaglio leaks")
    _say_written(found, out, as_json)


def _first(why: str) -> str:
    """Return the first sentence of a rule's evidence; the others are in the document."""
    first, *others = why.split("; ")
    return f"{first}; and {len(others)} more" if others else first


def _points(points: float | None) -> str:
    return "" if points is None else f"{points:+.1f}"


def _say_written(found: Any, out: Path, as_json: bool) -> None:
    """Say what was written, and what of the files was set aside."""
    from vaglio.cli.examples import keep_rejected
    from vaglio.cli.show import note

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
         *((f"{each.touched.lift:.2f} ({each.touched.low:.2f}–{each.touched.high:.2f})", f"{each.touched.points:+d}")
           if each.touched.leads and each.others.leads else ("", "")),
         ", ".join(each.like))
        for each in told
    ]  # fmt: skip
    heads = [("rule", "left"), ("verdict", "left"), ("points", "right"), ("leads", "right"), ("with", "right"), ("without", "right"),
             ("lift (95 %)", "right"), ("by evidence", "right"), ("nearly the same leads as", "left")]  # fmt: skip
    table("", heads, rows)
    print("by evidence: what the outcomes alone would give, where ten points double the odds")
