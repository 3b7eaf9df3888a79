"""``vaglio thresholds``: where to cut letters, digits and the sales line, from what sellers can do."""

from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.aside import need_place, together
from vaglio.cli.options import (
    Accounts,
    Activities,
    Columns,
    FieldChanges,
    Horizon,
    Json,
    LeadFile,
    Lists,
    Outcomes,
    Positive,
    Report,
)
from vaglio.paths import Paths


def thresholds(
    model: Annotated[Path, typer.Argument(help="the model whose letters and digits are to be cut")],
    *,
    leads: LeadFile,
    outcomes: Outcomes = None,
    calls: Annotated[float, typer.Option("--calls", min=0.01, help="leads that sellers can call on a working day")],
    call_cost: Annotated[float | None, typer.Option("--call-cost", min=0, help="what a call costs")] = None,
    value: Annotated[float | None, typer.Option("--value", min=0, help="what a good outcome is worth, in the same currency")] = None,
    sales: Annotated[str, typer.Option("--sales", help="cells that are called, as A1,A2,B1 (default: what the model says)")] = "",
    positive: Positive = None,
    horizon: Horizon = "90d",
    number: Annotated[int, typer.Option("--instants", min=3, max=400, help="at how many past instants leads are looked at")] = 13,
    every: Annotated[str, typer.Option("--every", help="how far these are apart")] = "7d",
    until: Annotated[str | None, typer.Option("--until", help="the last of them (default: a horizon before the last outcome)")] = None,
    activities: Activities = None,
    accounts: Accounts = None,
    field_changes: FieldChanges = None,
    lists: Lists = None,
    columns: Columns = None,
    out: Annotated[Path | None, typer.Option("--out", help="write the model with these letters and digits")] = None,
    report: Report = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed parts the leads in the same halves")] = 1,
    as_json: Json = False,
) -> None:
    """Cut letters, digits and the sales line so that sales gets as many leads as it can call, and say what that brings.

    Example: vaglio thresholds models/b2b_software.yaml --calls 60 --leads leads.csv --activities activities.csv --outcomes outcomes.csv
    --positive accepted --out models/next.yaml
    """
    from vaglio.cli.examples import Wanted
    from vaglio.cli.judged import When, judged, load_models
    from vaglio.cli.libraries import need_libraries
    from vaglio.cli.outputs import need_html
    from vaglio.cli.show import stages
    from vaglio.errors import DataError

    need_libraries("cutting", "scipy")
    from vaglio.evaluation.capacity import Capacity
    from vaglio.evaluation.capacity import thresholds as cut_for
    from vaglio.evaluation.flow import Costs, flow

    if (call_cost is None) != (value is None):
        raise DataError("costs_missing", "a call's cost is compared with what a good outcome is worth", "give both --call-cost and --value")
    need_html(report)
    need_place(out)
    (document,) = load_models([model])
    cells = _cells(sales, document)
    paths = Paths(leads, accounts, activities, field_changes, lists, outcomes)
    wanted = Wanted(paths, tuple(columns or ()), None, positive, horizon)
    with stages() as stage:
        found = judged(wanted, When(number, every, until), [document], [], stage)
        stage("cutting")
        came: dict[str, int] = {}
        for part in found.parts:
            came |= part.judged.came
        coming = flow(found.panel, found.said[0], came, [part.at.as_of for part in found.parts])
        costs = Costs(call_cost, value) if call_cost is not None and value is not None else None
        called = found.said[0].called()
        asked = Capacity(calls, costs, cells, seed)
        made = cut_for(coming, None if called is None else called[found.said[0].is_judged], asked)
    with together():
        if out is not None:
            _write(model, out, made.cuts)
        if report is not None:
            from vaglio.report.thresholds import write_thresholds

            write_thresholds(report, made, asked, document, found.looked_at, found.notes)
    _say(made, asked, found, (out, report), as_json)


def _cells(text: str, document: Any) -> tuple[str, ...]:
    """Return the cells that are called: as asked, else as the model says, else A1, A2 and B1."""
    from vaglio.cli.learn import listed
    from vaglio.errors import DataError
    from vaglio.terms import RATINGS

    asked = listed(text)
    unknown = sorted(asked - set(RATINGS))
    if unknown:
        raise DataError("rating_unknown", f"--sales names {', '.join(unknown)}", "ratings are A1 to D4, as A1,A2,B1")
    said = document.ratings.sales if document.ratings is not None else ()
    return tuple(rating for rating in RATINGS if rating in (asked or said or ("A1", "A2", "B1")))


def _write(model: Path, out: Path, cuts: Any) -> None:
    """Write the model's own text with other letters and digits in it."""
    from vaglio.cli.outputs import write_model
    from vaglio.document.edit import with_thresholds
    from vaglio.document.load import read_text

    numbers = [{name: Decimal(str(round(least, 3))) for name, least in each.items()} for each in (cuts.letters, cuts.digits)]
    text = with_thresholds(read_text(model), *numbers)
    write_model(out, text)


def _say(made: Any, asked: Any, found: Any, written: tuple[Path | None, Path | None], as_json: bool) -> None:
    from vaglio.cli.show import note, print_json
    from vaglio.report.thresholds import headline

    if as_json:
        print_json(
            asdict(made) | {"says": headline(made), "sales": list(asked.sales), "looked_at": found.looked_at, "notes": list(found.notes)}
        )
        return
    print(headline(made))
    print(f"{made.leads:,} leads over {made.days} working days. {found.looked_at}")
    _table(made, asked)
    print("letters: {" + ", ".join(f"{name}: {least:g}" for name, least in made.cuts.letters.items()) + "}")
    print("digits: {" + ", ".join(f"{name}: {least:g}" for name, least in made.cuts.digits.items()) + "}")
    print(f"or, without the matrix, everybody from {made.line.points:g} points on")
    for text in found.notes:
        note(f"note: {text}")
    for path in written:
        if path is not None:
            print(f"wrote {path}")


def _table(made: Any, asked: Any) -> None:
    from vaglio.cli.show import table, with_interval

    lines = [("as the model stands", made.now), (f"{', '.join(asked.sales)} with the letters and digits below", made.matrix),
             ("the best by points alone", made.line)]  # fmt: skip
    shown = [
        [name, f"{each.calls:.1f}", with_interval(each.good, "{:.1f}"), with_interval(each.missed, "{:.1f}"),
         "" if each.worth is None else f"{each.worth:,.0f}"]
        for name, each in lines if each is not None
    ]  # fmt: skip
    columns = [("who is called", "left"), ("leads a day", "right"), ("of them good", "right"), ("good ones missed", "right"),
               ("worth a day", "right")]  # fmt: skip
    priced = asked.costs is not None
    table("On an average working day", columns if priced else columns[:-1], shown if priced else [row[:-1] for row in shown])
