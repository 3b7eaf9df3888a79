"""``vaglio suggest``: points from data, and what the rules of a model are worth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.aside import together
from vaglio.cli.options import (
    Accounts,
    Activities,
    Allow,
    AtAge,
    Columns,
    Drop,
    FieldChanges,
    Horizon,
    Json,
    LeadFile,
    Lists,
    LookedAt,
    NoValue,
    OutcomeField,
    Outcomes,
    Positive,
    Report,
)
from vaglio.paths import Paths

BANDS = 3  # points of a rule that a line shows


def suggest(
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
    from vaglio.cli.outputs import need_html, need_learned
    from vaglio.cli.show import note, stages
    from vaglio.document import load
    from vaglio.learning.enough import LEAST
    from vaglio.learning.suggest import rule_evidence

    need_html(report)
    need_learned(out)
    if model is not None and out is None:
        _need_heeded({"--drop": bool(drop), "--allow": bool(allow), "--no-value": bool(no_value)})
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
            with together():
                if report is not None:
                    _report_rules(report, document, told, found)
                if out is None:
                    _say_rules(told, as_json)
                else:
                    set_aside = _revise(found, (listed(drop), listed(allow)), (model, out), told, as_json)
            if out is not None:
                _say_written(set_aside, out, as_json)
        for text in found.doubts:
            note(f"note: {text}")


def _need_heeded(given: Mapping[str, bool]) -> None:
    """Refuse options that say what to look at beside a model, where nothing beside it is looked at."""
    from vaglio.errors import DataError

    unheeded = [option for option, is_given in given.items() if is_given]
    if unheeded:
        said = f"rules of --model are judged by what the model says itself, so {' and '.join(unheeded)} would do nothing"
        raise DataError("option_unheeded", said,
                        "give --out to propose rules beside them, or write texts that mean no value under inputs: no_value")  # fmt: skip


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
    from vaglio.cli.examples import keep_rejected
    from vaglio.cli.outputs import model_name, write_model
    from vaglio.document import dump
    from vaglio.learning.origin import recorded
    from vaglio.learning.suggest import proposed
    from vaglio.report.proposals import proposals_study
    from vaglio.report.study import write_study

    (out, report), (made, notes) = files, _proposals(found, choice)
    set_aside: tuple[str, ...] = ()
    with together():
        if report is not None:
            write_study(report, proposals_study(made, found.looked_at, (*found.doubts, *notes)))
        _say_proposals(made, notes, as_json)
        if out is not None:
            document = proposed(found.engine, found.declared, found.facts, found.at, found.labels.array, made, model_name(out))
            _need_rules(document, len(made))
            write_model(out, dump(recorded(document, _made(found))))
            set_aside = keep_rejected(found, out)
    if out is not None:
        _say_written(set_aside, out, as_json)


def _need_rules(document: Any, looked_at: int) -> None:
    """Refuse to write a model of nothing."""
    from vaglio.errors import DataError

    if not any(True for _rule in document.rules()):
        said = f"of {looked_at:,} values and actions none is surely different from the average, so no model is written"
        raise DataError("nothing_proposed", said,
                        "give more leads, columns or activities")  # fmt: skip


def _proposals(found: Any, choice: tuple[frozenset[str], frozenset[str]]) -> tuple[list[Any], list[str]]:
    """Return what each value and each action is worth, and notes on what was not looked at."""
    from vaglio.cli.examples import chosen
    from vaglio.learning.candidates import Choice
    from vaglio.learning.leakage import looked_through
    from vaglio.learning.suggest import proposals

    drop, allow = (chosen(*each, found.declared) for each in zip(("--drop", "--allow"), choice, strict=True))
    seen = looked_through(found.engine, found.declared, found.facts, found.at, found.labels.array, found.history)
    leaking = frozenset(each.field for each in seen if each.verdict == "drop") - allow
    wanted = Choice(drop | leaking, allow, let_through="; --allow {field} lets it through")
    made, notes = proposals(found.engine, found.declared, found.facts, found.at, found.labels.array, wanted)
    return made, [*(f"{name} knows the outcome and is not used; see vaglio leaks" for name in sorted(leaking - drop)), *notes]


def _made(found: Any) -> Any:
    """Return what a document of proposals records of its leads."""
    from vaglio.learning.origin import Made

    known = list(found.labels.of.values())
    return Made("suggest", len(known), int(sum(known)), found.when)


def _revise(
    found: Any, choice: tuple[frozenset[str], frozenset[str]], files: tuple[Any, Path], told: Any, as_json: bool
) -> tuple[str, ...]:  # fmt: skip
    """Write a model that somebody wrote with what outcomes say of it, and say what is different; return what is to be said of bad rows."""
    from dataclasses import asdict

    from vaglio.cli.examples import keep_rejected
    from vaglio.cli.outputs import write_model
    from vaglio.cli.show import note, print_json, table
    from vaglio.document.load import read_text
    from vaglio.learning.revise import revised

    (model, out), (made, notes) = files, _proposals(found, choice)
    new = revised(read_text(model), told, made, found.declared, _made(found))
    write_model(out, new.text)
    if as_json:
        print_json([asdict(each) for each in new.revisions])
    else:
        rows = [(each.change, each.rule, _points(each.before), _points(_said(each)), _first(each.why)) for each in new.revisions]
        heads = [("", "left"), ("rule", "left"), ("points before", "right"), ("points", "right"), ("why", "left")]
        table("", heads, rows)
        print(f"{len(told)} rules: those not named here stay as they are, for outcomes say nothing surely against them")
    for text in notes:
        note(f"note: {text}")
    return keep_rejected(found, out)


def _first(why: str) -> str:
    """Return the first sentence of a rule's evidence; the others are in the document."""
    first, *others = why.split("; ")
    return f"{first}; and {len(others)} more" if others else first


