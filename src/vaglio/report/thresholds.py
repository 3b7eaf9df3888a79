"""The report of thresholds."""

from collections.abc import Sequence
from pathlib import Path

from vaglio.document import ModelDocument, fingerprint
from vaglio.evaluation.capacity import Capacity, Thresholds
from vaglio.evaluation.flow import Expected
from vaglio.evaluation.proof import Measure
from vaglio.report.study import Axis, Block, Charts, Column, Fact, Line, Row, Section, Study, Table, chart, write_study
from vaglio.report.words import _, ngettext, number, plain

SHOWN = 12  # lines in the table


def write_thresholds(
    path: Path, made: Thresholds, asked: Capacity, document: ModelDocument, looked_at: str, notes: Sequence[str] = ()
) -> None:  # fmt: skip
    """Write where to cut, and what that brings, as one HTML file.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_study(path, thresholds_study(made, asked, document, looked_at, notes))


def thresholds_study(made: Thresholds, asked: Capacity, document: ModelDocument, looked_at: str, notes: Sequence[str] = ()) -> Study:
    """Return the report of thresholds."""
    return Study(
        title=_("Thresholds of {name}").format(name=document.title or plain(document.name)),
        headline=headline(made),
        lead_in=_("On an average working day, where sellers can call {calls} leads. {leads} leads, {days} working days. {looked}").format(
            calls=f"{asked.calls:g}", leads=number(made.leads), days=made.days, looked=looked_at
        ),
        facts=_facts(made),
        sections=[_cuts(made, asked), _lines(made, asked)],
        notes=notes,
        made=[(plain(document.name), fingerprint(document))],
    )  # fmt: skip


def headline(made: Thresholds) -> str:
    """Return in a sentence what sales is to expect."""
    found = made.matrix
    return _("{calls} leads a day, expect {good} good ones ({low}–{high}), missing {missed} ({fewest}–{most}).").format(
        calls=_rounded(found.calls), good=_rounded(found.good.value), low=_rounded(found.good.low), high=_rounded(found.good.high),
        missed=_rounded(found.missed.value), fewest=_rounded(found.missed.low), most=_rounded(found.missed.high),
    )  # fmt: skip


def _rounded(value: float) -> str:
    return number(round(value)) if value >= 10 else f"{value:.1f}".removesuffix(".0")


def _with(measure: Measure) -> str:
    return _("{value} ({low}–{high})").format(value=_rounded(measure.value), low=_rounded(measure.low), high=_rounded(measure.high))


def _facts(made: Thresholds) -> list[Fact]:
    found = made.matrix
    facts = [
        Fact(
            _("Leads to call"),
            _rounded(found.calls),
            ngettext("on the average of {n} day", "on the average of {n} days", made.days).format(n=made.days),
        ),
        Fact(_("Of them good"), _rounded(found.good.value), _between(found.good)),
        Fact(_("Good ones never called"), _rounded(found.missed.value), _between(found.missed)),
    ]
    if found.worth is not None:
        facts.append(Fact(_("Worth a day, after calls"), number(round(found.worth))))
    return facts


def _between(measure: Measure) -> str:
    return _("95%: {low} to {high}").format(low=_rounded(measure.low), high=_rounded(measure.high))


def _cuts(made: Thresholds, asked: Capacity) -> Section:
    words = _(
        "Letters and digits are cut so that {cells} hold as many good leads as so many calls can. What they bring is counted on leads that "
        "the cuts were not chosen on."
    ).format(cells=", ".join(asked.sales))
    cuts = [
        Row((name, _("from {points} points").format(points=f"{least:g}")))
        for part in (made.cuts.letters, made.cuts.digits) for name, least in part.items()
    ]  # fmt: skip
    compared = [
        (_("As the model stands"), made.now), (_("With these letters and digits"), made.matrix),
        (_("From {points} points on, whatever the cell").format(points=f"{made.line.points:g}"), made.line),
    ]  # fmt: skip
    rows = [_row(name, each) for name, each in compared if each is not None]
    return Section("cuts", _("Where to cut"), words, [
        Table([Column(_("Letter or digit")), Column(_("Reached"))], cuts),
        Table(_columns(made, _("Who is called")), rows, _("What that means on an average day")),
    ])  # fmt: skip


def _columns(made: Thresholds, first: str) -> list[Column]:
    columns = [Column(first), Column(_("Leads to call"), True), Column(_("Of them good"), True), Column(_("Good ones missed"), True)]
    return [*columns, *([Column(_("Worth a day"), True)] if made.line.worth is not None else [])]


def _row(name: str, each: Expected) -> Row:
    worth = [number(round(each.worth))] if each.worth is not None else []
    return Row((name, _rounded(each.calls), _with(each.good), _with(each.missed), *worth))


def _lines(made: Thresholds, asked: Capacity) -> Section:
    lines = [each for each in made.lines if each.calls]
    calls = Axis(_("leads called on a day"), 0)
    curve = [(each.calls, each.good.value) for each in lines]
    top = max((each.good.high for each in lines), default=1.0)
    drawn = [
        chart(
            _("Good leads reached"),
            _("By the number of leads called, those with the most points first. Dashed: the 95% interval, and what sellers can do."),
            calls, Axis(_("good ones a day"), 0),
            [Line(_("what sellers can do"), ((asked.calls, 0), (asked.calls, top)), "guide"), Line(_("good leads"), curve),
             Line(_("95% from"), [(each.calls, each.good.low) for each in lines], "guide"),
             Line(_("95% to"), [(each.calls, each.good.high) for each in lines], "guide")],
        ),
        chart(
            _("Good leads missed"), _("Those that came out well and had never risen above the line."), calls, Axis(_("missed a day"), 0),
            [Line(_("missed"), [(each.calls, each.missed.value) for each in lines])],
        ),
    ]  # fmt: skip
    if made.line.worth is not None:
        drawn.append(chart(
            _("Worth of a day"), _("What good outcomes are worth, less what the calls cost."), calls, Axis(_("worth"), spelled=number),
            [Line(_("worth"), [(each.calls, each.worth or 0.0) for each in lines])],
        ))  # fmt: skip
    shown = lines[:: max(1, len(lines) // SHOWN)]
    rows = [_row(_("from {points} points").format(points=f"{each.points:g}"), each) for each in shown]
    words = _("Everybody from so many points on is called, once. Those above the line at the first look were called before.")
    blocks: list[Block] = [Charts(drawn), Table(_columns(made, _("Line")), rows)]
    return Section("lines", _("What other lines would mean"), words, blocks)
