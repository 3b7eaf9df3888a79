"""``vaglio learn``: a model document from outcomes."""

from math import isinf
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


def learn(
    leads: LeadFile,
    out: Annotated[Path, typer.Option("--out", help="file of the model document, YAML")],
    method: Annotated[str, typer.Option("--method", help="logistic or predictive")] = "predictive",
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
    monotone: Annotated[str, typer.Option("--monotone", help="inputs that go one way, as visits=rising,age=falling (logistic)")] = "",
    no_value: NoValue = None,
    *,
    prior: Annotated[Path | None, typer.Option("--prior", help="model by hand to start from while outcomes are few (logistic)")] = None,
    full: Annotated[bool, typer.Option("--full", help="without limits on inputs, bands and pairs (predictive)")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="the same seed learns the same document")] = 1,
    report: Report = None,
    as_json: Json = False,
) -> None:
    """Learn a model document from what became of leads; it is read, explained and scored like one written by hand.

    Example: vaglio learn --leads leads.csv --activities activities.csv --outcomes outcomes.csv --horizon 90d --out learned.yaml
    """
    from dataclasses import replace

    from vaglio.cli.examples import Wanted, chosen, examples
    from vaglio.cli.libraries import need_method
    from vaglio.cli.outputs import model_name, need_html, need_learned
    from vaglio.cli.show import stages
    from vaglio.document import load
    from vaglio.report.study import write_study

    need_method(method)
    from vaglio.learning.learn import Asked
    from vaglio.learning.learn import learn as learned_from
    from vaglio.report.learned import learned_study

    _need_fitting(method, full, directions(monotone))
    need_html(report)
    need_learned(out)
    paths = Paths(leads, accounts, activities, field_changes, lists, outcomes)
    wanted = Wanted(paths, tuple(columns or ()), outcome_field, positive, horizon, at_age, as_of, tuple(no_value or ()))
    expert = load(prior) if prior is not None else None
    with stages() as stage, examples(wanted, stage, beside=expert) as found:
        asked = Asked(
            method, model_name(out), full, drop=chosen("--drop", listed(drop), found.declared),  # type: ignore[arg-type]
            allow=chosen("--allow", listed(allow), found.declared), directions=directions(monotone), seed=seed, looked_at=found.looked_at,
            prior=expert, let_through="; --allow {field} lets it through", when=found.when,
        )  # fmt: skip
        learned = learned_from(found.engine, found.declared, found.facts, found.at, found.labels.array, asked, stage)
        in_full = None
        if report is not None and method == "predictive" and not full:
            stage("learning without limits, to see what being readable costs")
            without = replace(asked, full=True)
            in_full = learned_from(found.engine, found.declared, found.facts, found.at, found.labels.array, without, stage).auc
    with together():
        notes = (*learned.notes, *found.doubts, *_write(learned, found, out))
        if report is not None:
            write_study(report, learned_study(learned, found.looked_at, notes, in_full))
    _say(learned, found, notes, out, as_json)


def listed(text: str) -> frozenset[str]:
    """Return names given with commas."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def directions(text: str) -> dict[str, Any]:
    """Return which inputs rise and which fall, in the order in which they are named."""
    from vaglio.errors import DataError

    found: dict[str, Any] = {}
    for part in (each.strip() for each in text.split(",") if each.strip()):
        name, _equals, way = part.partition("=")
        if way not in ("rising", "falling"):
            raise DataError("direction_unknown", f"--monotone {part!r} says neither rising nor falling", "write it as visits=rising")
        if found.setdefault(name, way) != way:
            raise DataError("direction_twice", f"--monotone says that {name} rises and that it falls", "leave one of them out")
    return found


def _need_fitting(method: str, full: bool, directions: dict[str, Any]) -> None:
    """Refuse options that a method would not heed."""
    from vaglio.errors import DataError

    if full and method != "predictive":
        raise DataError("full_needs_predictive", "logistic regression has no limits that --full could lift", "use --method predictive")
    if directions and method != "logistic":
        raise DataError("monotone_needs_logistic", "boosting does not take the directions of --monotone", "use --method logistic")


def _write(learned: Any, found: Any, out: Path) -> tuple[str, ...]:
    """Write the document, and beside it the rows that could not be read; return what is to be said of these."""
    from vaglio.cli.examples import keep_rejected
    from vaglio.cli.outputs import write_model
    from vaglio.document import dump

    write_model(out, dump(learned.document))
    return keep_rejected(found, out)


def _say(learned: Any, found: Any, notes: tuple[str, ...], out: Path, as_json: bool) -> None:
    from dataclasses import asdict

    from vaglio.cli.show import note, print_json

    rules = sum(1 for _ in learned.document.rules())
    if as_json:
        print_json({"model": str(out), "leads": learned.leads, "outcomes": learned.outcomes, "left_out": found.labels.left_out,
                    "rejected": found.rejected.num_rows, "rules": rules, "auc": learned.auc,
                    "auc_interval": learned.held_out.auc_interval, "calibration_error": learned.calibration_error,
                    "is_usable": learned.is_usable, "notes": list(notes), "groups": [asdict(each) for each in learned.groups],
                    "unshrunk": [_bounded(asdict(each)) for each in learned.unshrunk]})  # fmt: skip
    else:
        print(
            f"learned from {learned.leads:,} leads, {learned.outcomes:,} of them with the outcome ({learned.outcomes / learned.leads:.1%})"
        )
        if found.looked_at:
            print(f"  {found.looked_at}")
        for why, leads in found.labels.left_out.items():
            print(f"  left out: {leads:,} {why}")
        low, high = learned.held_out.auc_interval
        print(f"on leads held out: AUC {learned.auc:.3f} (95%: {low:.3f}-{high:.3f}), calibration error {learned.calibration_error:.3f}")
        _say_groups(learned.groups)
        print(f"wrote {out}: {rules} rules; next: vaglio check {out}")
    for text in notes:
        note(f"note: {text}")


def _bounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with nothing where there is no end."""
    return {name: None if isinstance(value, float) and isinf(value) else value for name, value in row.items()}


def _say_groups(groups: Any) -> None:
    """Print what groups of people get, and what tells them."""
    from vaglio.cli.show import table
    from vaglio.report.bands import test_words

    rows = [
        (each.field, test_words(each.test), f"{each.leads:,}", "yes" if each.is_used else "no",
         "" if each.auc is None else f"{each.auc:.2f}",
         ", ".join(f"{name} {auc:.2f}" for name, auc in each.proxies), f"{each.gap:+.1f} ({each.low:+.1f} to {each.high:+.1f})",
         f"{each.best:.0%} ({each.best_low:.0%}–{each.best_high:.0%})")
        for each in groups
    ]  # fmt: skip
    heads = [("group by", "left"), ("value", "left"), ("leads", "right"), ("used", "left"), ("told (AUC)", "right"), ("alone", "left"),
             ("points beside others (95%)", "right"), ("in best fifth (95%)", "right")]  # fmt: skip
    if rows:
        table("", heads, rows)