def _said(revision: Any) -> Sequence[float]:
    """Return the points of a rule that are worth a column: of one that was added, the most telling."""
    return (max(revision.after, key=abs),) if revision.change == "added" else revision.after


def _points(points: Sequence[float]) -> str:
    """Return the points of the bands of a rule; of many, the first."""
    return ", ".join(f"{each:+.1f}" for each in points[:BANDS]) + (" …" if len(points) > BANDS else "")


def _say_written(set_aside: Sequence[str], out: Path, as_json: bool) -> None:
    """Say what was written, and what of the files was set aside."""
    from vaglio.cli.show import note

    for text in set_aside:
        note(f"note: {text}")
    if not as_json:
        print(f"wrote {out}; read it with sales, and next: vaglio check {out}")


def _say_proposals(made: Any, notes: list[str], as_json: bool) -> None:
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
    for text in notes:
        note(f"note: {text}")


def _rate(found: Any) -> str:
    """Return the share of some leads with the outcome; nothing of nobody."""
    return f"{found.rate:.1%}" if found.leads else ""


def _say_rules(told: Any, as_json: bool) -> None:
    from dataclasses import asdict

    from vaglio.cli.show import print_json, table

    if as_json:
        print_json([asdict(each) for each in told])
        return
    rows = [
        (each.rule, each.verdict, f"{each.points:+.1f}", f"{each.touched.leads:,}", _rate(each.touched), _rate(each.others),
         *((f"{each.touched.lift:.2f} ({each.touched.low:.2f}–{each.touched.high:.2f})", f"{each.touched.points:+d}")
           if each.touched.leads and each.others.leads else ("", "")),
         ", ".join(each.like))
        for each in told
    ]  # fmt: skip
    heads = [("rule", "left"), ("verdict", "left"), ("points", "right"), ("leads", "right"), ("with", "right"), ("without", "right"),
             ("lift (95%)", "right"), ("by evidence", "right"), ("nearly the same leads as", "left")]  # fmt: skip
    table("", heads, rows)
    print("by evidence: what the outcomes alone would give, where ten points double the odds")
