"""``vaglio sample``: leads for people to read before a model goes live, and what they thought of them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.aside import together
from vaglio.cli.options import Accounts, Activities, AsOf, Columns, FieldChanges, Json, LeadFile, Lists
from vaglio.paths import Paths


def sample(
    model: Annotated[Path, typer.Argument(help="model document")],
    *,
    leads: LeadFile,
    out: Annotated[Path | None, typer.Option("--out", help="the sheet to read and mark, CSV or XLSX")] = None,
    marks: Annotated[list[Path] | None, typer.Option("--marks", help="instead: a marked sheet, one for each reviewer (repeat it)")] = None,
    per_stage: Annotated[int, typer.Option("--per-stage", min=1, help="how many leads of each stage, or of each rating")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed draws the same leads")] = 1,
    show: Annotated[bool, typer.Option("--open", help="show what the model says; else readers judge without it")] = False,
    as_of: AsOf = None,
    activities: Activities = None,
    accounts: Accounts = None,
    field_changes: FieldChanges = None,
    lists: Lists = None,
    columns: Columns = None,
    report: Annotated[Path | None, typer.Option("--report", help="one HTML file: the sheet to print, or what the marks say")] = None,
    as_json: Json = False,
) -> None:
    """Draw leads from each stage of the journey for people to read and mark; then hold their marks against the model.

    Example: vaglio sample models/b2b_software.yaml --leads leads.csv --activities activities.csv --out sheet.xlsx
    """
    from vaglio.cli.inputs import Given
    from vaglio.cli.outputs import check_ending
    from vaglio.document import load
    from vaglio.errors import DataError

    if (out is None) == (not marks):
        raise DataError(
            "sheet_or_marks", "neither a sheet to write nor marks to read are named, or both", "give either --out F or --marks F"
        )
    for path, allowed in ((out, {".csv", ".tsv", ".xlsx"}), (report, {".html", ".htm"})):
        if path is not None:
            check_ending(path, allowed)
    document = load(model)
    given = Given(Paths(leads, accounts, activities, field_changes, lists), tuple(columns or ()))
    if marks:
        _compare(document, given, (list(marks), as_of, seed), report, as_json)
    elif out is not None:
        _draw(document, given, (per_stage, seed, show, as_of), (out, report), as_json, model)


def _draw(
    document: Any, given: Any, asked: tuple[int, int, bool, str | None], files: tuple[Path, Path | None], as_json: bool, model: Path
) -> None:  # fmt: skip
    from vaglio.cli.inputs import facts, instants
    from vaglio.cli.sheet import field_names, shown
    from vaglio.cli.show import print_json, stages
    from vaglio.dates import format_instant
    from vaglio.evaluation.sample import sample as drawn_of

    (per_part, seed, is_open, as_of), (out, report) = asked, files
    at = instants(as_of, None)
    with stages() as stage, facts(given, [document], stage) as (engine, loaded):
        stage("scoring")
        scored, _lines = _scored(engine, document, loaded.facts, at, None)
        drawn = drawn_of(document, scored, per_part, seed)
        people = shown(engine, loaded, document, [each.lead for each in drawn.leads], at)
    said = {each.lead: (scored[each.lead].rating or "excluded", each.drawn_from) for each in drawn.leads} if is_open else {}
    with together():
        _write(out, people, field_names(document), said, format_instant(at.as_of))
        if report is not None:
            from vaglio.report.sample import write_sheet_report

            write_sheet_report(report, document, people, said, at.as_of)
    if as_json:
        print_json({"sheet": str(out), "leads": len(people), "parts": dict(drawn.parts), "as_of": format_instant(at.as_of), "seed": seed})
        return
    few = [f"{name} ({number:,})" for name, number in drawn.parts.items() if number < per_part]
    print(f"drew {len(people):,} leads from {sum(drawn.parts.values()):,}, at most {per_part} from each of {len(drawn.parts)} parts")
    if few:
        print(f"  all there are of: {', '.join(few)}")
    for path in (out, report):
        if path is not None:
            print(f"wrote {path}")
    print(f"give each reviewer a copy named after them; then: vaglio sample {model} --leads … --marks anna.csv --marks ben.csv")


def _write(out: Path, people: Any, fields: list[str], said: dict[str, tuple[str, str]], looked_at: str) -> None:
    from vaglio.files.sheets import write_sheet

    opened = ["rating", "drawn_from"] if said else []
    heading = ["lead_id", "name", *fields, "lately", *opened, "mark", "remark", "looked_at"]
    rows = [
        [each.lead, each.name, *(each.fields.get(name, "") for name in fields), each.lately, *said.get(each.lead, ()), "", "", looked_at]
        for each in people
    ]  # fmt: skip
    write_sheet(out, heading, rows, wide=("lately", "remark"))


def _scored(engine: Any, document: Any, facts: Any, at: Any, explained: list[str] | None) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return what the model says of every lead, and the lines of those that are to be explained."""
    from vaglio.evaluation.review import Line
    from vaglio.evaluation.sample import Scored
    from vaglio.scoring import score

    made = score(engine, [document], facts, at, contributions=explained is not None)
    try:
        rows = engine.arrow(made.scores.select("lead_id", "rating", "buying_stage")).to_pylist()
        lines: dict[str, list[Any]] = {}
        if explained is not None and made.contributions is not None:
            for row in engine.arrow(made.contributions.filter(made.contributions.lead_id.isin(explained or [""]))).to_pylist():
                line = Line(row["axis"], row["rule_id"], row["part"], row["millipoints"])
                lines.setdefault(row["lead_id"], []).append(line)
    finally:
        made.close()
    return {row["lead_id"]: Scored(row["rating"] or "", row["buying_stage"] or "") for row in rows}, lines


