"""The report of a backtest."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

from vaglio.document import fingerprint
from vaglio.evaluation.backtest import Backtest, Difference
from vaglio.evaluation.panel import Said
from vaglio.evaluation.proof import Measure, Proof
from vaglio.proportion import Proportion
from vaglio.report.curves import gain_chart, honesty_chart, lift_chart, roc_chart, tenth_rows
from vaglio.report.heat import HEATS
from vaglio.report.promises import of_words
from vaglio.report.study import Axis, Cell, Charts, Column, Fact, HeatMap, Line, Row, Section, Study, Table, chart, write_study
from vaglio.report.words import _, number, percent, plain
from vaglio.terms import DIGITS, LETTERS


def write_proof(path: Path, found: Backtest, said: Sequence[Said], looked_at: str, notes: Sequence[str] = ()) -> None:
    """Write what models are worth on history as one HTML file.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_study(path, proof_study(found, said, looked_at, notes))


def proof_study(found: Backtest, said: Sequence[Said], looked_at: str, notes: Sequence[str] = ()) -> Study:
    """Return the report of a backtest."""
    return Study(
        title=_("Backtest"),
        headline=_headline(found),
        lead_in=_("{leads} leads, looked at {rows} times; {good} came out well ({share}).").format(
            leads=number(found.leads), rows=number(found.rows), good=number(found.outcomes), share=percent(found.base)
        ) + " " + looked_at,
        facts=_facts(found.proofs[0]),
        sections=[
            part for part in (_models(found), _calls(found), _curves(found), _ratings(found), _honest(found), _times(found))
            if part is not None
        ],
        notes=[*notes, *_outside(found)],
        made=[(plain(each.name), fingerprint(each.document)) for each in said],
    )  # fmt: skip


def _headline(found: Backtest) -> str:
    if found.differences:
        told = gate_words(found.differences[0], found.proofs[0].name)
        return told[:1].upper() + told[1:]
    lift = found.proofs[0].tenths[0].lift
    return _("Leads of the best tenth come out well {times} times as often as all.").format(times=f"{lift.value:.1f}")


def _facts(proof: Proof) -> list[Fact]:
    confusion = proof.confusion
    return [
        Fact(_("Told apart (AUC)"), f"{proof.auc.value:.3f}", _interval(proof.auc)),
        Fact(_("Lift of the best tenth"), f"{proof.tenths[0].lift.value:.1f}×", _interval(proof.tenths[0].lift, "{:.1f}")),
        Fact(_("Called"), number(confusion.called), _("{share} of them came out well").format(share=percent(confusion.precision.share))),
        Fact(_("Of all good leads, called"), percent(confusion.captured.share), of_words(confusion.captured)),
    ]


def _interval(measure: Measure, shape: str = "{:.3f}") -> str:
    return _("95%: {low} to {high}").format(low=shape.format(measure.low), high=shape.format(measure.high))


def _outside(found: Backtest) -> list[str]:
    if not found.outside:
        return []
    return [
        _("{rows} rows are left out: the lead is outside the audience of a model, or did not exist yet.").format(rows=number(found.outside))
    ]


def _models(found: Backtest) -> Section:
    columns = [
        Column(_("Model")), Column(_("AUC"), True), Column(_("Average precision"), True, True), Column(_("Best tenth"), True),
        Column(_("Called"), True, True), Column(_("Of them good"), True), Column(_("Of all good"), True),
    ]  # fmt: skip
    rows = [
        Row(
            (plain(each.name), f"{each.auc.value:.3f}", f"{each.average_precision.value:.3f}", f"{each.tenths[0].lift.value:.2f}×",
             number(each.confusion.called), percent(each.confusion.precision.share), percent(each.confusion.captured.share)),
            note=_interval(each.auc),
        )
        for each in found.proofs
    ]  # fmt: skip
    words = _(
        "AUC is the chance that a lead that came out well stood above one that did not, among those of the same instant: 0.5 is chance, "
        "1 is perfect. A model that does not say whom sales calls is given as many calls as the first."
    )
    blocks = [Table(columns, rows)]
    if found.differences:
        blocks.append(_against(found))
    return Section("models", _("What the models are worth"), words, blocks)


def _against(found: Backtest) -> Table:
    columns = [
        Column(_("Model")),
        Column(_("AUC gained"), True),
        Column(_("Good leads gained"), True, True),
        Column(_("May it replace the first?")),
    ]
    rows = [Row((plain(each.name), _gained(each.auc), _gained(each.captured, "{:+.1%}"), _answer(each)),
                note=gate_words(each, found.proofs[0].name),
                verdict="kept" if each.gate.passes else "broken") for each in found.differences]  # fmt: skip
    title = _("Held against {name}, on the same leads").format(name=plain(found.proofs[0].name))
    return Table(columns, rows, title, _("With 95% intervals, from leads drawn again and again, both models on the same draw."))


def gate_words(each: Difference, first: str) -> str:
    """Return in a sentence whether a model may replace the first, and why."""
    said = {
        "better": _("{name} beats {first} by the margin of {margin}: it may replace it."),
        "by_too_little": _("{name} is better than {first}, but by less than the margin of {margin}: it may not replace it."),
        "not_surely": _("{name} is not surely better than {first}: it may not replace it."),
        "no_better": _("{name} is no better than {first}: it may not replace it."),
    }
    return said[each.gate.verdict].format(name=plain(each.name), first=plain(first), margin=f"{each.gate.margin:g}")


