"""``vaglio drift``: has the world moved since a model went live, and which of its promises are broken?"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.options import Accounts, Activities, AsOf, Columns, FieldChanges, Json, LeadFile, Lists, Outcomes, Positive, Report
from vaglio.paths import Paths


def drift(
    model: Annotated[Path, typer.Argument(help="model document")],
    *,
    leads: LeadFile,
    since: Annotated[str, typer.Option("--since", help="the day the model was proved or went live, such as 2026-01-31")],
    as_of: AsOf = None,
    window: Annotated[str, typer.Option("--window", help="compare the leads created so long before each day")] = "90d",
    every: Annotated[str, typer.Option("--every", help="steps of the chart between both days")] = "30d",
    outcomes: Outcomes = None,
    positive: Positive = None,
    horizon: Annotated[str | None, typer.Option("--horizon", help="how long outcomes are waited for (else the model's, or 90d)")] = None,
    activities: Activities = None,
    accounts: Accounts = None,
    field_changes: FieldChanges = None,
    lists: Lists = None,
    columns: Columns = None,
    report: Report = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed gives the same bounds of chance")] = 1,
    as_json: Json = False,
) -> None:
    """Say whether leads have changed since a model went live: exit code 0 if not, 1 if they did or a promise is broken, 2 for an error.

    Example: vaglio drift models/b2b_software.yaml --leads leads.csv --activities activities.csv --since 2026-03-01 --report drift.html
    """
    from vaglio.cli.inputs import Given, facts, instant, instants
    from vaglio.cli.outcomes import duration
    from vaglio.cli.outputs import need_html
    from vaglio.cli.show import stages
    from vaglio.document import load
    from vaglio.evaluation.drift import Asked, need_comparable
    from vaglio.evaluation.drift import drift as compared

    need_html(report)
    document = load(model)
    asked = Asked(instant("--since", since), instants(as_of, None).as_of, duration("--window", window), duration("--every", every), seed)
    need_comparable(asked)
    given = Given(Paths(leads, accounts, activities, field_changes, lists, outcomes), tuple(columns or ()))
    with stages() as stage, facts(given, [document], stage) as (engine, loaded):
        came = None
        if outcomes is not None:
            stage("looking at outcomes")
            came = _became(engine, document, loaded, asked, (positive, horizon))
        made = compared(engine, document, loaded.facts, asked, came, stage)
        notes = _notes(made, loaded, given, came is not None)
    if report is not None:
        from vaglio.report.drift import write_drift

        write_drift(report, made, document, notes)
    _say(made, notes, report, as_json)
    if not made.is_quiet:
        raise typer.Exit(1)


def _became(engine: Any, document: Any, loaded: Any, asked: Any, said: tuple[str | None, str | None]) -> Any:
    from vaglio.cli.outcomes import dated_outcomes, duration
    from vaglio.evaluation.became import became
    from vaglio.evaluation.parts import Known
    from vaglio.terms import MICROSECONDS

    positive, horizon = said
    own = document.promises.horizon if document.promises is not None else None
    wait = own * MICROSECONDS if own and horizon is None else duration("--horizon", horizon or "90d")
    outcomes, created = dated_outcomes(engine, loaded)
    return became(engine, document, loaded.facts, Known(outcomes, created, positive or "won"), asked, wait)


def _notes(made: Any, loaded: Any, given: Any, has_outcomes: bool) -> tuple[str, ...]:
    """Return what the data leave open."""
    from vaglio.report.drift import age_note

    said = []
    if given.paths.field_changes is None:
        said.append("fields of the earlier leads are read as they are now, not as they were then; --field-changes gives their history")
    if loaded.rejected.num_rows:
        said.append(f"{loaded.rejected.num_rows:,} bad rows or values were set aside; vaglio score lists them")
    if has_outcomes and not made.outcomes:
        said.append(
            "outcomes are not compared: no rating had enough leads whose horizon was over both then and now; a shorter --horizon helps"
        )
    return (*said, *age_note(made))


def _say(made: Any, notes: tuple[str, ...], report: Path | None, as_json: bool) -> None:
    from vaglio.cli.show import note, print_json
    from vaglio.report.drift import drift_words, headline

    if as_json:
        print_json(_plain(made) | {"says": drift_words(made), "notes": list(notes)})
        return
    print(headline(made))
    for text in drift_words(made):
        print(f"  {text}")
    _inputs(made)
    _ratings(made)
    for text in notes:
        note(f"note: {text}")
    if report is not None:
        print(f"wrote {report}")


def _plain(made: Any) -> dict[str, Any]:
    """Return what was found as JSON can hold it, with instants as texts."""
    from vaglio.dates import format_instant

    told = asdict(made)
    asked = told.pop("asked")
    told |= {"since": format_instant(asked["since"]), "as_of": format_instant(asked["at"]), "is_quiet": made.is_quiet}
    for step in told["steps"]:
        step["at"] = format_instant(step["at"])
    for promise in told["promises"]:
        promise["promised"] = promise["promised"] if isinstance(promise["promised"], float) else str(promise["promised"])
    return told


def _inputs(made: Any) -> None:
    from vaglio.cli.show import table
    from vaglio.report.words import plain

    columns = [
        ("input", "left"),
        ("PSI", "right"),
        ("by chance below", "right"),
        ("", "left"),
        ("no value then", "right"),
        ("now", "right"),
    ]
    rows = [
        [plain(each.label), f"{each.psi:.3f}", f"{each.by_chance:.3f}", "" if each.verdict == "steady" else each.verdict,
         *((f"{each.missing.then.share:.1%}", f"{each.missing.now.share:.1%}") if each.missing else ("", ""))]
        for each in made.inputs
    ]  # fmt: skip
    table(f"{made.then:,} leads then, {made.now:,} now", columns, rows)


def _ratings(made: Any) -> None:
    from vaglio.cli.show import table

    columns = [("rating", "left"), ("then", "right"), ("now", "right"), ("95% now", "right"), ("", "left")]
    rows = [
        [each.name, f"{each.then.share:.1%}", f"{each.now.share:.1%}", "{:.1%} to {:.1%}".format(*each.now.interval()),
         "moved" if each.is_moved else ""]
        for each in made.ratings
    ]  # fmt: skip
    table("", columns, rows)