def _compare(document: Any, given: Any, asked: tuple[list[Path], str | None, int], report: Path | None, as_json: bool) -> None:
    from vaglio.cli.inputs import facts, instants
    from vaglio.cli.marked import known_marks, marked
    from vaglio.cli.sheet import shown
    from vaglio.cli.show import stages
    from vaglio.evaluation.review import review

    paths, as_of, seed = asked
    found = marked(paths)
    at = instants(as_of if as_of is not None else found.looked_at, None)
    with stages() as stage, facts(given, [document], stage) as (engine, loaded):
        stage("scoring")
        leads = sorted({lead for each in found.marks for lead in each.of})
        scored, lines = _scored(engine, document, loaded.facts, at, leads)
        marks, unknown = known_marks(found.marks, scored)
        made = review(document, scored, marks, lines, seed)
        people = {each.lead: each for each in shown(engine, loaded, document, [each.lead for each in made.disputed], at)}
    notes = (*found.set_aside, *unknown, *((f"{found.empty:,} rows have no mark",) if found.empty else ()))
    if report is not None:
        from vaglio.report.sample import write_review

        write_review(report, document, made, people, notes)
    _say(document, made, notes, report, as_json)


def _say(document: Any, made: Any, notes: tuple[str, ...], report: Path | None, as_json: bool) -> None:
    from vaglio.cli.show import note, print_json, table
    from vaglio.report.sample import agreement_words, headline, reasons

    if as_json:
        print_json(asdict(made) | {"says": [agreement_words(each) for each in made.agreements], "notes": list(notes)})
        return
    print(headline(made))
    for each in made.agreements:
        print(f"  {agreement_words(each)}")
    if made.disputed:
        rows = [
            [each.lead, each.model or "excluded", ", ".join(f"{who} {mark}" for who, mark in each.marks.items()),
             "; ".join(f"{title} {points}" for title, points in reasons(document, each)[:4])]
            for each in made.disputed
        ]  # fmt: skip
        table("Disputed", [("lead", "left"), ("model", "left"), ("marks", "left"), ("why the model says so", "left")], rows)
    if made.rules:
        rows = [
            [each.rule, f"{each.disputed.share:.0%} of {each.disputed.total}", f"{each.agreed.share:.0%} of {each.agreed.total}",
             str(each.too_high), str(each.too_low), "surely" if each.is_sure else "may be chance"]
            for each in made.rules[:8]
        ]  # fmt: skip
        table("Rules to discuss", [("rule", "left"), ("touches disputed", "right"), ("agreed", "right"), ("rated too high", "right"),
                                   ("too low", "right"), ("", "left")], rows)  # fmt: skip
    for text in notes:
        note(f"note: {text}")
    if report is not None:
        print(f"wrote {report}")
