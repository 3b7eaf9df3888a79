"""``vaglio backtest``: what models are worth on history, and whether one may replace another."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

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


def backtest(
    model: Annotated[list[Path] | None, typer.Argument(help="models; each further one is held against the first")] = None,
    *,
    leads: LeadFile,
    learn: Annotated[list[str] | None, typer.Option("--learn", help="also learn one before each instant: logistic or predictive")] = None,
    outcome_field: OutcomeField = None,
    positive: Positive = None,
    outcomes: Outcomes = None,
    horizon: Horizon = "90d",
    number: Annotated[int, typer.Option("--instants", min=1, max=60, help="at how many past instants leads are looked at")] = 4,
    every: Annotated[str, typer.Option("--every", help="how far these are apart")] = "30d",
    until: Annotated[str | None, typer.Option("--until", help="the last of them (default: a horizon before the last outcome)")] = None,
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
    full: Annotated[bool, typer.Option("--full", help="learn without limits on inputs, bands and pairs (predictive)")] = False,
    margin: Annotated[float, typer.Option("--margin", min=0, help="by how much AUC a model must beat the first")] = 0.02,
    share: Annotated[float | None, typer.Option("--share", min=0, max=1, help="call this share of leads, whatever models say")] = None,
    gate: Annotated[bool, typer.Option("--gate", help="exit with 1 unless every further model may replace the first")] = False,
    report: Report = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="the same seed gives the same intervals")] = 1,
    as_json: Json = False,
) -> None:
    """Prove models on history: score leads at past instants, seeing only what was known then, and look at what became of them.

    Example: vaglio backtest models/b2b_software.yaml --learn logistic --leads leads.csv --activities activities.csv
    --outcomes outcomes.csv --positive accepted --report proof.html
    """
    from vaglio.cli.examples import Wanted
    from vaglio.cli.judged import Learner, When, judged, load_models
    from vaglio.cli.learn import listed
    from vaglio.cli.libraries import need_method
    from vaglio.cli.outputs import need_html
    from vaglio.cli.show import stages
    from vaglio.errors import DataError
    from vaglio.evaluation.backtest import Terms
    from vaglio.evaluation.backtest import backtest as proved

    for method in learn or ():
        need_method(method)
    if not model and not learn:
        raise DataError("models_missing", "there is no model to prove", "name a model document, or give --learn logistic")
    if gate and len(model or ()) + len(learn or ()) < 2:
        raise DataError("gate_of_one", "--gate holds further models against the first, and there is one only",
                        "name the model that is live first, then the one that is to replace it")  # fmt: skip
    need_html(report)
    paths = Paths(leads, accounts, activities, field_changes, lists, outcomes)
    wanted = Wanted(paths, tuple(columns or ()), outcome_field, positive, horizon, at_age, as_of, tuple(no_value or ()))
    learners = [Learner(method, full, listed(drop), listed(allow), seed) for method in learn or ()]
    with stages() as stage:
        found = judged(wanted, When(number, every, until), load_models(model or ()), learners, stage)
        stage("drawing intervals")
        made = proved(found.panel, found.said, Terms(margin, share, seed=seed))
    if report is not None:
        from vaglio.report.proof import write_proof

        write_proof(report, made, found.said, found.looked_at, found.notes)
    _say(made, found, report, as_json)
    if gate and not all(each.gate.passes for each in made.differences):
        raise typer.Exit(1)


def _say(made: Any, found: Any, report: Path | None, as_json: bool) -> None:
    from vaglio.cli.show import note, print_json
    from vaglio.report.proof import gate_words

    if as_json:
        print_json(asdict(made) | {"looked_at": found.looked_at, "notes": list(found.notes)})
        return
    print(f"{made.leads:,} leads, looked at {made.rows:,} times; {made.outcomes:,} came out well ({made.base:.1%})")
    print(found.looked_at)
    _models(made)
    _calls(made)
    _cells(made.proofs[0])
    _times(made)
    for each in made.differences:
        print(f"{each.name} against {made.proofs[0].name}: AUC {_more(each.auc)}, captured {_more(each.captured, '{:+.1%}')}")
        print(f"  {gate_words(each, made.proofs[0].name)}")
    if made.outside:
        note(f"note: {made.outside:,} rows are left out: the lead is outside the audience of a model, or did not exist yet")
    for text in found.notes:
        note(f"note: {text}")
    if report is not None:
        print(f"wrote {report}")


def _models(made: Any) -> None:
    from vaglio.cli.show import table, with_interval

    columns = [("model", "left"), ("AUC", "right"), ("average precision", "right"), ("lift of the best tenth", "right"),
               ("calibration error", "right"), ("Brier score (of the average)", "right")]  # fmt: skip
    rows = [
        [each.name, with_interval(each.auc), with_interval(each.average_precision), with_interval(each.tenths[0].lift, "{:.2f}"),
         *((f"{each.calibration.error:.3f}", f"{each.calibration.brier:.4f} ({each.calibration.base:.4f})")
           if each.calibration else ("states none", ""))]
        for each in made.proofs
    ]  # fmt: skip
    table("", columns, rows)


def _calls(made: Any) -> None:
    """Print whom each model would have had called, with both kinds of mistakes, and how many of the good leads each tenth reaches."""
    from vaglio.cli.show import table

    columns = [("model", "left"), ("called", "right"), ("good", "right"), ("in vain", "right"), ("good, not called", "right"),
               ("others", "right"), ("of them good", "right"), ("of all good", "right")]  # fmt: skip
    told = [(each.name, each.confusion) for each in made.proofs]
    rows = [
        [name, f"{each.called:,}", f"{each.called_good:,}", f"{each.called - each.called_good:,}", f"{each.missed:,}", f"{each.others:,}",
         f"{each.precision.share:.1%}", f"{each.captured.share:.1%}"]
        for name, each in told
    ]  # fmt: skip
    table("Who would have been called", columns, rows)
    shares = [("best", "left"), *((f"{place * 10}%", "right") for place in range(1, 11))]
    captured = [[each.name, *(f"{tenth.captured:.0%}" for tenth in each.tenths)] for each in made.proofs]
    table("Of all good leads, among the best", shares, captured)


def _cells(proof: Any) -> None:
    from vaglio.cli.show import table

    rows = [
        [rating, f"{cell.total:,}", f"{cell.share:.1%}", "{:.1%} to {:.1%}".format(*cell.interval())]
        for rating, cell in proof.cells.items() if cell.total
    ]  # fmt: skip
    columns = [("rating", "left"), ("leads", "right"), ("came out well", "right"), ("95%", "right")]
    table(f"{proof.name}, rating by rating", columns, rows)


def _times(made: Any) -> None:
    from vaglio.cli.show import number, table

    columns = [("looked at", "left"), ("leads", "right"), ("good", "right"), *((f"AUC of {each.name}", "right") for each in made.proofs)]
    rows = [
        [part.name, f"{part.leads:,}", f"{part.outcomes:,}", *(number(each.parts[place].auc) for each in made.proofs)]
        for place, part in enumerate(made.proofs[0].parts)
    ]  # fmt: skip
    table("Does it hold?", columns, rows)


def _more(measure: Any, shape: str = "{:+.3f}") -> str:
    return f"{shape} (95%: {shape} to {shape})".format(measure.value, measure.low, measure.high)