def _answer(each: Difference) -> str:
    return _("yes") if each.gate.passes else _("no")


def _gained(measure: Measure, shape: str = "{:+.3f}") -> str:
    return _("{value} ({low} to {high})").format(
        value=shape.format(measure.value), low=shape.format(measure.low), high=shape.format(measure.high)
    )  # fmt: skip


def _curves(found: Backtest) -> Section:
    gains = gain_chart([(plain(each.name), each.gain) for each in found.proofs])
    roc = roc_chart([(plain(each.name), each.roc) for each in found.proofs])
    lifts = Charts([lift_chart(plain(each.name), each.tenths) for each in found.proofs[:2]])
    return Section("order", _("How well they rank"), "", [Charts([gains, roc]), lifts, *(_tenths(each) for each in found.proofs)])


def _tenths(proof: Proof) -> Table:
    columns = [Column(_("Tenth")), Column(_("Leads"), True, True), Column(_("Good"), True), Column(_("Lift"), True),
               Column(_("Of all good, down to here"), True)]  # fmt: skip
    return Table(columns, tenth_rows(proof.tenths), _("Tenth by tenth: {name}").format(name=plain(proof.name)))


def _calls(found: Backtest) -> Section:
    """Return whom each model would have had called, against what became of them: both kinds of mistakes."""
    columns = [Column(_("Model")), Column(_("Called")), Column(_("Came out well"), True), Column(_("Did not"), True),
               Column(_("Together"), True, True)]  # fmt: skip
    rows = []
    for proof in found.proofs:
        told = proof.confusion
        lines = (
            (_("called"), told.called_good, told.called - told.called_good),
            (_("not called"), told.missed, told.others),
        )
        rows += [Row((plain(proof.name), name, number(good), number(bad), number(good + bad))) for name, good, bad in lines]
    words = _("Called in vain are those called who did not come out well; missed are good ones who were not called.")
    return Section("calls", _("Who would have been called"), words, [Table(columns, rows)])


def _ratings(found: Backtest) -> Section:
    words = _("Of the leads of each cell, how many came out well within the horizon, with the numbers behind it and the 95% interval.")
    return Section("ratings", _("What became of each rating"), words, [_heat(each) for each in found.proofs])


def _heat(proof: Proof) -> HeatMap:
    best = max((cell.share for cell in proof.cells.values() if cell.is_enough), default=0.0)
    rows = [[_cell(letter + digit, proof.cells[letter + digit], best) for digit in DIGITS] for letter in LETTERS]
    note = ""
    if proof.excluded.total:
        note = _("Excluded: {numbers} came out well.").format(numbers=of_words(proof.excluded))
    return HeatMap(rows, plain(proof.name), note)


def _cell(rating: str, found: Proportion, best: float) -> Cell:
    if not found.total:
        return Cell(rating, "–", (_("no leads"),))
    if not found.is_enough:
        return Cell(rating, "–", (_("too few to say: {numbers}").format(numbers=of_words(found)),))
    low, high = found.interval()
    between = _("{low} to {high}").format(low=percent(low), high=percent(high))
    return Cell(rating, percent(found.share), (of_words(found), between), ceil(found.share / best * HEATS) if best else 0)


def _honest(found: Backtest) -> Section | None:
    stating = [each for each in found.proofs if each.calibration is not None]
    if not stating:
        return None
    charts, rows = [], []
    for proof in stating:
        said = proof.calibration
        if said is None:
            continue
        charts.append(honesty_chart(plain(proof.name), said))
        rows.append(Row((plain(proof.name), f"{said.error:.3f}", f"{said.brier:.4f}", f"{said.base:.4f}")))
    columns = [Column(_("Model")), Column(_("Calibration error"), True), Column(_("Brier score"), True), Column(_("Of the average"), True)]
    words = _("Calibration error is the mean distance of stated from found shares. The Brier score must lie below that of the average.")
    return Section("calibration", _("Whether probabilities are honest"), words, [Charts(charts), Table(columns, rows)])


def _times(found: Backtest) -> Section | None:
    names = [part.name for part in found.proofs[0].parts]
    if len(names) < 2:
        return None
    lines = [Line(plain(each.name), [(float(place), part.auc) for place, part in enumerate(each.parts) if part.auc == part.auc], "line")
             for each in found.proofs]  # fmt: skip
    drawn = chart(
        _("AUC at each look"), _("A model that holds keeps its height; one that falls was true of other days."), Axis("", places=names),
        Axis(_("AUC"), None, None, "{:.2f}".format), lines,
    )  # fmt: skip
    columns = [Column(_("Looked at")), Column(_("Leads"), True), Column(_("Good"), True), Column(_("Called"), True, True),
               Column(_("Of them good"), True), Column(_("AUC"), True)]  # fmt: skip
    rows = [
        Row((part.name, number(part.leads), number(part.outcomes), number(part.called.total), percent(part.called.share),
             "–" if part.auc != part.auc else f"{part.auc:.3f}"))
        for part in found.proofs[0].parts
    ]  # fmt: skip
    return Section("time", _("Whether it holds"), "", [Charts([drawn]), Table(columns, rows, plain(found.proofs[0].name))])
